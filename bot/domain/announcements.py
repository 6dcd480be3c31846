"""Announcements as data: what each class means, what may be asked, and the rule that says who gets one."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from bot.domain.lanes import Lane


@dataclass(frozen=True, slots=True)
class Kind:
    """What a class of announcement means for how it goes out.

    `respects_quiet` is whether quiet hours are waited for, `daily_cap` how many of it a member gets in a day (None: no
    limit), `lists_names` whether the officer of a unit may learn who has not answered, `four_eyes` whether a second
    person approves it whatever its size, `festive` whether it is held while the mode is solemn, `pictures_wait` whether
    it is when it shows pictures, `by_day` whether it never goes out in the federation's quiet hours, even to who has
    none.
    """

    lane: Lane
    respects_quiet: bool = True
    daily_cap: int | None = None
    lists_names: bool = False
    four_eyes: bool = False
    festive: bool = False
    pictures_wait: bool = False
    by_day: bool = False


KINDS: Final = {
    "information": Kind(Lane.ANNOUNCEMENT, daily_cap=3, pictures_wait=True),
    "task": Kind(Lane.ANNOUNCEMENT, lists_names=True),
    "urgent": Kind(Lane.URGENT, respects_quiet=False, lists_names=True, four_eyes=True),
    "congratulation": Kind(Lane.ANNOUNCEMENT, daily_cap=1, festive=True),
    "condolence": Kind(Lane.ANNOUNCEMENT, by_day=True),
}
"""Every class, in the order offered."""

QUESTIONS: Final = {
    "received": ("received",),
    "attend": ("will_attend", "cannot_attend"),
    "done": ("completed",),
    "words": (),
    "none": (),
}
"""What may be asked, and the choices a recipient has; `words` takes their own."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets an announcement: everything set must hold.

    `top` is the unit whose subtree bounds it (None: everyone); of that the subtrees of `units` (none: all of it) less
    those of `except_units`. `roles` are kinds of roles held over a unit inside, `standings` as a member's, `channels`
    accounts by which they are written to, `joined_since` epoch ms. `asked` is an announcement: with `answer` "" those
    who have not answered it, with "*" those who have, else those who chose it. `not_received` is an announcement whose
    receivers are left out. `of` is an announcement of whose recipients only those with one of `outcomes` get this one,
    whatever unit they are in by now; an outcome may also be the reason of one.
    """

    top: int | None = None
    units: tuple[int, ...] = ()
    except_units: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    standings: tuple[str, ...] = ()
    channels: tuple[int, ...] = ()
    joined_since: int | None = None
    asked: int | None = None
    answer: str = ""
    not_received: int | None = None
    of: int | None = None
    outcomes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Only what is set, besides `top`."""
        set_ = {name: value for name, value in asdict(self).items() if value not in (None, (), "")}
        set_.pop("top", None)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in set_.items()}

    @staticmethod
    def from_json(top: int | None, narrowed: dict[str, Any]) -> "Audience":
        """The inverse of `as_json`. Raises TypeError for a name that is none."""
        known = {field.name for field in fields(Audience)}
        if not narrowed.keys() <= known:
            raise TypeError(f"no part of an audience: {sorted(narrowed.keys() - known)}")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in narrowed.items()
        }
        return Audience(top, **values)

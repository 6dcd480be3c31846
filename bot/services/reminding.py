"""Who has not answered: the officer hears how many on the second day, the unit's own officer who on the fourth."""

from dataclasses import replace
from datetime import timedelta
from typing import Final, TypedDict

from bot.domain.announcements import KINDS, Audience
from bot.domain.messages import Button
from bot.domain.people import RoleKind
from bot.domain.prompts import Option, text
from bot.domain.time import instant
from bot.services import access, drafts, notices, results, roster, sending
from bot.services.results import FEW
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import announcements, installation, members, recipients, units
from bot.storage.announcements import Announcement

SECOND: Final = 1
FOURTH: Final = 3
LAST: Final = 7
"""Days after which nobody is told any more of what was missed."""
NAMES_TOLD: Final = 20
PAGE: Final = 20
GENTLE: Final = ("congratulation", "condolence")
"""Classes nobody is reminded of."""


class Unanswered(TypedDict):
    """Who of a unit has not answered: names after the first `skip`, "" for who gave none; how many there are."""

    label: str
    unit: str
    names: list[str]
    count: int


class Words(TypedDict):
    """What was written in own words, each with its name ("" where names are not shown); `more` further ones.

    `few` is whether there are too few to show without telling who; `skip` where the next page begins.
    """

    label: str
    words: list[tuple[str, str]]
    more: bool
    skip: int
    few: bool


# -- in the morning


def morning(turn: Turn) -> None:
    """Tell officers of everything whose second or fourth day has come."""
    for announced in announcements.to_tell(turn.tx, "unanswered", *_days(turn, SECOND)):
        if announced.kind not in GENTLE and turn.now < announced.valid_until:
            _tell_count(turn, announced)
    for announced in announcements.to_tell(turn.tx, "names", *_days(turn, FOURTH)):
        if lists_names(announced):
            _tell_names(turn, announced)


def lists_names(announced: Announcement) -> bool:
    """Whether the officer of a recipient's own unit may learn who has not answered."""
    return KINDS[announced.kind].lists_names and announced.named


def _days(turn: Turn, days: int) -> tuple[int, int]:
    """The instants between which an announcement began whose day `days` is today, or was not long ago."""
    first, last = (turn.today - timedelta(days=LAST), turn.today - timedelta(days=days - 1))
    return instant(first, 0, turn.at.zone), instant(last, 0, turn.at.zone)


def _tell_count(turn: Turn, announced: Announcement) -> None:
    count = sum(people for _, people in recipients.unanswered(turn.tx, announced.id))
    if not count or not announcements.told(turn.tx, announced.id, "unanswered", turn.now):
        return
    button = standing_button(turn, "rem", announced.id, Option("send", "remind"))
    for id in _speakers(turn, announced):
        told = count if count >= FEW and _knows_the_rest(turn, announced, id) else None
        news = text("results.unanswered", label=notices.label(turn, announced), count=told)
        roster.tell_with(turn, id, news, [button], f"unanswered:{announced.id}")


def _knows_the_rest(turn: Turn, announced: Announcement, member_id: int) -> bool:
    """Whether an officer knows how many answered: else the others' number, against that of all, would tell it."""
    officer = replace(turn, member=members.by_id(turn.tx, member_id), address=None)
    answered = results.acknowledged(officer, announced)
    return answered is not None and answered[0] == answered[1] and not results.conceals(turn, announced)


def _speakers(turn: Turn, announced: Announcement) -> list[int]:
    """Who wrote it, as long as they speak for its unit; else who does now."""
    assert announced.unit_id is not None
    held = [role.member_id for role in units.nearest_holders(turn.tx, announced.unit_id, RoleKind.OFFICER, turn.now)]
    return [announced.author_id] if announced.author_id in held else held


def _tell_names(turn: Turn, announced: Announcement) -> None:
    if not announcements.told(turn.tx, announced.id, "names", turn.now):
        return
    for unit_id, count in recipients.unanswered(turn.tx, announced.id):
        unit = units.by_id(turn.tx, unit_id) if unit_id is not None else None
        if unit is None or not unit.exists_on(turn.today):
            continue
        names = recipients.unanswered_in(turn.tx, announced.id, unit.id, 0, NAMES_TOLD)
        label = notices.label(turn, announced)
        news = text("results.names", label=label, unit=unit.name, names=names, count=count, skip=0)
        buttons: list[Button] = []
        if count > len(names):
            buttons.append(standing_button(turn, "una", f"{announced.id}.{unit.id}", Option("list", "see_names")))
        if announced.question == "words":
            buttons.append(standing_button(turn, "una", f"{announced.id}.{unit.id}", Option("words", "see_words")))
        for role in units.holders(turn.tx, unit.id, RoleKind.OFFICER, turn.now):
            roster.tell_with(turn, role.member_id, news, buttons, f"names:{announced.id}.{unit.id}")


# -- at the press


def pressed(turn: Turn, id: str, _choice: str) -> Reply:
    """The standing service behind *Nhắc lại*: once, to those who have it and have not answered."""
    announced = results.mine(turn, int(id)) if _is_id(id) else None
    if announced is None or announced.of_id is not None:
        return Reply((text("errors.no_right"),))
    if turn.now >= announced.valid_until or announced.recalled_at is not None:
        return Reply((text("results.remind_late"),))
    if any(child.purpose == "reminder" for child in announcements.following(turn.tx, announced.id)):
        return Reply((text("results.reminded_before"),))
    top = announced.audience.top or announced.unit_id
    child = replace(
        announced,
        author_id=turn.me.id,
        speaker=turn.me.name,
        audience=Audience(top, asked=announced.id, of=announced.id, outcomes=("sent", "uncertain")),
        created_at=turn.now,
        of_id=announced.id,
        purpose="reminder",
        send_at=None,
    )
    sending.follow(turn, child)
    installation.record_audit(
        turn.tx, turn.now, turn.me.id, "announcement_reminder", announced.unit_id, str(announced.id)
    )
    return Reply((text("results.reminding"),))


def names_pressed(turn: Turn, id: str, choice: str) -> Reply:
    """The standing service behind *Xem danh sách* and *Xem ý kiến*."""
    announced, _, unit = id.partition(".")
    if not _is_id(announced) or not _is_id(unit):
        return Reply((text("errors.not_yours"),))
    if choice == "words":
        return Reply(flow="own_words", args={"id": int(announced)})
    return Reply(flow="unanswered", args={"id": int(announced), "unit": int(unit)})


def names(turn: Turn, id: int, unit_id: int, skip: int) -> Unanswered | None:
    """Who of a unit has not answered, from the fourth day on, for its own officer; None for anybody else."""
    announced = announcements.by_id(turn.tx, id)
    unit = units.by_id(turn.tx, unit_id)
    if announced is None or unit is None or unit_id not in access.officer_units(turn):
        return None
    begun = announced.started_at
    if not lists_names(announced) or begun is None or begun >= _days(turn, FOURTH)[1]:
        return None
    count = dict(recipients.unanswered(turn.tx, id)).get(unit_id, 0)
    found = recipients.unanswered_in(turn.tx, id, unit_id, skip, PAGE)
    return Unanswered(label=notices.label(turn, announced), unit=unit.name, names=found, count=count)


def words(turn: Turn, id: int, skip: int) -> Words | None:
    """What was answered in own words; None when the announcement is not the officer's.

    With names only where the question says so, and only of the officer's own unit; else without, from FEW on.
    """
    announced = results.mine(turn, id) or _of_my_unit(turn, id)
    if announced is None or announced.question != "words":
        return None
    mine = access.officer_units(turn)
    found: list[tuple[str, str]] = []
    if announced.named:
        for unit in mine:
            found += recipients.own_words(turn.tx, id, unit, mine, 0, 10_000)
    else:
        found = [("", said) for _, said in recipients.own_words(turn.tx, id, None, mine, 0, 10_000)]
    few = not announced.named and 0 < len(found) < FEW
    shown = [] if few else _that_fit(turn, found[skip : skip + PAGE])
    after = skip + len(shown)
    label = notices.label(turn, announced)
    return Words(label=label, words=shown, more=not few and len(found) > after, skip=after, few=few)


def _that_fit(turn: Turn, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first of them that one message of any channel has room for, at least one."""
    room = drafts.longest(turn)
    fit: list[tuple[str, str]] = []
    for name, said in found:
        room -= len(name) + len(said) + len("– : \n")
        if fit and room < 0:
            break
        fit.append((name, said))
    return fit


def may_read_words(turn: Turn, id: int) -> bool:
    """Whether the acting person may read, with names, what was answered in own words: an officer of an asked unit."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or not announced.named or not access.officer_units(turn):
        return False
    return words(turn, id, 0) is not None


def _of_my_unit(turn: Turn, id: int) -> Announcement | None:
    """An announcement of a unit above that the officer's own unit got."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.audience.top is None:
        return None
    above = [unit for mine in access.officer_units(turn) for unit in units.path(turn.tx, mine)]
    return announced if announced.audience.top in above else None


def _is_id(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 19

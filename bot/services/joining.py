"""Joining: consent, the unit, how to be addressed, when to be written to."""

from typing import Any, Final, TypedDict

from bot.domain.people import Unit
from bot.services import administration, newcomers, roster
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import dialogs, installation, members, units
from bot.vietnamese import fold

LONGEST_CODE: Final = 22
"""A code of twenty letters and digits, and the word before it."""
NAMING_WORDS: Final = 3
"""Fewer words at the door are a greeting rather than a unit's name."""
CANDIDATES: Final = 6
TREE_PAGE: Final = 12


class Link(TypedDict):
    """Who came, their own unit (None without one; `pending` until confirmed), and what their link or code means.

    `problem` is "", unknown or ended.
    """

    known: bool
    left: bool
    own: int | None
    own_name: str
    pending: bool
    unit: int | None
    name: str
    problem: str


class Found(TypedDict):
    """Units to choose from, as (id, name), and whether there are more; `ended` names a unit that exists no more."""

    units: list[tuple[int, str]]
    more: bool
    ended: str


def unit_code(turn: Turn, typed: str) -> Unit | None:
    """The unit whose short code was typed in any form: "LC0421", "lc 421", "mã LC0421", "u_LC0421"."""
    squeezed = fold(typed).replace(" ", "").replace("-", "").replace(".", "").upper().removeprefix("U_")
    if len(squeezed) > LONGEST_CODE or not squeezed.isalnum():
        return None
    words = fold(typed).split()
    if len(words) > 1 and words[0] == "ma":
        return unit_code(turn, " ".join(words[1:]))
    letters = squeezed.rstrip("0123456789")
    digits = squeezed[len(letters) :]
    wider = [letters + digits.zfill(width) for width in range(len(digits) + 1, 7)] if letters and digits else []
    found = units.by_codes(turn.tx, [squeezed, *wider])
    return min(found, key=lambda unit: len(unit.code), default=None)


def code_typed(turn: Turn, typed: str) -> Reply | None:
    """A unit's code typed by a member: to the door, where it counts like its link. None when it is none."""
    return Reply(flow="start", args={"payload": typed}) if unit_code(turn, typed) is not None else None


def unit_named(turn: Turn, typed: str) -> Unit | None:
    """The unit whose code was typed, or the only one whose name has all of several typed words."""
    unit = unit_code(turn, typed)
    if unit is not None or len(typed.split()) < NAMING_WORDS:
        return unit
    found = roster.rank_units(turn, typed, None, 2)
    return found[0] if len(found) == 1 else None


def arrive(turn: Turn, payload: str) -> Link:
    """Who is at the door, and the unit their link or code names."""
    member = turn.member
    own = units.by_id(turn.tx, member.unit_id) if member is not None and member.unit_id is not None else None
    link = Link(
        known=member is not None,
        left=member is not None and member.state == "left",
        own=own.id if own is not None else None,
        own_name=own.name if own is not None else "",
        pending=member is not None and member.unit_state == "pending",
        unit=None,
        name="",
        problem="",
    )
    unit = unit_named(turn, payload)
    heir = units.heir(turn.tx, unit, turn.today) if unit is not None else None
    if unit is None:
        link["problem"] = "unknown" if payload.startswith("u_") else ""
    elif heir is None:
        link["problem"], link["name"] = "ended", unit.name
    else:
        link["unit"], link["name"] = heir.id, heir.name
    return link


def agree(turn: Turn, unit_id: int | None) -> dict[str, Any]:
    """Record the consent and its version; from here on the address has a member."""
    address, federation = turn.address, turn.at.federation
    assert address is not None
    turn.member = members.create(
        turn.tx,
        address.id,
        federation.consent_version,
        federation.hours.minutes("quiet_from"),
        federation.hours.minutes("quiet_to"),
        turn.now,
    )
    if unit_id is not None:
        join_unit(turn, unit_id)
    return {}


def rejoin(turn: Turn) -> dict[str, Any]:
    """Someone who had left is back; the new consent is recorded."""
    members.set_fields(
        turn.tx,
        turn.me.id,
        state="active",
        consent_version=turn.at.federation.consent_version,
        consent_at=turn.now,
    )
    return {}


def decline(turn: Turn) -> dict[str, Any]:
    """Keep nothing: the address goes as soon as the answer is out."""
    assert turn.address is not None
    dialogs.end_all(turn.tx, turn.address.id)
    members.forget_address(turn.tx, turn.address.id, turn.now)
    return {}


def find_unit(turn: Turn, typed: str) -> Found:
    """Units whose code or name, also a usual or former one, was typed, best first."""
    unit = unit_code(turn, typed)
    if unit is not None:
        heir = units.heir(turn.tx, unit, turn.today)
        if heir is not None:
            return Found(units=[(heir.id, heir.name)], more=False, ended="")
        return Found(units=[], more=False, ended=unit.name)
    found = roster.rank_units(turn, typed, None, CANDIDATES)
    return Found(units=[(unit.id, unit.name) for unit in found], more=False, ended="")


def under(turn: Turn, parent_id: int | None, skip: int) -> Found:
    """A page of the units directly under one (None: the roots) after the first `skip`, to walk the tree."""
    found = units.children(turn.tx, parent_id, turn.today)[skip:]
    return Found(units=[(unit.id, unit.name) for unit in found[:TREE_PAGE]], more=len(found) > TREE_PAGE, ended="")


def join_unit(turn: Turn, unit_id: int) -> bool:
    """Put the member into a unit, to be confirmed by its officer; False for the one that has confirmed them."""
    if turn.me.unit_id == unit_id and turn.me.unit_state == "confirmed":
        return False
    members.set_fields(turn.tx, turn.me.id, unit_id=unit_id, unit_state="pending")
    members.drop_unit_request(turn.tx, turn.me.id)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "unit_chosen", unit_id)
    newcomers.tell_officers(turn, unit_id)
    return True


def seek_unit(turn: Turn, description: str) -> dict[str, Any]:
    """No unit was found: an administrator looks for one, by the member's own description."""
    members.set_fields(turn.tx, turn.me.id, unit_id=None, unit_state="sought")
    members.put_unit_request(turn.tx, turn.me.id, description, turn.now)
    administration.tell_admins(turn)
    return {}


def set_profile(turn: Turn, field: str, value: str) -> dict[str, Any]:
    """Set `form`, `name` or `slot` of the member."""
    members.set_fields(turn.tx, turn.me.id, **{field: value})
    return {}


FORMS: Final = ("anh", "chi", "co", "chu", "em", "dong_chi")


def form_shown(turn: Turn, form: str) -> str:
    """The word a form of address is written with, lower case: from the lexicon."""
    return turn.at.texts.words[f"form_{form}"].show.lower()


def set_form(turn: Turn, form: str) -> dict[str, Any]:
    """How the member wants to be addressed; `form` is one of FORMS."""
    members.set_fields(turn.tx, turn.me.id, form=form_shown(turn, form))
    return {}

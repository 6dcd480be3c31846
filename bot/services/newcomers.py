"""Newcomers: members who named a unit, until one of its officers confirms them or turns them away."""

from collections.abc import Sequence
from typing import Final, TypedDict

from bot.domain.people import RoleKind
from bot.domain.prompts import text
from bot.services import access, roster
from bot.services.turn import Turn
from bot.storage import installation, members, units
from bot.storage import roster as rows

SHOWN: Final = 30


class Newcomer(TypedDict):
    """Who waits: `name` is "" when they gave none."""

    id: int
    name: str
    unit: str


class Waiting(TypedDict):
    """Newcomers in the order they came, as many as are shown at once, and how many there are."""

    people: list[Newcomer]
    count: int


def tell_officers(turn: Turn, unit_id: int) -> None:
    """A newcomer waits: tell the nearest officers going up, else its administrators, at most once a day."""
    unit = units.by_id(turn.tx, unit_id)
    assert unit is not None
    held = units.nearest_holders(turn.tx, unit_id, RoleKind.OFFICER, turn.now)
    for id in [role.member_id for role in held] or roster.administrators(turn, unit_id):
        if id != turn.me.id:
            news = text("officer.newcomer_waits", unit=unit.name)
            roster.tell(turn, id, news, ("newcomers", "newcomers"), f"newcomers:{id}", once_a_day=True)


def waiting(turn: Turn) -> Waiting:
    """Newcomers the acting person may confirm."""
    mine = access.confirming_units(turn)
    found = rows.pending_under(turn.tx, mine, SHOWN)
    people = [Newcomer(id=id, name=name, unit=unit) for id, name, unit in found]
    return Waiting(people=people, count=rows.count_pending(turn.tx, mine))


def confirm(turn: Turn, member_ids: Sequence[int]) -> int:
    """Confirm those of `member_ids` who still wait in the acting person's subtrees; returns how many."""
    confirmed = 0
    for id in member_ids:
        unit_id = _waits_for(turn, id)
        if unit_id is not None:
            members.set_fields(turn.tx, id, unit_state="confirmed")
            installation.record_audit(turn.tx, turn.now, turn.me.id, "member_confirmed", unit_id, str(id))
            confirmed += 1
    return confirmed


def turn_away(turn: Turn, member_id: int) -> int:
    """The member is not of this unit: they are told, and asked to choose again. Returns how many were turned away."""
    unit_id = _waits_for(turn, member_id)
    if unit_id is None:
        return 0
    unit = units.by_id(turn.tx, unit_id)
    assert unit is not None
    members.set_fields(turn.tx, member_id, unit_id=None, unit_state="none")
    installation.record_audit(turn.tx, turn.now, turn.me.id, "member_turned_away", unit_id, str(member_id))
    roster.tell(turn, member_id, text("officer.turned_away", unit=unit.name), ("choose_unit", "unit"), "unit:away")
    return 1


def _waits_for(turn: Turn, member_id: int) -> int | None:
    """The unit a newcomer waits to be confirmed in, if the acting person may do it."""
    member = members.by_id(turn.tx, member_id)
    if member is None or member.unit_state != "pending" or member.unit_id is None:
        return None
    return member.unit_id if access.access_newcomer(turn, member.unit_id) else None

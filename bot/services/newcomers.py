"""Newcomers: members who named a unit, until one of its officers confirms them, moves them or turns them away."""

from collections.abc import Sequence
from dataclasses import replace
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
    """A newcomer waits: tell the nearest officers going up, else its administrators, at most once a day.

    The message lists everybody who waits for that person, numbered as the answer may number them.
    """
    unit = units.by_id(turn.tx, unit_id)
    assert unit is not None
    held = units.nearest_holders(turn.tx, unit_id, RoleKind.OFFICER, turn.now)
    for id in [role.member_id for role in held] or roster.administrators(turn, unit_id):
        if turn.member is None or id != turn.member.id:
            theirs = replace(turn, member=members.by_id(turn.tx, id), address=members.push_address(turn.tx, id))
            found = waiting(theirs)
            listed = text("officer.newcomers", people=found["people"], count=found["count"])
            news = text("officer.newcomer_waits", unit=unit.name, waiting=listed)
            roster.tell(turn, id, news, ("newcomers", "newcomers"), f"newcomers:{id}", once_a_day=True)


def remind(turn: Turn) -> None:
    """In the morning: who has newcomers waiting hears of all of them, at most once a day."""
    for unit_id in rows.units_with_pending(turn.tx):
        tell_officers(turn, unit_id)


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
            news = text("officer.confirmed_you", unit=_name(turn, unit_id))
            roster.tell(turn, id, news, ("notices", "notices"), f"unit:{unit_id}")
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


def move(turn: Turn, member_id: int, unit_id: int) -> bool:
    """Put a newcomer into another unit and tell them; False when they wait no more or the unit is gone.

    In a subtree of the acting person they are confirmed there; elsewhere they wait for that unit's administrators.
    """
    waited_for, unit = _waits_for(turn, member_id), units.by_id(turn.tx, unit_id)
    if waited_for is None or unit is None or not unit.exists_on(turn.today):
        return False
    own = access.access_newcomer(turn, unit_id)
    members.set_fields(turn.tx, member_id, unit_id=unit_id, unit_state="confirmed" if own else "pending")
    installation.record_audit(turn.tx, turn.now, turn.me.id, "member_moved", waited_for, f"{member_id} {unit_id}")
    moved = text("officer.moved_you", unit=unit.name, was=_name(turn, waited_for), confirmed=own)
    roster.tell(turn, member_id, moved, ("choose_unit", "unit"), f"unit:{unit_id}")
    if not own:
        news = text("officer.sent_to_you", unit=unit.name, was=_name(turn, waited_for))
        for id in roster.administrators(turn, unit_id):
            roster.tell(turn, id, news, ("newcomers", "newcomers"), f"moved:{member_id}")
    return True


def _name(turn: Turn, unit_id: int) -> str:
    unit = units.by_id(turn.tx, unit_id)
    return unit.name if unit is not None else ""


def _waits_for(turn: Turn, member_id: int) -> int | None:
    """The unit a newcomer waits to be confirmed in, if the acting person may do it."""
    member = members.by_id(turn.tx, member_id)
    if member is None or member.unit_state != "pending" or member.unit_id is None:
        return None
    return member.unit_id if access.access_newcomer(turn, member.unit_id) else None

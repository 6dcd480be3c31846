"""Two members who are one person, made one: the older stays, with what the person chooses of either."""

from dataclasses import dataclass
from typing import Any, Final, TypedDict

from bot.domain.people import Member
from bot.domain.prompts import text
from bot.services import linking, notices, posting, preferences, role_ends, roster
from bot.services.linking import MOVE, Known, Linked
from bot.services.preferences import Preferences
from bot.services.turn import Turn
from bot.storage import installation, members, privacy, units
from bot.storage import linking as rows

HERE: Final = "here"
THERE: Final = "there"
SENT_TO_MANY: Final = (notices.ORIGIN, "daily")
"""What the origins of broadcasts and occurrences begin with."""

_UNIT_STATES: Final = ("none", "sought", "pending", "confirmed")


class Side(TypedDict):
    """One of the two, as shown."""

    known: Known
    prefers: Preferences


class Pair(TypedDict):
    """Both, and what is kept of whom: `unit` and `prefs` are here or there, asked about where `ask_…` is true.

    `lost` are the younger's roles, which are not carried over; `moving` is whether the other place is then taken off.
    """

    here: Side
    there: Side
    unit: str
    ask_unit: bool
    prefs: str
    ask_prefs: bool
    lost: list[str]
    moving: bool


@dataclass(frozen=True, slots=True)
class _Two:
    """The member who writes, the code's, and which of them stays."""

    here: Member
    there: Member
    kept: Member
    gone: Member


def _two(turn: Turn, there: Member) -> _Two:
    here = turn.me
    by_age = sorted((here, there), key=lambda member: (rows.joined_at(turn.tx, member.id), member.id))
    return _Two(here, there, *by_age)


def pair(turn: Turn, code: str) -> Pair | None:
    """Both sides of a merge; None when the code is over."""
    found = linking.owner_of(turn, code)
    if found is None or turn.member is None or turn.member.id == found[1].id:
        return None
    two = _two(turn, found[1])
    here, there = two.here, two.there
    standing = {HERE: _worth(turn, here), THERE: _worth(turn, there)}
    both_in_units = min(standing.values()) >= _UNIT_STATES.index("pending")
    return Pair(
        here=_side(turn, here),
        there=_side(turn, there),
        unit=HERE if standing[HERE] > standing[THERE] else THERE,
        ask_unit=both_in_units and here.unit_id != there.unit_id,
        prefs=HERE if two.kept is here else THERE,
        ask_prefs=_habits(here) != _habits(there),
        lost=[role for role, _ in _roles(turn, two.gone)],
        moving=found[0].purpose == MOVE,
    )


def _side(turn: Turn, member: Member) -> Side:
    return Side(known=linking.known(turn, member), prefers=preferences.of(turn, member))


def _worth(turn: Turn, member: Member) -> int:
    """How much a member's unit says: one that exists no more is worth nothing."""
    unit = linking.unit_of(turn, member)
    if unit is not None and not unit.exists_on(turn.today):
        return 0
    return _UNIT_STATES.index(member.unit_state)


def _habits(member: Member) -> tuple[Any, ...]:
    return (member.form, member.name, member.slot, member.quiet_from, member.quiet_to)


def _roles(turn: Turn, member: Member) -> list[tuple[str, int]]:
    """The roles a member holds, as (what it is called and where, unit)."""
    found = []
    for role in units.roles_of(turn.tx, member.id, turn.now):
        unit = units.by_id(turn.tx, role.unit_id)
        name = role.title or turn.at.texts.words[f"role_{role.kind}"].show
        found.append((f"{name}, {unit.name}" if unit is not None else name, role.unit_id))
    return found


def merge(turn: Turn, code: str, shown_at: int, unit_of: str, prefs_of: str) -> Linked:
    """Make the two one. `unit_of` and `prefs_of` say whose unit and preferences stay: here or there.

    `problem` is busy while recipients of an announcement are being added, in the order of members: one of the two may
    have been reached and the other not.
    """
    found = linking.owner_of(turn, code)
    if found is None or turn.member is None or turn.member.id == found[1].id:
        return linking.failed("over")
    if rows.fans_out(turn.tx):
        return linking.failed("busy")
    two = _two(turn, found[1])
    sides = {HERE: two.here, THERE: two.there}
    fields = _fields(turn, sides[unit_of], sides[prefs_of], two)
    _forget_other_names(turn, two, fields["name"])
    lost, ended = _roles(turn, two.gone), role_ends.with_deputies(turn, two.gone.id)
    _park(turn, two.gone)
    places = [[address.id for address in members.addresses(turn.tx, who.id)] for who in (two.kept, two.gone)]
    seeker = sides[unit_of].id if fields["unit_state"] == "sought" else None
    rows.keep_unit_request(turn.tx, two.kept.id, two.gone.id, seeker)
    for id in places[1]:
        rows.attach(turn.tx, id, two.kept.id)
    members.set_fields(turn.tx, two.kept.id, **fields)
    pushed = members.push_address(turn.tx, two.kept.id)
    first = pushed.id if pushed is not None else None
    rows.send_once(turn.tx, (places[0], places[1]), first, SENT_TO_MANY, turn.now)
    rows.unite(turn.tx, two.kept.id, two.gone.id, turn.now)
    turn.member = members.by_id(turn.tx, two.kept.id)
    installation.record_audit(turn.tx, turn.now, two.kept.id, "members_merged", turn.me.unit_id, str(two.gone.id))
    role_ends.tell_and_look_after(turn, ended)
    _tell_of_lost_roles(turn, two, lost)
    return linking.finish(turn, found[0], shown_at)


def _fields(turn: Turn, unit_from: Member, prefs_from: Member, two: _Two) -> dict[str, Any]:
    """The columns of the one who stays. Who had left on one side takes part again, under the consent that holds."""
    other = two.there if prefs_from is two.here else two.here
    consented = max((m for m in (two.here, two.there) if m.state == "active"), key=lambda m: m.consent_at)
    return {
        "unit_id": unit_from.unit_id,
        "unit_state": unit_from.unit_state,
        "standing": unit_from.standing,
        "name": prefs_from.name or other.name,
        "form": prefs_from.form or other.form,
        "slot": prefs_from.slot or other.slot,
        "quiet_from": prefs_from.quiet_from,
        "quiet_to": prefs_from.quiet_to,
        "paused_until": prefs_from.paused_until,
        "preferred_address_id": rows.preferred(turn.tx, prefs_from.id),
        "state": "active",
        "consent_version": consented.consent_version,
        "consent_at": consented.consent_at,
    }


def _forget_other_names(turn: Turn, two: _Two, name: str) -> None:
    """What others were shown under a name or phone that ends now could not be found again at an erasure."""
    shown = privacy.shown_to_others(turn.tx, two.gone.id) | {two.kept.name}
    stays = (privacy.shown_to_others(turn.tx, two.kept.id) - {two.kept.name}) | {name, ""}
    for member in (two.kept, two.gone):
        if shown - stays:
            privacy.unname(turn.tx, member.id, shown - stays)


def _park(turn: Turn, gone: Member) -> None:
    """What waits at the younger's places is kept for later; the question there loses its buttons."""
    assert turn.address is not None
    prompts = dict(rows.park_dialogs(turn.tx, gone.id, turn.address.id, turn.now))
    for address in members.addresses(turn.tx, gone.id):
        if address.id in prompts:
            posting.drop_keyboard(turn, address, prompts[address.id])


def _tell_of_lost_roles(turn: Turn, two: _Two, lost: list[tuple[str, int]]) -> None:
    """Roles are given by administrators only: the younger's end, and the administrators hear of it."""
    for _, unit_id in lost:
        installation.record_audit(turn.tx, turn.now, two.kept.id, "role_not_carried_over", unit_id, str(two.gone.id))
    if not lost:
        return
    news = text("linking.roles_lost", name=turn.me.name, roles=[role for role, _ in lost])
    for id in roster.administrators(turn):
        if id != turn.me.id:
            roster.tell(turn, id, news, ("grant_role", "grant_role"), f"merged:{two.gone.id}")

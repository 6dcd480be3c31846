"""Counting and finding by subtree: what an audience reaches, what waits for an officer, whom to tell."""

import math
from collections.abc import Collection, Sequence
from typing import Final, TypedDict

from bot.domain.announcements import Audience
from bot.domain.lanes import Lane
from bot.domain.messages import Button
from bot.domain.people import RoleKind, Unit
from bot.domain.prompts import Option, Text
from bot.domain.time import DAY, after_quiet
from bot.services import access, posting
from bot.services.standing import standing_button
from bot.services.turn import Turn
from bot.storage import audiences, members, roster, units
from bot.vietnamese import rank

FOUND: Final = 8
"""Units offered at once."""
NAMES_EACH: Final = 4
"""How many names of one unit may stand before another's."""
TOLD_FOR: Final = 3 * DAY
"""How long news for one person stays worth sending."""


class Reach(TypedDict):
    """An audience in numbers: people, those who can be written to, and about how many minutes that takes."""

    people: int
    reachable: int
    minutes: int


class Duties(TypedDict):
    """What a person's roles allow, as flow names in the order shown, and how many people wait for them."""

    may: list[str]
    newcomers: int
    sought: int


def reach(turn: Turn, audience: Audience) -> Reach:
    """How many an announcement to an audience reaches."""
    counts = audiences.reach(turn.tx, audience, turn.now)
    people = sum(counts.values())
    unreachable = counts.pop(None, 0)
    rates = turn.at.rates
    seconds = max((count / rates[id] for id, count in counts.items() if id is not None and rates.get(id)), default=0.0)
    return Reach(people=people, reachable=people - unreachable, minutes=max(1, math.ceil(seconds / 60)))


def below(turn: Turn, unit_id: int) -> list[Unit]:
    """The units directly under one."""
    return units.children(turn.tx, unit_id, turn.today)


def offered(turn: Turn, unit_id: int) -> list[tuple[int, str]]:
    """The first units directly under one, to choose from, as (id, name)."""
    return [(unit.id, unit.name) for unit in below(turn, unit_id)[:FOUND]]


def duties(turn: Turn) -> Duties:
    """The acting person's work."""
    kinds = {role.kind for role in access.roles(turn)}
    may: list[str] = []
    if RoleKind.OFFICER in kinds:
        may += ["announce", "sent_list"]
    confirming = access.confirming_units(turn)
    if confirming:
        may.append("newcomers")
    if not kinds.isdisjoint(access.REVIEWING):
        may.append("review")
    over_all = access.access_seekers(turn)
    if over_all:
        may.append("assign_units")
    if access.is_admin(turn):
        may += ["grant_role", "grant_list", "revoke_role", "role_list", "audit_log"]
        if any(has.quota is not None for has in turn.at.capabilities.values()):
            may.append("quota")
    if over_all:
        may.append("update_content")
    if RoleKind.OFFICER in kinds:
        may.append("my_phone")
    if kinds:
        may += ["my_roles"]
    return Duties(
        may=may,
        newcomers=roster.count_pending(turn.tx, confirming) if confirming else 0,
        sought=len(members.unit_requests(turn.tx)) if over_all else 0,
    )


def find_within(turn: Turn, roots: Sequence[int], typed: str) -> list[tuple[int, str]]:
    """Units in the subtrees of `roots` whose code or part of the name was typed, best first, as (id, name)."""
    inside = roster.units_under(turn.tx, roots)
    return [(unit.id, unit.name) for unit in rank_units(turn, typed, inside, FOUND)]


def rank_units(turn: Turn, typed: str, inside: Collection[int] | None, limit: int) -> list[Unit]:
    """Existing units (of `inside`, None for all) whose code was typed, or part of any of their names, best first."""
    named = [(u, name) for u, name in units.names(turn.tx, turn.today) if inside is None or u.id in inside]
    found = {unit.id: unit for unit, _ in named}
    exact = [unit for unit in found.values() if unit.code == typed.strip().upper()]
    if exact:
        return exact
    ids = rank(typed, [(unit.id, name) for unit, name in named], limit * NAMES_EACH)
    return [found[id] for id in list(dict.fromkeys(ids))[:limit]]


def administrators(turn: Turn, unit_id: int | None = None) -> list[int]:
    """Members to turn to about a unit: its administrators and those above it, and who is named in ADMINS.

    Without a unit: the administrators of the whole tree.
    """
    roots = [unit.id for unit in units.children(turn.tx, None, turn.today)]
    over = units.path(turn.tx, unit_id) if unit_id is not None else roots
    held = [role.member_id for id in over for role in units.holders(turn.tx, id, RoleKind.ADMIN, turn.now)]
    named = [roster.member_at(turn.tx, account, external) for account, external in sorted(turn.at.admins)]
    return list(dict.fromkeys([*held, *(id for id in named if id is not None)]))


def tell(
    turn: Turn, member_id: int, news: Text, button: tuple[str, str], origin: str, *, once_a_day: bool = False
) -> None:
    """Push news to one person outside their quiet hours, with a button (word, flow) that leads on from it.

    With `once_a_day` it is dropped when news of the same origin went to them within a day.
    """
    if once_a_day and roster.told_since(turn.tx, member_id, origin, turn.now - DAY):
        return
    word, flow = button
    tell_with(turn, member_id, news, [Button(turn.at.texts.spoken(Option(word)).label, f"m:{flow}")], origin)


def tell_with(
    turn: Turn, member_id: int, news: Text, buttons: Sequence[Button], origin: str, *, for_ms: int = TOLD_FOR
) -> None:
    """Push news to one person outside their quiet hours, under any buttons; it is worth sending for `for_ms`."""
    member = members.by_id(turn.tx, member_id)
    if member is None:
        return
    awake = after_quiet(turn.now, member.quiet_from, member.quiet_to, turn.at.zone)
    why = standing_button(turn, "why", origin.replace(":", "."), Option("why_this"))
    posting.push(
        turn,
        member_id,
        [news],
        [*buttons, why],
        lane=Lane.ANNOUNCEMENT,
        origin=origin,
        valid_until=turn.now + for_ms,
        not_before=awake if awake > turn.now else 0,
    )

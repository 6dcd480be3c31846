"""When a role ends: its deputies' end with it, open reviews go on, a unit left without an officer is told of."""

from typing import Any

from bot.domain.people import RoleKind
from bot.domain.prompts import Option, text
from bot.services import access, preferences, review_levels, roster
from bot.services.turn import Turn
from bot.storage import copying, installation, nominations, roles, units
from bot.storage import roster as rows
from bot.storage.roster import HeldRole


def name(turn: Turn, role: HeldRole) -> str:
    """What a role is called."""
    return role.title or turn.at.texts.spoken(Option(f"role_{role.kind}")).label


def end(turn: Turn, role: HeldRole, act: str) -> None:
    """Take a role away, with those of its deputies; every holder is told, and `act` goes into the audit log."""
    ended = [role, *roles.deputies(turn.tx, role.id, turn.now)]
    rows.revoke(turn.tx, role.id)
    for gone in ended:
        actor = turn.member.id if turn.member is not None else None
        installation.record_audit(turn.tx, turn.now, actor, act, gone.unit_id, f"{gone.member_id} {gone.kind}")
    tell_and_look_after(turn, ended)


def with_deputies(turn: Turn, member_id: int) -> list[HeldRole]:
    """A member's roles and those of their deputies: what ends when the member is erased."""
    held = roles.of_member(turn.tx, member_id, turn.now)
    return [*held, *(deputy for role in held for deputy in roles.deputies(turn.tx, role.id, turn.now))]


def tell_and_look_after(turn: Turn, ended: list[HeldRole]) -> None:
    """Roles are gone: their holders are told, and what waited for them goes on."""
    for gone in ended:
        news = text("administration.role_ended", role=name(turn, gone), unit=gone.unit)
        roster.tell(turn, gone.member_id, news, ("person", "person"), f"role:{gone.id}")
    look_after(turn, ended)


def after_restore(turn: Turn) -> bool:
    """What a restore ended by erasing people again is looked after as if they had just erased themselves."""
    tell_and_look_after(turn, copying.take_ended_roles(turn.tx))
    return False


def look_after(turn: Turn, ended: list[HeldRole]) -> None:
    """Roles have ended: what waited for their holders goes on, administrators hear of units without an officer."""
    for role in ended:
        if role.kind in access.REVIEWING:
            _pass_on(turn, role.unit_id)
        if role.kind == RoleKind.OFFICER and not units.holders(turn.tx, role.unit_id, RoleKind.OFFICER, turn.now):
            news = text("roles.vacant", unit=role.unit)
            for id in roster.administrators(turn, role.unit_id):
                if id != role.member_id:
                    roster.tell(turn, id, news, ("grant_role", "grant_role"), f"vacant:{role.unit_id}", once_a_day=True)


def leave(turn: Turn) -> dict[str, Any]:
    """The acting member takes part no more; administrators hear of duties that somebody else must be given."""
    held = roles.of_member(turn.tx, turn.me.id, turn.now)
    for role in held:
        news = text("roles.left", holder=role.holder, role=name(turn, role), unit=role.unit)
        for id in roster.administrators(turn, role.unit_id):
            if id != turn.me.id:
                roster.tell(turn, id, news, ("role_list", "role_list"), f"left:{role.id}")
    gone = preferences.leave(turn)
    look_after(turn, held)
    return gone


def _pass_on(turn: Turn, unit_id: int) -> None:
    for nomination in nominations.waiting_at(turn.tx, [unit_id]):
        stays = bool(review_levels.eligible(turn, unit_id, nomination))
        if not stays and not review_levels.hand_over(turn, nomination):
            review_levels.call_for_reviewers(turn, nomination)

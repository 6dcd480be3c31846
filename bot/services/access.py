"""Who may do what: every permission check, made once, here, at the press."""

from typing import Final

from bot.domain.people import Role, RoleKind
from bot.services.turn import Turn
from bot.storage import units

REVIEWING: Final = (RoleKind.REVIEWER, RoleKind.STAFF)
"""Who reviews introduced good deeds."""


def roles(turn: Turn) -> list[Role]:
    """The roles the acting person holds now, over units that exist."""
    if turn.member is None or turn.member.state != "active":
        return []
    return [role for role in units.roles_of(turn.tx, turn.member.id, turn.now) if _exists(turn, role.unit_id)]


def officer_units(turn: Turn) -> list[int]:
    """The units the acting person is an officer of; each stands for its subtree."""
    return [role.unit_id for role in roles(turn) if role.kind is RoleKind.OFFICER]


def admin_units(turn: Turn) -> list[int]:
    """The units the acting person administers; everything for who is named in ADMINS."""
    if _named_admin(turn):
        return [unit.id for unit in units.children(turn.tx, None, turn.today)]
    return [role.unit_id for role in roles(turn) if role.kind is RoleKind.ADMIN]


def is_admin(turn: Turn) -> bool:
    """Whether the acting person administers anything."""
    return _named_admin(turn) or bool(admin_units(turn))


def access_unit_by_officer(turn: Turn, unit_id: int) -> bool:
    """Whether the unit lies in a subtree the acting person is an officer of."""
    return units.within(turn.tx, unit_id, officer_units(turn))


def access_unit_by_admin(turn: Turn, unit_id: int) -> bool:
    """Whether the unit lies in a subtree the acting person administers."""
    return units.within(turn.tx, unit_id, admin_units(turn))


def access_tree(turn: Turn) -> bool:
    """Whether the acting person administers the whole tree, also one that is still empty."""
    roots = {unit.id for unit in units.children(turn.tx, None, turn.today)}
    return _named_admin(turn) or (bool(roots) and roots <= set(admin_units(turn)))


def access_seekers(turn: Turn) -> bool:
    """Whether the acting person may see who found no unit: they may belong anywhere, so only over a whole tree."""
    roots = {unit.id for unit in units.children(turn.tx, None, turn.today)}
    return not roots.isdisjoint(admin_units(turn))


def confirming_units(turn: Turn) -> list[int]:
    """The units whose subtree's newcomers the acting person may confirm."""
    return [*officer_units(turn), *admin_units(turn)]


def access_newcomer(turn: Turn, unit_id: int) -> bool:
    """Whether the acting person may confirm or turn away newcomers of the unit."""
    return units.within(turn.tx, unit_id, confirming_units(turn))


def access_approval(turn: Turn, unit_id: int, author_id: int | None) -> bool:
    """Whether the acting person may approve what somebody else announces for a unit."""
    if turn.member is None or turn.member.id == author_id:
        return False
    return access_unit_by_officer(turn, unit_id) or access_unit_by_admin(turn, unit_id)


def _named_admin(turn: Turn) -> bool:
    if turn.address is None or turn.member is None or turn.member.state != "active":
        return False
    return (turn.address.account_id, turn.address.external_id) in turn.at.admins


def _exists(turn: Turn, unit_id: int) -> bool:
    unit = units.by_id(turn.tx, unit_id)
    return unit is not None and unit.exists_on(turn.today)

"""Terms of roles: told of before they end, renewed by an administrator, over by themselves."""

from datetime import date, timedelta
from typing import Final, TypedDict

from bot.domain.prompts import Option, text
from bot.domain.time import DAY, civil_date, instant
from bot.services import access, role_ends, roster
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import installation, members, roles
from bot.storage import roster as rows
from bot.storage.roster import HeldRole
from bot.vietnamese import format_date

AHEAD: Final = ((1, 14 * DAY), (2, DAY))
"""How often a holder was told then, and how long before the end."""
SHOWN: Final = 10


class Listed(TypedDict):
    """A role as it is shown: until "" for no end, `by` who gave it, `deputies` who stand in (role, name, until)."""

    id: int
    holder: str
    role: str
    unit: str
    until: str
    by: str
    deputies: list[tuple[int, str, str]]


class Page(TypedDict):
    """Some roles; `more` whether others follow."""

    roles: list[Listed]
    more: bool


def look(turn: Turn) -> None:
    """Every morning: tell of terms that end, and end those that are over."""
    for role in roles.over(turn.tx, turn.now):
        if rows.role(turn.tx, role.id) is not None:  # it may have gone with the one it stood in for
            role_ends.end(turn, role, "role_over")
    for warned, ahead in reversed(AHEAD):
        for role in roles.ending(turn.tx, turn.now + ahead, warned):
            roles.warn(turn.tx, role.id, warned)
            _tell_of_end(turn, role)


def _tell_of_end(turn: Turn, role: HeldRole) -> None:
    params = {"role": role_ends.name(turn, role), "unit": role.unit, "until": _until(turn, role)}
    origin = f"term:{role.id}"
    roster.tell(turn, role.member_id, text("roles.term_ends", **params), ("my_roles", "my_roles"), origin)
    button = standing_button(turn, "trm", role.id, Option("renew", word="renew_role"))
    for id in roster.administrators(turn, role.unit_id):
        if id != role.member_id:
            news = text("roles.term_of_other_ends", holder=role.holder, **params)
            roster.tell_with(turn, id, news, [button], origin)


def pressed(turn: Turn, id: str, _choice: str) -> Reply:
    """*Gia hạn* under the news that a term ends."""
    role_id = int(id) if id.isascii() and id.isdecimal() and len(id) < 19 else 0
    if _renewable(turn, role_id) is None:
        return Reply((text("errors.no_right"),))
    return Reply(flow="renew_role", args={"role": role_id})


def to_renew(turn: Turn, role_id: int) -> Listed | None:
    """A role the acting administrator may renew; None for any other."""
    role = _renewable(turn, role_id)
    return _listed(turn, role) if role is not None else None


def renew(turn: Turn, role_id: int, until: str) -> bool:
    """A new last day (ISO date, "" for no end); the holder is told. False when it may not be renewed any more."""
    role = _renewable(turn, role_id)
    if role is None:
        return False
    day = date.fromisoformat(until) if until else None
    roles.renew(turn.tx, role_id, instant(day + timedelta(days=1), 0, turn.at.zone) if day else None)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "role_renewed", role.unit_id, f"{role.member_id} {until}")
    shown = format_date(day) if day else ""
    news = text("roles.renewed_you", role=role_ends.name(turn, role), unit=role.unit, until=shown)
    roster.tell(turn, role.member_id, news, ("my_roles", "my_roles"), f"term:{role.id}")
    return True


def mine(turn: Turn) -> list[Listed]:
    """The acting person's roles."""
    return [_listed(turn, role) for role in roles.of_member(turn.tx, turn.me.id, turn.now)]


def under(turn: Turn, skip: int) -> Page:
    """Who holds what in the acting administrator's subtrees, after the first `skip`."""
    held = _under(turn)
    return Page(roles=[_listed(turn, role) for role in held[skip : skip + SHOWN]], more=len(held) > skip + SHOWN)


def every(turn: Turn) -> list[Listed]:
    """All of who holds what in the acting administrator's subtrees."""
    return [_listed(turn, role) for role in _under(turn)]


def _under(turn: Turn) -> list[HeldRole]:
    return rows.roles_under(turn.tx, access.admin_units(turn), turn.now) if access.is_admin(turn) else []


def _renewable(turn: Turn, role_id: int) -> HeldRole | None:
    role = rows.role(turn.tx, role_id)
    if role is None or role.deputy_of is not None or role.member_id == turn.me.id:
        return None
    return role if access.access_unit_by_admin(turn, role.unit_id) else None


def _until(turn: Turn, role: HeldRole) -> str:
    return "" if role.valid_until is None else format_date(civil_date(role.valid_until - 1, turn.at.zone))


def _listed(turn: Turn, role: HeldRole) -> Listed:
    giver = members.by_id(turn.tx, role.granted_by) if role.granted_by is not None else None
    return Listed(
        id=role.id,
        holder=role.holder,
        role=role_ends.name(turn, role),
        unit=role.unit,
        until=_until(turn, role),
        by=giver.name if giver is not None else "",
        deputies=[(d.id, d.holder, _until(turn, d)) for d in roles.deputies(turn.tx, role.id, turn.now)],
    )

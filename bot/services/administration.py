"""Administration: one-time codes that give roles, units for members who found none, roles taken back."""

import re
import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, TypedDict

import orjson

from bot.domain.people import RoleKind
from bot.domain.prompts import Text, text
from bot.domain.time import DAY, HOUR, instant
from bot.services import access, role_ends, roster
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import installation, members, units
from bot.storage import roster as rows
from bot.vietnamese import format_date, normalise

CODE_LASTS: Final = DAY
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are read as one another."""
WRONG_CODES: Final = 5
FIRST_ADMIN: Final = "admin"
ROLES_SHOWN: Final = 10

_CODE: Final = re.compile(r"QT[\s-]*([0-9A-Z]{4})[\s-]*([0-9A-Z]{4})")


class Grant(TypedDict):
    """A role to be given: `until` is the ISO date of its last day, "" for no end."""

    kind: str
    unit: int
    title: str
    until: str


class Issued(TypedDict):
    """A one-time code and what its role is called."""

    code: str
    role: str


class Seeker(TypedDict):
    """A member who did not find their unit, and what they wrote about it."""

    id: int
    name: str
    description: str


class Held(TypedDict):
    """A role somebody holds, with the names of holder, role and unit."""

    id: int
    holder: str
    role: str
    unit: str


class Roles(TypedDict):
    """Some roles; `more` whether others follow."""

    roles: list[Held]
    more: bool


# -- codes


def has_admin(turn: Turn) -> bool:
    """Whether anybody administers this installation, or is named to."""
    return bool(turn.at.admins) or bool(units.all_holders(turn.tx, RoleKind.ADMIN, turn.now))


def issue_admin_code(turn: Turn) -> str:
    """A code that makes whoever types it within 24 hours the first administrator; an older one dies."""
    installation.drop_codes(turn.tx, FIRST_ADMIN)
    return _issue(turn, FIRST_ADMIN)


def issue_role_code(turn: Turn, grant: Grant) -> Issued | None:
    """A code that gives a role to whoever types it within 24 hours; None when the acting person may not."""
    if not access.access_unit_by_admin(turn, grant["unit"]) or grant["kind"] not in list(RoleKind):
        return None
    installation.record_audit(turn.tx, turn.now, turn.me.id, "role_code_issued", grant["unit"], grant["kind"])
    code = _issue(turn, orjson.dumps({**grant, "by": turn.me.id}).decode())
    return Issued(code=code, role=_role_name(turn, grant["kind"], grant["title"]))


def claim_code(turn: Turn, typed: str) -> Reply | None:
    """Use a typed code: the role is the acting member's. None when the text does not look like a code."""
    found = _CODE.fullmatch(normalise(typed).upper())
    if found is None:
        return None
    assert turn.address is not None
    if rows.wrong_codes(turn.tx, turn.address.id, turn.now - HOUR) >= WRONG_CODES:
        return Reply((text("administration.code_wait"),))
    roots = units.children(turn.tx, None, turn.today)
    if not roots:
        return Reply((text("administration.no_units"),))
    purpose = installation.use_code(turn.tx, _digest(turn, found[1] + found[2]), turn.now)
    if purpose is None:
        rows.record_wrong_code(turn.tx, turn.address.id, turn.now)
        return Reply((text("administration.code_wrong"),))
    if purpose != FIRST_ADMIN:
        promised = orjson.loads(purpose)
        by = promised.pop("by")
        if not may_still_give(turn, by, promised["unit"]):
            return Reply((text("administration.code_wrong"),))
        return take_role(turn, promised, by)
    for root in roots:
        units.grant(turn.tx, turn.me.id, root.id, RoleKind.ADMIN, turn.now)
        installation.record_audit(turn.tx, turn.now, turn.me.id, "first_admin", root.id)
    return Reply((_given(turn, RoleKind.ADMIN, "", roots[0].name),), flow="work")


def _issue(turn: Turn, purpose: str) -> str:
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(8))
    installation.add_code(turn.tx, _digest(turn, symbols), purpose, turn.now, turn.now + CODE_LASTS)
    return f"QT-{symbols[:4]}-{symbols[4:]}"


def _digest(turn: Turn, symbols: str) -> bytes:
    return turn.at.digest("code", symbols)


def may_still_give(turn: Turn, by: int, unit_id: int) -> bool:
    """Whether who promised a role still administers its unit: a role taken back takes its unused promises along."""
    maker = members.by_id(turn.tx, by)
    if maker is None:
        return False
    makers = [replace(turn, member=maker, address=address) for address in members.addresses(turn.tx, maker.id)]
    return any(access.access_unit_by_admin(as_maker, unit_id) for as_maker in makers)


def take_role(turn: Turn, promised: Grant, by: int) -> Reply:
    """The acting member takes up a role that `by` promised."""
    kind, until = RoleKind(promised["kind"]), promised["until"]
    unit = units.by_id(turn.tx, promised["unit"])
    assert unit is not None
    units.grant(
        turn.tx,
        turn.me.id,
        unit.id,
        kind,
        turn.now,
        title=promised["title"],
        granted_by=by,
        valid_until=instant(date.fromisoformat(until) + timedelta(days=1), 0, turn.at.zone) if until else None,
    )
    installation.record_audit(turn.tx, turn.now, turn.me.id, "role_claimed", unit.id, f"{kind} by {by}")
    given = _given(turn, kind, promised["title"], unit.name, until)
    return Reply((given,), flow="my_phone" if kind is RoleKind.OFFICER else "work")


def _given(turn: Turn, kind: RoleKind, title: str, unit: str, until: str = "") -> Text:
    last = format_date(date.fromisoformat(until)) if until else ""
    return text("administration.role_given", role=_role_name(turn, kind, title), unit=unit, until=last)


def _role_name(turn: Turn, kind: str, title: str) -> str:
    return title or turn.at.texts.words[f"role_{kind}"].show


def set_phone(turn: Turn, phone: str, shown: bool) -> bool:
    """The acting officer's phone, and whether members may see it; returns `shown`.

    Recorded where they are an officer, without the number: what is recorded stays.
    """
    rows.set_phone(turn.tx, turn.me.id, phone, shown)
    act = "phone_shown" if shown else "phone_hidden"
    for unit_id in dict.fromkeys(access.officer_units(turn)):
        installation.record_audit(turn.tx, turn.now, turn.me.id, act, unit_id)
    return shown


# -- roles


def titles(turn: Turn) -> list[str]:
    """The federation's titles of officers."""
    return list(turn.at.federation.officer_titles)


def held_roles(turn: Turn, skip: int) -> Roles:
    """Roles the acting administrator may take back, never their own, after the first `skip`."""
    held = [r for r in rows.roles_under(turn.tx, access.admin_units(turn), turn.now) if r.member_id != turn.me.id]
    page = [
        Held(id=r.id, holder=r.holder, role=_role_name(turn, r.kind, r.title), unit=r.unit)
        for r in held[skip : skip + ROLES_SHOWN]
    ]
    return Roles(roles=page, more=len(held) > skip + ROLES_SHOWN)


def revoke(turn: Turn, role_id: int) -> bool:
    """Take a role back and tell its holder; False when there is no such role for the acting administrator to take."""
    role = rows.role(turn.tx, role_id)
    if role is None or role.member_id == turn.me.id or not access.access_unit_by_admin(turn, role.unit_id):
        return False
    role_ends.end(turn, role, "role_revoked")
    return True


# -- members without a unit


def tell_admins(turn: Turn) -> None:
    """A member seeks their unit: tell the administrators of the whole tree, at most once a day."""
    for id in roster.administrators(turn):
        news = text("administration.unit_sought")
        roster.tell(turn, id, news, ("assign_units", "assign_units"), f"seekers:{id}", once_a_day=True)


def seekers(turn: Turn) -> list[Seeker]:
    """Members who seek their unit, first come first; none for who does not administer the whole tree."""
    if not access.access_seekers(turn):
        return []
    return [Seeker(id=id, name=name, description=about) for id, name, about in members.unit_requests(turn.tx)]


def admin_roots(turn: Turn) -> list[int]:
    """The units whose subtrees the acting person administers."""
    return access.admin_units(turn)


def assign(turn: Turn, member_id: int, unit_id: int) -> bool:
    """Put a member who sought their unit into it, confirmed, and tell them; False when it was done already."""
    member = members.by_id(turn.tx, member_id)
    unit = units.by_id(turn.tx, unit_id)
    if (
        member is None
        or member.unit_state != "sought"
        or unit is None
        or not access.access_seekers(turn)
        or not access.access_unit_by_admin(turn, unit_id)
    ):
        return False
    members.set_fields(turn.tx, member_id, unit_id=unit_id, unit_state="confirmed")
    members.drop_unit_request(turn.tx, member_id)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "unit_assigned", unit_id, str(member_id))
    news = text("administration.assigned", unit=unit.name)
    roster.tell(turn, member_id, news, ("choose_unit", "unit"), f"unit:{unit_id}")
    return True

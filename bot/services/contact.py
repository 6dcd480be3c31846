"""Whom a member can talk to: their own officer who agreed to be called, else the federation's contact."""

from typing import TypedDict

from bot.domain.people import RoleKind
from bot.services.turn import Turn
from bot.storage import members, units
from bot.vietnamese import parse_phone, show_phone


class Reachable(TypedDict):
    """A person to call; `unit` is "" for the federation's own contact."""

    name: str
    title: str
    unit: str
    phone: str


def nearest(turn: Turn) -> Reachable:
    """The officer nearest to the member's unit whose phone may be shown; never the member themselves."""
    me = turn.me
    for unit_id in units.path(turn.tx, me.unit_id) if me.unit_id is not None else ():
        for role in units.holders(turn.tx, unit_id, RoleKind.OFFICER, turn.now):
            if role.phone_shown and role.phone and role.member_id != me.id:
                officer = members.by_id(turn.tx, role.member_id)
                unit = units.by_id(turn.tx, unit_id)
                if officer is None or unit is None:
                    continue
                return Reachable(name=officer.name, title=role.title, unit=unit.name, phone=_shown(role.phone))
    contact = turn.at.federation.contact
    return Reachable(name=contact.name, title=contact.title, unit="", phone=_shown(contact.phone))


def _shown(phone: str) -> str:
    digits = parse_phone(phone)
    return show_phone(digits) if digits else phone

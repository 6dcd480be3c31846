"""Deputies, *Bàn giao* and roles by a list: offered to somebody, who takes them up or not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final, TypedDict

from bot.domain.people import Member, RoleKind
from bot.domain.prompts import Option, Text, text
from bot.domain.time import DAY, instant
from bot.services import access, administration, approvals, posters, role_ends, roster
from bot.services.administration import Grant
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import announcements, installation, members, nominations, roles, units
from bot.storage import roster as rows
from bot.storage.roles import Offer
from bot.storage.roster import HeldRole
from bot.vietnamese import fold, format_date
from content import printing

OFFER_LASTS: Final = 7 * DAY
DEPUTY_DAYS: Final = 60
FOUND: Final = 8


class Person(TypedDict):
    """Somebody who was found by part of their name."""

    id: int
    name: str
    unit: str


class Duty(TypedDict):
    """A role with what it is called and where."""

    id: int
    role: str
    unit: str
    unit_id: int


class Handed(TypedDict):
    """Everything a person hands over: duties as read, and counts of what goes with them."""

    holder: str
    duties: list[str]
    reviews: int
    scheduled: int
    posted: int


# -- finding people


def find_person(turn: Turn, unit_ids: list[int], typed: str) -> list[Person]:
    """Confirmed members of these subtrees, but for the acting person, whose name has every typed word."""
    words = fold(typed).split()
    found = [
        Person(id=id, name=name, unit=unit)
        for id, name, unit in roles.people_under(turn.tx, unit_ids)
        if words and id != turn.me.id and set(words) <= set(fold(name).split())
    ]
    return found[:FOUND]


def find_holder(turn: Turn, typed: str) -> list[Person]:
    """Holders of roles in the acting administrator's subtrees whose name has every typed word."""
    words = set(fold(typed).split())
    held = rows.roles_under(turn.tx, access.admin_units(turn), turn.now) if access.is_admin(turn) else []
    found = {r.member_id: Person(id=r.member_id, name=r.holder, unit=r.unit) for r in held if r.deputy_of is None}
    return [p for p in found.values() if words and words <= set(fold(p["name"]).split())][:FOUND]


# -- deputies


def to_deputise(turn: Turn) -> list[Duty]:
    """The acting person's own roles that somebody may stand in for."""
    kinds = (RoleKind.OFFICER, RoleKind.REVIEWER)
    return [_duty(turn, role) for role in _own(turn, turn.me.id) if role.kind in kinds]


def last_day(turn: Turn, role_id: int) -> str:
    """The ISO date until which somebody may stand in for a role at most."""
    latest = turn.today + timedelta(days=DEPUTY_DAYS)
    role = rows.role(turn.tx, role_id)
    if role is not None and role.valid_until is not None:
        latest = min(latest, turn.today + timedelta(days=(role.valid_until - turn.now - 1) // DAY))
    return latest.isoformat()


def deputise(turn: Turn, role_id: int, member_id: int, unit_id: int, until: str) -> bool:
    """Ask somebody to stand in for one's own role, over its unit or one below; False when that may not be."""
    role = next((r for r in _own(turn, turn.me.id) if r.id == role_id), None)
    deputy = members.by_id(turn.tx, member_id)
    if (
        role is None
        or role.kind not in (RoleKind.OFFICER, RoleKind.REVIEWER)
        or not units.within(turn.tx, unit_id, [role.unit_id])
        or not turn.today.isoformat() <= until <= last_day(turn, role_id)
        or deputy is None
        or not _may_take(turn, deputy, [role.unit_id])
        or any(r.unit_id == unit_id and r.kind == role.kind for r in roles.of_member(turn.tx, member_id, turn.now))
    ):
        return False
    id = add(turn, "deputy", member_id, role_id=role_id, unit_id=unit_id, until=until)
    unit = units.by_id(turn.tx, unit_id)
    news = text(
        "roles.asked_to_deputise",
        by=turn.me.name,
        role=role_ends.name(turn, role),
        unit=unit.name if unit else "",
        until=format_date(date.fromisoformat(until)),
    )
    ask(turn, id, member_id, news)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "deputy_offered", unit_id, f"{member_id} {role.kind}")
    return True


def end_deputy(turn: Turn, role_id: int) -> bool:
    """The principal ends it, at any time; False when it is not the acting person's to end."""
    deputy = rows.role(turn.tx, role_id)
    mine = [role.id for role in _own(turn, turn.me.id)]
    if deputy is None or deputy.deputy_of not in mine:
        return False
    role_ends.end(turn, deputy, "deputy_ended")
    return True


def _take_deputy(turn: Turn, offer: Offer) -> Reply:
    principal = rows.role(turn.tx, offer.role_id or 0)
    unit = units.by_id(turn.tx, offer.unit_id or 0)
    still = principal is not None and any(r.id == principal.id for r in _own(turn, offer.by_id))
    if principal is None or unit is None or not still or not _may_take(turn, turn.me, [principal.unit_id]):
        return _over(turn, offer)
    held = roles.of_member(turn.tx, turn.me.id, turn.now)
    if any(r.unit_id == unit.id and r.kind == principal.kind for r in held):
        return _over(turn, offer)
    until = instant(date.fromisoformat(offer.until) + timedelta(days=1), 0, turn.at.zone)
    whole = principal.unit_id == unit.id
    title = role_ends.name(turn, principal) + ("" if whole else f" {principal.unit}")
    title = turn.at.texts.spoken(Option("deputy_title", params={"title": title})).label
    units.grant(
        turn.tx,
        turn.me.id,
        unit.id,
        RoleKind(principal.kind),
        turn.now,
        title=title,
        granted_by=offer.by_id,
        valid_until=min(until, principal.valid_until) if principal.valid_until is not None else until,
        deputy_of=principal.id,
    )
    roles.settle(turn.tx, offer.id, "taken")
    installation.record_audit(turn.tx, turn.now, turn.me.id, "deputy_accepted", unit.id, f"by {offer.by_id}")
    day = format_date(date.fromisoformat(offer.until))
    news = text("roles.deputy_accepted", name=turn.me.name, unit=unit.name, until=day)
    roster.tell(turn, offer.by_id, news, ("my_roles", "my_roles"), f"offer:{offer.id}")
    return Reply((text("administration.role_given", role=title, unit=unit.name, until=day),), flow="work")


# -- handing over


def to_hand(turn: Turn, holder_id: int) -> Handed | None:
    """What a person (0: the acting one) would hand over; None when the acting person may not have it handed."""
    holder_id = holder_id or turn.me.id
    found = _handed(turn, holder_id)
    holder = members.by_id(turn.tx, holder_id)
    return _summary(turn, holder, found) if found and holder is not None else None


def successors_in(turn: Turn, holder_id: int) -> list[int]:
    """Units in whose subtrees a successor of a person (0: the acting one) may be."""
    found = _handed(turn, holder_id or turn.me.id)
    return list(dict.fromkeys([*(role.unit_id for role in found), *access.admin_units(turn)]))


def offer_handover(turn: Turn, holder_id: int, successor_id: int) -> bool:
    """Ask somebody to take over everything a person (0: the acting one) has; False when that may not be."""
    holder_id = holder_id or turn.me.id
    holder, successor = members.by_id(turn.tx, holder_id), members.by_id(turn.tx, successor_id)
    found = _handed(turn, holder_id)
    if not found or holder is None or successor is None or successor_id == holder_id or successor.state != "active":
        return False
    if not _may_take(turn, successor, successors_in(turn, holder_id)):
        return False
    id = add(turn, "handover", successor_id, holder_id=holder_id)
    news = text("roles.asked_to_take_over", by=turn.me.name, handed=_summary(turn, holder, found))
    ask(turn, id, successor_id, news)
    for unit_id in dict.fromkeys(role.unit_id for role in found):
        detail = f"{holder_id} {successor_id}"
        installation.record_audit(turn.tx, turn.now, turn.me.id, "handover_offered", unit_id, detail)
    return True


def _take_over(turn: Turn, offer: Offer) -> Reply:
    holder, maker = members.by_id(turn.tx, offer.holder_id or 0), members.by_id(turn.tx, offer.by_id)
    if holder is None or maker is None:
        return _over(turn, offer)
    as_maker = Turn(
        turn.tx, turn.at, turn.now, turn.cause, members.push_address(turn.tx, maker.id), maker, turn.key
    )  # what they may at this moment, not when they asked
    found = _handed(as_maker, holder.id)
    if not found:
        return _over(turn, offer)
    handed = _summary(turn, holder, found)
    units_of = [role.unit_id for role in found]
    to_come = roles.announcements_to_come(turn.tx, holder.id, units_of)
    mine_to_approve = [
        waiting
        for id in to_come
        if (waiting := announcements.by_id(turn.tx, id)) is not None
        and waiting.state == "waiting"
        and turn.me.id in approvals.approvers(turn, waiting)
    ]
    record = _record(turn, holder, found, handed)
    for role in found:
        units.grant(
            turn.tx,
            turn.me.id,
            role.unit_id,
            RoleKind(role.kind),
            turn.now,
            title=role.title,
            granted_by=offer.by_id,
            valid_until=role.valid_until,
        )
        role_ends.end(turn, role, "role_handed_over")
    roles.give_announcements(turn.tx, to_come, turn.me.id)
    roles.give_posts(turn.tx, holder.id, units_of, turn.me.id)
    for waiting in mine_to_approve:  # nobody approves their own: others are asked instead
        approvals.ask(turn, replace(waiting, author_id=turn.me.id, speaker=turn.me.name))
    roles.settle(turn.tx, offer.id, "taken")
    name = turn.at.texts.spoken(Option("handover_file")).label
    posters.send_file(turn, "document", record, name)
    posters.push_file(turn, maker.id, record, name, f"handover:{offer.id}")
    told = [maker.id, holder.id, *(id for unit_id in units_of for id in roster.administrators(turn, unit_id))]
    news = text("roles.handed_over", holder=holder.name, successor=turn.me.name, duties=handed["duties"])
    for id in dict.fromkeys(told):
        if id != turn.me.id:
            roster.tell(turn, id, news, ("menu", "menu"), f"handover:{offer.id}")
    return Reply((text("roles.taken_over", handed=handed),), flow="work")


def _handed(turn: Turn, holder_id: int) -> list[HeldRole]:
    """The roles that go: all of one's own, or of somebody else those in subtrees one administers. No deputies'."""
    own = _own(turn, holder_id)
    if turn.member is not None and holder_id == turn.member.id:
        return own if turn.member.state == "active" else []
    return [role for role in own if access.access_unit_by_admin(turn, role.unit_id)]


def _summary(turn: Turn, holder: Member, found: list[HeldRole]) -> Handed:
    ids = list(dict.fromkeys(role.unit_id for role in found))
    levels = [role.unit_id for role in found if role.kind in access.REVIEWING]
    return Handed(
        holder=holder.name,
        duties=[f"{role_ends.name(turn, role)}, {role.unit}" for role in found],
        reviews=len(nominations.waiting_at(turn.tx, list(dict.fromkeys(levels)))),
        scheduled=len(roles.announcements_to_come(turn.tx, holder.id, ids)),
        posted=roles.posted(turn.tx, ids),
    )


def _record(turn: Turn, holder: Member, found: list[HeldRole], handed: Handed) -> bytes:
    """The list to sign. The successor signs as what they were until now: in a role, or as of a unit."""
    held = roles.of_member(turn.tx, turn.me.id, turn.now)
    unit = units.by_id(turn.tx, turn.me.unit_id or 0)
    return printing.handover(
        printing.Handover(
            federation=turn.at.federation.name,
            day=format_date(turn.today),
            holder=holder.name,
            holder_title=role_ends.name(turn, found[0]),
            successor=turn.me.name,
            successor_title=role_ends.name(turn, held[0]) if held else unit.name if unit is not None else "",
            duties=tuple(handed["duties"]),
            reviews=handed["reviews"],
            scheduled=handed["scheduled"],
            posted=handed["posted"],
        )
    )


# -- by a list


def _take_listed(turn: Turn, offer: Offer) -> Reply:
    unit = units.by_id(turn.tx, offer.unit_id or 0)
    held = roles.of_member(turn.tx, turn.me.id, turn.now)
    if (
        unit is None
        or not unit.exists_on(turn.today)
        or (offer.until and offer.until < turn.today.isoformat())
        or not administration.may_still_give(turn, offer.by_id, unit.id)
        or not _may_take(turn, turn.me, [unit.id])
        or any(role.unit_id == unit.id and role.kind == offer.kind for role in held)
    ):
        return _over(turn, offer)
    roles.settle(turn.tx, offer.id, "taken")
    grant = Grant(kind=offer.kind, unit=unit.id, title=offer.title, until=offer.until)
    news = text("role_list.taken", name=turn.me.name, unit=unit.name)
    roster.tell(turn, offer.by_id, news, ("role_list", "role_list"), f"offer:{offer.id}")
    return administration.take_role(turn, grant, offer.by_id)


# -- offers


_TAKES: Final = {"deputy": _take_deputy, "handover": _take_over, "role": _take_listed}


def pressed(turn: Turn, id: str, choice: str) -> Reply:
    """*Nhận việc* or *Không nhận* under an offer."""
    offer = roles.open_offer(turn.tx, int(id), turn.now) if id.isascii() and id.isdecimal() and len(id) < 19 else None
    if offer is None or offer.member_id != turn.me.id or turn.me.state != "active":
        return Reply((text("roles.offer_over"),))
    if choice == "take":
        return _TAKES[offer.what](turn, offer)
    roles.settle(turn.tx, offer.id, "refused")
    installation.record_audit(turn.tx, turn.now, turn.me.id, "offer_refused", offer.unit_id, offer.what)
    roster.tell(
        turn, offer.by_id, text("roles.refused", name=turn.me.name), ("my_roles", "my_roles"), f"offer:{offer.id}"
    )
    return Reply((text("roles.you_refused"),))


def lapse(turn: Turn) -> None:
    """Offers that nobody answered in seven days end; both are told."""
    for offer in roles.lapsed(turn.tx, turn.now):
        roles.settle(turn.tx, offer.id, "over")
        installation.record_audit(turn.tx, turn.now, None, "offer_lapsed", offer.unit_id, offer.what)
        asked = members.by_id(turn.tx, offer.member_id)
        news = text("roles.lapsed", name=asked.name if asked else "")
        roster.tell(turn, offer.by_id, news, ("my_roles", "my_roles"), f"offer:{offer.id}")
        roster.tell(turn, offer.member_id, text("roles.you_let_lapse"), ("menu", "menu"), f"offer:{offer.id}")


def _over(turn: Turn, offer: Offer) -> Reply:
    roles.settle(turn.tx, offer.id, "over")
    return Reply((text("roles.offer_over"),))


def add(turn: Turn, what: str, member_id: int, **fields: int | str) -> int:
    """Keep what somebody is asked to take up, for seven days; returns its number."""
    until = turn.now + OFFER_LASTS
    return roles.add_offer(turn.tx, what=what, member_id=member_id, by_id=turn.me.id, expires_at=until, **fields)


def ask(turn: Turn, id: int, member_id: int, news: Text, refuse: str = "offer_refuse") -> None:
    """Ask somebody whether they take up offer `id`."""
    options = (Option("take", word="offer_take"), Option("refuse", word=refuse))
    buttons = [standing_button(turn, "off", id, option) for option in options]
    roster.tell_with(turn, member_id, news, buttons, f"offer:{id}", for_ms=OFFER_LASTS)


def _own(turn: Turn, member_id: int) -> list[HeldRole]:
    """Roles somebody holds in their own right, over units that exist."""
    found = []
    for role in roles.of_member(turn.tx, member_id, turn.now):
        unit = units.by_id(turn.tx, role.unit_id)
        if role.deputy_of is None and unit is not None and unit.exists_on(turn.today):
            found.append(role)
    return found


def _may_take(turn: Turn, member: Member, unit_ids: list[int]) -> bool:
    """Whether somebody is confirmed in one of these subtrees, and takes part."""
    confirmed = member.state == "active" and member.unit_state == "confirmed" and member.unit_id is not None
    return confirmed and units.within(turn.tx, member.unit_id or 0, unit_ids)


def _duty(turn: Turn, role: HeldRole) -> Duty:
    return Duty(id=role.id, role=role_ends.name(turn, role), unit=role.unit, unit_id=role.unit_id)

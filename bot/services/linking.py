"""One person at several addresses: a code shown here and typed there joins them; a place may be taken off again."""

import re
import secrets
from collections import Counter
from typing import Final, TypedDict

from bot.domain.people import Address, Member, Unit
from bot.domain.prompts import text
from bot.domain.time import HOUR, MINUTE, civil_date
from bot.services import joining, posting, waiting
from bot.services.standing import Reply
from bot.services.turn import Turn, voice_of
from bot.storage import installation, linking, members, quota, units
from bot.storage import roster as rows
from bot.storage.linking import LinkCode
from bot.vietnamese import fold, format_date

CODE_LASTS: Final = 10 * MINUTE
TRIES: Final = 5
LINK: Final = "link"
MOVE: Final = "move"

_CODE: Final = re.compile(r"(?:ma(?: so)?:? )?([0-9](?:[ .-]?[0-9]){5})")


class Place(TypedDict):
    """An address as its owner reads it: the channel's name (numbered when there are several of it), days as 19/5/2025.

    `here` is where the member writes from now, `pushed` where unasked messages go.
    """

    id: int
    channel: str
    label: str
    since: str
    last: str
    here: bool
    pushed: bool


class Issued(TypedDict):
    """A code as shown ("482 913"), for how many minutes it holds, and where to begin: (channel's name, address)."""

    code: str
    minutes: int
    doors: list[tuple[str, str]]


class Known(TypedDict):
    """A member as shown to whoever typed their code; `ended` is whether their unit exists no more."""

    name: str
    unit: str
    ended: bool
    places: list[str]
    since: str
    left: bool


class Linked(TypedDict):
    """What came of it. `problem` is "", or over, full, busy: nothing was done.

    `ended` is the name of the member's unit if it exists no more, else "".
    """

    problem: str
    here: str
    others: list[str]
    pushed: str
    ended: str


# -- places


def places(turn: Turn) -> list[Place]:
    """Where the acting member writes from, the oldest first."""
    pushed = members.push_address(turn.tx, turn.me.id)
    found = members.places(turn.tx, turn.me.id)
    return [
        Place(
            id=place.id,
            channel=place.channel,
            label=label,
            since=_day(turn, place.since),
            last=_day(turn, place.last_in_at),
            here=turn.address is not None and place.id == turn.address.id,
            pushed=pushed is not None and place.id == pushed.id,
        )
        for place, label in zip(found, _labels(turn, [place.channel for place in found]), strict=True)
    ]


def place_names(turn: Turn, member_id: int) -> list[str]:
    """What a member's places are called."""
    return _labels(turn, [place.channel for place in members.places(turn.tx, member_id)])


def _labels(turn: Turn, channels: list[str]) -> list[str]:
    several, seen = Counter(channels), Counter[str]()
    labels = []
    for channel in channels:
        seen[channel] += 1
        name = turn.at.texts.words[f"channel_{channel}"].show
        labels.append(f"{name} {seen[channel]}" if several[channel] > 1 else name)
    return labels


def prefer(turn: Turn, address_id: int) -> str:
    """Unasked messages go to this address of the member; returns what it is called, "" when it is theirs no more."""
    label = next((place["label"] for place in places(turn) if place["id"] == address_id), "")
    if label:
        members.set_fields(turn.tx, turn.me.id, preferred_address_id=address_id)
    return label


def drop(turn: Turn, address_id: int) -> bool:
    """Take an address off the member; False when it is the last one, or theirs no more."""
    mine = members.addresses(turn.tx, turn.me.id)
    if len(mine) < 2 or address_id not in [address.id for address in mine]:
        return False
    assert turn.address is not None
    dropped = next(address for address in mine if address.id == address_id)
    if dropped.id != turn.address.id:
        posting.reply(turn, dropped, [turn.render(text("linking.told_dropped"))])
    _take_off(turn, dropped)
    return True


def _take_off(turn: Turn, dropped: Address) -> None:
    """The person goes on elsewhere: here if this is not the address in question, else where they wrote last."""
    owner = turn.me.id
    rest = [address for address in members.addresses(turn.tx, owner) if address.id != dropped.id]
    here = next((address for address in rest if turn.address is not None and address.id == turn.address.id), rest[0])
    linking.hand_over_dialogs(turn.tx, dropped.id, here, turn.now)
    pushed = members.push_address(turn.tx, owner)
    elsewhere = here if pushed is None or pushed.id == dropped.id else pushed
    linking.hand_over_pushes(turn.tx, dropped.id, elsewhere, turn.now)
    linking.detach(turn.tx, dropped.id, turn.now)
    installation.record_audit(turn.tx, turn.now, owner, "address_removed", detail=str(dropped.id))


# -- codes


def issue(turn: Turn, purpose: str) -> Issued | None:
    """A code to be typed at the person's other phone or app; an older one dies. None for who has left."""
    assert turn.address is not None
    if turn.me.state != "active":
        return None
    until, digits = turn.now + CODE_LASTS, _digits()
    while not linking.add_code(turn.tx, _digest(turn, digits), turn.me.id, turn.address.id, purpose, turn.now, until):
        digits = _digits()
    return Issued(code=f"{digits[:3]} {digits[3:]}", minutes=CODE_LASTS // MINUTE, doors=_doors(turn, purpose))


def _digits() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def _digest(turn: Turn, digits: str) -> bytes:
    return turn.at.digest("link", digits)


def _doors(turn: Turn, purpose: str) -> list[tuple[str, str]]:
    """Where to begin on the other side: the same app when moving, else every other one; Telegram only if proposed."""
    assert turn.address is not None
    here = turn.address.account_id
    doors = []
    for account_id, channel in quota.channels(turn.tx).items():
        proposed = channel != "telegram" or channel in turn.at.federation.proposed_channels
        link = turn.at.links.get(account_id, "")
        if link and (account_id == here if purpose == MOVE else account_id != here and proposed):
            doors.append((turn.at.texts.words[f"channel_{channel}"].show, link))
    return doors


def claim_code(turn: Turn, typed: str) -> Reply | None:
    """A code typed by anybody, also before registration; None when the text does not look like one.

    Six digits can be guessed: an address has five tries an hour, and a code dies after five that fitted none, wherever
    they were typed.
    """
    found = _CODE.fullmatch(fold(typed))
    if found is None:
        return None
    assert turn.address is not None
    if rows.wrong_codes(turn.tx, turn.address.id, turn.now - HOUR) >= TRIES:
        return _said("code_wait")
    digest = _digest(turn, re.sub(r"[^0-9]", "", found[1]))
    code = linking.find_code(turn.tx, digest)
    if code is None:
        rows.record_wrong_code(turn.tx, turn.address.id, turn.now)
        linking.count_wrong_try(turn.tx, turn.now)
        return _said("code_unknown")
    if code.taken and code.address_id == turn.address.id and code.expires_at > turn.now:
        return _said("code_asked")
    if code.taken or code.expires_at <= turn.now:
        rows.record_wrong_code(turn.tx, turn.address.id, turn.now)
        return _said("code_over")
    if code.tries >= TRIES:
        return _said("code_tried")
    return _welcome(turn, code)


def _welcome(turn: Turn, code: LinkCode) -> Reply:
    """A code that holds: who may not use it is told why, anybody else is asked whether it is theirs."""
    assert turn.address is not None
    owner = members.by_id(turn.tx, code.member_id)
    if owner is None or owner.state != "active":
        return _said("owner_left")
    mine = turn.member is not None and turn.member.id == owner.id
    if code.address_id == turn.address.id:
        return _said("code_own")
    if mine and code.purpose == LINK:
        return _said("code_linked")
    if waiting.no_room(turn):
        return _said("no_room")
    linking.take_code(turn.tx, code.hash, turn.address.id, turn.now + CODE_LASTS)
    args = {"code": code.hash.hex(), "shown_at": code.address_id}
    if turn.member is None or mine:
        return Reply(flow="link_join", args={**args, "moving": code.purpose == MOVE})
    return Reply(flow="link_merge", args=args)


def _said(name: str) -> Reply:
    return Reply((text(f"linking.{name}"),))


def owner_of(turn: Turn, code: str) -> tuple[LinkCode, Member] | None:
    """The code (its hash as hex) that was typed here and still holds, and whose it is; None when it is over."""
    found = linking.find_code(turn.tx, bytes.fromhex(code))
    if found is None or turn.address is None or found.address_id != turn.address.id or found.expires_at <= turn.now:
        return None
    owner = members.by_id(turn.tx, found.member_id)
    return (found, owner) if owner is not None and owner.state == "active" else None


# -- joining


def who(turn: Turn, code: str) -> Known | None:
    """Whose code was typed; None when it is over."""
    found = owner_of(turn, code)
    return known(turn, found[1]) if found is not None else None


def known(turn: Turn, member: Member) -> Known:
    """A member as shown to whoever proved by a code to be them."""
    unit = unit_of(turn, member)
    return Known(
        name=member.name,
        unit=unit.name if unit is not None else "",
        ended=unit is not None and not unit.exists_on(turn.today),
        places=place_names(turn, member.id),
        since=_day(turn, linking.joined_at(turn.tx, member.id)),
        left=member.state == "left",
    )


def unit_of(turn: Turn, member: Member) -> Unit | None:
    """The unit a member named, whether it still exists or not."""
    return units.by_id(turn.tx, member.unit_id) if member.unit_id is not None else None


def decline(turn: Turn, code: str) -> None:
    """It is somebody else's: the code is used up, and of who is not known nothing is kept."""
    linking.end_code(turn.tx, bytes.fromhex(code), turn.now)
    if turn.member is None:
        joining.decline(turn)


def join(turn: Turn, code: str, shown_at: int) -> Linked:
    """The address that writes becomes the code's member's; one without a member comes under their consent."""
    found = owner_of(turn, code)
    if found is None or (turn.member is not None and turn.member.id != found[1].id):
        return failed("over")
    if waiting.no_room(turn):
        return failed("full")
    assert turn.address is not None
    turn.member = found[1]
    linking.attach(turn.tx, turn.address.id, turn.me.id)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "address_linked", detail=str(turn.address.id))
    return finish(turn, found[0], shown_at)


def failed(problem: str) -> Linked:
    """Nothing was done."""
    return Linked(problem=problem, here="", others=[], pushed="", ended="")


def finish(turn: Turn, code: LinkCode, shown_at: int) -> Linked:
    """Use the code up, tell the place that showed it, and take that place off when the person moved."""
    linking.end_code(turn.tx, code.hash, turn.now)
    shown = next((address for address in members.addresses(turn.tx, turn.me.id) if address.id == shown_at), None)
    here = next(place["label"] for place in places(turn) if place["here"])
    if shown is not None:
        told = text("linking.told_moved") if code.purpose == MOVE else text("linking.told_linked", place=here)
        posting.reply(turn, shown, [turn.at.texts.render(told, voice_of(turn.member))])
        if code.purpose == MOVE:
            _take_off(turn, shown)
    return linked(turn)


def linked(turn: Turn) -> Linked:
    """Where the acting member now is."""
    mine, unit = places(turn), unit_of(turn, turn.me)
    return Linked(
        problem="",
        here=next(place["label"] for place in mine if place["here"]),
        others=[place["label"] for place in mine if not place["here"]],
        pushed=next((place["label"] for place in mine if place["pushed"]), ""),
        ended=unit.name if unit is not None and not unit.exists_on(turn.today) else "",
    )


def _day(turn: Turn, at: int) -> str:
    return format_date(civil_date(at, turn.at.zone))

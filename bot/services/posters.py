"""*Tờ giới thiệu*: the printable poster that tells a unit's people how to join."""

from typing import Final, TypedDict

from bot.domain.lanes import Lane
from bot.domain.messages import Outbound, OutboundMedia
from bot.domain.people import RoleKind, Unit
from bot.domain.prompts import Option
from bot.domain.time import DAY
from bot.services import access, joining, posting, roster, solemn
from bot.services.joining import Found
from bot.services.turn import Turn
from bot.storage import group_posts, members, outbox, privacy, units
from bot.vietnamese import parse_phone, show_phone
from content import printing
from content.printing import WAYS_AT_MOST, Poster, Way

FILES_KEPT: Final = DAY
POSTER: Final = "poster"
TAKE_CODES: Final = frozenset({"telegram", "webchat"})
"""Channels whose link may carry a unit's code; elsewhere it is typed."""


class Sheet(TypedDict):
    """A poster that was sent: the unit's name and whom it tells people to call. `held`: not sent in solemn days."""

    unit: str
    officer: str
    held: bool


def link_to(turn: Turn, channel: str) -> str:
    """The address a person opens to begin on a channel; "" when it is not in use or has none."""
    links = turn.at.links
    return next((links[id] for id, word in group_posts.accounts(turn.tx) if word == channel and links.get(id)), "")


def duties(turn: Turn) -> list[str]:
    """What the acting person may take to print or to paste, as flow names."""
    may = ["group_text", "sheets"] if access.officer_units(turn) else []
    return [*may, "posters"] if access.confirming_units(turn) else may


# -- what stands on it


def sheet(turn: Turn, unit: Unit) -> Poster:
    """What stands on a unit's poster."""
    federation = turn.at.federation
    officer, phone = _contact(turn, unit)
    found = [way for channel in federation.proposed_channels if (way := _way(turn, channel, unit.code)) is not None]
    return Poster(federation.name, unit.name, unit.code, officer, phone, tuple(found[:WAYS_AT_MOST]))


def _way(turn: Turn, channel: str, code: str) -> Way | None:
    link = link_to(turn, channel)
    if not link:
        return None
    word = turn.at.texts.words.get(f"channel_{channel}")
    carried = f"{link}?start=u_{code}" if channel in TAKE_CODES else link
    return Way(word.show if word is not None else channel, carried)


def _contact(turn: Turn, unit: Unit) -> tuple[str, str]:
    """Whom to call: the unit's own officer who agreed to it, else the federation's contact; with the phone."""
    for role in units.holders(turn.tx, unit.id, RoleKind.OFFICER, turn.now):
        officer = members.by_id(turn.tx, role.member_id)
        if role.phone_shown and role.phone and officer is not None and officer.state == "active":
            return _named(officer.name, role.title), _shown(role.phone)
    contact = turn.at.federation.contact
    return _named(contact.name, contact.title), _shown(contact.phone)


def _named(name: str, title: str) -> str:
    return ", ".join(part for part in (name, title) if part)


def _shown(phone: str) -> str:
    digits = parse_phone(phone)
    return show_phone(digits) if digits else phone


# -- asking for it


def offered(turn: Turn, skip: int) -> Found:
    """The units to choose from: one's own, and a page after the first `skip` of those under a single one.

    Without units: no right.
    """
    own = units.listed(turn.tx, access.confirming_units(turn))
    listed = [(unit.id, unit.name) for unit in own]
    if len(own) != 1:
        return Found(units=listed, more=False, ended="")
    under = joining.under(turn, own[0].id, skip)
    return Found(units=[*listed, *under["units"]], more=under["more"], ended="")


def find(turn: Turn, typed: str) -> list[tuple[int, str]]:
    """Units of the acting person's subtrees whose code or part of the name was typed, best first, as (id, name)."""
    roots = access.confirming_units(turn)
    return roster.find_within(turn, roots, typed) if roots else []


def send(turn: Turn, unit_id: int) -> Sheet | None:
    """Set the poster of a unit and send it as a file, unless the mode is solemn there.

    None when the unit is not the acting person's to serve.
    """
    unit = units.by_id(turn.tx, unit_id)
    if unit is None or not unit.exists_on(turn.today) or not access.access_newcomer(turn, unit_id):
        return None
    poster = sheet(turn, unit)
    label = turn.at.texts.spoken(Option("poster_of", params={"unit": unit.name})).label
    if solemn.hold_piece(turn, [unit_id], POSTER, str(unit_id), label):
        return Sheet(unit=unit.name, officer=poster.officer, held=True)
    name = turn.at.texts.spoken(Option("poster_file", params={"code": unit.code})).label
    send_file(turn, "document", printing.poster(poster), name)
    return Sheet(unit=unit.name, officer=poster.officer, held=False)


def send_file(turn: Turn, kind: str, content: bytes, name: str) -> None:
    """Send a file made in this turn (`kind` document or photo); it is deleted after a day.

    Its path follows from the turn alone: a turn run again after a crash writes the same file again.
    """
    assert turn.address is not None
    directory = turn.at.data_dir.absolute() / "exports"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{turn.at.digest('printed', f'{turn.cause}:{turn.key}:{name}').hex()}{name[name.rfind('.') :]}"
    path.write_bytes(content)
    id = privacy.add_export(turn.tx, turn.me.id, str(path), name, len(content), turn.now, turn.now + FILES_KEPT)
    posting.reply(turn, turn.address, [], media=[OutboundMedia(kind, id, name)])


def push_file(turn: Turn, member_id: int, content: bytes, name: str, origin: str) -> None:
    """Send a file to who had not asked in this turn, where their channel takes files."""
    address = members.push_address(turn.tx, member_id)
    if address is None or member_id == turn.me.id:
        return
    if not turn.at.capabilities[address.account_id].uploads and not turn.at.public_url:
        return
    path = turn.at.data_dir.absolute() / "exports" / f"{turn.at.digest('pushed', f'{turn.cause}:{name}').hex()}.pdf"
    path.write_bytes(content)
    until = turn.now + 3 * DAY
    media = privacy.add_export(turn.tx, member_id, str(path), name, len(content), turn.now, until)
    file = Outbound("", media=(OutboundMedia("document", media, name),))
    outbox.enqueue(
        turn.tx,
        address.account_id,
        address.id,
        file,
        turn.now,
        lane=Lane.ANNOUNCEMENT,
        origin=origin,
        valid_until=until,
    )

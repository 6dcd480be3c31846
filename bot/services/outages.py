"""A platform that is down: those whose announcements wait are told once, and once that they go on."""

from typing import Final

import orjson

from bot.domain.lanes import Lane
from bot.domain.people import Address
from bot.domain.prompts import Text, text
from bot.domain.time import DAY, after_quiet, minute_of_day
from bot.services import notices, posting, roster
from bot.services.turn import Installation, Turn, voice_of
from bot.storage import announcements, installation, members, outbox
from bot.storage.database import Transaction

QUOTED: Final = 40


def began(at: Installation, account_id: int, tx: Transaction, now: int) -> None:
    """The account's platform has been down for a while; nothing happens when that was told already."""
    turn = Turn(tx, at, now, f"outage:{account_id}")
    if _told(turn, account_id):
        return
    waiting = announcements.waiting_at(tx, account_id)
    stored = orjson.dumps({"since": now, "announcements": waiting}).decode()
    installation.set_setting(tx, _name(account_id), stored)
    _tell(turn, account_id, "outages.began", waiting, now)


def ended(at: Installation, account_id: int, tx: Transaction, now: int) -> None:
    """Sends flow again; told to whom the outage was told, if it was."""
    turn = Turn(tx, at, now, f"outage:{account_id}")
    told = _told(turn, account_id)
    if not told:
        return
    known = orjson.loads(told)
    installation.set_setting(tx, _name(account_id), "")
    _tell(turn, account_id, "outages.ended", known["announcements"], known["since"])


def _name(account_id: int) -> str:
    return f"outage:{account_id}"


def _told(turn: Turn, account_id: int) -> str:
    return installation.setting(turn.tx, _name(account_id)) or ""


def _tell(turn: Turn, account_id: int, name: str, waiting: list[int], since: int) -> None:
    """One message a person: about their first announcement, to administrators about the channel."""
    minute = minute_of_day(since, turn.at.zone)
    channel = turn.at.texts.words[f"channel_{installation.channel(turn.tx, account_id)}"].show
    said = {"channel": channel, "hour": minute // 60, "minute": f"{minute % 60:02}"}
    quoted = dict.fromkeys(roster.administrators(turn), "")
    for id in reversed(waiting):
        announced = announcements.by_id(turn.tx, id)
        if announced is not None and announced.author_id is not None:
            quoted[announced.author_id] = notices.quoted(turn, announced, QUOTED)
    for member_id, words in quoted.items():
        _write(turn, account_id, member_id, text(name, **said, quoted=words))


def _write(turn: Turn, account_id: int, member_id: int, news: Text) -> None:
    """To where the member can be reached now; what has not gone out yet is replaced by what is newer."""
    member, address = members.by_id(turn.tx, member_id), _address(turn, member_id)
    if member is None or member.state != "active" or address is None:
        return
    awake = after_quiet(turn.now, member.quiet_from, member.quiet_to, turn.at.zone)
    rendered = turn.at.texts.render(news, voice_of(member))
    for message in posting.compose(turn, address.account_id, address.id, [rendered], ()):
        outbox.enqueue(
            turn.tx,
            address.account_id,
            address.id,
            message,
            turn.now,
            lane=Lane.URGENT,
            origin=_name(account_id),
            replace_key=_name(account_id),
            not_before=awake if awake > turn.now else 0,
            valid_until=turn.now + DAY,
        )


def _address(turn: Turn, member_id: int) -> Address | None:
    """Where the member is usually written to, or another address while that one's platform is down."""
    usual = members.push_address(turn.tx, member_id)
    if usual is None or not _told(turn, usual.account_id):
        return usual
    others = [a for a in members.addresses(turn.tx, member_id) if a.reachable and a.account_id in turn.at.capabilities]
    return next((a for a in others if not _told(turn, a.account_id)), usual)

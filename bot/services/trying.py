"""Looking at a draft before it goes out: as members see it, and on the officer's own phones."""

from typing import Any, NotRequired, TypedDict

from bot.domain.messages import OutboundMedia
from bot.domain.people import Address
from bot.domain.time import HOUR
from bot.services import big_files, drafts, moments, notices, quota, reaching, solemn
from bot.services.big_files import Stuck
from bot.services.drafts import Draft
from bot.services.notices import Reader
from bot.services.quota import Room, Shortage
from bot.services.reaching import Example, Reached
from bot.services.turn import Turn
from bot.storage import members, outbox, units


class Preview(TypedDict):
    """A draft as the officer looks at it before it goes out; `shortage` and `stuck` are why it cannot go.

    `send_at` and `valid_until` are in words, "" for at once and for as long as usual. `rooms` is what the plans of
    channels still have, `documents` what those among its files are called, `held` why the solemn mode would hold it
    ("" when it would not); previews of before these were looked for have none.
    """

    notice: dict[str, Any]
    reached: Reached
    examples: list[Example]
    shortage: Shortage | None
    stuck: Stuck | None
    send_at: str
    valid_until: str
    documents: NotRequired[list[str]]
    rooms: NotRequired[list[Room]]
    held: NotRequired[str]


def preview(turn: Turn, draft: Draft) -> Preview | None:
    """How members will see it, and how many; None while the acting person may not send it."""
    if not drafts.is_allowed(turn, draft):
        return None
    frozen = drafts.as_announcement(turn, draft)
    return Preview(
        notice=notices.notice(turn.at, frozen, turn.me.name, turn.me.form, _my_unit(turn)),
        reached=reaching.reached(turn, draft),
        examples=reaching.examples(turn, draft),
        documents=[file["name"] for file in draft["files"] if file["kind"] == "document" and file["name"]],
        rooms=quota.rooms(turn),
        shortage=quota.shortage(turn, frozen.audience),
        stuck=big_files.stuck(turn, frozen.audience, [file["media"] for file in draft["files"]]),
        send_at=moments.moment(turn.at, draft["send_at"]),
        valid_until=moments.moment(turn.at, draft["valid_until"]),
        held=solemn.holds_draft(turn, draft),
    )


def show(turn: Turn, draft: Draft) -> None:
    """Send it here exactly as members get it, its files too."""
    assert turn.address is not None
    _send(turn, draft, turn.address, "")


def try_out(turn: Turn, draft: Draft) -> list[str]:
    """Send it, marked as a trial, to every address of the acting officer; returns the names of the channels."""
    reachable = [address for address in members.addresses(turn.tx, turn.me.id) if address.reachable]
    for address in reachable:
        _send(turn, draft, address, "trial")
    return list(dict.fromkeys(quota.channel_name(turn, address.account_id) for address in reachable))


def _send(turn: Turn, draft: Draft, to: Address, mark: str) -> None:
    """Where the dialog goes on, all of it comes before the next question: each message is a row of its own."""
    frozen = drafts.as_announcement(turn, draft)
    files = [OutboundMedia(file["kind"], file["media"], file["name"]) for file in draft["files"]]
    reader = Reader(to.account_id, to.id, turn.me.name, turn.me.form, _my_unit(turn), officer=False)
    for message in notices.messages(turn, frozen, files, reader, mark):
        outbox.enqueue(turn.tx, to.account_id, to.id, message, turn.now, valid_until=turn.now + HOUR)


def _my_unit(turn: Turn) -> str | None:
    unit = units.by_id(turn.tx, turn.me.unit_id) if turn.me.unit_id is not None else None
    return unit.name if unit is not None else None

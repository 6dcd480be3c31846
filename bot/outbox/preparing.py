"""From a claimed row to what goes on the wire, inside the claiming transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson
import structlog

from bot.channels.contract import Delivery, MediaFile, Operation
from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.domain.time import MINUTE
from bot.outbox.rates import Chats
from bot.storage import dialogs, outbox, rests, solemn
from bot.storage.database import Transaction, is_trouble
from bot.storage.outbox import Claimed

log = structlog.get_logger(__name__)

Compose = Callable[[Claimed], Outbound | None]
"""Makes the text of a row that has none, from its origin; None when it must not go out any more."""
Composing = Callable[[Transaction, int], Compose]
"""What does so for the rows of one transaction at a moment, and may remember what they share."""
MediaUrl = Callable[[int, str, int], str]
"""`(media id, file name, now)`: where our pages serve a file from now on for a while; "" without a public address."""


QUIET_MS: Final = 5 * MINUTE
"""So long nobody must have written in a dialog before something they did not ask for comes in between."""
REST_SECONDS: Final = 1.0
"""So long an edit waits before it looks again whether all of what it changes has gone out."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """What rows of an account are prepared with; `edits` is whether its channel can change what was sent."""

    composing: Composing
    media_url: MediaUrl
    chats: Chats
    edits: bool


@dataclass(frozen=True, slots=True)
class Start:
    """A row and the delivery it became."""

    row: Claimed
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Ended:
    """A row that never starts: it comes to `state`."""

    row: Claimed
    state: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """A row that could not be prepared by a fault of ours; `detail` is safe to log."""

    row: Claimed
    detail: str


def prepare(
    tx: Transaction, row: Claimed, by: Preparing, compose: Compose, now: int, monotonic: float
) -> Start | Ended | Faulty | None:
    """What a row sends, or what becomes of it instead; None when it was put back to wait.

    `compose` is of `by`, for this transaction.
    """
    try:
        return _prepare(tx, row, by, compose, now, monotonic)
    except Exception as error:  # a fault of ours stops its row, not the sending of all others
        if is_trouble(error):
            raise
        log.exception("row_not_prepared", row=row.id, origin=row.origin)
        return Faulty(row, f"not prepared: {type(error).__name__}")


def _prepare(
    tx: Transaction, row: Claimed, by: Preparing, compose: Compose, now: int, monotonic: float
) -> Start | Ended | None:
    if row.valid_until is not None and row.valid_until < now:
        return Ended(row, "expired")
    if row.lane >= Lane.MILESTONE and solemn.reaches(tx, row.address_id):
        return Ended(row, "cancelled")
    operation = Operation(row.operation)
    lost = row.target_id is not None and not row.target
    if operation is Operation.EDIT and (lost or not by.edits):
        outbox.turn_into_send(tx, row.id)
        operation = Operation.SEND
        row = row._replace(operation=operation.value, target_id=None)
    elif operation is not Operation.SEND and lost:
        return Ended(row, "cancelled")
    if operation is Operation.DELETE:
        rests.cancel_rest(tx, row, now)
    elif operation is Operation.EDIT and rests.has_rest(tx, row):
        outbox.release(tx, row.id, int((monotonic + REST_SECONDS) * 1000))
        return None
    quiet_at = _quiet_at(tx, row) if operation is Operation.SEND else 0
    if quiet_at > now:
        outbox.postpone(tx, row.id, quiet_at)
        return None
    wait = by.chats.wait(row.address_id, monotonic)
    if wait > 0:
        outbox.release(tx, row.id, int((monotonic + wait) * 1000) + 1)
        return None
    outbound = _content(tx, row, compose)
    if outbound is None:
        return Ended(row, "cancelled")
    files = _files(tx, outbound, row, by.media_url, now)
    target = "" if operation is Operation.SEND else row.target or ""
    return Start(row, Delivery(row.id, row.chat, operation, outbound, target, files))


def _quiet_at(tx: Transaction, row: Claimed) -> int:
    """When a push may start: not in the middle of a dialog, unless it is urgent or would come too late."""
    if row.lane in (Lane.REPLY, Lane.URGENT):
        return 0
    spoken_at = dialogs.spoken_at(tx, row.address_id)
    if spoken_at is None:
        return 0
    quiet_at = spoken_at + QUIET_MS
    return quiet_at if row.valid_until is None else min(quiet_at, row.valid_until)


def _content(tx: Transaction, row: Claimed, compose: Compose) -> Outbound | None:
    if row.body is not None:
        return Outbound.from_json(orjson.loads(row.body))
    if not row.origin:
        return Outbound("")
    composed = compose(row)
    if composed is not None:
        outbox.set_body(tx, row.id, composed)
    return composed


def _files(tx: Transaction, outbound: Outbound, row: Claimed, media_url: MediaUrl, now: int) -> tuple[MediaFile, ...]:
    if not outbound.media:
        return ()
    refs = outbox.media_refs(tx, row.account_id, [m.media_id for m in outbound.media])
    files = []
    for m in outbound.media:
        if m.media_id in refs:
            _, path, kept_name, ref = refs[m.media_id]
            name = m.name or kept_name
            files.append(MediaFile(m.media_id, m.kind, ref, path, name, media_url(m.media_id, name, now)))
    return tuple(files)

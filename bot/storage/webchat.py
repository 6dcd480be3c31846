"""What the web chat reads: a chat's messages from the outbox, its media, its uploaded files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from bot.domain.messages import Outbound
from bot.storage.database import Transaction

HISTORY: Final = 200
CLOCK_SLACK_MS: Final = 60_000

_ROW: Final = (
    "o.id, o.operation, o.target_id, (SELECT t.external_id FROM outbox t WHERE t.id = o.target_id), o.body,"
    " COALESCE(o.finished_at, ?)"
)
_OF_CHAT: Final = (
    "FROM outbox o JOIN address a ON a.id = o.address_id WHERE a.account_id = ? AND a.external_id = ?"
    # `sending` and `uncertain` rows are there to be read, so on this channel they did arrive.
    " AND o.state IN ('sent', 'sending', 'uncertain')"
    # What an erasure blanked is as if it had not been said.
    " AND (o.body IS NOT NULL OR o.operation IN ('edit_keyboard', 'delete'))"
)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """An outbox row as its reader sees it; `at` is epoch ms, `targets` the rows an edit or a delete is about."""

    id: int
    operation: str
    targets: tuple[int, ...]
    outbound: Outbound | None
    at: int


def history(tx: Transaction, account_id: int, chat: str, now: int) -> list[ShownRow]:
    """A chat's last rows, in the order they were delivered."""
    rows = tx.all(
        f"SELECT {_ROW} {_OF_CHAT} ORDER BY o.finished_at IS NULL DESC, o.finished_at DESC, o.id DESC LIMIT ?",
        (now, account_id, chat, HISTORY),
    )
    return [_shown(row) for row in reversed(rows)]


def since(tx: Transaction, account_id: int, chat: str, last: int, now: int) -> list[ShownRow]:
    """What a chat that saw row `last` may have missed, in order; it may know some of it already.

    Rows do not go out in the order of their ids (a push waits for its hour), so everything delivered since
    `last` was counts, less a minute, for clocks are set back. When `last` is gone the whole history comes.
    """
    seen = tx.one(f"SELECT COALESCE(o.finished_at, o.created_at) {_OF_CHAT} AND o.id = ?", (account_id, chat, last))
    if seen is None:
        return history(tx, account_id, chat, now)
    rows = tx.all(
        f"SELECT {_ROW} {_OF_CHAT} AND o.id <> ? AND (o.id > ? OR COALESCE(o.finished_at, ?) >= ?)"
        " ORDER BY COALESCE(o.finished_at, ?), o.id",
        (now, account_id, chat, last, last, now, seen[0] - CLOCK_SLACK_MS, now),
    )
    return [_shown(row) for row in rows[-HISTORY:]]


def row(tx: Transaction, account_id: int, chat: str, id: int, now: int) -> ShownRow | None:
    """One row of a chat."""
    found = tx.one(f"SELECT {_ROW} {_OF_CHAT} AND o.id = ?", (now, account_id, chat, id))
    return _shown(found) if found else None


def _shown(row: tuple[Any, ...]) -> ShownRow:
    id, operation, target, went_out_as, body, at = row
    targets = () if operation == "send" or target is None else _rows_of(target, went_out_as)
    return ShownRow(id, operation, targets, Outbound.from_json(orjson.loads(body)) if body else None, at)


def _rows_of(target: int, went_out_as: str | None) -> tuple[int, ...]:
    """The rows a message became: on this channel a message is called by its row."""
    ids = (went_out_as or "").split(",")
    return tuple(int(id) for id in ids) if all(id.isdecimal() for id in ids) else (target,)


def media_file(tx: Transaction, account_id: int, media_id: int) -> tuple[str, str, str] | None:
    """Where a file lies once it is fetched, what it is called, and the account's own upload it comes from ("")."""
    found: tuple[str, str, str] | None = tx.one(
        "SELECT path, name, CASE WHEN account_id = ? THEN source_ref ELSE '' END FROM media WHERE id = ?",
        (account_id, media_id),
    )
    return found


def needed(tx: Transaction, account_id: int, ref: str) -> bool:
    """Whether an uploaded file is still to be fetched, or named in a dialog or a message not handled yet."""
    found: int = tx.scalar(
        "SELECT EXISTS (SELECT 1 FROM media WHERE account_id = ? AND source_ref = ? AND state = 'wanted')"
        " OR EXISTS (SELECT 1 FROM dialog WHERE journal LIKE ?)"
        " OR EXISTS (SELECT 1 FROM inbox WHERE state = 'pending' AND payload LIKE ?)",
        (account_id, ref, f"%{ref}%", f"%{ref}%"),
    )
    return bool(found)


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A row of the outbox for the demo's panel. Instants are epoch ms; `due` is 0 for at once."""

    id: int
    chat: str
    lane: int
    operation: str
    state: str
    due: int
    at: int


def outbox_lines(tx: Transaction, limit: int) -> list[OutboxLine]:
    """The last rows, newest first, without their content."""
    rows: Sequence[tuple[Any, ...]] = tx.all(
        "SELECT o.id, a.external_id, o.lane, o.operation, o.state, o.not_before,"
        " COALESCE(o.finished_at, o.created_at)"
        " FROM outbox o JOIN address a ON a.id = o.address_id ORDER BY o.id DESC LIMIT ?",
        (limit,),
    )
    return [OutboxLine(*row) for row in rows]


def latest_moment(tx: Transaction) -> int:
    """The last instant anything is known to have happened at, epoch ms; 0 for never."""
    found: int | None = tx.scalar(
        "SELECT MAX(at) FROM (SELECT MAX(created_at) AS at FROM outbox UNION ALL SELECT MAX(finished_at) FROM outbox"
        " UNION ALL SELECT MAX(due_at) FROM due_done) AS moments"
    )
    return found or 0

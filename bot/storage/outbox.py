"""The durable outbox: one row per recipient, claimed only when it can start at once."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.storage.database import Transaction


class Claimed(NamedTuple):
    """A row now `sending`. `chat` is the platform's address, `target` the external id an edit or delete is about.

    `body` is None when the text is composed at claim from `origin`. Instants as in the table.
    """

    id: int
    account_id: int
    address_id: int
    lane: int
    operation: str
    target_id: int | None
    origin: str
    body: str | None
    valid_until: int | None
    retry_since: int | None
    attempts: int
    chat: str
    target: str | None


class Mark(NamedTuple):
    """What became of a claimed row. `state` pending puts it back, held until `held_until` (monotonic ms).

    `attempts` is how many of its tries count from then on.
    """

    id: int
    state: str
    external_id: str = ""
    detail: str = ""
    held_until: int = 0
    retry_since: int | None = None
    attempts: int = 0


def enqueue(
    tx: Transaction,
    account_id: int,
    address_id: int,
    outbound: Outbound | None,
    now: int,
    *,
    lane: Lane = Lane.REPLY,
    operation: str = "send",
    target_id: int | None = None,
    replace_key: str | None = None,
    origin: str = "",
    not_before: int = 0,
    valid_until: int | None = None,
) -> int:
    """Add a row and return its id. With `replace_key` a pending older row of that key and address is cancelled."""
    if replace_key is not None:
        tx.run(
            "UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE address_id = ? AND lane >= 0"
            " AND queue = 0 AND replace_key = ? AND state IN ('pending', 'sending') AND state = 'pending'",
            (now, address_id, replace_key),
        )
    body = None if outbound is None else orjson.dumps(outbound.as_json()).decode()
    return tx.insert(
        "INSERT INTO outbox (account_id, address_id, lane, operation, target_id, replace_key, origin, body, not_before,"
        " valid_until, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account_id,
            address_id,
            int(lane),
            operation,
            target_id,
            replace_key,
            origin,
            body,
            not_before,
            valid_until,
            now,
        ),
    )


# `lane >= 0` is always true: it lets the planner search `outbox_order`, which holds only unfinished rows, and not an
# address's whole history. An announcement has one row for each of its people: none is before another.
_OLDER: Final = """
    AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.address_id = o.address_id AND p.lane = o.lane AND p.id < o.id
                    AND p.queue = 0 AND p.state IN ('pending', 'sending'))
"""
_CLAIM: Final = """
UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id IN (
  SELECT o.id FROM outbox o
  WHERE o.account_id = ? AND o.lane = ? AND o.queue = ? AND o.state = 'pending' AND o.not_before <= ?
    AND o.held_until <= ? {older}
    AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.address_id = o.address_id AND s.state = 'sending')
  ORDER BY o.not_before, o.id LIMIT ?)
RETURNING id, account_id, address_id, lane, operation, target_id, origin, body, valid_until, retry_since, attempts,
  (SELECT external_id FROM address WHERE address.id = outbox.address_id),
  (SELECT t.external_id FROM outbox t WHERE t.id = outbox.target_id)
"""
_CLAIM_ANNOUNCED: Final = _CLAIM.format(older="")
_CLAIM_IN_ORDER: Final = _CLAIM.format(older=_OLDER)


def claim(
    tx: Transaction, account_id: int, lane: Lane, limit: int, now: int, monotonic: int, queue: int = 0
) -> list[Claimed]:
    """Take up to `limit` rows of one lane and queue that may start now, in order; one call in flight per address."""
    sql = _CLAIM_ANNOUNCED if queue else _CLAIM_IN_ORDER
    rows = tx.all(sql, (account_id, int(lane), queue, now, monotonic, limit))
    rows.sort(key=_first)  # RETURNING keeps no order
    claimed = [Claimed._make(row) for row in rows]
    return _one_each(tx, claimed) if queue else claimed


def _one_each(tx: Transaction, claimed: list[Claimed]) -> list[Claimed]:
    """The first row of each address; others of it, which no order kept back, wait for the call to end."""
    first: dict[int, Claimed] = {}
    for row in claimed:
        if first.setdefault(row.address_id, row) is not row:
            release(tx, row.id, 0)
    return list(first.values()) if len(first) < len(claimed) else claimed


class Queue(NamedTuple):
    """What rows of a lane go out for: an announcement by its id with the unit that speaks (None: all), or 0, None."""

    id: int
    unit_id: int | None


# From queue to queue by the index: however many rows each of them has, one is looked at.
_QUEUES: Final = """
WITH RECURSIVE waiting (queue) AS (
  SELECT (SELECT o.queue FROM outbox o WHERE o.account_id = ? AND o.lane = ? AND o.state = 'pending'
          ORDER BY o.queue LIMIT 1)
  UNION ALL
  SELECT (SELECT o.queue FROM outbox o WHERE o.account_id = ? AND o.lane = ? AND o.state = 'pending'
          AND o.queue > w.queue ORDER BY o.queue LIMIT 1) FROM waiting w WHERE w.queue IS NOT NULL)
SELECT w.queue, n.unit_id FROM waiting w LEFT JOIN announcement n ON n.id = w.queue
WHERE w.queue IS NOT NULL AND (w.queue = 0 OR n.state = 'queueing' OR n.state = 'sending')
"""


def queues(tx: Transaction, account_id: int, lane: Lane) -> list[Queue]:
    """The queues of a lane that have rows and may send: not those of announcements that are paused, held or stopped."""
    rows = tx.all(_QUEUES, (account_id, int(lane), account_id, int(lane)))
    return [Queue._make(row) for row in rows]


def _first(row: tuple[Any, ...]) -> int:
    id: int = row[0]
    return id


def mark(tx: Transaction, marks: Sequence[Mark], now: int) -> None:
    """Write down what became of claimed rows.

    An announcement's row that is tried again is composed anew then: what it says may be corrected meanwhile.
    """
    sent = [(m.external_id, m.detail, now, m.id) for m in marks if m.state == "sent"]
    tx.run_many("UPDATE outbox SET state = 'sent', external_id = ?, detail = ?, finished_at = ? WHERE id = ?", sent)
    for m in marks:
        if m.state == "pending":
            tx.run(
                "UPDATE outbox SET state = 'pending', held_until = ?, retry_since = ?, detail = ?, attempts = ?,"
                " body = CASE WHEN queue > 0 AND target_id IS NULL AND origin <> '' THEN NULL ELSE body END"
                " WHERE id = ?",
                (m.held_until, m.retry_since, m.detail, m.attempts, m.id),
            )
        elif m.state != "sent":
            tx.run(
                "UPDATE outbox SET state = ?, detail = ?, finished_at = ? WHERE id = ?", (m.state, m.detail, now, m.id)
            )


def release(tx: Transaction, id: int, held_until: int) -> None:
    """Put a row back that was claimed but not started."""
    tx.run(
        "UPDATE outbox SET state = 'pending', attempts = attempts - 1, held_until = ? WHERE id = ?", (held_until, id)
    )


def postpone(tx: Transaction, id: int, not_before: int) -> None:
    """Put a row back that was claimed but is not to start before `not_before` (people's epoch ms)."""
    tx.run(
        "UPDATE outbox SET state = 'pending', attempts = attempts - 1, not_before = ? WHERE id = ?", (not_before, id)
    )


def body(tx: Transaction, id: int) -> Outbound | None:
    """A row's content, while it is kept."""
    stored = tx.scalar("SELECT body FROM outbox WHERE id = ?", (id,))
    return Outbound.from_json(orjson.loads(stored)) if stored else None


def last_push(tx: Transaction, address_id: int) -> Outbound | None:
    """The last message an address got without asking, while it is kept."""
    stored = tx.scalar(
        "SELECT body FROM outbox WHERE address_id = ? AND lane > 0 AND operation = 'send'"
        " AND target_id IS NULL AND state = 'sent'"
        " ORDER BY id DESC LIMIT 1",
        (address_id,),
    )
    return Outbound.from_json(orjson.loads(stored)) if stored else None


def set_body(tx: Transaction, id: int, outbound: Outbound) -> None:
    """Keep the text composed at claim."""
    tx.run("UPDATE outbox SET body = ? WHERE id = ?", (orjson.dumps(outbound.as_json()).decode(), id))


def turn_into_send(tx: Transaction, id: int) -> None:
    """An edit of content whose target never arrived becomes a message of its own."""
    tx.run("UPDATE outbox SET operation = 'send', target_id = NULL WHERE id = ?", (id,))


def let_go(tx: Transaction, account_id: int) -> None:
    """The platform answers again: nothing waits for its next try, and nothing has been tried too long."""
    tx.run(
        "UPDATE outbox SET held_until = 0, retry_since = NULL"
        " WHERE account_id = ? AND state = 'pending' AND held_until > 0",
        (account_id,),
    )


def unreachable(tx: Transaction, address_id: int, now: int) -> None:
    """The address cannot be written to: every row that waits for it ends so, until the person writes again."""
    tx.run("UPDATE address SET reachable = 0 WHERE id = ?", (address_id,))
    tx.run(
        "UPDATE outbox SET state = 'unreachable', finished_at = ? WHERE address_id = ? AND state = 'pending'",
        (now, address_id),
    )


def move(tx: Transaction, address_id: int, external_id: str, now: int) -> None:
    """The platform gave the chat a new id; where that one is known already, the old address is at its end."""
    moved = tx.run(
        "UPDATE address SET external_id = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM address b"
        " WHERE b.account_id = address.account_id AND b.external_id = ? AND b.id <> address.id)",
        (external_id, address_id, external_id),
    )
    if not moved:
        unreachable(tx, address_id, now)


def recover(tx: Transaction, now: int) -> list[int]:
    """At start: what a dead process left `sending`. Replies go again, pushes become uncertain; returns their ids."""
    in_flight = [row[0] for row in tx.all("SELECT id FROM outbox WHERE state = 'sending'")]
    tx.run(
        "UPDATE outbox SET state = 'uncertain', finished_at = ?"
        " WHERE state = 'sending' AND lane > 0 AND operation = 'send'",
        (now,),
    )
    tx.run("UPDATE outbox SET state = 'pending' WHERE state = 'sending'")
    # What was tried before is held: of a million that wait, nothing else is looked at.
    tx.run(
        "UPDATE outbox SET held_until = 0, retry_since = NULL"
        " WHERE account_id IN (SELECT id FROM account) AND state = 'pending' AND held_until > 0"
    )
    return in_flight


def next_due(tx: Transaction, account_id: int, now: int, monotonic: int) -> tuple[int | None, int | None]:
    """The next `not_before` after `now` (people's ms) and `held_until` after `monotonic` that a row waits for."""
    due = tx.scalar(
        "SELECT MIN(not_before) FROM outbox"
        " WHERE account_id = ? AND state = 'pending' AND not_before > 0 AND not_before > ?",
        (account_id, now),
    )
    held = tx.scalar(
        "SELECT MIN(held_until) FROM outbox"
        " WHERE account_id = ? AND state = 'pending' AND held_until > 0 AND held_until > ?",
        (account_id, monotonic),
    )
    return due, held


def newest(tx: Transaction) -> int:
    """The highest id there is."""
    id: int = tx.scalar("SELECT COALESCE(MAX(id), 0) FROM outbox")
    return id


def first_sent_to(tx: Transaction, origin: str, address_id: int) -> int | None:
    """The first row of an origin for an address; None for none."""
    id: int | None = tx.scalar(
        "SELECT MIN(id) FROM outbox WHERE origin = ? AND origin <> '' AND address_id = ? AND operation = 'send'",
        (origin, address_id),
    )
    return id


def backlog(tx: Transaction) -> dict[str, int]:
    """How many rows are pending, by lane name (for metrics and health)."""
    rows = tx.all("SELECT lane, COUNT(*) FROM outbox WHERE state = 'pending' GROUP BY lane")
    return {Lane(lane).name.lower(): count for lane, count in rows}


def oldest(tx: Transaction, now: int) -> dict[str, int]:
    """Since when (epoch ms) the oldest row waits that may go out, by lane name; those of paused announcements aside."""
    rows = tx.all(
        "SELECT o.lane, o.queue, MIN(o.id) FROM outbox o WHERE o.state = 'pending' AND o.not_before <= ?"
        " GROUP BY o.lane, o.queue",
        (now,),
    )
    found: dict[str, int] = {}
    for lane, queue, id in rows:
        state = tx.scalar("SELECT state FROM announcement WHERE id = ?", (queue,)) if queue else "sending"
        if state in ("queueing", "sending"):
            created, due = tx.all("SELECT created_at, not_before FROM outbox WHERE id = ?", (id,))[0]
            name = Lane(lane).name.lower()
            found[name] = min(max(created, due), found.get(name, now))
    return found


def prune(tx: Transaction, before: int, limit: int) -> int:
    """Delete finished rows older than epoch ms `before`, at most `limit`; returns how many.

    Those of an announcement that is not over stay, and what belongs to its messages: what became of them is written
    down when it is.
    """
    return tx.run(
        "DELETE FROM outbox WHERE id IN"
        " (SELECT o.id FROM outbox o WHERE o.finished_at IS NOT NULL AND o.finished_at < ? AND NOT EXISTS"
        " (SELECT 1 FROM announcement n WHERE n.id = CASE WHEN o.queue > 0 OR o.target_id IS NULL THEN o.queue"
        " ELSE (SELECT f.queue FROM outbox f WHERE f.id = o.target_id) END"
        " AND n.state <> 'done' AND n.state <> 'stopped') LIMIT ?)",
        (before, limit),
    )


def media_refs(tx: Transaction, account_id: int, media_ids: Sequence[int]) -> dict[int, tuple[str, str, str, str]]:
    """For each media id: (kind, path, name, the account's own ref or "")."""
    found = {}
    for id in media_ids:
        row = tx.one(
            "SELECT m.kind, m.path, m.name, COALESCE(r.ref, CASE WHEN m.account_id = ? THEN m.source_ref ELSE '' END)"
            " FROM media m LEFT JOIN media_ref r ON r.media_id = m.id AND r.account_id = ? WHERE m.id = ?",
            (account_id, account_id, id),
        )
        if row is not None:
            found[id] = (row[0], row[1], row[2], row[3])
    return found


def keep_media_refs(tx: Transaction, account_id: int, refs: Sequence[tuple[int, str]]) -> None:
    """Remember the platform's ids of uploaded files (media id, ref), of those that were not erased meanwhile."""
    for media_id, ref in refs:
        tx.run(
            "INSERT INTO media_ref (media_id, account_id, ref) SELECT id, ?, ? FROM media WHERE id = ?"
            " ON CONFLICT (media_id, account_id) DO UPDATE SET ref = excluded.ref",
            (account_id, ref, media_id),
        )

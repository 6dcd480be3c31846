"""What is due and what was done about it: the ticker's instants, and one unasked message a member a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.people import Member
from bot.storage import members
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A member's unasked message of a day. `state` is queued or missed; `parts` names what it was made of."""

    member_id: int
    day: date
    state: str
    parts: tuple[str, ...]


def begin(tx: Transaction, source: str, now: int) -> int:
    """The last instant `source` finished up to epoch ms `now`; a source without any starts at `now`.

    Instants after `now` are forgotten: a clock that was wrong once must not silence the source until then.
    """
    tx.run("DELETE FROM due_done WHERE source = ? AND due_at > ?", (source, now))
    last: int | None = tx.scalar("SELECT MAX(due_at) FROM due_done WHERE source = ? AND state <> 'running'", (source,))
    if last is None:
        tx.run("INSERT INTO due_done (source, due_at, state) VALUES (?, ?, 'done')", (source, now))
        return now
    return last


def take_up(tx: Transaction, source: str, due_at: int) -> int | None:
    """The cursor from which to go on, 0 for a fresh start; None when this instant is finished."""
    tx.run(
        "INSERT INTO due_done (source, due_at, state) VALUES (?, ?, 'running') ON CONFLICT (source, due_at) DO NOTHING",
        (source, due_at),
    )
    cursor: int | None = tx.scalar(
        "SELECT cursor FROM due_done WHERE source = ? AND due_at = ? AND state = 'running'", (source, due_at)
    )
    return cursor


def save_cursor(tx: Transaction, source: str, due_at: int, cursor: int) -> None:
    """How far a running instant has got."""
    tx.run("UPDATE due_done SET cursor = ? WHERE source = ? AND due_at = ?", (cursor, source, due_at))


def finish(tx: Transaction, source: str, due_at: int) -> None:
    """An instant is done."""
    tx.run("UPDATE due_done SET state = 'done' WHERE source = ? AND due_at = ?", (source, due_at))


def miss(tx: Transaction, source: str, instants: Sequence[int]) -> None:
    """Record instants that came too late; one that was under way keeps its cursor."""
    tx.run_many(
        "INSERT INTO due_done (source, due_at, state) VALUES (?, ?, 'missed') ON CONFLICT (source, due_at)"
        " DO UPDATE SET state = excluded.state WHERE due_done.state = 'running'",
        [(source, due_at) for due_at in instants],
    )


def forget_earlier(tx: Transaction, source: str, due_at: int) -> None:
    """Of this source nothing before `due_at` is worth remembering."""
    tx.run("DELETE FROM due_done WHERE source = ? AND due_at < ?", (source, due_at))


def next_not_before(tx: Transaction, now: int) -> int | None:
    """The first moment after `now` for which a message waits."""
    instant: int | None = tx.scalar(
        "SELECT MIN(not_before) FROM outbox WHERE state = 'pending' AND not_before > 0 AND not_before > ?", (now,)
    )
    return instant


def recipients(tx: Transaction, slot: str, day: date, after: int, limit: int) -> list[Member]:
    """Up to `limit` members of a slot with an id above `after` who can be written to on `day` and were not yet."""
    rows = tx.all(
        f"SELECT {members.COLUMNS} FROM member m WHERE m.state = 'active' AND m.slot = ? AND m.id > ?"
        " AND (m.paused_until IS NULL OR m.paused_until < ?)"
        " AND EXISTS (SELECT 1 FROM address a WHERE a.member_id = m.id AND a.reachable = 1)"
        " AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.member_id = m.id AND o.day = ?)"
        " ORDER BY m.id LIMIT ?",
        (slot, after, day.isoformat(), day.isoformat(), limit),
    )
    return [members.as_member(row) for row in rows]


def add_occurrence(tx: Transaction, occurrence: Occurrence, outbox_id: int | None, now: int) -> None:
    """Record a member's unasked message of a day and its row. A second one is an IntegrityError."""
    tx.run(
        "INSERT INTO occurrence (member_id, day, state, parts, outbox_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            occurrence.member_id,
            occurrence.day.isoformat(),
            occurrence.state,
            ",".join(occurrence.parts),
            outbox_id,
            now,
        ),
    )


def occurrence(tx: Transaction, member_id: int, day: date) -> Occurrence | None:
    """What a member was written on a day."""
    rows = tx.all(
        "SELECT member_id, day, state, parts FROM occurrence WHERE member_id = ? AND day = ?",
        (member_id, day.isoformat()),
    )
    return _as_occurrence(rows[0]) if rows else None


def occurrences(tx: Transaction, day: date) -> list[Occurrence]:
    """What was written on a day, by member."""
    rows = tx.all(
        "SELECT member_id, day, state, parts FROM occurrence WHERE day = ? ORDER BY member_id", (day.isoformat(),)
    )
    return [_as_occurrence(row) for row in rows]


def _as_occurrence(row: tuple[int, str, str, str]) -> Occurrence:
    member_id, day, state, parts = row
    return Occurrence(member_id, date.fromisoformat(day), state, tuple(parts.split(",")) if parts else ())


def last_push(tx: Transaction, member_id: int) -> str:
    """The origin of the last message a member got without asking, "" for none."""
    origin: str | None = tx.scalar(
        "SELECT o.origin FROM outbox o JOIN address a ON a.id = o.address_id"
        " WHERE a.member_id = ? AND o.lane > 0 AND o.state = 'sent'"
        " AND NOT (o.operation = 'send' AND o.target_id IS NOT NULL) ORDER BY o.id DESC LIMIT 1",
        (member_id,),
    )
    return origin or ""

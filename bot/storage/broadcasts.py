"""Broadcasts: the fan-out of an announcement, from the rule that says who gets it to what became of each message."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from bot.domain.announcements import Audience
from bot.domain.time import DAY
from bot.storage.audiences import PUSH_ADDRESS, rule
from bot.storage.database import Transaction

WINDOW: Final = 50_000
"""Member ids one slice looks through at most, so that a small audience among many members stays a short write."""

_NOT_BEFORE: Final = """
CASE WHEN ? AND ((m.quiet_from <= m.quiet_to AND ? >= m.quiet_from AND ? < m.quiet_to)
              OR (m.quiet_from > m.quiet_to AND (? >= m.quiet_from OR ? < m.quiet_to)))
THEN CASE WHEN ? >= m.quiet_to THEN ? ELSE ? END + m.quiet_to * 60000 ELSE 0 END
"""
_MORNING: Final = "CASE WHEN m.quiet_to > ? THEN m.quiet_to ELSE ? END * 60000"
DAYS_BACK: Final = 7
"""Days whose overflow may still fill this one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant of a slice (epoch ms) with its minute of the day and the midnights before and after.

    `morning` is the minute of the day at which goes out what a day had no more room for.
    """

    now: int
    minute: int
    today: int
    tomorrow: int
    morning: int = 0


def queue_slice(
    tx: Transaction, id: int, lane: int, origin: str, respect_quiet: bool, at: Moment, limit: int, cap: int = 0
) -> bool:
    """Add the next recipients, at most `limit`, and their outbox rows without text; whether there are more to add.

    Who gets `cap` (0: any number) of the class today gets this one on the first morning that has room. The place in
    the list moves in the same transaction, so a slice happens once.
    """
    frozen = tx.one(
        "SELECT audience_id, audience, high_water, cursor, valid_until FROM announcement"
        " WHERE id = ? AND state = 'queueing'",
        (id,),
    )
    if frozen is None:
        return False
    top, narrowed, high_water, cursor, valid_until = frozen
    audience = Audience.from_json(top, orjson.loads(narrowed) if narrowed else {})
    # A merge may have made a recipient of somebody further on: they end the slice, and are passed over.
    ahead = tx.scalar(
        "SELECT MIN(member_id) FROM recipient WHERE announcement_id = ? AND member_id > ? AND member_id <= ?",
        (id, cursor, high_water),
    )
    last = min(cursor + WINDOW, high_water if ahead is None else ahead - 1)
    # The plus keeps the planner on the ids' own order, where a slice stops as soon as it is full.
    found = rule(audience, at.now, "+m.unit_id")
    added = tx.run(
        f"INSERT INTO recipient (announcement_id, member_id, unit_id) {found.cte} SELECT ?, m.id, m.unit_id"
        f" FROM member m WHERE m.id > ? AND m.id <= ? AND {found.inside} ORDER BY m.id LIMIT ?",
        (*found.cte_values, id, cursor, last, *found.values, limit),
    )
    if added == limit:
        highest = "SELECT MAX(member_id) FROM recipient WHERE announcement_id = ? AND member_id <= ?"
        last = tx.scalar(highest, (id, last))
    start, start_values = _start(tx, id, respect_quiet, at, cap)
    tx.run(
        "INSERT INTO outbox (account_id, address_id, lane, queue, origin, not_before, valid_until, created_at)"
        f" SELECT a.account_id, a.id, ?, ?, ?, {start}, ?, ?"
        f" FROM recipient r JOIN member m ON m.id = r.member_id JOIN address a ON {PUSH_ADDRESS}"
        " WHERE r.announcement_id = ? AND r.member_id > ? AND r.member_id <= ? ORDER BY r.member_id",
        (lane, id, origin, *start_values, valid_until, at.now, id, cursor, last),
    )
    if ahead == last + 1:
        last = ahead
    more: bool = last < high_water
    tx.run("UPDATE announcement SET cursor = ?, state = ? WHERE id = ?", (last, "queueing" if more else "sending", id))
    return more


def _start(tx: Transaction, id: int, respect_quiet: bool, at: Moment, cap: int) -> tuple[str, tuple[int, ...]]:
    """When a row for the recipient `r` may go out, as SQL and values: after quiet hours, or when a day has room."""
    quiet = (int(respect_quiet), *[at.minute] * 5, at.tomorrow, at.today)
    if not cap:
        return _NOT_BEFORE, quiet
    before, values = _before(_days(tx, id, at), cap)
    if not before:
        return _NOT_BEFORE, quiet
    full = (*values, cap, at.tomorrow, *values, cap, DAY, at.morning, at.morning)
    return f"CASE WHEN {before} >= ? THEN ? + ({before} / ? - 1) * ? + {_MORNING} ELSE {_NOT_BEFORE} END", (
        *full,
        *quiet,
    )


def _days(tx: Transaction, id: int, at: Moment) -> list[list[int]]:
    """Announcements of the same class that began on each of the last days, today the last."""
    rows = tx.all(
        "SELECT e.id, e.started_at FROM announcement e WHERE e.started_at >= ? AND e.purpose = '' AND e.id <> ?"
        " AND e.kind = (SELECT kind FROM announcement WHERE id = ? AND purpose = '') ORDER BY e.id",
        (at.today - DAYS_BACK * DAY, id, id),
    )
    days: list[list[int]] = [[] for _ in range(DAYS_BACK + 1)]
    for earlier, started_at in rows:
        days[min(DAYS_BACK, DAYS_BACK + (started_at - at.today) // DAY)].append(earlier)
    return days


def _before(days: list[list[int]], cap: int) -> tuple[str, tuple[int, ...]]:
    """How many the recipient `r` gets today or later already, as SQL and values; "" when nobody can have so many.

    What a day had no room for counts on the next one, and so on.
    """
    before, most = "0", 0
    values: tuple[int, ...] = ()
    for number, ids in enumerate(days):
        if most == 0:
            before, values = "0", ()
        if ids:
            marks = ", ".join("?" * len(ids))
            got = f"SELECT COUNT(*) FROM recipient t WHERE t.member_id = r.member_id AND t.announcement_id IN ({marks})"
            before, values, most = f"({before} + ({got}))", (*values, *ids), most + len(ids)
        if number < len(days) - 1:
            before, values, most = f"MAX(0, {before} - ?)", (*values, cap), max(0, most - cap)
    return (before, values) if most >= cap else ("", ())


def cancel_slice(tx: Transaction, origin: str, now: int, limit: int) -> bool:
    """Cancel at most `limit` rows of a stopped announcement that nobody claimed yet; whether there were that many."""
    changed = tx.run(
        "UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE id IN"
        " (SELECT id FROM outbox WHERE origin = ? AND origin <> '' AND state = 'pending' LIMIT ?)",
        (now, origin, limit),
    )
    return changed == limit


def on_the_way(tx: Transaction, origin: str) -> bool:
    """Whether rows of this origin still wait or are on the wire."""
    found = tx.one(
        "SELECT 1 FROM outbox WHERE origin = ? AND origin <> '' AND state IN ('pending', 'sending') LIMIT 1", (origin,)
    )
    return found is not None


def reached(tx: Transaction, origin: str) -> int:
    """How many rows of an origin have arrived or may have; those that wait are not looked at."""
    found: int = sum(
        tx.scalar("SELECT COUNT(*) FROM outbox WHERE origin = ? AND origin <> '' AND state = ?", (origin, state))
        for state in ("sent", "uncertain", "sending")
    )
    return found


_BEST: Final = (
    "CASE o.state WHEN 'sent' THEN 0 WHEN 'sending' THEN 1 WHEN 'pending' THEN 2 WHEN 'uncertain' THEN 3"
    " WHEN 'failed' THEN 4 WHEN 'expired' THEN 5 WHEN 'unreachable' THEN 6 ELSE 7 END"
)
"""Of several messages to one person the one that says most, `o` being a row of the outbox: smallest first."""
THEIRS: Final = (
    "FROM address a JOIN outbox o ON o.address_id = a.id"
    f" WHERE a.member_id = r.member_id AND o.origin = ? ORDER BY {_BEST} LIMIT 1"
)
"""Where what says most of the messages to the recipient `r` is read; its value is the origin."""
OUTCOME: Final = f"COALESCE((SELECT o.state {THEIRS}), 'unreachable')"
"""What became of the message to the recipient `r`, from the outbox; its value is the origin."""
_DETAIL: Final = f"(SELECT o.detail {THEIRS})"


def settle_slice(tx: Transaction, id: int, origin: str, limit: int, reason: Callable[[str, str | None], str]) -> bool:
    """Write down what became of the messages to the next recipients, at most `limit`; whether there are more.

    `reason(state, detail)` says why one did not arrive; its detail is None where there was nowhere to send it.
    """
    members = tx.all(
        "SELECT member_id FROM recipient WHERE announcement_id = ?"
        " AND member_id > (SELECT settled FROM announcement WHERE id = ?) ORDER BY member_id LIMIT ?",
        (id, id, limit),
    )
    if not members:
        return False
    first, last = members[0][0], members[-1][0]
    tx.run(
        f"UPDATE recipient AS r SET outcome = {OUTCOME}"
        " WHERE announcement_id = ? AND member_id BETWEEN ? AND ? AND outcome = ''",
        (origin, id, first, last),
    )
    missing = tx.all(
        f"SELECT r.outcome, {_DETAIL}, r.member_id FROM recipient r WHERE r.announcement_id = ?"
        " AND r.member_id BETWEEN ? AND ? AND r.outcome IN ('failed', 'unreachable', 'uncertain', 'expired')"
        " AND r.reason = ''",
        (origin, id, first, last),
    )
    tx.run_many(
        "UPDATE recipient SET reason = ? WHERE announcement_id = ? AND member_id = ?",
        [(reason(state, detail), id, member_id) for state, detail, member_id in missing],
    )
    tx.run("UPDATE announcement SET settled = ? WHERE id = ?", (last, id))
    return len(members) == limit


def reader(tx: Transaction, address_id: int, now: int) -> tuple[int, str, str, str | None, bool] | None:
    """Who reads at an address at epoch ms `now`: (account, name, form, unit's name, whether an officer of any unit).

    None when nobody active does.
    """
    found = tx.one(
        "SELECT a.account_id, m.name, m.form, u.name, EXISTS (SELECT 1 FROM role r WHERE r.member_id = m.id"
        " AND r.kind = 'officer' AND (r.valid_until IS NULL OR r.valid_until > ?)) FROM address a"
        " JOIN member m ON m.id = a.member_id AND m.state = 'active'"
        " LEFT JOIN unit u ON u.id = m.unit_id WHERE a.id = ?",
        (now, address_id),
    )
    return (*found[:4], bool(found[4])) if found is not None else None

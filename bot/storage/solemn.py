"""Where the mode is solemn."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.lanes import Lane
from bot.storage.audiences import subtrees
from bot.storage.database import Transaction
from bot.storage.units import ANCESTORS


@dataclass(frozen=True, slots=True)
class Solemn:
    """The mode over a unit's subtree, or everywhere (None), since `started_at`, until it is ended."""

    id: int
    unit_id: int | None
    reason: str
    started_by: int | None
    started_at: int


def now(tx: Transaction) -> list[Solemn]:
    """Every one that was not ended, oldest first."""
    rows = tx.all("SELECT id, unit_id, reason, started_by, started_at FROM solemn WHERE ended_at IS NULL ORDER BY id")
    return [Solemn(*row) for row in rows]


def start(tx: Transaction, unit_id: int | None, reason: str, member_id: int, now: int) -> int:
    """Begin one; returns its id."""
    return tx.insert(
        "INSERT INTO solemn (unit_id, reason, started_by, started_at) VALUES (?, ?, ?, ?)",
        (unit_id, reason, member_id, now),
    )


def end(tx: Transaction, id: int, member_id: int, now: int) -> bool:
    """End one; False when it had ended."""
    changed = tx.run(
        "UPDATE solemn SET ended_by = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL", (member_id, now, id)
    )
    return changed == 1


def reaches(tx: Transaction, address_id: int) -> bool:
    """Whether the mode is solemn for who reads at an address."""
    over = [row[0] for row in tx.all("SELECT unit_id FROM solemn WHERE ended_at IS NULL")]
    if not over or None in over:
        return bool(over)
    unit_id = tx.scalar(
        "SELECT m.unit_id FROM address a JOIN member m ON m.id = a.member_id WHERE a.id = ?", (address_id,)
    )
    if unit_id is None:
        return False
    return any(id in over for (id,) in tx.all(f"{ANCESTORS} SELECT id FROM ancestor", (unit_id,)))


def cancel_slice(tx: Transaction, unit_ids: Sequence[int], now: int, limit: int) -> bool:
    """Cancel at most `limit` daily pieces and steps of milestones that wait, to members under these units.

    Without units: to everybody. Returns whether there were that many.
    """
    theirs = "AND m.unit_id IN (SELECT id FROM subtree)" if unit_ids else ""
    changed = tx.run(
        f"{subtrees(unit_ids) if unit_ids else ''} UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE id IN"
        " (SELECT o.id FROM outbox o JOIN address a ON a.id = o.address_id JOIN member m ON m.id = a.member_id"
        f" WHERE o.state = 'pending' AND o.lane IN (?, ?) {theirs} LIMIT ?)",
        (*unit_ids, now, int(Lane.MILESTONE), int(Lane.DAILY), limit),
    )
    return changed == limit

"""What belongs to a message that went out: the rest of an album, deletions beside a recall's own.

The first is a row of its announcement; what belongs to it has an origin of its own, and counts for itself nowhere.
"""

from collections.abc import Sequence
from typing import Final

from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.storage.database import Transaction
from bot.storage.outbox import Claimed, enqueue


def origin_of_rest(origin: str) -> str:
    """What rows come from that follow those of an origin; "" for none."""
    return f"then:{origin}" if origin else ""


def origin_of_beside(origin: str) -> str:
    """What deletions come from that go with those of an origin, of other messages to the same people."""
    return f"beside:{origin}"


def follow(tx: Transaction, row: Claimed, messages: Sequence[Outbound], now: int) -> None:
    """A row has arrived: what belongs to it goes out next, before anything else that waits for its address.

    A following row has the first as its target; it counts for itself nowhere, so its origin is another.
    """
    # Of an announcement that stands still it waits with it: in its queue, which nobody claims from.
    queue = tx.scalar(
        "SELECT n.id FROM outbox f JOIN announcement n ON n.id = f.queue"
        " WHERE f.id = ? AND n.state IN ('paused', 'held')",
        (row.id,),
    )
    for message in messages:
        added = enqueue(
            tx,
            row.account_id,
            row.address_id,
            message,
            now,
            lane=Lane(min(row.lane, Lane.URGENT)),
            target_id=row.id,
            origin=origin_of_rest(row.origin),
            valid_until=row.valid_until,
        )
        if queue is not None:
            tx.run("UPDATE outbox SET queue = ? WHERE id = ?", (queue, added))


def hold_rest(tx: Transaction, origin: str, queue: int) -> None:
    """An announcement stands still: what belongs to its messages that arrived waits in its queue.

    Few do at any moment. There it keeps nothing else from its people.
    """
    tx.run(
        "UPDATE outbox SET queue = ? WHERE origin = ? AND origin <> '' AND state IN ('pending', 'sending')",
        (queue, origin_of_rest(origin)),
    )


def let_rest_go(tx: Transaction, origin: str) -> None:
    """It goes on: its rest goes out next, each part after the one before."""
    tx.run(
        "UPDATE outbox SET queue = 0 WHERE origin = ? AND origin <> '' AND state IN ('pending', 'sending')",
        (origin_of_rest(origin),),
    )


# Also what waits in the queue of an announcement that stands still.
_REST: Final = "address_id = ? AND target_id = ? AND operation = 'send' AND state = 'pending'"


def has_rest(tx: Transaction, row: Claimed) -> bool:
    """Whether some of what the target of an edit goes out as waits still."""
    return tx.one(f"SELECT 1 FROM outbox WHERE {_REST} LIMIT 1", (row.address_id, row.target_id)) is not None


def cancel_rest(tx: Transaction, row: Claimed, now: int) -> None:
    """What follows the target of a delete and waits still does not go out."""
    tx.run(
        f"UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE {_REST}", (now, row.address_id, row.target_id)
    )


def followed(tx: Transaction, target_id: int, external_id: str) -> None:
    """A following row has arrived: edits and deletes of the first are about it too."""
    tx.run("UPDATE outbox SET external_id = external_id || ',' || ? WHERE id = ?", (external_id, target_id))

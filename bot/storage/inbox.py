"""The durable inbox: every update once, until its turn has committed."""

import hashlib
from collections.abc import Sequence
from typing import Final

import orjson

from bot.domain.messages import Inbound
from bot.storage.database import Transaction

HASH_BYTES: Final = 16


def store(
    tx: Transaction, account_id: int, batch: Sequence[Inbound], now: int, secret: bytes
) -> list[tuple[int, Inbound]]:
    """Insert what is new; returns (row, inbound) of the new ones in order, duplicates left out."""
    new = []
    for inbound in batch:
        digest = hashlib.blake2b(inbound.update_key.encode(), digest_size=HASH_BYTES, key=secret).digest()
        row = tx.insert(
            "INSERT INTO inbox (account_id, update_hash, received_at, payload) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account_id, update_hash) DO NOTHING",
            (account_id, digest, now, orjson.dumps(inbound.as_json()).decode()),
        )
        if row:
            new.append((row, inbound))
    return new


def take_first(tx: Transaction, row: int) -> bool:
    """`take`, when nothing older is pending, of any chat: as a rule nothing is, and it is one statement for two."""
    return (
        tx.run(
            "UPDATE inbox SET state = 'done', payload = NULL WHERE id = ? AND state = 'pending'"
            " AND NOT EXISTS (SELECT 1 FROM inbox e WHERE e.state = 'pending' AND e.id < ?)",
            (row, row),
        )
        == 1
    )


def take(tx: Transaction, row: int) -> bool:
    """Mark the row done and blank it; False when it was done already. The turn that calls this commits with it."""
    return tx.run("UPDATE inbox SET state = 'done', payload = NULL WHERE id = ? AND state = 'pending'", (row,)) == 1


def earlier(tx: Transaction, row: int, account_id: int, chat: str) -> bool:
    """Whether an older update of the chat is still pending."""
    older = tx.all("SELECT account_id, payload FROM inbox WHERE state = 'pending' AND id < ?", (row,))
    return any(
        (account, Inbound.from_json(orjson.loads(payload)).chat) == (account_id, chat) for account, payload in older
    )


def fail(tx: Transaction, row: int) -> bool:
    """Mark the row failed and blank it; False when it was not pending."""
    return tx.run("UPDATE inbox SET state = 'failed', payload = NULL WHERE id = ? AND state = 'pending'", (row,)) == 1


def pending(tx: Transaction) -> list[tuple[int, int, Inbound]]:
    """What an earlier process left: (row, account, inbound) in order."""
    rows = tx.all("SELECT id, account_id, payload FROM inbox WHERE state = 'pending' ORDER BY id")
    return [(row, account_id, Inbound.from_json(orjson.loads(payload))) for row, account_id, payload in rows]


def prune(tx: Transaction, before: int, limit: int) -> int:
    """Delete finished rows received before epoch ms `before`, at most `limit`; returns how many.

    Each account's newest stays: a platform may bring its last update again however long nobody wrote.
    """
    return tx.run(
        "DELETE FROM inbox WHERE id IN (SELECT i.id FROM inbox i WHERE i.received_at < ? AND i.state <> 'pending'"
        " AND EXISTS (SELECT 1 FROM inbox n WHERE n.account_id = i.account_id AND n.id > i.id) LIMIT ?)",
        (before, limit),
    )

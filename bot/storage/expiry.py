"""Deleting what has had its time, a bounded number of rows at once."""

from bot.storage.database import Transaction


def end_dialogs(tx: Transaction, before: int, limit: int) -> int:
    """Delete dialogs untouched since epoch ms `before`; returns how many."""
    return tx.run(
        "DELETE FROM dialog WHERE id IN (SELECT id FROM dialog WHERE updated_at < ? LIMIT ?)", (before, limit)
    )


def unknown_addresses(tx: Transaction, now: int, silent_since: int, limit: int) -> list[int]:
    """Addresses without a member, to be forgotten by `now` or silent, to which nothing more goes out.

    Who waits for a place may be silent.
    """
    rows = tx.all(
        "SELECT a.id FROM address a WHERE a.member_id IS NULL AND (a.forget_at <= ? OR (a.last_in_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.address_id = a.id)))"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.address_id = a.id AND o.state IN ('pending', 'sending'))"
        " ORDER BY a.id LIMIT ?",
        (now, silent_since, limit),
    )
    return [row[0] for row in rows]


def forget_said_to_waiting(tx: Transaction, silent_since: int) -> int:
    """Delete what was said to who waits for a place and is silent: answers may quote words; returns how many."""
    return tx.run(
        "DELETE FROM outbox WHERE finished_at IS NOT NULL AND address_id IN (SELECT a.id FROM waiting w"
        " JOIN address a ON a.id = w.address_id WHERE a.member_id IS NULL AND a.last_in_at < ?)",
        (silent_since,),
    )


def forget_address(tx: Transaction, address_id: int) -> None:
    """Delete an address with everything said to it and asked of it."""
    tx.run("DELETE FROM dialog WHERE address_id = ?", (address_id,))
    tx.run("DELETE FROM outbox WHERE address_id = ?", (address_id,))
    tx.run("DELETE FROM address WHERE id = ?", (address_id,))


def expired_media(tx: Transaction, now: int, limit: int) -> list[tuple[int, str]]:
    """Files due to go by `now`: (row, path)."""
    return tx.all(
        "SELECT id, path FROM media WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY id LIMIT ?", (now, limit)
    )


def forget_media(tx: Transaction, id: int) -> None:
    """Delete a file's row."""
    tx.run("DELETE FROM media WHERE id = ?", (id,))


def prune_occurrences(tx: Transaction, before: str, limit: int) -> int:
    """Delete records of unasked messages of days before the ISO date `before`; returns how many."""
    return tx.run(
        "DELETE FROM occurrence WHERE (member_id, day) IN"
        " (SELECT member_id, day FROM occurrence WHERE day < ? LIMIT ?)",
        (before, limit),
    )


def drop_codes(tx: Transaction, now: int) -> None:
    """Delete one-time codes that were used or are over."""
    tx.run("DELETE FROM code WHERE used_at IS NOT NULL OR expires_at <= ?", (now,))

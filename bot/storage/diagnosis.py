"""Whether the database is sound."""

from bot.storage.database import Transaction


def faults(tx: Transaction) -> list[str]:
    """What SQLite finds wrong with the file; empty for a sound one."""
    found = [row[0] for row in tx.all("PRAGMA quick_check")]
    return [] if found == ["ok"] else found

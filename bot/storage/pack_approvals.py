"""Which revisions of content packs were approved, by whom and when."""

from bot.storage.database import Transaction


def add(tx: Transaction, copy: str, by: str, at: int) -> None:
    """Write an approval down; `copy` names the kept copy of the pack and ends in its revision."""
    tx.run("INSERT INTO pack_approval (copy, given_by, given_at) VALUES (?, ?, ?)", (copy, by, at))


def latest(tx: Transaction) -> str:
    """The copy that was approved last; "" when none ever was."""
    copy: str | None = tx.scalar("SELECT copy FROM pack_approval ORDER BY id DESC LIMIT 1")
    return copy or ""

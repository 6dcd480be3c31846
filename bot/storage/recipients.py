"""Recipients of announcements: how many there are, what became of their messages, what they answered."""

from bot.storage.database import Transaction


def count(tx: Transaction, id: int) -> int:
    """How many people the announcement is for, as far as they were added."""
    found: int = tx.scalar("SELECT COUNT(*) FROM recipient WHERE announcement_id = ?", (id,))
    return found


def answered(tx: Transaction, id: int) -> int:
    """How many answered it."""
    found: int = tx.scalar(
        "SELECT COUNT(*) FROM recipient WHERE announcement_id = ? AND answered_at IS NOT NULL", (id,)
    )
    return found


def answer_of(tx: Transaction, id: int, member_id: int) -> tuple[str, str, int | None] | None:
    """What a member answered, as (choice, own words, when or None); None when they are no recipient."""
    return tx.one(
        "SELECT answer, words, answered_at FROM recipient WHERE announcement_id = ? AND member_id = ?", (id, member_id)
    )


def set_answer(tx: Transaction, id: int, member_id: int, answer: str, words: str, now: int) -> None:
    """The member answered; a later answer takes an earlier one's place."""
    tx.run(
        "UPDATE recipient SET answer = ?, words = ?, answered_at = ? WHERE announcement_id = ? AND member_id = ?",
        (answer, words, now, id, member_id),
    )


def last_got(tx: Transaction, member_id: int, prefix: str) -> str | None:
    """The origin of the last announcement that reached the member, or may have; `prefix` begins such origins."""
    origin: str | None = tx.scalar(
        "SELECT o.origin FROM outbox o JOIN address a ON a.id = o.address_id WHERE a.member_id = ?"
        " AND o.state IN ('sent', 'uncertain') AND o.origin LIKE ? ORDER BY o.finished_at DESC, o.id DESC LIMIT 1",
        (member_id, f"{prefix}%"),
    )
    return origin

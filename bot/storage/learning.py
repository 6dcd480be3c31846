"""What members read and answered. Only services that answer the member themselves may call these."""

from bot.storage.database import Transaction


def cards_read(tx: Transaction, member_id: int) -> set[str]:
    """Ids of the cards a member has had."""
    return {row[0] for row in tx.all("SELECT card_id FROM card_read WHERE member_id = ?", (member_id,))}


def mark_read(tx: Transaction, member_id: int, card_id: str, now: int) -> None:
    """The member got this card."""
    tx.run(
        "INSERT INTO card_read (member_id, card_id, at) VALUES (?, ?, ?) ON CONFLICT (member_id, card_id) DO NOTHING",
        (member_id, card_id, now),
    )

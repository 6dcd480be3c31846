"""Texts made when a row is claimed, from its origin, so that a fan-out stores no text of its own."""

from bot.domain.messages import Outbound
from bot.services import notices
from bot.services.turn import Installation, Turn
from bot.storage.database import Transaction
from bot.storage.outbox import Claimed


def compose(installation: Installation, tx: Transaction, row: Claimed, now: int) -> Outbound | None:
    """The message of a row without a body; None when it was taken back, or its origin is gone or was stopped."""
    kind, _, id = row.origin.partition(":")
    if kind == notices.ORIGIN:
        return notices.compose(Turn(tx, installation, now, row.origin), row, int(id))
    return None

"""Texts made when a row is claimed, from its origin, so that a fan-out stores no text of its own."""

from bot.domain.messages import Outbound
from bot.services import following, notices
from bot.services.turn import Installation, Turn
from bot.storage import announcements
from bot.storage.database import Transaction
from bot.storage.outbox import Claimed


def compose(installation: Installation, tx: Transaction, row: Claimed, now: int) -> Outbound | None:
    """The message of a row without a body; None when it was taken back, or its origin is gone or was stopped."""
    kind, _, id = row.origin.partition(":")
    if kind == notices.ORIGIN:
        turn = Turn(tx, installation, now, row.origin)
        announced = announcements.by_id(tx, int(id))
        if announced is not None and announced.of_id is not None:
            return following.compose(turn, row, announced)
        return notices.compose(turn, row, int(id))
    return None

"""Texts made when a row is claimed, from its origin, so that a fan-out stores no text of its own."""

from bot.domain.messages import Outbound
from bot.services.turn import Installation
from bot.storage.database import Transaction
from bot.storage.outbox import Claimed


def compose(installation: Installation, tx: Transaction, row: Claimed, now: int) -> Outbound | None:
    """The message of a row without a body; None when its origin is gone or was stopped."""
    kind, _, _id = row.origin.partition(":")
    if kind == "nomination":
        return None  # withdrawn or erased while it was on its way
    raise LookupError(f"no composer for {kind}")

"""Where the mode is solemn: daily pieces that still wait are taken back."""

from bot.domain.time import MINUTE
from bot.services import solemn
from bot.services.turn import Installation, Turn


class SolemnHold:
    """Every minute; what is missed is done the next time."""

    name = "solemn"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """The next full minute."""
        return after - after % MINUTE + MINUTE

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next minute."""
        return due_at + MINUTE - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Some of them."""
        return cursor + 1 if solemn.hold_slice(turn) else None

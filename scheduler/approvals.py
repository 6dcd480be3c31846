"""Announcements that wait for a second person: reminders, and the end of what waited too long."""

from typing import Final

from bot.domain.time import MINUTE
from bot.services import deciding
from bot.services.turn import Installation, Turn

EVERY: Final = 5 * MINUTE


class Approvals:
    """Every five minutes; what is missed is done the next time."""

    name = "approvals"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """The next full five minutes."""
        return after - after % EVERY + EVERY

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next time."""
        return due_at + EVERY - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of them: few wait at a time."""
        deciding.look_after(turn)
        return None

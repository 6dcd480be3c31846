"""Every quarter of an hour: plans nearly used are told to administrators, free places to who waits for one."""

from typing import Final

from bot.domain.time import MINUTE
from bot.services import quota, waiting
from bot.services.turn import Installation, Turn

EVERY: Final = 15 * MINUTE


class Plans:
    """What is missed is done at the next quarter."""

    name = "plans"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """The next full quarter."""
        return after - after % EVERY + EVERY

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next quarter."""
        return due_at + EVERY - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of it: plans with a quota are small."""
        waiting.let_in(turn)
        quota.warn(turn)
        return None

"""Units that end: members are asked, reminded once; what was decided is done in the first minute after its day."""

from bot.domain.time import MINUTE
from bot.services import unit_ending
from bot.services.turn import Installation, Turn


class UnitEndings:
    """Every minute; what was missed is done in the next."""

    name = "unit_endings"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """The next full minute."""
        return after - after % MINUTE + MINUTE

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next minute."""
        return due_at + MINUTE - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Some members of one decision."""
        return cursor + 1 if unit_ending.work(turn) else None

"""What is looked at every few minutes; what was missed is done the next time."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.time import MINUTE
from bot.services import deciding, quota, role_ends, solemn, unit_ending, waiting
from bot.services.turn import Installation, Turn


@dataclass(frozen=True, slots=True)
class Interval:
    """A source that is due at every full `every` ms; `look` does a slice and says whether there is more."""

    name: str
    every: int
    look: Callable[[Turn], bool]
    sends: bool = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """The next full interval."""
        return after - after % self.every + self.every

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next one."""
        return due_at + self.every - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """The next slice."""
        return cursor + 1 if self.look(turn) else None


def _approvals(turn: Turn) -> bool:
    """What waits for a second person: reminders, and the end of what waited too long. Few wait at a time."""
    deciding.look_after(turn)
    return False


def _plans(turn: Turn) -> bool:
    """Free places go to who waits for one; plans nearly used are told to administrators."""
    waiting.let_in(turn)
    quota.warn(turn)
    return False


INTERVALS = (
    Interval("approvals", 5 * MINUTE, _approvals),
    Interval("solemn", MINUTE, solemn.hold_slice),
    Interval("unit_endings", MINUTE, unit_ending.work),
    Interval("restored", 5 * MINUTE, role_ends.after_restore),
    Interval("plans", 15 * MINUTE, _plans),
)
"""In the order they are done."""

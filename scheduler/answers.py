"""Every morning: officers hear of announcements whose second or fourth day it is."""

from bot.services import reminding
from bot.services.turn import Installation, Turn
from scheduler.hours import next_at


class Answers:
    """At the hour of the milestones; what was missed is taken up the next morning, each once an announcement."""

    name = "answers"
    sends = True

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of them: few announcements are that old at a time."""
        reminding.morning(turn)
        return None

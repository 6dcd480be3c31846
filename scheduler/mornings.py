"""Every morning: who has something waiting as an officer hears of it once."""

from bot.services import newcomers, offers, terms
from bot.services.turn import Installation, Turn
from scheduler.hours import next_at


class Newcomers:
    """At the hour of the milestones: newcomers that wait; what was missed is taken up the next morning."""

    name = "newcomers"
    sends = True

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of them: units with newcomers are few at a time."""
        newcomers.remind(turn)
        return None


class Terms:
    """At the hour of the milestones: terms that end or are over, and offers that nobody answered."""

    name = "terms"
    sends = True

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of them: few end on one day."""
        terms.look(turn)
        offers.lapse(turn)
        return None

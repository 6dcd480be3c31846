"""Every morning: introductions that waited too long for a reviewer go one level up."""

import structlog

from bot.services import nominations
from bot.services.turn import Installation, Turn
from scheduler.hours import next_at

log = structlog.get_logger(__name__)


class Escalation:
    """At the hour of the milestones; what was missed is taken up the next morning."""

    name = "escalation"
    sends = True

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of them: few wait at a time."""
        unheard = nominations.escalate(turn).unheard
        if unheard:
            log.warning("nominations_without_reviewer_or_administrator", count=unheard)
        return None

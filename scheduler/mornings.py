"""What is done every morning at the hour of the milestones; what was missed is taken up the next morning."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.services import newcomers, nominations, offers, pack_year, recordings, reminding, terms
from bot.services.turn import Installation, Turn
from scheduler.hours import next_at

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Morning:
    """A source that does all of its work in one slice: `look` finds few at a time."""

    name: str
    look: Callable[[Turn], None]
    sends: bool = True

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next morning."""
        return next_at(at, at.federation.hours.minutes("milestone"), due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """All of it."""
        self.look(turn)
        return None


def _escalate(turn: Turn) -> None:
    """Introductions that waited too long for a reviewer go one level up."""
    unheard = nominations.escalate(turn).unheard
    if unheard:
        log.warning("nominations_without_reviewer_or_administrator", count=unheard)


def _look_at_terms(turn: Turn) -> None:
    """Terms that end or are over, and offers that nobody answered."""
    terms.look(turn)
    offers.lapse(turn)


MORNINGS = (
    Morning("escalation", _escalate),
    Morning("newcomers", newcomers.remind),
    Morning("terms", _look_at_terms),
    Morning("answers", reminding.morning),
    Morning("pack_year", pack_year.warn),
    Morning("recordings", recordings.look),
)
"""In the order they are done."""

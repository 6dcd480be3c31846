"""Counting what the bot does: a dictionary's work, so that it costs nothing and is there from the start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.channels.contract import Outcome, OutcomeKind
from bot.domain.sending import Sending


def _zero() -> int:
    return 0


def _nobody() -> Sequence[Sending]:
    return ()


@dataclass(slots=True)
class Counters:
    """What is counted while the bot runs; the functions read what is kept elsewhere."""

    outcomes: dict[tuple[int, OutcomeKind], int] = field(default_factory=dict)
    handled: Callable[[], int] = _zero
    failed: Callable[[], int] = _zero
    commits: Callable[[], int] = _zero
    senders: Callable[[], Sequence[Sending]] = _nobody

    def sent(self, lane: int, outcome: Outcome, _seconds: float) -> None:
        """Count one finished delivery."""
        key = (lane, outcome.kind)
        self.outcomes[key] = self.outcomes.get(key, 0) + 1

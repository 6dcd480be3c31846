"""When a platform is down: no sends for a growing pause, then one at a time until one is answered."""

import random
from enum import IntEnum
from typing import Final

from bot.channels.contract import Outcome, OutcomeKind

STREAK: Final = 5
"""Calls in a row that nobody answered, to `CHATS` people: one person's or one row's trouble is not a platform's."""
CHATS: Final = 3
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 120.0
OTHERS_FIRST: Final = 10.0
"""So long after the next question to the platform others are tried before the row that was tried in vain."""
TELL_AFTER: Final = 60.0
"""A shorter outage is over before anybody has read of it."""

_TROUBLE: Final = (OutcomeKind.NOT_DELIVERED, OutcomeKind.AMBIGUOUS)
_ANSWERS: Final = (OutcomeKind.SENT, OutcomeKind.THROTTLED, OutcomeKind.UNREACHABLE, OutcomeKind.MOVED)
"""What only the platform itself can have said; the rest may have been decided on this side of the wire."""


class State(IntEnum):
    """CLOSED: sends flow; TRYING: one at a time; OPEN: none. The numbers are the metric's."""

    CLOSED = 0
    TRYING = 1
    OPEN = 2


class Breaker:
    """The circuit breaker of one account. All times are monotonic seconds."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._streak = 0
        self._chats: set[int] = set()
        self._pause = FIRST_PAUSE
        self._opened_at = 0.0
        self.state = State.CLOSED
        self.probe_at = 0.0
        """When to ask the platform whether it answers, while OPEN."""
        self.opened = 0
        """How often it has opened."""

    @property
    def closed(self) -> bool:
        """Whether sends flow."""
        return self.state is State.CLOSED

    @property
    def next_turn(self) -> float:
        """When a row that was tried in vain may be tried again: what only that row cannot do keeps no other waiting."""
        return self.probe_at + OTHERS_FIRST

    def long(self, now: float) -> bool:
        """Whether the platform has been down for long enough to tell people; not while it only waits for a send."""
        return self.state is State.OPEN and now - self._opened_at >= TELL_AFTER

    def heard(self, address_id: int, outcome: Outcome, now: float) -> bool:
        """A call ended so; whether that opened or closed the breaker."""
        if outcome.kind in _ANSWERS:
            was_closed = self.closed
            self._streak = 0
            self._chats.clear()
            self._pause = FIRST_PAUSE
            self.state = State.CLOSED
            return not was_closed
        if outcome.kind not in _TROUBLE:
            return False
        if self.state is State.TRYING:
            self._wait(now)
        elif self.closed:
            self._streak += 1
            if len(self._chats) < CHATS:
                self._chats.add(address_id)
            if self._streak >= STREAK and len(self._chats) == CHATS:
                self.opened += 1
                self._opened_at = now
                self._wait(now)
                return True
        return False

    def probed(self, answers: bool, now: float) -> None:
        """The platform was asked: if it answers, try one send."""
        if self.state is State.OPEN:
            if answers:
                self.state = State.TRYING
            else:
                self._wait(now)

    def _wait(self, now: float) -> None:
        self.state = State.OPEN
        self.probe_at = now + self._pause * (0.75 + self._rng.random() / 4)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)

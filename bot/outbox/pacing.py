"""How many rows may be claimed now, and how long the dispatcher may sleep when nobody wakes it."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from bot.domain.lanes import Lane
from bot.outbox.rates import PUSH_BURST_SECONDS, Rates

REPLY_SLOTS: Final = 128
PUSH_SLOTS_UNLIMITED: Final = 128
PUSHES_AT_ONCE: Final = 32
"""Pushes one claim takes at most: composing more in one write would keep a reply waiting for it."""
PUSH_LOOK_SECONDS: Final = 1.0
SHORTEST_WAIT: Final = 0.001
LONGEST_WAIT: Final = 60.0
ROUND_TRIPS_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Allowance:
    """Rows that may be claimed: replies, and pushes less `shared` (1 or 0) times the replies that were claimed."""

    replies: int
    pushes: int
    shared: int


NOTHING: Final = Allowance(0, 0, 0)


class Pace:
    """Slots and tokens of one account. All times are monotonic seconds."""

    def __init__(self, rate: float, now: float) -> None:
        self.rates = Rates(rate, now)
        self._rate = rate
        self._out = {True: 0, False: 0}
        self._round_trips: deque[float] = deque(maxlen=ROUND_TRIPS_KEPT)
        self._look_at = 0.0

    @property
    def in_flight(self) -> int:
        """Calls on the wire."""
        return self._out[True] + self._out[False]

    def look_for_pushes(self) -> None:
        """Rows of a push lane may have been added."""
        self._look_at = 0.0

    def allow(self, now: float) -> Allowance:
        """What may be claimed now. Pushes are looked for again in a second, or at once when `wait` learns of more."""
        replies = int(max(0, min(self.rates.replies(now), self._free_slots(reply=True))))
        if now < self._look_at:
            return Allowance(replies, 0, 0)
        pushes = int(max(0, min(self.rates.pushes(now), self._free_slots(reply=False), PUSHES_AT_ONCE)))
        if pushes:
            self._look_at = now + PUSH_LOOK_SECONDS
        return Allowance(replies, pushes, 1 if self._rate else 0)

    def wait(self, allowed: Allowance, replies: int, pushes: int, now: float) -> float:
        """Seconds to sleep after a claim at `now` found so many of those allowed.

        Where it found all it was allowed there may be more: until the next token then, and where the slots are full
        until a call ends, which wakes the dispatcher anyway.
        """
        wait = LONGEST_WAIT
        if replies == allowed.replies and self._free_slots(reply=True) > 0:
            wait = self.rates.next_token(now, pushes=False)
        if allowed.pushes and pushes + allowed.shared * replies >= allowed.pushes:
            self._look_at = 0.0
        if now < self._look_at:
            wait = min(wait, self._look_at - now)
        elif self._free_slots(reply=False) > 0:
            wait = min(wait, self.rates.next_token(now, pushes=True))
        return max(wait, SHORTEST_WAIT)

    def started(self, lane: int, now: float) -> None:
        """A call went out."""
        self.rates.take(1, now)
        self._out[lane == Lane.REPLY] += 1

    def ended(self, lane: int, seconds: float) -> None:
        """A call came back after so long."""
        reply = lane == Lane.REPLY
        self._out[reply] -= 1
        if not reply:
            self._round_trips.append(seconds)

    def _free_slots(self, *, reply: bool) -> int:
        return (REPLY_SLOTS if reply else self._push_slots()) - self._out[reply]

    def _push_slots(self) -> int:
        """Enough to reach the rate at the round trips seen of late, and a burst besides."""
        if self._rate == 0:
            return PUSH_SLOTS_UNLIMITED
        if not self._round_trips:
            return math.ceil(self._rate) + 2
        ordered = sorted(self._round_trips)
        return math.ceil(self._rate * (ordered[int(len(ordered) * 0.95)] + PUSH_BURST_SECONDS)) + 2

"""Rates on the monotonic clock: token buckets, and what a 429 does to them."""

import math
from typing import Final

RESERVE: Final = 3
"""Tokens of the account's bucket that only replies may take."""
PUSH_BURST: Final = 3
PUSH_BURST_SECONDS: Final = 0.05
"""Of a high rate so much may start at once: the claims are never closer together than a few milliseconds."""
CHAT_BURST: Final = 20
PAIR_SECONDS: Final = 5.0
HALVED_SECONDS: Final = 60.0
CHATS_KEPT: Final = 10_000


class Bucket:
    """A token bucket: `rate` tokens a second up to `burst`; rate 0 means no limit. Times are monotonic seconds."""

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at = now

    def tokens(self, now: float) -> float:
        """How many there are now."""
        if self.rate == 0:
            return math.inf
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return self._tokens

    def take(self, count: float, now: float) -> None:
        """Take `count`; the caller looked first."""
        if self.rate:
            self._tokens = self.tokens(now) - count

    def change_rate(self, rate: float, now: float) -> None:
        """Fill at another rate from now on."""
        self.tokens(now)
        self.rate = rate

    def wait_for(self, count: float, now: float) -> float:
        """Seconds until there are `count`."""
        lacking = count - self.tokens(now)
        return max(0.0, lacking / self.rate) if self.rate else 0.0


class Rates:
    """An account's rate: how many replies and pushes may start now, and its pause after 429s."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._bucket = Bucket(rate, RESERVE + max(PUSH_BURST, rate * PUSH_BURST_SECONDS), now)
        self._paused_until = 0.0
        self._halved_until = 0.0
        self._last_throttle: tuple[int, float, float] | None = None

    def replies(self, now: float) -> float:
        """Replies that may start now."""
        self._restore(now)
        return 0 if now < self._paused_until else math.floor(min(self._bucket.tokens(now), 1e9))

    def pushes(self, now: float) -> float:
        """Pushes that may start now; a reply that starts too counts against them."""
        self._restore(now)
        if now < self._paused_until:
            return 0
        return max(0, math.floor(min(self._bucket.tokens(now), 1e9) - RESERVE))

    def take(self, count: int, now: float) -> None:
        """Account for `count` calls that start now."""
        self._bucket.take(count, now)

    def throttled(self, address_id: int, retry_after: float, now: float) -> None:
        """A 429: a second chat's within 5 s pauses the account until the later of the two, then halves it for 60 s."""
        until = now + retry_after
        last = self._last_throttle
        if last is not None and last[0] != address_id and now - last[1] <= PAIR_SECONDS:
            self._paused_until = max(self._paused_until, until, last[2])
            self._halved_until = self._paused_until + HALVED_SECONDS
            self._bucket.change_rate(self._rate / 2, now)
        self._last_throttle = (address_id, now, until)

    def state(self, now: float) -> tuple[float, float]:
        """Seconds left of a pause, and the rate that holds (0 for no limit)."""
        self._restore(now)
        return max(0.0, self._paused_until - now), self._bucket.rate

    def next_token(self, now: float, *, pushes: bool) -> float:
        """Seconds until something more may start."""
        if now < self._paused_until:
            return self._paused_until - now
        return self._bucket.wait_for(RESERVE + 1 if pushes else 1, now)

    def _restore(self, now: float) -> None:
        if self._halved_until and now >= self._halved_until:
            self._bucket.change_rate(self._rate, now)
            self._halved_until = 0.0


class Chats:
    """The rate of each chat, and its pause after a 429.

    `wait` is called on the database's thread while rows are claimed, `pause` by the event loop. They never meet over
    one address: it has one call in flight, and its next row is claimed after that call has ended and is written down.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: dict[int, Bucket] = {}
        self._paused: dict[int, float] = {}

    def pause(self, address_id: int, until: float) -> None:
        """Let nothing start to this chat before monotonic `until`."""
        self._paused[address_id] = max(until, self._paused.get(address_id, 0.0))

    def paused(self, now: float) -> int:
        """How many chats pause."""
        return sum(until > now for until in tuple(self._paused.values()))

    def wait(self, address_id: int, now: float) -> float:
        """Seconds this chat must still wait; 0 takes a token of its bucket."""
        paused = self._paused.get(address_id)
        if paused is not None:
            if now < paused:
                return paused - now
            del self._paused[address_id]
        if self._rate == 0:
            return 0.0
        bucket = self._buckets.get(address_id)
        if bucket is None:
            if len(self._buckets) >= CHATS_KEPT:
                self._buckets = {id: b for id, b in self._buckets.items() if b.tokens(now) < b.burst}
            bucket = self._buckets[address_id] = Bucket(self._rate, CHAT_BURST, now)
        wait = bucket.wait_for(1, now)
        if wait == 0.0:
            bucket.take(1, now)
        return wait

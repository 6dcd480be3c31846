"""The only place that reads the time of day."""

import time


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Epoch milliseconds."""
        return time.time_ns() // 1_000_000


class MovableClock:
    """A clock that starts at epoch ms `start`, runs at the pace of the monotonic clock, and can be moved forward."""

    def __init__(self, start: int) -> None:
        self._base = start
        self._since = time.monotonic()

    def now(self) -> int:
        """Epoch milliseconds."""
        return self._base + int((time.monotonic() - self._since) * 1000)

    def move_to(self, instant: int) -> None:
        """Set the clock to epoch ms `instant`; it never goes back, so one that is past changes nothing."""
        self._base = max(instant, self.now())
        self._since = time.monotonic()

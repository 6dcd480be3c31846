"""A clock that tests move by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class FakeClock:
    """Starts where the demo does: 01/05/2025 07:55."""

    def __init__(self, start: str = "2025-05-01T07:55") -> None:
        self.at(start)

    def now(self) -> int:
        return self._now

    def at(self, moment: str) -> None:
        self._now = int(datetime.fromisoformat(moment).replace(tzinfo=ZONE).timestamp() * 1000)

    def forward(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self._now += int((((days * 24) + hours) * 60 + minutes) * 60_000 + seconds * 1000)

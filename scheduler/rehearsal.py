"""A rehearsal: the coming days of a throw-away installation, played with the real code in seconds."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.time import instant
from bot.storage import schedule
from bot.storage.database import Database
from bot.storage.schedule import Occurrence
from scheduler.clock import MovableClock
from scheduler.ticker import Ticker

DAY_MINUTES: Final = 24 * 60
DAYS_AT_ONCE: Final = 28
"""Fewer than occurrences are kept for."""


class Rehearsed(Protocol):
    """An application under rehearsal."""

    @property
    def db(self) -> Database:
        """Its database."""
        ...

    @property
    def ticker(self) -> Ticker:
        """What runs its due instants."""
        ...

    async def settle(self) -> None:
        """Wait until everything due has gone out."""

    async def stop(self) -> None:
        """Close it."""


async def rehearse(
    open_application: Callable[[Path, MovableClock], Awaitable[Rehearsed]], first: date, last: date, zone: ZoneInfo
) -> list[Occurrence]:
    """Play the days from `first` to `last` and return every unasked message, by day and member.

    `open_application` makes it, with its members, in an empty folder; its ticker must not run by itself.
    """
    clock = MovableClock(instant(first, 0, zone))
    found: list[Occurrence] = []
    with TemporaryDirectory() as folder:
        application = await open_application(Path(folder), clock)
        try:
            while first <= last:
                days = [first + timedelta(days=n) for n in range(min(DAYS_AT_ONCE, (last - first).days + 1))]
                await application.ticker.advance(clock, instant(days[-1], DAY_MINUTES, zone) - 1, application.settle)
                for day in days:
                    found += await application.db.read(lambda tx, day=day: schedule.occurrences(tx, day))  # type: ignore[misc]
                first = days[-1] + timedelta(days=1)
        finally:
            await application.stop()
    return found

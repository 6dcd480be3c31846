"""Civil time for people: epoch milliseconds in, dates and minutes out. The clock itself is injected."""

from datetime import date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class Clock(Protocol):
    """People's time; leases, rates and back-off use the monotonic clock instead."""

    def now(self) -> int:
        """Epoch milliseconds."""


def civil_date(now: int, zone: ZoneInfo) -> date:
    """The date in `zone` at epoch ms `now`."""
    return datetime.fromtimestamp(now / 1000, zone).date()


def minute_of_day(now: int, zone: ZoneInfo) -> int:
    """Minutes after midnight in `zone`."""
    moment = datetime.fromtimestamp(now / 1000, zone)
    return moment.hour * 60 + moment.minute


def instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """Epoch ms of `minute` minutes after midnight of `day`; `minute` may be 1440 or more."""
    start = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    return int(start.timestamp() * 1000)


def is_quiet(minute: int, quiet_from: int, quiet_to: int) -> bool:
    """Whether `minute` lies in quiet hours, which may cross midnight; equal bounds mean none."""
    if quiet_from <= quiet_to:
        return quiet_from <= minute < quiet_to
    return minute >= quiet_from or minute < quiet_to


def after_quiet(now: int, quiet_from: int, quiet_to: int, zone: ZoneInfo) -> int:
    """The first instant at or after `now` outside quiet hours."""
    minute = minute_of_day(now, zone)
    if not is_quiet(minute, quiet_from, quiet_to):
        return now
    day = civil_date(now, zone)
    if minute >= quiet_to:
        day += timedelta(days=1)
    return instant(day, quiet_to, zone)

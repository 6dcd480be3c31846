"""A day with an hour, as people type them."""

from datetime import date

from bot.vietnamese.dates import parse_date
from bot.vietnamese.hours import parse_hour


def parse_moment(text: str, today: date) -> tuple[date, int] | None:
    """Return the day and minutes after midnight of «7h30 ngày mai», «20/5 14:00», «mai, lúc 8 giờ sáng», or None.

    A day without a year is the nearest to come; an hour alone is today's.
    """
    words = text.replace(",", " ").split()
    for gap in range(len(words), -1, -1):
        before, after = " ".join(words[:gap]), " ".join(words[gap:])
        for hour, day in ((before, after), (after, before)):
            minute = parse_hour(hour) if hour else None
            if minute is None:
                continue
            found = parse_date(day, today, "future") if day else today
            if found is not None:
                return found, minute
    return None

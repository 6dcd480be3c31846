"""Moments, a day with an hour, as people type them."""

from datetime import date

from bot.vietnamese.dates import parse_date
from bot.vietnamese.folding import fold, spelling
from bot.vietnamese.hours import parse_hour
from bot.vietnamese.phrases import without_particle

_LONGEST = 60
_BEFORE = ("vo ich sau", "huu ich den", "den", "truoc", "sau", "luc", "vao luc", "vao", "gui luc", "gui vao", "hen")
_PARTS = ("sang", "trua", "chieu", "toi", "dem", "khuya")


def parse_day_and_hour(text: str, today: date) -> tuple[date | None, int | None] | None:
    """Return the day and the minutes after midnight that the whole `text` names, seen from `today`, or None.

    Takes «20:00», «8h sáng mai», «mai 8h», «chiều thứ sáu 2h», «14 giờ 30 ngày 5/12», «sau 20:00». Either may be left
    out and is then None. A day without a year is the next one.
    """
    if len(text) > _LONGEST:
        return None
    words = spelling(without_particle(text).replace(",", " ")).split()
    for begun in sorted(_BEFORE, key=len, reverse=True):
        count = begun.count(" ") + 1
        if len(words) > count and fold(" ".join(words[:count])) == begun and fold(words[0]) != "toi":
            words = words[count:]
            break
    # The longest hour first: of «7h tối mai» the evening is the hour's.
    for at in range(len(words), -1, -1):
        for hour, day in ((words[:at], words[at:]), (words[len(words) - at :], words[: len(words) - at])):
            found = _together(hour, day, today)
            if found is not None:
                return found
    return None


def parse_moment(text: str, today: date) -> tuple[date, int] | None:
    """The same where both are wanted: an hour alone is today's, a day alone is None."""
    found = parse_day_and_hour(text, today)
    if found is None or found[1] is None:
        return None
    return found[0] or today, found[1]


def _together(hour: list[str], day: list[str], today: date) -> tuple[date | None, int | None] | None:
    if not hour:
        on = parse_date(" ".join(day), today, "future")
        return (on, None) if on is not None else None
    parts = [word for word in day if fold(word) in _PARTS] if not _says_part(hour) else []
    rest = [word for word in day if word not in parts]
    minute = parse_hour(" ".join([*hour, *parts]))
    if minute is None or len(parts) > 1:
        return None
    if not rest:
        return None, minute
    on = parse_date(" ".join(rest), today, "future")
    return (on, minute) if on is not None else None


def _says_part(hour: list[str]) -> bool:
    return any(fold(word) in _PARTS for word in hour)

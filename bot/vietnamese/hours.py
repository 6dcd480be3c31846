"""Hours of the day, and periods between two of them, as people type them."""

import re

from bot.vietnamese.folding import fold, spelling
from bot.vietnamese.numbers import NUMBER_WORDS
from bot.vietnamese.phrases import without_particle

_DAY = 24 * 60
_LONGEST = 60

_HOUR_NAMES = {fold(word): number for word, number in NUMBER_WORDS.items() if number <= 12}
_LATE = {hour: hour for hour in range(6)} | {hour: hour + 12 for hour in range(7, 12)} | {12: 0, 24: 0}
# What an hour said with a part of the day is on the 24-hour clock; hours from 13 on may be said so too.
_PARTS: dict[str, dict[int, int]] = {
    "sang": {hour: hour for hour in range(12)},
    "trua": {10: 10, 11: 11, 12: 12, 13: 13, 14: 14, 1: 13, 2: 14},
    "chieu": {hour: hour % 12 + 12 for hour in (*range(1, 8), *range(12, 20))},
    "toi": {hour: hour + 12 for hour in range(5, 12)} | {12: 0} | {hour: hour for hour in range(17, 24)},
    "dem": _LATE | {hour: hour for hour in range(19, 24)},
    "khuya": _LATE | {hour: hour for hour in range(19, 24)},
    "am": {hour: hour % 12 for hour in range(1, 13)},
    "pm": {hour: hour % 12 + 12 for hour in range(1, 13)},
}
_PART = "|".join(_PARTS)
_NAME = "|".join(sorted(_HOUR_NAMES, key=len, reverse=True))
_HOUR = re.compile(
    rf"(?:(?:tu|luc|vao|khoang) )*(?:(?P<before>{_PART}) )?"
    rf"(?P<hour>\d{{1,2}}|{_NAME})"
    r"(?P<mark> ?(?:gio|h|g|:)(?: ?(?P<minute>\d{1,2})(?: ?(?:phut|ph|p))?)?)?"
    r"(?P<half> ?ruoi)?"
    r"(?: kem (?P<less>\d{1,2})(?: ?(?:phut|ph|p))?)?"
    rf"(?: ?(?P<after>{_PART}))?"
)
_BETWEEN = re.compile(r"->|[-\u2010-\u2015]|\bden\b|\btoi\b")


def _minutes(folded: str, bare: bool) -> int | None:
    found = _HOUR.fullmatch(folded)
    if not found or (found["before"] and found["after"]):
        return None
    part = found["before"] or found["after"]
    refinements = [found[name] for name in ("minute", "half", "less") if found[name]]
    if len(refinements) > 1 or not (bare or found["mark"] or part or found["half"] or found["less"]):
        return None
    hour = _HOUR_NAMES.get(found["hour"])
    if hour is None:
        hour = int(found["hour"])
    if part:
        on_clock = _PARTS[part].get(hour)
        if on_clock is None:
            return None
        hour = on_clock
    minute, less = (int(found[name] or 0) for name in ("minute", "less"))
    if found["half"]:
        minute = 30
    if hour > 24 or minute > 59 or less > 59 or (hour == 24 and minute):
        return None
    return (hour * 60 + minute - less) % _DAY


def parse_hour(text: str) -> int | None:
    """Return the minutes after midnight that the whole `text` names, or None.

    Takes "6h30", «6 giờ 30», "18:00", «6 giờ sáng», «7h tối», «7 giờ kém 15», «sáu giờ rưỡi», "6 pm"; a bare
    number is no hour.
    """
    return _minutes(fold(without_particle(text)), bare=False) if len(text) <= _LONGEST else None


def parse_period(text: str) -> tuple[int, int] | None:
    """Return the start and end of «22:00-5:00» or «21h đến 6h» in minutes after midnight, or None.

    The end may be before the start: the period then crosses midnight. Bare hours will do («21-6»); a period
    that ends when it starts is None.
    """
    if len(text) > _LONGEST:
        return None
    # Folded, «tới» (until) and «tối» (evening) are one word, so the last place to split is tried first.
    folded = fold(spelling(without_particle(text)).replace("tới", "đến"))
    for gap in reversed(list(_BETWEEN.finditer(folded))):
        start = _minutes(folded[: gap.start()].strip(), bare=True)
        end = _minutes(folded[gap.end() :].strip(), bare=True)
        if start is not None and end is not None and start != end:
            return start, end
    return None

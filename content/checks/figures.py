"""The dates and numbers of a text, and whether others say the same: 19-5-1890 is ngay 19 thang 5 nam 1890."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from content.checks.finding import rulebook

Sign = tuple[str, object]
"""What a text says: a date (day, month, year), a month (month, year), a day (day, month), a number or a code."""

_TOKEN: Final = re.compile(r"(?<!\w)\d\w*(?:[/.,-]\w+)*")
_DIGIT: Final = re.compile(r"\d")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?$")
_DECIMAL: Final = re.compile(r"\d+(?:,\d+)?$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A date or a number as written at `start`; true when all signs of one of its `meanings` are known."""

    shown: str
    start: int
    meanings: tuple[frozenset[Sign], ...]

    def stands_in(self, known: set[Sign]) -> bool:
        """Whether what is known says the same."""
        return any(meaning <= known for meaning in self.meanings)


def figures(text: str) -> Iterator[Figure]:
    """The dates and numbers of a text, those written in words of the calendar first."""
    if not _DIGIT.search(text):
        return
    for pattern, read in _spoken():
        for found in pattern.finditer(text):
            signs = read(*map(int, found.groups()))
            if signs is not None:
                yield Figure(found[0], found.start(), signs)
                text = text[: found.start()] + " " * len(found[0]) + text[found.end() :]
    for found in _TOKEN.finditer(text):
        yield Figure(found[0], found.start(), _written(found[0]))


def known_from(texts: Iterable[str]) -> set[Sign]:
    """Everything these texts say, and what follows: a date says its month, its day and its year."""
    known: set[Sign] = set()
    for text in texts:
        for figure in figures(text):
            for meaning in figure.meanings:
                known |= meaning
    for kind, value in tuple(known):
        known |= _following(kind, value)
    return known


def _following(kind: str, value: Any) -> set[Sign]:
    if kind == "date":
        day, month, year = value
        return {("month", (month, year)), ("day", (day, month)), *_parts(day, month), _number(year)}
    if kind == "month":
        return {("a month", value[0]), _number(value[1])}
    if kind == "day":
        return _parts(*value)
    if kind == "code":
        return {_number(int(digits)) for digits in re.findall(r"\d+", value)}
    return set()


def _parts(day: int, month: int) -> set[Sign]:
    return {("a month", month), ("a day", day)}


def _number(value: int) -> Sign:
    return ("number", str(value))


def _date(day: int, month: int, year: int) -> tuple[frozenset[Sign], ...] | None:
    return (frozenset({("date", (day, month, year))}),) if _is_day(day, month) else None


def _dates(*dates: tuple[int, int, int]) -> tuple[frozenset[Sign], ...] | None:
    good = all(_is_day(day, month) for day, month, _ in dates)
    return (frozenset(("date", date) for date in dates),) if good else None


def _is_day(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


@cache
def _spoken() -> list[tuple[re.Pattern[str], Any]]:
    """What is said with words of the calendar, the longest first."""
    words = rulebook()["words"]
    day, month, year, until = (words[key] for key in ("day", "month", "year", "until"))
    d, y, s, to = r"(\d{1,2})", r"(\d{4})(?!\w)", r"\s*[/.-]\s*", rf"\s*(?:{until}|[-–])\s*"
    begins = r"(?<![\w/.,-])"

    def spoken(pattern: str, read: Any) -> tuple[re.Pattern[str], Any]:
        return re.compile(begins + pattern, re.IGNORECASE), read

    return [
        spoken(rf"{d}\s+{month}\s+{d}\s+{year}\s+{y}", _date),
        spoken(rf"{d}/{d}\s+{year}\s+{y}", _date),
        spoken(
            rf"{d}{s}{d}{to}{d}{s}{d}{s}{y}",
            lambda d1, m1, d2, m2, in_year: _dates((d1, m1, in_year), (d2, m2, in_year)),
        ),
        spoken(
            rf"{d}{to}{d}{s}{d}{s}{y}",
            lambda d1, d2, in_month, in_year: _dates((d1, in_month, in_year), (d2, in_month, in_year)),
        ),
        spoken(rf"{month}\s+{d}\s+{year}\s+{y}", lambda m, in_year: (frozenset({("month", (m, in_year))}),)),
        spoken(
            rf"{d}\s+{month}\s+{d}(?![\w/-])",
            lambda d1, m1: (frozenset({("day", (d1, m1))}),) if _is_day(d1, m1) else None,
        ),
        spoken(rf"{month}\s+{d}(?![\w/.-]\d|\d)", lambda m: (frozenset({("a month", m)}), frozenset({_number(m)}))),
        spoken(rf"{day}\s+{d}(?![\w/.-]\d|\d)", lambda d1: (frozenset({("a day", d1)}), frozenset({_number(d1)}))),
    ]


def _written(token: str) -> tuple[frozenset[Sign], ...]:
    """The meanings of what is written in digits only, or of a code such as 05-CT/TW."""
    if re.search(r"[^\W\d_]", token):
        return (frozenset({("code", token.casefold())}),)
    parts = [int(digits) for digits in re.findall(r"\d+", token)]
    plain = frozenset({("number", _normal(token))}) if _is_number(token) else frozenset(map(_number, parts))
    match parts:
        case [int(d1), int(m1), int(y1)] if _is_day(d1, m1) and y1 > 31 and not _is_number(token):
            return (frozenset({("date", (d1, m1, y1))}),)
        case [int(m1), int(y1)] if 1 <= m1 <= 12 and 1000 <= y1 <= 2999 and not _is_number(token):
            return (frozenset({("month", (m1, y1))}),)
        case [int(d1), int(m1)] if _is_day(d1, m1) and "/" in token:
            return (frozenset({("day", (d1, m1))}),)
        case [int(d1), int(m1)] if _is_day(d1, m1) and "-" in token:
            return (frozenset({("day", (d1, m1))}), plain)
    return (plain,)


def _is_number(token: str) -> bool:
    return bool(_THOUSANDS.match(token) or _DECIMAL.match(token))


def _normal(number: str) -> str:
    """A number without its thousands points and leading zeros."""
    whole, comma, rest = number.replace(".", "").partition(",")
    return (whole.lstrip("0") or "0") + comma + rest

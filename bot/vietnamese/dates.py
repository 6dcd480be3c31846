"""Dates as people type them."""

import calendar
import re
from datetime import date, timedelta
from typing import Literal

from bot.vietnamese.folding import fold, spelling
from bot.vietnamese.numbers import NUMBER_WORDS
from bot.vietnamese.phrases import PhraseTable, without_particle

Prefer = Literal["past", "future"]

_DAYS_FROM_TODAY = PhraseTable({
    "hôm nay": 0, "bữa nay": 0, "nay": 0, "hôm qua": -1, "bữa qua": -1, "qua": -1,
    "hôm kia": -2, "hôm kìa": -3, "mai": 1, "hôm sau": 1, "ngày kia": 2, "mốt": 2, "ngày kìa": 3,
    "tuần trước": -7, "tuần rồi": -7, "tuần qua": -7, "tuần sau": 7, "tuần tới": 7,
})  # fmt: skip
_MONTHS_FROM_TODAY = PhraseTable({"tháng trước": -1, "tháng rồi": -1, "tháng qua": -1, "tháng sau": 1, "tháng tới": 1})
_WEEKDAYS = {
    "thứ hai": 0, "thứ 2": 0, "t2": 0, "thứ ba": 1, "thứ 3": 1, "t3": 1, "thứ tư": 2, "thứ 4": 2, "t4": 2,
    "thứ năm": 3, "thứ 5": 3, "t5": 3, "thứ sáu": 4, "thứ 6": 4, "t6": 4,
    "thứ bảy": 5, "thứ bẩy": 5, "thứ 7": 5, "t7": 5, "chủ nhật": 6, "chúa nhật": 6, "cn": 6,
}  # fmt: skip
_WEEKS = {
    "tuần này": 0, "này": 0, "tuần trước": -1, "tuần rồi": -1, "tuần qua": -1, "tuần sau": 1, "tuần tới": 1,
}  # fmt: skip
_SIDES: dict[str, Prefer] = {
    "trước": "past", "rồi": "past", "vừa rồi": "past", "vừa qua": "past", "sau": "future", "tới": "future",
}  # fmt: skip

_BARE_WEEKDAY = PhraseTable(_WEEKDAYS)
_WEEKDAY_OF_WEEK = PhraseTable(
    {f"{day} {week}": (number, shift) for day, number in _WEEKDAYS.items() for week, shift in _WEEKS.items()}
)
_LAST_OR_NEXT_WEEKDAY = PhraseTable(
    {f"{day} {word}": (number, way) for day, number in _WEEKDAYS.items() for word, way in _SIDES.items()}
)

_MONTH_NAMES = {fold(word): number for word, number in NUMBER_WORDS.items() if number <= 12}
_MONTH_NAME = "|".join(sorted(_MONTH_NAMES, key=len, reverse=True))
_WEEKDAY_NAME = "|".join(map(fold, _WEEKDAYS))
_YEAR_WORDS = {"nay": 0, "ngoai": -1, "truoc": -1, "sau": 1, "toi": 1}
_WEEK = re.compile(r"(tuan )?(?:(\d{1,2})|nay)")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(
    rf"(?:(?:{_WEEKDAY_NAME}) )?(?:(?:ngay|mung|mong) ?)?"
    rf"(?P<day>\d{{1,2}}) ?(?:[/.-] ?(?P<month>\d{{1,2}})|thang (?P<month_name>\d{{1,2}}|{_MONTH_NAME}))"
    rf"(?:(?: ?[/.-] ?| nam )(?P<year>\d{{4}}|\d{{2}})| (?P<year_alone>\d{{4}})"
    rf"| nam (?P<year_word>{'|'.join(_YEAR_WORDS)}))?"
)
_DAYS_AWAY = re.compile(r"(?:cach day )?(\d{1,3}) (ngay|hom|bua|tuan) (truoc|nua|sau|toi)")

# Words that may stand before a date without changing it.
_FILLERS = PhraseTable(dict.fromkeys(["sáng", "trưa", "chiều", "tối", "đêm", "vào", "khoảng", "hôm", "ngày"], True))
_LONGEST = 60
_YEARS = range(1800, 2201)
_YEARS_AHEAD = 10  # "19/5/85" is 1985 and "19/5/30" is 2030
_LEAP_GAP = 8  # the longest wait between two 29 February


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shift(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None


def _shift_month(today: date, months: int) -> date | None:
    """The same day some months away, or the last day of a month that is too short."""
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _nearest(day: int, month: int, today: date, prefer: Prefer) -> date | None:
    step = -1 if prefer == "past" else 1
    for years in range(_LEAP_GAP + 1):
        found = _day(today.year + step * years, month, day)
        if found and (found <= today if prefer == "past" else found >= today):
            return found
    return None


def _nearest_weekday(weekday: int, today: date, prefer: Prefer) -> date | None:
    if prefer == "past":
        return _shift(today, -((today.weekday() - weekday) % 7))
    return _shift(today, (weekday - today.weekday()) % 7)


def _full_year(text: str, today: date) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year + 2000 <= today.year + _YEARS_AHEAD else 1900)


def _numeric(folded: str, today: date, prefer: Prefer) -> date | None:
    year_first = _YEAR_FIRST.fullmatch(folded)
    if year_first:
        year, month, day = map(int, year_first.groups())
        return _day(year, month, day) if year in _YEARS else None
    found = _DAY_FIRST.fullmatch(folded)
    if not found:
        return None
    month_text = found["month"] or found["month_name"]
    month = _MONTH_NAMES.get(month_text) or int(month_text)
    day = int(found["day"])
    year_text = found["year"] or found["year_alone"]
    if year_text:
        year = _full_year(year_text, today)
        return _day(year, month, day) if year in _YEARS else None
    if found["year_word"]:
        return _day(today.year + _YEAR_WORDS[found["year_word"]], month, day)
    return _nearest(day, month, today, prefer)


def _in_words(text: str, today: date, prefer: Prefer) -> date | None:
    days = _DAYS_FROM_TODAY.get(text)
    if days is not None:
        return _shift(today, days)
    months = _MONTHS_FROM_TODAY.get(text)
    if months is not None:
        return _shift_month(today, months)
    weekday = _BARE_WEEKDAY.get(text)
    if weekday is not None:
        return _nearest_weekday(weekday, today, prefer)
    of_week = _WEEKDAY_OF_WEEK.get(text)
    if of_week:
        return _shift(today, of_week[0] - today.weekday() + 7 * of_week[1])
    last_or_next = _LAST_OR_NEXT_WEEKDAY.get(text)
    if last_or_next:
        weekday, way = last_or_next
        beside = _shift(today, -1 if way == "past" else 1)
        return _nearest_weekday(weekday, beside, way) if beside else None
    return None


def _days_away(folded: str, today: date) -> date | None:
    found = _DAYS_AWAY.fullmatch(folded)
    if not found:
        return None
    days = int(found[1]) * (7 if found[2] == "tuan" else 1)
    return _shift(today, -days if found[3] == "truoc" else days)


def parse_date(text: str, today: date, prefer: Prefer = "past") -> date | None:
    """Return the date that the whole `text` names, seen from `today`, or None (also for 31/2).

    Takes day/month[/year], «ngày 19 tháng 5 năm 2025», 2025-05-19, «hôm qua», «tuần trước» (seven days ago),
    «tháng trước», «3 ngày trước» and weekdays («thứ hai tuần trước»; weeks start on Monday). A day or weekday
    without a year or week is the nearest on the `prefer` side, today included; two-digit years reach ten
    years ahead.
    """
    if len(text) > _LONGEST:
        return None
    words = spelling(without_particle(text).replace(",", " ")).split()
    while words:
        answer = " ".join(words)
        folded = fold(answer)
        found = _numeric(folded, today, prefer) or _in_words(answer, today, prefer) or _days_away(folded, today)
        if found or not _FILLERS.get(words[0]):
            return found
        words.pop(0)
    return None


def format_date(day: date) -> str:
    """Return the date as written in Vietnam: 19/5/2025."""
    return f"{day.day}/{day.month}/{day.year}"


def parse_week(text: str, this_week: int, *, bare: bool) -> int | None:
    """The number of a week: «tuần 20», «tuần này»; with `bare` also without the word. None when it is none."""
    found = _WEEK.fullmatch(fold(text))
    if found is None or not (found[1] or bare):
        return None
    return int(found[2]) if found[2] else this_week

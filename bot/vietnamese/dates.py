"""Dates as people type them."""

import calendar
import re
from datetime import date, timedelta
from typing import Literal

from bot.vietnamese.folding import fold, has_accents, spelling
from bot.vietnamese.numbers import FOLDED_NUMBER_WORDS

Prefer = Literal["past", "future"]

_DAY_WORDS = {
    "hôm nay": 0, "bữa nay": 0, "ngày hôm nay": 0, "nay": 0,
    "hôm qua": -1, "bữa qua": -1, "ngày hôm qua": -1, "qua": -1, "hôm kia": -2, "hôm kìa": -3,
    "mai": 1, "ngày mai": 1, "hôm sau": 1, "ngày kia": 2, "mốt": 2, "ngày mốt": 2, "ngày kìa": 3,
    "tuần trước": -7, "tuần rồi": -7, "tuần qua": -7, "tuần sau": 7, "tuần tới": 7,
}  # fmt: skip
_MONTH_WORDS = {"tháng trước": -1, "tháng rồi": -1, "tháng qua": -1, "tháng sau": 1, "tháng tới": 1}
_WEEKDAYS = {
    "thứ hai": 0, "thứ 2": 0, "t2": 0, "thứ ba": 1, "thứ 3": 1, "t3": 1, "thứ tư": 2, "thứ 4": 2, "t4": 2,
    "thứ năm": 3, "thứ 5": 3, "t5": 3, "thứ sáu": 4, "thứ 6": 4, "t6": 4,
    "thứ bảy": 5, "thứ bẩy": 5, "thứ 7": 5, "t7": 5, "chủ nhật": 6, "chúa nhật": 6, "cn": 6,
}  # fmt: skip
_WEEKS = {
    "tuần này": 0, "này": 0, "tuần trước": -1, "tuần rồi": -1, "tuần qua": -1, "tuần sau": 1, "tuần tới": 1,
}  # fmt: skip
_LAST_OR_NEXT = {"trước": -1, "rồi": -1, "vừa rồi": -1, "vừa qua": -1, "sau": 1, "tới": 1}
_YEAR_WORDS = {"nay": 0, "ngoai": -1, "truoc": -1, "sau": 1, "toi": 1}
# Words that may stand before a date without changing it.
_FILLERS = frozenset(
    "sáng sang trưa trua chiều chieu tối toi đêm dem vào vao khoảng khoang từ tu hôm hom ngày ngay".split()
)

_MONTH_NAME = "|".join(sorted((word for word, n in FOLDED_NUMBER_WORDS.items() if n <= 12), key=len)[::-1])
_WEEKDAY_NAME = "|".join(fold(word) for word in _WEEKDAYS)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(
    rf"(?:(?:{_WEEKDAY_NAME}) )?(?:(?:ngay|mung|mong) ?)?"
    rf"(?P<day>\d{{1,2}}) ?(?:[/.-] ?(?P<month>\d{{1,2}})|thang (?P<month_name>\d{{1,2}}|{_MONTH_NAME}))"
    rf"(?:(?: ?[/.-] ?| nam )(?P<year>\d{{4}}|\d{{2}})| (?P<year_alone>\d{{4}})"
    rf"| nam (?P<year_word>{'|'.join(_YEAR_WORDS)}))?"
)
_DAYS_AWAY = re.compile(r"(?:cach day )?(\d{1,3}) (ngay|hom|bua|tuan) (truoc|nua|sau|toi)")
_YEARS = range(1800, 2201)
_LEAP_GAP = 8  # the longest wait between two 29 February


def _keyed[T](table: dict[str, T]) -> dict[str, T]: ...

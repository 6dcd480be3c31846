"""Written Vietnamese as it is read out: digits become words, abbreviations are opened, brackets become pauses."""

import re
from collections.abc import Mapping
from typing import Final

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS: Final = ("", " nghìn", " triệu", " tỷ")
_MONTHS: Final = {4: "tư"}
_LETTERS: Final = dict(zip(
    "ABCDĐEGHIKLMNOPQRSTUVXYZ",
    ("a", "bê", "xê", "dê", "đê", "e", "giê", "hát", "i", "ca", "lờ", "mờ", "nờ", "o", "pê", "quy", "rờ", "ét", "tê",
     "u", "vê", "ích", "i dài", "dét"),
    strict=True,
))  # fmt: skip
_ROMAN: Final = {"I": 1, "V": 5, "X": 10}

_DATE: Final = r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?(?![/\d]|,\d)"

_SIGN: Final = re.compile(r"\b(\d+)(?:/\d{4})?[-/][A-ZĐ][A-ZĐ/a-zđ0-9-]*")
_RESOLUTION: Final = re.compile(r"\b(\d+)([A-Z])/(\d+)\.(\d+)\b")
_RANGE_OF_DAYS: Final = re.compile(rf"\b(\d{{1,2}})\s*-\s*{_DATE}")
_FROM_DAY: Final = re.compile(rf"\btừ (?:ngày )?(\d{{1,2}}) đến (?:ngày )?{_DATE}", re.IGNORECASE)
_WITH_DAY: Final = re.compile(rf"(?:\bngày )?\b{_DATE}", re.IGNORECASE)
_QUARTER: Final = re.compile(r"\bQuý ([IVX]+)/(\d{4})")
_MONTH: Final = re.compile(r"(?:\btháng )?\b(\d{1,2})[/-](\d{4})\b", re.IGNORECASE)
_AFTER_MONTH: Final = re.compile(r"\b([Tt]háng) (\d{1,2})\b")
_NUMBERED: Final = re.compile(r"\b(Đại hội|[Ll]ần thứ|[Kk]hóa|[Mm]ục|[Qq]uý|cấp) ([IVX]+)\b")
_YEARS: Final = re.compile(r"\b(\d{4})\s*[-–]\s*(\d{4})\b")
_PEN_NAME: Final = re.compile(r"\b[A-ZĐ](?:\.[A-ZĐ])+\.?")
_NUMBER: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?!\d)(?:,\d+)?|\d+(?:,\d+)?")
_PAUSE: Final = re.compile(r"\s*\(([^()]*)\)")


def number(digits: str) -> str:
    """A number as Vietnamese write it (`5.000`, `99,05`, `05`) in words; a leading zero is read."""
    whole, _, fraction = digits.replace(".", "").partition(",")
    zeros = len(whole) - len(whole.lstrip("0")) if whole.strip("0") else len(whole) - 1
    words = ["không"] * zeros + [_cardinal(int(whole))]
    if fraction:
        words.append("phẩy " + " ".join(_DIGITS[int(digit)] for digit in fraction))
    return " ".join(words)


def spoken(text: str, opened: Mapping[str, str]) -> str:
    """A text as it is read out, line by line. `opened` says what abbreviations stand for.

    The sign of a document (`05-CT/TW`) is left out after its number: the sentence says its kind and who issued it.
    """
    said = _PEN_NAME.sub(lambda found: " ".join(_LETTERS[c] for c in found[0] if c in _LETTERS), text)
    said = _RESOLUTION.sub(_resolution, said)
    said = _SIGN.sub(lambda found: number(found[1]), said)
    for short in sorted(opened, key=len, reverse=True):
        said = re.sub(
            rf"(?:{re.escape(opened[short])} \({re.escape(short)}\)|\b{re.escape(short)}\b)", opened[short], said
        )
    said = _dates(said)
    said = _NUMBERED.sub(lambda found: f"{found[1]} {_cardinal(_roman(found[2]))}", said)
    said = _YEARS.sub(lambda found: f"{number(found[1])} đến {number(found[2])}", said)
    said = re.sub(r"(\d)\s*%", r"\1 phần trăm", said)
    said = _NUMBER.sub(lambda found: number(found[0]), said)
    return _pauses(said)


def _resolution(found: re.Match[str]) -> str:
    return f"{number(found[1])} {_LETTERS[found[2]]} trên {number(found[3])} chấm {number(found[4])}"


def _dates(text: str) -> str:
    said = _QUARTER.sub(lambda found: f"quý {_cardinal(_roman(found[1]))} năm {number(found[2])}", text)
    for days in (_FROM_DAY, _RANGE_OF_DAYS):
        said = days.sub(lambda found: f"từ ngày {_day(found[1])} đến {_date(found[2], found[3], found[4])}", said)
    said = _WITH_DAY.sub(_dated, said)
    said = _MONTH.sub(lambda found: f"tháng {_month(found[1])} năm {number(found[2])}", said)
    return _AFTER_MONTH.sub(lambda found: f"{found[1]} {_month(found[2])}", said)


def _dated(found: re.Match[str]) -> str:
    said = _date(found[1], found[2], found[3]) or found[0]
    return said.capitalize() if found[0][0] == "N" else said


def _date(day: str, month: str, year: str | None) -> str:
    """`ngày … tháng … năm …`; "" for what is no date."""
    if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
        return ""
    ending = f" năm {number(year)}" if year else ""
    return f"ngày {_day(day)} tháng {_month(month)}{ending}"


def _day(day: str) -> str:
    return ("mồng " if int(day) <= 10 else "") + _cardinal(int(day))


def _month(month: str) -> str:
    return _MONTHS.get(int(month)) or _cardinal(int(month))


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def _cardinal(value: int) -> str:
    if value == 0:
        return _DIGITS[0]
    groups = []
    while value:
        value, group = divmod(value, 1000)
        groups.append(group)
    words = [
        _group(group, spelled_out=place < len(groups) - 1) + _GROUPS[place]
        for place, group in reversed(list(enumerate(groups)))
        if group
    ]
    return " ".join(words)


def _group(value: int, spelled_out: bool) -> str:
    """Up to three digits; `spelled_out` says the hundreds even when there are none."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or spelled_out else []
    if tens == 0 and ones and words:
        words.append("linh")
    elif tens == 1:
        words.append("mười")
    elif tens:
        words += [_DIGITS[tens], "mươi"]
    if ones:
        words.append(_ones(tens, ones))
    return " ".join(words)


def _ones(tens: int, ones: int) -> str:
    if tens >= 1 and ones == 5:
        return "lăm"
    if tens >= 2 and ones in (1, 4):
        return "mốt" if ones == 1 else "tư"
    return _DIGITS[ones]


def _pauses(text: str) -> str:
    said = re.sub('[“”"«»]', "", text)
    said = _PAUSE.sub(r", \1,", said)
    said = re.sub(r"\s+[-–/]\s+", ", ", said)
    said = re.sub(r"\s*;\s*", ", ", said)
    said = re.sub(r",\s*([,.:;!?])", r"\1", said)
    return "\n".join(" ".join(line.split()) for line in said.splitlines())

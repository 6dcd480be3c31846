"""The official document an announcement rests on: asked for, or recognised at the head of a forwarded text."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from bot.dialog import Answer, Invalid
from bot.domain.prompts import text
from bot.services.drafts import Reference
from bot.vietnamese import fold, format_date, normalise, parse_date

NUMBER_LIMIT: Final = 60
LINE_LIMIT: Final = 250
PARTS: Final = ("number", "date", "summary", "signer", "due")
"""The parts of a reference in the order asked for; only the number must be there."""
_HEAD_LINES: Final = 8
_NUMBER: Final = re.compile(r"(?i)^s\S{1,2}\s*:?\s*(\d{1,6}[-/][\w/.-]{2,40})$")
_DAY: Final = re.compile(r"ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})$")
_ABOUT: Final = ("v/v", "ve viec")


def recognised(body: str) -> Reference | None:
    """The reference a text begins with, when it is certain: a line with number and symbol, and one with the date."""
    lines = [normalise(line).strip() for line in body.splitlines() if line.strip()][:_HEAD_LINES]
    number = next((found[1] for line in lines if (found := _NUMBER.match(line)) and fold(line).startswith("so")), "")
    day = next((found for line in lines if (found := _DAY.search(fold(line)))), None)
    if not number or day is None or len(number) > NUMBER_LIMIT:
        return None
    try:
        on = date(int(day[3]), int(day[2]), int(day[1]))
    except ValueError:
        return None
    about = next((line for line in lines if fold(line).startswith(_ABOUT)), "")
    return Reference(number=number, date=format_date(on), summary=about[:LINE_LIMIT], signer="", due="")


def parser(part: str) -> Callable[[Answer], str | Invalid]:
    """What reads the answer to the question for a part: a day as written in Vietnam, else one line that fits."""
    if part in ("date", "due"):
        return _day
    return _line(NUMBER_LIMIT if part == "number" else LINE_LIMIT)


def _line(limit: int) -> Callable[[Answer], str | Invalid]:
    def parse(answer: Answer) -> str | Invalid:
        line = " ".join(answer.text.split())
        if not line:
            return Invalid(text("errors.other_kind_here"))
        return line if len(line) <= limit else Invalid(text("errors.too_long", limit=limit))

    return parse


def _day(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today, "future")
    return format_date(day) if day is not None else Invalid(text("compose.bad_date"))

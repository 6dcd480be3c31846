"""An officer takes the sheet of a month's meeting or the loudspeaker's script of a week."""

import re
from typing import Final

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.prompts import Option, text
from bot.services import sheets as printed
from bot.services.sheets import WEEKS
from bot.vietnamese import choice_number, fold, quote

_NUMBER: Final = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
MONTH: Final = "thang"


async def sheets(dialog: Dialog) -> None:
    """This month's sheet, this week's script, or another one."""
    now = await dialog.load("now", printed.now)
    if now is None:
        await dialog.say(text("errors.no_right"))
        return
    options = [
        Option("month", "sheet_month", params={"month": now["month"]}),
        Option("week", "sheet_week", params={"week": now["week"]}),
        Option("other_month"),
        Option("other_week"),
    ]
    chosen = await dialog.choose("which", text("sheets.which"), options)
    if chosen in ("month", "other_month"):
        month = now["month"] if chosen == "month" else await _month(dialog)
        given = await dialog.commit("give", printed.give_meeting, month)
    else:
        week = now["week"] if chosen == "week" else await _week(dialog, now["week"])
        given = await dialog.commit("give", printed.give_script, week)
    await dialog.say(text("sheets.given" if given else "sheets.none"))


async def _month(dialog: Dialog) -> int:
    options = [Option(str(month), "month", params={"month": month}) for month in range(1, 13)]
    return int(await dialog.ask("month", text("sheets.which_month"), _typed_month, options=options))


async def _week(dialog: Dialog, now: int) -> int:
    near = [week for week in range(now - 1, now + 3) if 1 <= week <= WEEKS]
    options = [Option(str(week), "sheet_week", params={"week": week}) for week in near]
    # Not numbered: 20 typed is week 20.
    return int(await dialog.ask("week", text("sheets.which_week"), _typed, options=options, numbered=False))


def _typed_month(answer: Answer) -> str | Invalid:
    """«tháng bảy», «7/2025», «mười một»."""
    first, _, rest = answer.text.partition(" ")
    numbers = _NUMBER.findall(answer.text)
    month = choice_number(rest if fold(first) == MONTH else answer.text, 12)
    if month is None and len(numbers) == 1 and 1 <= int(numbers[0]) <= 12:
        month = int(numbers[0])
    return str(month) if month is not None else Invalid(text("sheets.no_month", quoted=quote(answer.text)))


def _typed(answer: Answer) -> int | Invalid:
    numbers = _NUMBER.findall(answer.text)
    week = choice_number(answer.text, WEEKS)
    if week is None and len(numbers) == 1:  # of a day («20/5») or a month's week nobody knows which is meant
        week = int(numbers[0])
    if week is None or not 1 <= week <= WEEKS:
        return Invalid(text("sheets.no_week", quoted=quote(answer.text)))
    return week


FLOWS = (Flow("sheets", sheets, commands=("sinhhoat",), word="sheets", open_to="role", resumable=False),)

"""An officer takes the sheet of a month's meeting or the loudspeaker's script of a week."""

import re
from typing import Final

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.prompts import Option, text
from bot.services import sheets as printed
from bot.services.sheets import WEEKS
from bot.vietnamese import choice_number, quote

_WEEK: Final = re.compile(r"(?<!\d)\d{1,2}(?!\d)")


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
    return int(await dialog.choose("month", text("sheets.which_month"), options))


async def _week(dialog: Dialog, now: int) -> int:
    near = [week for week in range(now - 1, now + 3) if 1 <= week <= WEEKS]
    options = [Option(str(week), "sheet_week", params={"week": week}) for week in near]
    # Not numbered: 20 typed is week 20.
    return int(await dialog.ask("week", text("sheets.which_week"), _typed, options=options, numbered=False))


def _typed(answer: Answer) -> int | Invalid:
    digits = _WEEK.search(answer.text)
    week = int(digits[0]) if digits else choice_number(answer.text, WEEKS)
    if week is None or not 1 <= week <= WEEKS:
        return Invalid(text("sheets.no_week", quoted=quote(answer.text)))
    return week


FLOWS = (Flow("sheets", sheets, commands=("sinhhoat",), word="sheets", open_to="role", resumable=False),)

"""What comes: the days to remember of the next months."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import text
from bot.services import calendar

WITHIN_DAYS = 120
AT_MOST = 8


async def upcoming(dialog: Dialog) -> None:
    """List them, nearest first."""
    days = await dialog.load("days", calendar.upcoming, WITHIN_DAYS, AT_MOST)
    if days:
        await dialog.say(text("upcoming.list", days=days))
    else:
        await dialog.say(text("upcoming.nothing", within=WITHIN_DAYS))


FLOWS = (Flow("upcoming", upcoming, commands=("saptoi",), word="upcoming", resumable=False),)

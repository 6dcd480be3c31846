"""Why a message came that nobody had asked for, for those who type it."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import text
from bot.services import daily


async def why(dialog: Dialog) -> None:
    """Explain the last one."""
    reason = await dialog.load("reason", daily.explain_last)
    await dialog.say(text(reason["text"], **reason["params"]))


FLOWS = (Flow("why", why, word="why_this", resumable=False),)

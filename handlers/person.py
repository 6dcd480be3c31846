"""Whom to talk to."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import text
from bot.services import contact


async def person(dialog: Dialog) -> None:
    """The nearest officer who agreed to be called, else the federation's contact."""
    found = await dialog.load("nearest", contact.nearest)
    await dialog.say(text("contact.person", **found))


FLOWS = (Flow("person", person, commands=("gapcanbo",), word="person", resumable=False),)

"""The work of officers, reviewers and administrators: what a person's roles allow."""

from typing import Final

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import controls, posters, recordings, roster, unit_ending

WORDS: Final = {"announce": "compose", "review": "work_review"}
"""Lexicon entries of duties that are not called like their flow."""


async def work(dialog: Dialog) -> Go | None:
    """Choose a duty."""
    duties = await dialog.load("duties", roster.duties)
    sending = await dialog.load("sending", controls.duties)
    may = [*sending["may"], *duties["may"], *await dialog.load("sheets", posters.duties)]
    may += await dialog.load("recordings", recordings.duties)
    may += await dialog.load("endings", unit_ending.duties)
    may += sending["rarely"]
    if not may:
        await dialog.say(text("errors.no_right"))
        return None
    prompt = text("officer.work", newcomers=duties["newcomers"], sought=duties["sought"])
    duty = await dialog.choose("duty", prompt, [Option(name, WORDS.get(name, name)) for name in may])
    return Go(duty, {})


FLOWS = (Flow("work", work, commands=("congviec",), word="work", open_to="role", resumable=False),)

"""Small flows that tests of the engine play, and what they ask."""

from typing import Any

from bot.dialog import Answer, Dialog, Invalid
from bot.domain.prompts import Option, text

AB = (Option("a"), Option("b"))


def word(answer: Answer) -> str | Invalid:
    """At least three letters."""
    return answer.text if len(answer.text) >= 3 else Invalid(text("too_short"))


def done(turn: Any, *args: Any) -> str:
    return "done"


def count(turn: Any) -> int:
    """How often anything ran in this turn."""
    return len(turn.ran)


async def three(dialog: Dialog) -> None:
    await dialog.say(text("hello"))
    first = await dialog.ask("first", text("q1"), word)
    await dialog.say(text("between"))
    second = await dialog.ask("second", text("q2"), word)
    third = await dialog.choose("third", text("q3", first=first, second=second), AB)
    await dialog.say(text("bye", first=first, second=second, third=third))

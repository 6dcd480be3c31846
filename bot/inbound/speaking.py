"""Turning what the engine played into outbox rows: texts, the pending question with its buttons, the old keyboard."""

from collections.abc import Callable
from typing import Any

from bot.channels.render import plain
from bot.dialog.dialog import Ask
from bot.dialog.engine import Played
from bot.domain.messages import Button
from bot.domain.prompts import Option, Spoken, Text
from bot.services.turn import Turn


class TurnHost:
    """The engine's window on a turn."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def perform(self, function: Callable[..., Any], args: tuple[Any, ...], key: str) -> Any:
        """Run a load or commit with its key as part of the seed."""
        self._turn.key = key
        return function(self._turn, *args)

    def spoken(self, option: Option) -> Spoken:
        """From the lexicon."""
        return self._turn.at.texts.spoken(option)


def question_buttons(turn: Turn, ask: Ask, dialog: int, seq: int) -> list[Button]:
    """The options as buttons that show the number (or letter) one may type instead, if there is one."""
    buttons = []
    for index, option in enumerate(ask.options):
        label = turn.at.texts.spoken(option).label
        if ask.numbered and not ask.letters:
            label = f"{index + 1}. {label}"
        elif ask.letters and option.label:
            label = chr(ord("A") + index)
        buttons.append(Button(label, f"d:{dialog}:{seq}:{option.id}"))
    return buttons


def labels(turn: Turn, ask: Ask, ids: list[str]) -> list[str]:
    """How the options with these ids are called."""
    return [turn.at.texts.spoken(option).label for option in ask.options if option.id in ids]


def first_line(turn: Turn, text: Text) -> str:
    """The first line of a prompt, without markup, for a recap."""
    return plain(turn.render(text)).split("\n", 1)[0]


def spoken_texts(turn: Turn, played: Played) -> list[str]:
    """The says, then the pending prompt, rendered."""
    texts = [turn.render(text) for text in played.says]
    if played.asking is not None:
        texts.append(turn.render(played.asking.prompt))
    return texts

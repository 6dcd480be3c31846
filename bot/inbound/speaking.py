"""Turning what the engine played into outbox rows: texts, the pending question with its buttons, the old keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.render import plain
from bot.dialog.answers import UNMARK
from bot.dialog.dialog import Ask
from bot.dialog.engine import Played
from bot.domain.messages import Button
from bot.domain.prompts import Option, Spoken, Text, text
from bot.services.turn import Turn


class TurnHost:
    """The engine's window on a turn. What a conversation reads and does is of the content it `keeps_to`."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._pack = turn.at.pack

    def keeps_to(self, revision: str) -> None:
        """From here on of this revision; "" for the one in use. Raises NotRead."""
        self._pack = self._turn.at.pack_of(revision)

    def perform(self, function: Callable[..., Any], args: tuple[Any, ...], key: str) -> Any:
        """Run a load or commit with its key as part of the seed."""
        turn = self._turn
        turn.key = key
        if self._pack is turn.at.pack:
            return function(turn, *args)
        now = turn.at
        turn.at = replace(now, pack=self._pack)
        try:
            return function(turn, *args)
        finally:
            turn.at = now

    def spoken(self, option: Option) -> Spoken:
        """From the lexicon."""
        return self._turn.at.texts.spoken(option)


def question_buttons(turn: Turn, ask: Ask, dialog: int, seq: int, marks: Sequence[str] = ()) -> list[Button]:
    """The options as buttons that show the number (or letter) one may type instead, if there is one.

    Those in `marks` are shown as chosen, and a tap takes the mark away; a channel without buttons shows no marks.
    """
    buttons = []
    shown = marks if shows_buttons(turn) else ()
    for index, option in enumerate(ask.options):
        label, data = turn.at.texts.spoken(option).label, option.id
        if ask.numbered and not ask.letters:
            label = f"{index + 1}. {label}"
        elif ask.letters and option.label:
            label = chr(ord("A") + index)
        if option.id in shown:
            label, data = turn.at.texts.words["marked"].show.format(label=label), UNMARK + option.id
        buttons.append(Button(label, f"d:{dialog}:{seq}:{data}"))
    return buttons


def shows_buttons(turn: Turn) -> bool:
    """Whether the channel the turn answers on has buttons."""
    return turn.address is None or turn.at.capabilities[turn.address.account_id].buttons


def marked_line(turn: Turn, played: Played) -> Text:
    """What is chosen so far; where marks stand on the buttons these are pointed to, as they may change under it."""
    if shows_buttons(turn):
        return text("common.marked_below")
    ask = played.asking
    ids = [option.id for option in ask.options] if ask is not None else []
    return text("common.marked", letters=[chr(ord("A") + ids.index(id)) for id in played.journal.marks])


def labels(turn: Turn, ask: Ask, ids: list[str]) -> list[str]:
    """How the options with these ids are called."""
    return [turn.at.texts.spoken(option).label for option in ask.options if option.id in ids]


def first_line(turn: Turn, text: Text) -> str:
    """The first line of a prompt, without markup, for a recap."""
    return plain(turn.render(text)).split("\n", 1)[0]


def spoken_texts(turn: Turn, played: Played) -> list[str]:
    """The says, then the pending prompt and what is chosen of it, rendered."""
    texts = [turn.render(text) for text in played.says]
    if played.asking is not None:
        texts.append(turn.render(played.asking.prompt))
        if played.journal.marks:
            texts.append(turn.render(marked_line(turn, played)))
    return texts

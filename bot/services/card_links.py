"""The ways to a card: the address that opens it on a channel, or the words that do where a link cannot say it."""

import re
from collections.abc import Iterable
from typing import Final, TypedDict

from bot.channels.render import plain
from bot.domain.prompts import Option, text
from bot.services import posters
from bot.services.turn import Turn
from bot.vietnamese import fold

_NAMED: Final = re.compile(r"c_([a-z0-9-]{1,32})|bai ([a-z0-9]+(?:-[a-z0-9]+)+)")


class Way(TypedDict):
    """How to come to a card on a channel: its address, and what to type there ("" when the address says it)."""

    name: str
    link: str
    typed: str


def card_named(typed: str) -> str:
    """The card's id in a link's payload (`c_hon-da`) or in what is typed for it («bài hon-da»); "" when it is none."""
    found = _NAMED.fullmatch(fold(typed[:60]))
    return (found[1] or found[2]) if found is not None else ""


def lines(turn: Turn, card_id: str, channels: Iterable[str]) -> str:
    """The ways to a card on those of these channels that have an address, a line each."""
    ways = [way for channel in dict.fromkeys(channels) if (way := _way(turn, card_id, channel)) is not None]
    return plain(turn.render(text("card.ways", ways=ways)))


def _way(turn: Turn, card_id: str, channel: str) -> Way | None:
    link, word = posters.link_to(turn, channel), turn.at.texts.words.get(f"channel_{channel}")
    if not link:
        return None
    carries = channel in posters.TAKE_CODES
    return Way(
        name=word.show if word is not None else channel,
        link=f"{link}?start=c_{card_id}" if carries else link,
        typed="" if carries else _words_for(turn, card_id),
    )


def _words_for(turn: Turn, card_id: str) -> str:
    """What is typed to open a card where a link cannot say it."""
    code = turn.at.texts.spoken(Option("card_by_words", params={"card": card_id})).label
    return code if card_named(code) == card_id else f"c_{card_id}"

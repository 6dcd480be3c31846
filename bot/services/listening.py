"""The language a member chose to listen in, and what they hear of a card in it. For nobody's eyes but theirs.

It says who somebody may be at home: told by the member, taken back by them; no officer sees it, selects by it, or finds
it in a list or a file, and nothing counts who listened.
"""

from typing import TypedDict

from bot.domain.messages import Button
from bot.domain.prompts import Option, Text, text
from bot.services import told
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import learning


class Chosen(TypedDict):
    """The member's language as read ("" for none), and all the pack has: (code, name)."""

    language: str
    offered: list[tuple[str, str]]


class Heard(TypedDict):
    """The language as read ("" where none is chosen), and what there is of something in it: spoken, written or ""."""

    language: str
    told: str


def current(turn: Turn) -> Chosen:
    """What the member chose of the languages the pack has now."""
    offered = [(language.id, language.name) for language in turn.at.pack.languages]
    return Chosen(language=dict(offered).get(learning.language(turn.tx, turn.me.id), ""), offered=offered)


def choose(turn: Turn, language: str) -> str:
    """Keep the language with this code, or none for ""; returns it as read."""
    learning.set_language(turn.tx, turn.me.id, language, turn.now)
    chosen = turn.at.pack.language_by_id.get(language)
    return chosen.name if chosen is not None else ""


def of(turn: Turn, target: str) -> Heard:
    """What this member can hear of a card or a question (`card-hon-da`)."""
    chosen = turn.at.pack.language_by_id.get(learning.language(turn.tx, turn.me.id))
    if chosen is None:
        return Heard(language="", told="")
    return Heard(language=chosen.name, told=told.there_is(turn, chosen.id, target))


def option(how: str) -> list[Option]:
    """*Nghe*, or what reads the text, where there is one (`Heard.told`)."""
    return [Option("listen", word="listen" if how == told.SPOKEN else "read_told")] if how else []


def button(turn: Turn, card_id: str) -> list[Button]:
    """The same under a card that nobody had asked for; none for nobody in particular, who chose no language."""
    if turn.member is None:
        return []
    return [standing_button(turn, "lis", card_id, each) for each in option(of(turn, f"card-{card_id}")["told"])]


def play(turn: Turn, target: str) -> Heard:
    """Send the member what there is; `told` is "" without any, "not_here" when it could not be sent."""
    heard = of(turn, target)
    if heard["told"] and not told.send(turn, learning.language(turn.tx, turn.me.id), target):
        return Heard(language=heard["language"], told="not_here")
    return heard


def pressed(turn: Turn, card_id: str, _choice: str) -> Reply:
    """The standing service behind *Nghe*."""
    return Reply((said(play(turn, f"card-{card_id}")),))


def said(heard: Heard) -> Text:
    """What is said beside it, or where there is nothing."""
    return text("listening.played" if heard["told"] else "listening.nothing", **heard)

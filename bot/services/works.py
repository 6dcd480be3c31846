"""What kind of work a member chose, so that the suggestion under a piece is about that work. For nothing else.

It is told by the member, and taken back by them; no officer sees it, selects by it, or finds it in a list or a file.
"""

from typing import TypedDict

from bot.services.turn import Turn
from bot.storage import learning
from content.models import Card


class Chosen(TypedDict):
    """The member's kind of work as read ("" for none), and all the pack has: (id, label)."""

    work: str
    offered: list[tuple[str, str]]


def current(turn: Turn) -> Chosen:
    """What the member chose of the kinds the pack has now."""
    works = turn.at.pack.works
    return Chosen(work=works.get(learning.work(turn.tx, turn.me.id), ""), offered=list(works.items()))


def choose(turn: Turn, work: str) -> str:
    """Keep the kind of work with this id, or none for ""; returns it as read."""
    learning.set_work(turn.tx, turn.me.id, work, turn.now)
    return turn.at.pack.works.get(work, "")


def suggestion(turn: Turn, card: Card) -> str:
    """What a card suggests to this member: the words for their kind of work, else those for everybody."""
    if card.do_this_for:
        return card.do_this_for.get(learning.work(turn.tx, turn.me.id), card.do_this or "")
    return card.do_this or ""

"""Search over the whole pack: cards, documents, quotations, questions, abbreviations."""

from collections.abc import Callable, Mapping
from typing import Final, TypedDict

from bot.domain.prompts import Option
from bot.services.paging import Page, page
from bot.services.turn import Turn
from bot.vietnamese import fold
from content.models import Pack

LETTERS: Final = {"card": "c", "document": "d", "quotation": "q", "question": "a", "term": "t"}
"""What a hit is, by the letter before its id on a button."""
_TITLES: Final[Mapping[str, Callable[[Pack, str], str]]] = {
    "card": lambda pack, id: pack.card_by_id[id].title,
    "document": lambda pack, id: f"{pack.document_by_id[id].number}: {pack.document_by_id[id].title}",
    "quotation": lambda pack, id: pack.quotation_by_id[id].text,
    "question": lambda pack, id: pack.question_by_id[id].text,
    "term": lambda pack, id: next(term.term for term in pack.glossary if term.id == id),
}


class Hits(TypedDict):
    """A page of what was found, as (letter.id, label), and how much there is; `exact` is false for mere lookalikes."""

    page: Page
    count: int
    exact: bool


class Taught(TypedDict):
    """A question as it is found: what it asks, and the card that teaches it. Its answer is for who tries it."""

    question: str
    card: str
    title: str


def find(turn: Turn, typed: str, skip: int) -> Hits:
    """A page of what has the typed words, best first; words that only ask («bài nói về») do not count."""
    found = turn.at.pack.index.find(_telling(turn, typed))
    labelled = [(f"{LETTERS[what]}.{id}", _label(turn, what, id)) for what, id in found.ids]
    return Hits(page=page(labelled, skip), count=len(found.ids), exact=found.exact)


def _telling(turn: Turn, typed: str) -> str:
    """What was typed without the words that only ask, unless these are all of it."""
    entry = turn.at.texts.words["asking_words"]
    asking = {fold(word) for word in (entry.show, *entry.accept)}
    return " ".join(word for word in typed.split() if fold(word) not in asking) or typed


def _label(turn: Turn, what: str, id: str) -> str:
    params = {"title": _TITLES[what](turn.at.pack, id)}
    return turn.at.texts.spoken(Option(f"hit_{what}", params=params)).label


def taught(turn: Turn, question_id: str) -> Taught | None:
    """A question that was found, and where it is taught; None when it was withdrawn."""
    question = turn.at.pack.question_by_id.get(question_id)
    card = turn.at.pack.card_by_id.get(question.card) if question is not None else None
    if question is None or card is None:
        return None
    return Taught(question=question.text, card=card.id, title=card.title)

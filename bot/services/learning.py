"""The year's topic, a card at a time and five questions at a time, each member from where they stopped."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Literal, TypedDict

from bot.services import solemn
from bot.services.turn import Turn
from bot.storage import learning
from bot.storage.learning import Missed
from content.models import OPTION_LETTERS, Card, Pack, Question

QUESTIONS_A_TIME: Final = 5
RETURNS: Final = (1, 2)
"""Days until a missed question returns: the next day, then two on, the third day after the miss."""
LOST: Final = ("expired", "failed", "unreachable", "cancelled")
"""How a message ended that nobody can have read."""
PERHAPS_LOST: Final = "uncertain"
"""How one ended of which nobody knows whether it was read."""


class Asked(TypedDict):
    """A question as it is asked; the options in the order of their letters."""

    id: str
    text: str
    options: list[str]


class Graded(TypedDict):
    """What became of an answer, as `learning.graded` says it."""

    right: bool
    letter: str
    answer: str
    explanation: str
    sources: list[str]


def next_card(turn: Turn, unasked: bool = False) -> dict[str, Any] | None:
    """The next card this member has not had, and mark it read; None when they have had all.

    One that was sent `unasked` and did not arrive was not had; of one that perhaps did not, who asks for more says
    that it did.
    """
    learning.take_back(turn.tx, turn.me.id, (*LOST, PERHAPS_LOST) if unasked else LOST)
    read = learning.cards_read(turn.tx, turn.me.id)
    card = next((card for card in turn.at.pack.cards if card.id not in read), None)
    if card is None:
        return None
    learning.mark_read(turn.tx, turn.me.id, card.id, turn.now)
    return as_params(turn.at.pack, card)


def reread(turn: Turn, card_id: str) -> dict[str, Any] | None:
    """A card once more; None when it was withdrawn."""
    card = turn.at.pack.card_by_id.get(card_id)
    return as_params(turn.at.pack, card) if card is not None else None


def cards_had(turn: Turn) -> list[str]:
    """Ids of the cards this member has had, in reading order."""
    read = learning.cards_read(turn.tx, turn.me.id)
    return [card.id for card in turn.at.pack.cards if card.id in read]


def as_params(pack: Pack, card: Card) -> dict[str, Any]:
    """A card as the parameters of `learning.card`; JSON. `number` is its place among `total` cards."""
    quotation = pack.quotation_of(card)
    return {
        "id": card.id,
        "year": pack.year,
        "number": pack.cards.index(card) + 1,
        "total": len(pack.cards),
        "title": card.title,
        "body": card.body,
        "quotation": quotation.text if quotation else "",
        "work": quotation.work if quotation else "",
        "quoted_on": (quotation.date or "") if quotation else "",
        "do_this": card.do_this or "",
        "sources": [source.title for source in pack.sources_of(card)],
    }


def due_missed(turn: Turn) -> int:
    """How many missed questions return to this member today."""
    return len(_due(turn))


def draw(turn: Turn) -> list[str]:
    """Ids of the questions of one round, at most five.

    Missed ones that are due come first, then questions on cards this member has read, then the others. One
    answered right is not drawn again until no other is left; a missed one not before it is due. None in solemn days.
    """
    if solemn.covers_me(turn):
        return []
    member, pack = turn.me.id, turn.at.pack
    read = learning.cards_read(turn.tx, member)
    right = learning.answered_right(turn.tx, member)
    waiting = {missed.question_id for missed in learning.missed(turn.tx, member)}
    open_now = [question for question in pack.questions if question.id not in waiting]
    rng = turn.random()
    drawn = _due(turn)[:QUESTIONS_A_TIME]
    fresh = [question for question in open_now if question.id not in right]
    drawn += _some(fresh, read, QUESTIONS_A_TIME - len(drawn), rng)
    if len(drawn) < QUESTIONS_A_TIME and right:
        learning.forget_right(turn.tx, member)
        again = [question for question in open_now if question.id in right]
        drawn += _some(again, read, QUESTIONS_A_TIME - len(drawn), rng)
    return drawn


def question(turn: Turn, question_id: str) -> Asked | None:
    """A drawn question; None when it was withdrawn."""
    found = turn.at.pack.question_by_id.get(question_id)
    return Asked(id=found.id, text=found.text, options=list(found.options)) if found is not None else None


def grade(turn: Turn, asked: Asked, letter: str) -> Graded | Literal["closed"] | None:
    """Grade an answer to a question as it was shown, and remember what that means for the next rounds.

    Nothing is remembered when the mode has become solemn for the member (closed), or the question was withdrawn or its
    options rewritten in the meantime (None).
    """
    if solemn.covers_me(turn):
        return "closed"
    found = turn.at.pack.question_by_id.get(asked["id"])
    if found is None or sorted(found.options) != sorted(asked["options"]):
        return None
    correct = "".join(sorted(OPTION_LETTERS[asked["options"].index(option)] for option in found.correct_options))
    right = letter == correct
    _remember(turn, found.id, right)
    return Graded(
        right=right,
        letter=correct,
        answer="; ".join(found.correct_options),
        explanation=found.explanation,
        sources=[source.title for source in turn.at.pack.sources_of(found)],
    )


def _remember(turn: Turn, question_id: str, right: bool) -> None:
    missed = {m.question_id: m for m in learning.missed(turn.tx, turn.me.id)}.get(question_id)
    if right and (missed is None or missed.stage == len(RETURNS)):
        learning.mark_right(turn.tx, turn.me.id, question_id)
        return
    stage = missed.stage + 1 if right and missed is not None else 1
    due_on = turn.today + timedelta(days=RETURNS[stage - 1])
    learning.put_missed(turn.tx, turn.me.id, Missed(question_id, due_on, stage))


def _due(turn: Turn) -> list[str]:
    """Ids of the missed questions that return today or should have before, the longest due first."""
    return [
        missed.question_id
        for missed in learning.missed(turn.tx, turn.me.id)
        if missed.due_on <= turn.today and missed.question_id in turn.at.pack.question_by_id
    ]


def _some(questions: Sequence[Question], read: set[str], count: int, rng: random.Random) -> list[str]:
    """Ids of `count` of `questions` by lot, those on cards in `read` before the others."""
    shuffled = rng.sample(questions, len(questions))
    shuffled.sort(key=lambda question: question.card not in read)
    return [question.id for question in shuffled[:count]]

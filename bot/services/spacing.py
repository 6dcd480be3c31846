"""When a missed question returns: FSRS, the open algorithm of spaced repetition, from right and wrong alone.

The algorithm is FSRS-6 as the package `fsrs` of its authors computes it (Jarrett Ye and others, Open Spaced Repetition,
https://github.com/open-spaced-repetition/py-fsrs), with its published default parameters and nine in ten to be
remembered on the day. It is used in whole civil days: there are no steps of minutes, and no chance in the intervals.

A question stops by itself in one of two ways. Answered right, when FSRS would let it return only after more than
`LONG_KNOWN` days: by then it comes up in ordinary rounds anyway, and a worker is not to be examined for ever. Or after
`MOST_RETURNS` returns, however they went: who still misses it then has read its explanation nine times.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from fsrs import Card, Rating, Scheduler, State

LONG_KNOWN: Final = 14
MOST_RETURNS: Final = 8

_SCHEDULER: Final = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


@dataclass(frozen=True, slots=True)
class Memory:
    """How well one question is remembered: `stability` in days, `difficulty` from 1 to 10, as of `answered_on`.

    `returns` counts the times it came back.
    """

    stability: float
    difficulty: float
    answered_on: date
    returns: int = 0


def first_miss(day: date) -> tuple[Memory, int]:
    """What is remembered of a question just missed, and in how many days it returns."""
    card = _answered(Card(card_id=0, due=_noon(day)), Rating.Again, day)
    return _memory(card, day, 0)


def again(memory: Memory, right: bool, day: date) -> tuple[Memory, int] | None:
    """After a returned question was answered: the memory now and the days until it returns; None when it stops."""
    returns = memory.returns + 1
    known = Card(
        card_id=0,
        state=State.Review,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=_noon(day),
        last_review=_noon(memory.answered_on),
    )
    now, days = _memory(_answered(known, Rating.Good if right else Rating.Again, day), day, returns)
    return None if returns >= MOST_RETURNS or (right and days > LONG_KNOWN) else (now, days)


def _answered(card: Card, rating: Rating, day: date) -> Card:
    return _SCHEDULER.review_card(card, rating, _noon(day))[0]


def _memory(card: Card, day: date, returns: int) -> tuple[Memory, int]:
    assert card.stability is not None
    assert card.difficulty is not None
    return Memory(card.stability, card.difficulty, day, returns), (card.due.date() - day).days


def _noon(day: date) -> datetime:
    """A civil day as the library wants it; noon, so that differences are whole days."""
    return datetime.combine(day, time(12), UTC)

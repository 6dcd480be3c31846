"""Five questions a round, and the missed ones that return: at most five a day, until they stop by themselves."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal, NotRequired, TypedDict

from bot.services import listening, solemn, spacing
from bot.services.spacing import Memory
from bot.services.turn import Turn
from bot.storage import learning
from bot.storage.learning import Missed
from content.models import OPTION_LETTERS, Question

QUESTIONS_A_TIME: Final = 5
RETURNS_A_DAY: Final = 5
LAPSE: Final = timedelta(days=14)
"""So long after its day a missed question that nobody took up returns no more: the daily message never nags."""


FURTHEST: Final = timedelta(days=90)
"""Further than that no question is put off, however many wait before it."""


class Asked(TypedDict):
    """A question as it is asked; the options in the order of their letters.

    `several` is whether more than one is to be chosen, the rest as in `listening.Heard`; a question asked by an earlier
    version does not say.
    """

    id: str
    text: str
    options: list[str]
    several: NotRequired[bool]
    language: NotRequired[str]
    told: NotRequired[str]


class Graded(TypedDict):
    """What became of an answer, as `learning.graded` says it.

    `letter` and `answer` are all right options. Of several, `hit` are the letters rightly chosen, `missing` the right
    ones left out, with their text, and `extra` the letters wrongly chosen; all empty where one is to be chosen.
    `back` is in how many days the question returns (0: not). `over` is whether it returned now and never will again.
    """

    right: bool
    letter: str
    answer: str
    explanation: str
    sources: list[str]
    hit: list[str]
    missing: list[str]
    extra: list[str]
    back: int
    over: bool


def due(turn: Turn) -> int:
    """How many missed questions return to this member today and were not answered again yet."""
    return len(_due(turn))


def draw(turn: Turn, card: str = "") -> list[str]:
    """Ids of the questions of one round, at most five.

    Missed ones that are due come first, then questions on `card` ("": the one read last), on other cards this member
    has read, and the others. One answered right is not drawn again until no other is left; a missed one not before it
    is due. What was drawn is asked from easy to hard, in that order among equals, but whatever is on `card` before all.
    None in solemn days.
    """
    if solemn.covers_me(turn):
        return []
    member, pack = turn.me.id, turn.at.pack
    read = [*filter(None, [card]), *learning.last_read(turn.tx, member)]
    right = learning.answered_right(turn.tx, member)
    waiting = {missed.question_id for missed in _waiting(turn)}
    open_now = [question for question in pack.questions if question.id not in waiting]
    rng = turn.random()
    drawn = _due(turn)[:QUESTIONS_A_TIME]
    fresh = [question for question in open_now if question.id not in right]
    drawn += _some(fresh, read, QUESTIONS_A_TIME - len(drawn), rng)
    if len(drawn) < QUESTIONS_A_TIME and right:
        learning.forget_right(turn.tx, member)
        again = [question for question in open_now if question.id in right]
        drawn += _some(again, read, QUESTIONS_A_TIME - len(drawn), rng)
    chosen = [pack.question_by_id[id] for id in drawn]
    return [found.id for found in sorted(chosen, key=lambda found: (found.card != card, found.difficulty))]


def question(turn: Turn, question_id: str) -> Asked | None:
    """A drawn question; None when it was withdrawn."""
    found = turn.at.pack.question_by_id.get(question_id)
    if found is None:
        return None
    heard = listening.of(turn, f"question-{found.id}")
    return Asked(id=found.id, text=found.text, options=list(found.options), several=found.is_several, **heard)


def grade(turn: Turn, asked: Asked, chosen: str | list[str]) -> Graded | Literal["closed"] | None:
    """Grade the letter or letters chosen of a question as it was shown, and remember that for the next rounds.

    Of several right options all are to be chosen, and no other. Nothing is remembered when the mode has become solemn
    for the member (closed), or the question was withdrawn or its options rewritten in the meantime (None).
    """
    if solemn.covers_me(turn):
        return "closed"
    found = turn.at.pack.question_by_id.get(asked["id"])
    if found is None or sorted(found.options) != sorted(asked["options"]):
        return None
    if found.is_several != asked.get("several", False):
        return None
    letters = dict(zip(OPTION_LETTERS, asked["options"], strict=True))
    correct = [letter for letter, option in letters.items() if option in found.correct_options]
    right = sorted(chosen) == correct
    back, over = _remember(turn, found.id, right)
    return Graded(
        right=right,
        letter="".join(correct),
        answer="; ".join(letters[letter] for letter in correct),
        explanation=found.explanation,
        sources=[source.title for source in turn.at.pack.sources_of(found)],
        hit=[letter for letter in correct if found.is_several and letter in chosen],
        missing=[f"{letter}: {letters[letter]}" for letter in correct if found.is_several and letter not in chosen],
        extra=[letter for letter in letters if found.is_several and letter in chosen and letter not in correct],
        back=back,
        over=over,
    )


def let_lapse(turn: Turn, limit: int) -> int:
    """Drop at most `limit` missed questions whose day was long ago; returns how many."""
    return learning.let_lapse(turn.tx, turn.today - LAPSE, limit)


def _remember(turn: Turn, question_id: str, right: bool) -> tuple[int, bool]:
    """In how many days the question returns (0: not), and whether it returned now for the last time."""
    waiting = _waiting(turn)
    missed = next((missed for missed in waiting if missed.question_id == question_id), None)
    if missed is None and right:
        learning.mark_right(turn.tx, turn.me.id, question_id)
        return 0, False
    if missed is None:
        return _put(turn, question_id, waiting, *spacing.first_miss(turn.today)), False
    if missed.due_on > turn.today:  # answered a moment ago, on another phone: its answer stood there
        return (missed.due_on - turn.today).days, False
    learning.count_return(turn.tx, turn.me.id, turn.today)
    answered_on = missed.due_on - timedelta(days=missed.days)
    known = Memory(missed.stability, missed.difficulty, answered_on, missed.returns)
    next_time = spacing.again(known, right, turn.today)
    if next_time is not None:
        return _put(turn, question_id, waiting, *next_time), False
    learning.drop_missed(turn.tx, turn.me.id, question_id)
    if right:
        learning.mark_right(turn.tx, turn.me.id, question_id)
    return 0, True


def _waiting(turn: Turn) -> list[Missed]:
    """The member's missed questions; one put off further than any is was missed while a clock went ahead: due now."""
    furthest = turn.today + FURTHEST
    return [
        missed if missed.due_on <= furthest else missed._replace(due_on=turn.today)
        for missed in learning.missed(turn.tx, turn.me.id)
    ]


def _put(turn: Turn, question_id: str, waiting: Sequence[Missed], memory: Memory, days: int) -> int:
    """Let the question return in `days` days, or on the first day after that still has room; returns how many."""
    others = [missed.due_on for missed in waiting if missed.question_id != question_id]
    while others.count(turn.today + timedelta(days=days)) >= RETURNS_A_DAY:
        days += 1
    on = turn.today + timedelta(days=days)
    row = Missed(question_id, on, days, memory.stability, memory.difficulty, memory.returns)
    learning.put_missed(turn.tx, turn.me.id, row)
    return days


def _due(turn: Turn) -> list[str]:
    """Ids of the missed questions that may return yet today, the longest due first."""
    left = RETURNS_A_DAY - learning.returned(turn.tx, turn.me.id, turn.today)
    found = [
        missed.question_id
        for missed in _waiting(turn)
        if missed.due_on <= turn.today and missed.question_id in turn.at.pack.question_by_id
    ]
    return found[: max(left, 0)]


def _some(questions: Sequence[Question], read: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """Ids of `count` of `questions` by lot, those on the first card of `read` before those on the rest and others."""
    shuffled = rng.sample(questions, len(questions))
    shuffled.sort(key=lambda question: (question.card not in read[:1], question.card not in read))
    return [question.id for question in shuffled[:count]]

"""Whether questions repeat each other, and whether where the right answer stands gives it away."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rapidfuzz import fuzz

from content.checks.finding import Finding, rulebook
from content.checks.reading import Reading, at, id_of, letters_of, listed
from content.files import Entry

SAME_WORDS: Final = 75
"""How alike (0 to 100) the words of two questions are that ask the same thing, if the answers are alike too."""
SAME_SET: Final = 90
"""How much of the shorter one's words stand in the longer one, then."""
SAME_ANSWER: Final = 85
MOST_OF_A_LETTER: Final = 0.4
ENOUGH_TO_COUNT: Final = 20
"""From how many questions on the spread of the letters says something."""
RUN: Final = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question for comparing: its words, also sorted, the numbers among them, the sorted words of what is correct."""

    entry: Entry
    plain: str
    words: str
    numbers: frozenset[str]
    answer: str


def check(reading: Reading) -> Iterator[Finding]:
    """Repeated questions and options, several answers unsaid, letters unevenly spread."""
    questions = reading.of_kind("question")
    yield from _repeated([_asked(question) for question in questions])
    several = re.compile(rulebook()["words"]["several"], re.IGNORECASE)
    for question in questions:
        options = [_plain(str(option)) for option in listed(question, "options")]
        for number, option in enumerate(options):
            if option in options[:number]:
                yield at("repeated-option", question, "options", number, option=option)
        says_so = several.search(str(question.values.get("text"))) is not None
        if says_so != (len(listed(question, "correct")) > 1):
            yield at("several-said" if says_so else "several-unsaid", question, "text")
    yield from _spread(questions)
    yield from _runs(questions)


def _plain(text: str) -> str:
    """Letters and digits only, so that punctuation and capitals do not hide a repetition."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold()))


def _asked(question: Entry) -> _Asked:
    plain = _plain(str(question.values.get("text")))
    words = sorted(plain.split())
    options = listed(question, "options")
    correct = [str(options[place]) for place in listed(question, "correct") if place < len(options)]
    numbers = frozenset(word for word in words if word.isdecimal())
    return _Asked(question, plain, " ".join(words), numbers, " ".join(sorted(_plain(" ".join(correct)).split())))


def _repeated(asked: list[_Asked]) -> Iterator[Finding]:
    for number, question in enumerate(asked):
        for before in asked[:number]:
            if question.plain == before.plain:
                yield at("repeated-question", question.entry, "text", id=id_of(before.entry))
                break
            if _is_near(question, before):
                yield at("near-question", question.entry, "text", id=id_of(before.entry))
                break


def _is_near(question: _Asked, before: _Asked) -> bool:
    """Whether both ask the same with other words: the same answer, no other number, much the same words."""
    return bool(
        (question.numbers <= before.numbers or before.numbers <= question.numbers)
        and fuzz.ratio(question.answer, before.answer, score_cutoff=SAME_ANSWER)
        and (
            fuzz.ratio(question.words, before.words, score_cutoff=SAME_WORDS)
            or fuzz.token_set_ratio(question.plain, before.plain, score_cutoff=SAME_SET)
        )
    )


def _spread(questions: list[Entry]) -> Iterator[Finding]:
    counts = Counter(letter for question in questions for letter in letters_of(question))
    if len(questions) < ENOUGH_TO_COUNT:
        return
    for letter, count in counts.items():
        if count > MOST_OF_A_LETTER * counts.total():
            last = next(question for question in reversed(questions) if letter in letters_of(question))
            percent = round(100 * count / counts.total())
            yield at("uneven-letters", last, "correct", letter=letter, percent=percent)


def _runs(questions: list[Entry]) -> Iterator[Finding]:
    for _, in_file in groupby(questions, lambda question: question.file):
        for letters, run in groupby(in_file, letters_of):
            same = list(run)
            if len(same) >= RUN:
                yield at("letter-in-a-row", same[RUN - 1], "correct", letter=letters, count=len(same))

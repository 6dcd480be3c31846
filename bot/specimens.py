"""Everything a pack and the texts can make the bot say, a specimen of each, to be looked at before anybody gets it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.channels.render import plain
from bot.dialog.dialog import Ask
from bot.domain.messages import Button
from bot.domain.prompts import Option, Text, text
from bot.domain.time import instant
from bot.inbound.speaking import question_buttons
from bot.services import calendar, daily, errata, learning, questions
from bot.services.calendar import COUNTDOWN, Step
from bot.services.turn import Turn
from bot.vietnamese import format_date
from content.models import OPTION_LETTERS, Card, Milestone, Question

KINDS: Final = ("card", "daily", "question", "reminder", "text")
NOON: Final = 12 * 60


@dataclass(frozen=True, slots=True)
class Said:
    """What one turn says: rendered texts, then its choices; with `picture` that of the card with this id."""

    texts: tuple[str, ...]
    buttons: tuple[Button, ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Specimen:
    """Something the bot says: its kind, its theme's id ("" for none), what it is called, the file it stands in.

    `written` is how a text is written that stand-ins cannot fill, else "".
    """

    kind: str
    theme: str
    title: str
    file: str
    said: tuple[Said, ...]
    written: str = ""


def specimens(turn: Turn, kind: str) -> list[Specimen]:
    """All specimens of a kind, in the order of the pack."""
    makers = {"card": _cards, "daily": _days, "question": _questions, "reminder": _reminders, "text": _texts}
    return list(makers[kind](turn))


def _asked(turn: Turn, said: Sequence[Text], prompt: Text, options: Sequence[Option], *, letters: bool = False) -> Said:
    """What a dialog says before it waits."""
    ask = Ask("specimen", prompt, tuple(options), letters=letters)
    texts = tuple(turn.render(each) for each in (*said, prompt))
    return Said(texts, tuple(question_buttons(turn, ask, 1, 1)))


def _cards(turn: Turn) -> Iterator[Specimen]:
    """As they come when *Bài hôm nay* is chosen; below, what is suggested to each kind of work."""
    pack = turn.at.pack
    options = [Option(id) for id in ("more", "quiz", "save", "share")]
    for card in pack.cards:
        params = learning.as_params(pack, card)
        shown = _asked(turn, [text("learning.card", **params)], text("learning.next"), options)
        said = [replace(shown, picture=card.id if card.id in pack.images else "")]
        for work, suggestion in card.do_this_for.items():
            said.append(Said((turn.render(text("preview.for_work", work=pack.works[work], do_this=suggestion)),)))
        yield Specimen("card", card.theme, card.title, f"themes/{card.theme}/cards/{card.id}.md", tuple(said))


def _days(turn: Turn) -> Iterator[Specimen]:
    """The message that comes unasked: as full as it can be on a milestone's day, else with a card alone."""
    pack = turn.at.pack
    days = [each.occurs_on(pack.year) for each in pack.milestones if each.push and each.occurs_in(pack.year)]
    for day in sorted(set(days)) if pack.cards else ():
        there = replace(turn, now=instant(day, NOON, turn.at.zone))
        steps = [daily.step_text(there, step) for step in calendar.steps_due(pack, day)]
        wrong = [errata.correction(there, erratum) for erratum in pack.errata[:1]]
        said = _day(there, [*steps, *wrong], pack.cards[0], daily.others_today(there), questions.RETURNS_A_DAY)
        yield Specimen("daily", "", _named(turn, format_date(day)), "milestones.yaml", (said,))
    for card in pack.cards:
        file = f"themes/{card.theme}/cards/{card.id}.md"
        yield Specimen("daily", card.theme, _named(turn, card.title), file, (_day(turn, [], card, (), 0),))


def _day(turn: Turn, before: Sequence[Text], card: Card, others: Sequence[Text], missed: int) -> Said:
    pack = turn.at.pack
    texts = [*before, *daily.lesson_texts(learning.as_params(pack, card), others, missed)]
    buttons = daily.buttons(turn, ["card"], card.id)
    picture = card.id if card.id in pack.images else ""
    return Said(tuple(turn.render(each) for each in texts), tuple(buttons), picture)


def _named(turn: Turn, title: str) -> str:
    return plain(turn.render(text("preview.day", title=title)))


def _questions(turn: Turn) -> Iterator[Specimen]:
    """As asked, then what is said to who is right and to who is not."""
    pack = turn.at.pack
    for question in sorted(pack.questions, key=lambda each: pack.cards.index(pack.card_by_id[each.card])):
        theme = pack.card_by_id[question.card].theme
        name = "learning.question_several" if question.is_several else "learning.question"
        prompt = text(name, number=1, total=5, id=question.id, text=question.text, options=list(question.options))
        options = [Option(letter, label=said) for letter, said in zip(OPTION_LETTERS, question.options, strict=True)]
        ways = [Option("done")] if question.is_several else []
        asked = _asked(turn, [], prompt, [*options, *ways, Option("stop_here")], letters=True)
        graded = (Said((turn.render(_graded(turn, question, right=right)),)) for right in (True, False))
        file = f"themes/{theme}/questions/{question.card}.yaml"
        yield Specimen("question", theme, question.text, file, (asked, *graded))


def _graded(turn: Turn, question: Question, *, right: bool) -> Text:
    """What follows a right answer, or one that has nothing right in it, a day before the question returns."""
    answers = dict(zip(OPTION_LETTERS, question.options, strict=True))
    missing = [f"{letter}: {answers[letter]}" for letter in question.correct_letters]
    return text(
        "learning.graded",
        right=right,
        letter=question.correct_letters,
        answer="; ".join(question.correct_options),
        explanation=question.explanation,
        sources=[source.title for source in turn.at.pack.sources_of(question)],
        hit=[],
        missing=missing if question.is_several else [],
        extra=[],
        back=0 if right else 1,
        over=False,
    )


def _reminders(turn: Turn) -> Iterator[Specimen]:
    """Every step of a countdown in the pack's year, or the line of a day that has none."""
    year = turn.at.pack.year
    for milestone in turn.at.pack.milestones:
        if milestone.occurs_in(year):
            steps = COUNTDOWN if milestone.push else (0,)
            said = [_reminder(turn, milestone, left) for left in steps]
            title = f"{milestone.name} ({format_date(milestone.occurs_on(year))})"
            yield Specimen("reminder", "", title, "milestones.yaml", tuple(said))


def _reminder(turn: Turn, milestone: Milestone, days_left: int) -> Said:
    year = turn.at.pack.year
    on = milestone.occurs_on(year)
    if not milestone.push:
        there = replace(turn, now=instant(on, NOON, turn.at.zone))
        return Said(tuple(turn.render(line) for line in daily.others_today(there)))
    step = daily.step_text(turn, Step(milestone.id, on, days_left, milestone.anniversary(year)))
    return Said((turn.render(step),), tuple(daily.buttons(replace(turn, now=instant(on, NOON, turn.at.zone)), [], "")))


def _texts(turn: Turn) -> Iterator[Specimen]:
    """Every template, with the names of what it is filled with."""
    texts = turn.at.texts
    values: dict[str, dict[str, _Named]] = {}
    for name in texts.names():
        file = name.partition(".")[0]
        if file not in values:
            values[file] = {variable: _Named(variable) for variable in texts.variables(file)}
        try:
            said, written = turn.render(Text(name, values[file])), ""
        except Exception:  # whatever a template does with a stand-in
            said, written = "", texts.source(name)
        yield Specimen("text", "", name, f"{file}.j2", (Said((said,)),), written)


class _Named:
    """Stands for a value in a template: shown by its name, any part of it too, two of them where it is gone through."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __str__(self) -> str:
        return f"\u2039{self._name}\u203a"

    __html__ = __str__

    def __getattr__(self, part: str) -> "_Named":
        if part.startswith("__"):
            raise AttributeError(part)
        return _Named(f"{self._name}.{part}")

    def __getitem__(self, part: Any) -> "_Named":
        return _Named(f"{self._name}.{part}") if isinstance(part, str) else self

    def __call__(self, *_args: Any) -> "_Named":
        return self

    def __iter__(self) -> "Iterator[_Named]":
        return iter((self, self))

    def __len__(self) -> int:
        return 2

    def __sub__(self, other: object) -> "_Named":
        return self

    def __lt__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return True

    __le__, __ge__ = __lt__, __gt__

    def __add__(self, other: object) -> str:
        return f"{self}{other}"

    def __radd__(self, other: object) -> str:
        return f"{other}{self}"

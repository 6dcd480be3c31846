"""What there can be a recording of: a card, a question, a week's script; found by what is typed, named for people."""

from typing import Final, TypedDict

from bot.domain.prompts import Option, Text, text
from bot.services import sheets
from bot.services.turn import Turn
from bot.vietnamese import fold, parse_week
from content.models import OPTION_LETTERS

CANDIDATES: Final = 6


class Named(TypedDict):
    """One of them: `target` as in a pack (`card-hon-da`), `kind` (card, question or script), what it is called.

    `title` is a card's title, a question's text, the number of a script's week; `label` is how it reads in a list.
    """

    target: str
    kind: str
    title: str
    label: str


class Found(TypedDict):
    """What a wish names: of which kind, "" where it does not say so, and what fits, best first."""

    kind: str
    targets: list[Named]


def named(turn: Turn, target: str) -> Named:
    """How people know it; by its id where the pack has it no more."""
    kind, _, id = target.partition("-")
    card, question = turn.at.pack.card_by_id.get(id), turn.at.pack.question_by_id.get(id)
    title = card.title if kind == "card" and card else question.text if kind == "question" and question else id
    label = turn.at.texts.spoken(Option("sheet_week", params={"week": id})).label if kind == "script" else title
    return Named(target=target, kind=kind, title=title, label=label)


def of(kind: str, title: str) -> Text:
    """The same inside a sentence: «bài “Hòn đá”»."""
    return text(f"recording.a_{kind}", title=title)


def words_of(turn: Turn, target: str) -> str:
    """What is read out of it, letter for letter; it is in the pack."""
    kind, _, id = target.partition("-")
    pack = turn.at.pack
    if kind == "question":
        question = pack.question_by_id[id]
        options = zip(OPTION_LETTERS, question.options, strict=True)
        return "\n".join([question.text, *(f"{letter}. {option}" for letter, option in options)])
    if kind == "script":
        return sheets.script(turn, next(week for week in pack.weeks if str(week.week) == id))
    card = pack.card_by_id[id]
    quotation = pack.quotation_of(card)
    return "\n\n".join([card.title, card.body, *([f"“{quotation.text}”"] if quotation is not None else [])])


def find(turn: Turn, typed: str, kind: str = "") -> Found:
    """What has this name: one alone when only one has the words. `kind` is what was said before of its kind."""
    words = _without(turn, fold(typed).split(), "of_the_card")
    wanted = " ".join(words)
    if not kind and any(wanted == fold(card.title) for card in turn.at.pack.cards):
        kind = "card"
    for one in ("question", "script"):
        left = _after(turn, words, f"of_the_{one}")
        if kind != "card" and left is not None:
            kind, wanted = one, " ".join(_without(turn, left, "of_the_card"))
    week = parse_week(wanted, sheets.this_week(turn), bare=kind == "script") if kind in ("", "script") else None
    if week is not None:
        of_week = [named(turn, f"script-{each.week}") for each in turn.at.pack.weeks if each.week == week]
        return Found(kind="script", targets=of_week)
    if kind == "script" or not wanted:
        return Found(kind=kind, targets=[])
    ids = _questions(turn, wanted) if kind == "question" else [f"card-{id}" for id in _cards(turn, wanted)]
    return Found(kind=kind, targets=[named(turn, id) for id in ids[:CANDIDATES]])


def _without(turn: Turn, words: list[str], entry: str) -> list[str]:
    """Folded words without those at both ends that only stand around a name."""
    filling, left = {fold(each) for each in turn.at.texts.words[entry].accept}, list(words)
    while left and (left[0] in filling or left[-1] in filling):
        left.pop(0 if left[0] in filling else -1)
    return left


def _after(turn: Turn, words: list[str], entry: str) -> list[str] | None:
    """What follows the words that say of what kind it is; None where they do not come first."""
    begins = (fold(each).split() for each in turn.at.texts.words[entry].accept)
    return next((words[len(each) :] for each in begins if words[: len(each)] == each), None)


def _cards(turn: Turn, wanted: str) -> list[str]:
    pack = turn.at.pack
    titled = [card.id for card in pack.cards if wanted in (fold(card.title), card.id.replace("-", " "))]
    titled = titled or [card.id for card in pack.cards if f" {wanted} " in f" {fold(card.title)} "]
    return titled or [id for what, id in pack.index.find(wanted).ids if what == "card"]


def _questions(turn: Turn, wanted: str) -> list[str]:
    """By their own words, else those of a card of that name."""
    pack = turn.at.pack
    found = [one.id for one in pack.questions if wanted in (fold(one.text), one.id, one.id.replace("-", " "))]
    found = found or [one.id for one in pack.questions if f" {wanted} " in f" {fold(one.text)} "]
    found = found or [id for what, id in pack.index.find(wanted).ids if what == "question"]
    found = found or [one.id for id in _cards(turn, wanted)[:1] for one in pack.questions_by_card.get(id, ())]
    return [f"question-{id}" for id in found]

"""What a person answered, and how a question reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.messages import Attachment, InboundKind
from bot.domain.prompts import Spoken, Text
from bot.vietnamese import choice_number, choices, fold, letter, matches
from bot.vietnamese.phrases import without_particle


@dataclass(frozen=True, slots=True)
class Answer:
    """One message as an answer. `option` is set when a button was pressed; `today` is the civil date it came on."""

    kind: InboundKind
    text: str
    today: date
    option: str = ""
    attachment: Attachment | None = None

    def as_json(self) -> dict[str, Any]:
        """The raw form a journal keeps, so that the answer can be read again after an edit."""
        raw: dict[str, Any] = {"k": self.kind.value, "t": self.text, "d": self.today.isoformat()}
        if self.option:
            raw["o"] = self.option
        if self.attachment is not None:
            a = self.attachment
            raw["a"] = [a.kind.value, a.ref, a.size, a.name]
        return raw

    @staticmethod
    def from_json(raw: dict[str, Any]) -> "Answer":
        """The inverse of `as_json`."""
        attachment = None
        if "a" in raw:
            kind, ref, size, name = raw["a"]
            attachment = Attachment(InboundKind(kind), ref, size, name)
        return Answer(InboundKind(raw["k"]), raw["t"], date.fromisoformat(raw["d"]), raw.get("o", ""), attachment)


@dataclass(frozen=True, slots=True)
class Invalid:
    """The answer cannot be used; `because` is said before the question is asked again."""

    because: Text


Parser = Callable[[Answer], Any]
"""Returns a JSON value, or Invalid."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is chosen of several options: their ids in the options' order, and whether that is the whole answer."""

    ids: tuple[str, ...]
    whole: bool


UNMARK = "-"
"""Before an option's id in a button's data: takes its mark away. So the same tap twice is one tap."""


def pick_several(
    answer: Answer, options: list[tuple[str, Spoken]], lettered: int, done: str, marked: tuple[str, ...]
) -> Marks | str | None:
    """What an answer chooses of the first `lettered` options, of which `marked` are chosen already.

    A tap marks one or takes its mark away; so does a letter, number or label typed alone. Several typed at once are the
    whole answer, whatever was marked; one typed with the word of the option `done` is added to the marks and ends the
    choice, as that word or button does alone. Returns another option's id when that was meant, None for no answer.
    """
    ids = [id for id, _ in options]
    if answer.option:
        id = answer.option.removeprefix(UNMARK)
        if id in ids[:lettered]:
            return _in_order(ids, ({*marked} - {id}) if id != answer.option else {*marked, id}, False)
        return _other(answer.option, ids, done, marked)
    if answer.kind is not InboundKind.TEXT:
        return None
    typed = without_particle(answer.text)
    meant = [id for id, spoken in options if matches(typed, (spoken.label, *spoken.accept))]
    if len(meant) == 1 and meant[0] in ids[:lettered]:
        return _in_order(ids, {*marked} ^ {meant[0]}, False)
    if meant:
        return _other(meant[0], ids, done, marked)
    rest = _before(typed, next(spoken for id, spoken in options if id == done))
    chosen = {ids[place] for place in choices(rest or typed, lettered)}
    if not chosen:
        return None
    if len(chosen) > 1:
        return _in_order(ids, chosen, True)
    return _in_order(ids, {*marked, *chosen}, True) if rest else _in_order(ids, {*marked} ^ chosen, False)


def _other(id: str, ids: list[str], done: str, marked: tuple[str, ...]) -> Marks | str | None:
    return Marks(marked, True) if id == done else id if id in ids else None


def _in_order(ids: list[str], chosen: set[str], whole: bool) -> Marks:
    return Marks(tuple(id for id in ids if id in chosen), whole)


def _before(typed: str, end: Spoken) -> str:
    """A text without the phrase that ends it («1 3 xong»); "" when it does not end with one."""
    words = typed.split()
    for phrase in (end.label, *end.accept):
        last = len(words) - len(phrase.split())
        if last > 0 and matches(" ".join(words[last:]), (phrase,)):
            return " ".join(words[:last])
    return ""


def pick(
    answer: Answer, options: list[tuple[str, Spoken]], *, lettered: int = 0, free: bool = False, numbered: bool = True
) -> str | list[str] | None:
    """The option the answer means: its id, several ids when it could be more than one, None when it is none of them.

    The label and the accepted words count, with or without accents; then letters, numbers and number words. The first
    `lettered` options are shown with letters: then only these have a letter or a number; elsewhere a letter that also
    begins another option's label could mean either. Where `free` text is taken only digits count: «hai» may be a name;
    where options are not `numbered`, not even these.
    """
    ids = [id for id, _ in options]
    if answer.option:
        return answer.option if answer.option in ids else None
    if answer.kind is not InboundKind.TEXT:
        return None
    typed = without_particle(answer.text)
    meant = [id for id, spoken in options if matches(typed, (spoken.label, *spoken.accept))]
    if meant:
        return meant[0] if len(meant) == 1 else meant
    index = letter(answer.text, lettered)
    if index is not None:
        return ids[index]
    if not numbered or (free and not any(character.isdigit() for character in answer.text)):
        return None
    if not lettered and (index := letter(answer.text, len(options))) is not None:
        begun = [id for id, spoken in options if id != ids[index] and fold(spoken.label).startswith(fold(answer.text))]
        return [ids[index], *begun] if begun else ids[index]
    number = choice_number(answer.text, lettered or len(options))
    return ids[number - 1] if number is not None else None

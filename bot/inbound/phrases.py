"""The words that mean something everywhere, looked up in the lexicon."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.dialog.dialog import Flow
from bot.vietnamese import fold, is_command_word
from bot.vietnamese.folding import fold_phrase
from bot.vietnamese.phrases import PhraseTable, without_particle
from content.texts import Texts


class Global(StrEnum):
    """Global words and their slash commands."""

    MENU = "menu"
    BACK = "back"
    CANCEL = "cancel"
    HELP = "help"
    RESUME = "resume"


SLASH = {
    "menu": Global.MENU,
    "quaylai": Global.BACK,
    "huy": Global.CANCEL,
    "giup": Global.HELP,
    "help": Global.HELP,
    "tieptuc": Global.RESUME,
}
LONGEST_BEGUN: Final = 80
LONGEST_WORDS: Final = 3
"""Characters of a message that may be a flow's words and more, and how many words the first may be."""
GREETING = "greeting"
THANKS = "thanks"
RECEIVED = "received"
PUSHED = "pushed"
_PUSHED_LABELS = (
    *(
        "more",
        "save",
        "unsave",
        "share",
        "listen",
        "read_told",
        "choose_unit",
        "review_open",
        "recording_open",
        "recording_still",
        "nomination_answer",
        "written_right",
        "written_wrong",
    ),
    *("will_attend", "cannot_attend", "completed", "answer_notice"),
)
"""Lexicon entries of buttons under messages nobody had asked for, where no flow is called like them."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command: its name without slash or bot name, and the rest of the line."""

    name: str
    rest: str


def slash_command(text: str) -> Command | None:
    """`/bai@bot x` as Command("bai", "x")."""
    if not text.startswith("/"):
        return None
    head, _, rest = text[1:].partition(" ")
    name = fold(head.partition("@")[0]).replace(" ", "")
    return Command(name, rest.strip())


Meaning = Global | Flow | str
"""A global word, the flow whose label or words were typed, or GREETING, THANKS, RECEIVED, PUSHED."""


class Phrases:
    """What whole messages mean, from the lexicon: one look-up a message."""

    def __init__(self, texts: Texts, flows: Iterable[Flow]) -> None:
        self._globals = {word: _phrases(texts, word.value) for word in Global}
        meanings: dict[str, Meaning] = {}
        for word, phrases in self._globals.items():
            meanings |= dict.fromkeys(phrases, word)
        named: list[tuple[str, Meaning]] = [(flow.word, flow) for flow in flows if flow.word]
        named += [(RECEIVED, RECEIVED), (GREETING, GREETING), (THANKS, THANKS)]
        for name, meaning in named:
            for phrase in _phrases(texts, name):
                meanings.setdefault(phrase, meaning)
        for name in _PUSHED_LABELS:
            meanings.setdefault(texts.words[name].show, PUSHED)
        self._table: PhraseTable[Meaning] = PhraseTable({p: m for p, m in meanings.items() if fold_phrase(p)})

    def meaning(self, text: str) -> Meaning | None:
        """What the whole message means when nothing else is expected."""
        return self._table.get(without_particle(text)) if fold(text) else None

    def begun(self, text: str) -> tuple[Flow, str] | None:
        """The flow that takes more words and whose own words begin the message, with the rest of it."""
        words = without_particle(text).split()
        if len(text) > LONGEST_BEGUN or "\n" in text:
            return None
        for count in range(min(LONGEST_WORDS, len(words) - 1), 0, -1):
            flow = self._table.get(" ".join(words[:count]))
            rest = " ".join(words[count:])
            if isinstance(flow, Flow) and flow.takes and fold(rest):
                return flow, rest
        return None

    def strict_global(self, text: str) -> Global | None:
        """The global word the message is while free text is expected («Huy» is also a name)."""
        word = self._table.get(text)
        if isinstance(word, Global) and is_command_word(text, self._globals[word]):
            return word
        return None


def _phrases(texts: Texts, name: str) -> tuple[str, ...]:
    return (texts.words[name].show, *texts.words[name].accept)

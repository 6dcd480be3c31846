"""The words that mean something everywhere, looked up in the lexicon."""

from dataclasses import dataclass
from enum import StrEnum

from bot.vietnamese import fold, is_command_word, matches
from bot.vietnamese.phrases import without_particle
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


class Phrases:
    """Looks up whole messages among the lexicon's entries."""

    def __init__(self, texts: Texts) -> None:
        self._globals = {
            word: (texts.words[word.value].show, *texts.words[word.value].accept) for word in Global
        }
        self._social = {name: texts.words[name] for name in ("greeting", "thanks")}
        self._received = texts.words["received"]
        self._folded = {fold(phrase) for name in ("greeting", "thanks", "received") for phrase in self._all(texts, name)}
        self._folded |= {fold(phrase) for phrases in self._globals.values() for phrase in phrases}

    @staticmethod
    def _all(texts: Texts, name: str) -> tuple[str, ...]:
        return (texts.words[name].show, *texts.words[name].accept)

    def global_word(self, text: str, *, strict: bool) -> Global | None:
        """The global word a whole message is; `strict` while free text is expected («Huy» is also a name)."""
        if fold(text) not in self._folded:
            return None
        meant = is_command_word if strict else matches
        return next((word for word, phrases in self._globals.items() if meant(text, phrases)), None)

    def social(self, text: str) -> str | None:
        """"greeting" or "thanks" when the whole message is one."""
        text = without_particle(text)
        if fold(text) and fold(text) not in self._folded:
            return None
        return next(
            (name for name, word in self._social.items() if matches(text, (word.show, *word.accept))), None
        )

    def received(self, text: str) -> bool:
        """Whether the whole message acknowledges («đã nhận», «rõ», «nhất trí»)."""
        return matches(without_particle(text), (self._received.show, *self._received.accept))

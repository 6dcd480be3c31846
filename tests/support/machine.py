"""A host for flows under test, and one way to play a turn: from stored text to stored text, twice over."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.dialog import Answer, Flow, engine
from bot.dialog.engine import Played, Result
from bot.dialog.journal import Journal
from bot.domain.messages import Attachment, InboundKind
from bot.domain.prompts import Option, Spoken

TODAY = date(2025, 5, 1)
WORDS = {
    "a": Spoken("Anh", ("cùng",)),
    "b": Spoken("Bác", ("cùng",)),
    "c": Spoken("Chị"),
    "skip": Spoken("Bỏ qua"),
    "done": Spoken("Xong", ("đủ rồi",)),
}


class Host:
    """Runs loads and commits at once, and remembers which."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def perform(self, function: Callable[..., Any], args: tuple[Any, ...], key: str) -> Any:
        value = function(self, *args)
        self.ran.append(key)
        return value

    def spoken(self, option: Option) -> Spoken:
        return WORDS.get(option.id, Spoken(option.label or option.id))


def typed(text: str) -> Answer:
    return Answer(InboundKind.TEXT, text, TODAY)


def tapped(option: str) -> Answer:
    return Answer(InboundKind.TEXT, "", TODAY, option)


def sent(kind: InboundKind) -> Answer:
    return Answer(kind, "", TODAY, attachment=Attachment(kind, "ref", 10, None))


class Stage:
    """One dialog as storage keeps it: the flow, the journal's text and the key of the pending question."""

    def __init__(self, flow: Flow | Callable[..., Any], args: dict[str, Any] | None = None) -> None:
        self.flow = flow if isinstance(flow, Flow) else Flow("test", flow)
        self.host = Host()
        self.asked = ""
        self.journal = ""
        self.played = self._twice(lambda host: engine.begin(self.flow, args or {}, host))
        self._keep()

    @property
    def says(self) -> list[str]:
        return [text.name for text in self.played.says]

    @property
    def ended(self) -> bool:
        return self.played.result is Result.DONE

    def answer(self, given: Answer | str) -> Result:
        """A message; the journal is stored as routing stores it: when the answer was taken, or a mark, or the flow had changed."""
        answer = typed(given) if isinstance(given, str) else given

        def turn(host: Host) -> Played:
            standing = engine.current(self.flow, Journal.load(self.journal), self.asked, host)
            return engine.answer(self.flow, standing, answer, host)

        return self._turn(turn)

    def back(self) -> Result:
        def turn(host: Host) -> Played:
            standing = engine.current(self.flow, Journal.load(self.journal), self.asked, host)
            if standing.result is Result.CHANGED:
                return standing
            return engine.back(self.flow, standing, host)

        return self._turn(turn)

    def stand(self) -> Played:
        """Where the dialog stands; nothing is stored."""
        return engine.current(self.flow, Journal.load(self.journal), self.asked, Host())

    def _turn(self, turn: Callable[[Host], Played]) -> Result:
        self.played = self._twice(turn)
        if self.played.result in (Result.ASKING, Result.DONE, Result.CHANGED, Result.MARKED):
            self._keep()
        return self.played.result

    def _twice(self, turn: Callable[[Host], Played]) -> Played:
        """Play a turn on a host that is thrown away, then for good: both must do the same."""
        rehearsal, real = Host(), Host()
        rehearsed = _told(turn(rehearsal))
        played = turn(real)
        assert _told(played) == rehearsed
        assert real.ran == rehearsal.ran
        self.host.ran += real.ran
        return played

    def _keep(self) -> None:
        self.journal = self.played.journal.dump()
        assert Journal.load(self.journal).dump() == self.journal
        assert Journal.load(self.journal) == self.played.journal
        self.asked = self.played.asking.key if self.played.asking is not None else ""


def _told(played: Played) -> tuple[Any, ...]:
    ask = played.asking
    question = (ask.key, ask.prompt, ask.options, ask.accepts, ask.letters) if ask else None
    return played.result, played.journal.dump(), played.says, question, played.because, played.which, played.go

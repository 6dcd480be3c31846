"""What a flow may do: say, ask, choose, load, commit, edit. Nothing else may be awaited in a flow."""

import types
from collections.abc import Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar, TypeVarTuple

from bot.dialog.answers import Answer, Invalid, Parser
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, Text

T = TypeVar("T")
Args = TypeVarTuple("Args")


@dataclass(frozen=True, slots=True)
class Say:
    """A text to send."""

    text: Text


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `parse` reads free answers of the kinds in `accepts`; without it only the options count.

    `letters` shows A, B, C … for 1, 2, 3; not `numbered` is where numbers mean something else. `replace_key` lets a
    newer prompt replace an unsent older one (receipts of an album). With `done`, the id of the option that ends it,
    several of the lettered options are chosen, and `how` is said when an answer is none.
    """

    key: str
    prompt: Text
    options: tuple[Option, ...] = ()
    parse: Parser | None = None
    accepts: frozenset[InboundKind] = frozenset({InboundKind.TEXT})
    letters: bool = False
    replace_key: str = ""
    numbered: bool = True
    done: str = ""
    how: Text | None = None

    @property
    def lettered(self) -> int:
        """How many of the options, the first ones, are shown with letters."""
        return sum(1 for option in self.options if option.label) if self.letters else 0


@dataclass(frozen=True, slots=True)
class Do:
    """A `load` or a `commit`: `function(turn, *args)` run inside the turn's transaction."""

    kind: str
    key: str
    function: Callable[..., Any]
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """Go back to the question `key` and come back with the later answers kept, up to the question `wish`."""

    key: str
    wish: str = ""


Op = Say | Ask | Do | Edit


@types.coroutine
def _give(op: Op) -> Generator[Op, Any, Any]:
    return (yield op)


@dataclass(frozen=True, slots=True)
class Go:
    """What a flow returns to be followed at once by another flow."""

    flow: str
    args: dict[str, Any]


class Dialog:
    """The only thing a flow awaits. Every method is `async def`, so that a forgotten `await` is noticed."""

    async def say(self, text: Text) -> None:
        """Send a text; sent once, in the turn that first reaches it."""
        await _give(Say(text))

    async def ask(
        self,
        key: str,
        prompt: Text,
        parse: Callable[[Answer], T | Invalid],
        *,
        options: Sequence[Option] = (),
        accepts: frozenset[InboundKind] = frozenset({InboundKind.TEXT}),
        replace_key: str = "",
        numbered: bool = True,
    ) -> T | str:
        """Ask for free text (or a file); returns what `parse` made of it, or the id of an option chosen instead."""
        value: T | str = await _give(
            Ask(key, prompt, tuple(options), parse, accepts, replace_key=replace_key, numbered=numbered)
        )
        return value

    async def choose(self, key: str, prompt: Text, options: Sequence[Option], *, letters: bool = False) -> str:
        """Ask for one of `options`; returns its id."""
        value: str = await _give(Ask(key, prompt, tuple(options), letters=letters))
        return value

    async def choose_several(
        self, key: str, prompt: Text, options: Sequence[Option], *, done: Option, others: Sequence[Option], how: Text
    ) -> list[str] | str:
        """Ask for one or several of the labelled `options`, shown with letters, until `done` is chosen.

        Returns their ids in the order of the letters, or the id of one of `others` chosen instead. `how` says how to
        answer, to whoever gave no answer.
        """
        every = (*options, done, *others)
        value: list[str] | str = await _give(Ask(key, prompt, every, letters=True, done=done.id, how=how))
        return value

    async def load(self, key: str, function: Callable[[Any, *Args], T], *args: *Args) -> T:
        """Read something. Going back across it drops the value and reads again. The value must be JSON."""
        value: T = await _give(Do("load", key, function, args))
        return value

    async def commit(self, key: str, function: Callable[[Any, *Args], T], *args: *Args) -> T:
        """Change something, once per key, in the turn's transaction; `back` stops there. The value must be JSON."""
        value: T = await _give(Do("commit", key, function, args))
        return value

    async def edit(self, key: str, *, wish: str = "") -> NoReturn:
        """Ask the question `key` again, then feed the later answers by key while each is asked and still valid.

        `wish` is the question whose answer began the wish to edit: it and what follows are asked anew (default: the
        last one answered).
        """
        await _give(Edit(key, wish))
        raise AssertionError("the engine never resumes an edit")


FlowFunction = Callable[..., Coroutine[Any, Any, Go | None]]


@dataclass(frozen=True, slots=True)
class Flow:
    """A definition: its name (kept in dialogs), its function `(dialog, **args)`.

    `commands` are slash commands that start it, `word` the lexicon entry whose label and accepted words start it when
    no free text is expected and whose label names it in a recap. `takes` is the parameter that gets the rest of a line
    that begins with the command or the word («tìm đoàn kết»). `open_to`: anyone, member, or role (holders of one).
    `resumable`: parked and offered again; else it just ends when the person turns to something else. `rests` is given
    the turn and says what is said instead of asking a pending question again, None while it may be asked.
    """

    name: str
    function: FlowFunction
    commands: tuple[str, ...] = ()
    word: str = ""
    takes: str = ""
    open_to: str = "member"
    resumable: bool = True
    rests: Callable[[Any], Text | None] | None = None

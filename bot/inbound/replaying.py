"""Whether open conversations go on with the flows of this version: replayed, changing nothing."""

import types
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.dialog import engine
from bot.dialog.dialog import Dialog, Do, Flow, Go, Op
from bot.dialog.engine import Result
from bot.dialog.journal import COMMIT, Journal
from bot.inbound.speaking import TurnHost, spoken_texts
from bot.services.turn import Turn
from bot.storage.dialogs import StoredDialog


class Fate(StrEnum):
    """What becomes of an open conversation: it goes on as it is, its answers are fed again by key, it is at another
    step than the person knows, or it has to be parked."""

    FITS = "fits"
    FED = "fed"
    GOES_ON = "goes_on"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A conversation's fate, and for one to be parked why; `unknown` for a flow that is no more."""

    fate: Fate
    why: str = ""


class _WouldChange(Exception):
    """The flow came to something that is yet to be done."""


def judge(flows: Mapping[str, Flow], turn: Turn, stored: StoredDialog) -> Verdict:
    """Replay a stored dialog as its next message would; what it reads is read, what it would do is not done."""
    flow = flows.get(stored.flow)
    if flow is None:
        return Verdict(Fate.PARKED, "unknown")
    journal = Journal.load(stored.journal)
    host = _Reading(turn)
    host.keeps_to(stored.pack)
    try:
        played = engine.current(_harmless(flow), journal, stored.asked, host)
        spoken_texts(turn, played)
    except _WouldChange:
        return Verdict(Fate.GOES_ON)
    except Exception as error:  # whatever the flow, a service or a template raises would fail the turn
        return Verdict(Fate.PARKED, f"{type(error).__name__}: {error}")
    if played.result is Result.CHANGED:
        return Verdict(Fate.GOES_ON)
    return Verdict(Fate.FED if host.read or played.journal.dump() != journal.dump() else Fate.FITS)


class _Reading(TurnHost):
    """Counts what a replay had to read again."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn)
        self.read = 0

    def perform(self, function: Any, args: tuple[Any, ...], key: str) -> Any:
        """Read, or end the replay at what would be changed."""
        self.read += 1
        return super().perform(function, args, key)


def _harmless(flow: Flow) -> Flow:
    """The flow with every commit that is yet to run replaced by the end of the replay."""

    async def function(dialog: Dialog, **args: Any) -> Go | None:
        return await _without_commits(flow, dialog, args)

    return replace(flow, function=function)


@types.coroutine
def _without_commits(flow: Flow, dialog: Dialog, args: dict[str, Any]) -> Generator[Op, Any, Go | None]:
    running = flow.function(dialog, **args)
    try:
        value: Any = None
        while True:
            op = running.send(value)
            value = yield replace(op, function=_stop_here) if isinstance(op, Do) and op.kind == COMMIT else op
    except StopIteration as end:
        went: Go | None = end.value
        return went
    finally:
        running.close()


def _stop_here(*_: Any) -> None:
    raise _WouldChange

"""Drives a flow by hand, one turn at a time, by replaying it from its journal.

Rules: DESIGN, "The turn". Every `await dialog.x()` yields one operation; the engine answers it from the journal, or,
past the journal's end, from the person or the host. The flow is closed after each turn: it lives only in its journal.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bot.dialog.answers import Answer, Invalid, Marks, pick, pick_several
from bot.dialog.dialog import Ask, Dialog, Do, Edit, Flow, Go, Op, Say
from bot.dialog.errors import DialogError, DuplicateKey, ForeignAwait, Stuck
from bot.dialog.journal import ASK, COMMIT, LIMIT, LOAD, Entry, Journal, through_json
from bot.domain.prompts import Option, Spoken, Text


class Host(Protocol):
    """What the engine needs of the world around a turn."""

    def perform(self, function: Callable[..., Any], args: tuple[Any, ...], key: str) -> Any:
        """Run a load or a commit in the turn's transaction."""

    def spoken(self, option: Option) -> Spoken:
        """An option's label and accepted words."""


class Result(StrEnum):
    """How a turn ended."""

    ASKING = "asking"
    DONE = "done"
    INVALID = "invalid"
    UNCLEAR = "unclear"
    WHICH = "which"
    BARRIER = "barrier"
    FIRST = "first"
    CHANGED = "changed"
    MARKED = "marked"


@dataclass(slots=True)
class Played:
    """One turn's outcome: what to say, the question now pending (None when the flow ended), the journal to save.

    INVALID carries `because`; WHICH the option ids the answer could mean. UNCLEAR: no option and no free text fits.
    BARRIER: back met a commit. FIRST: there is no earlier question. CHANGED: a new version of the flow now ends, asks
    something else than the person was asked, or just changed something: save it and say it; no answer was taken.
    MARKED: of several options others are chosen now, and the question stays; save the journal.
    """

    result: Result
    journal: Journal
    says: list[Text] = field(default_factory=list)
    asking: Ask | None = None
    because: Text | None = None
    which: list[str] = field(default_factory=list)
    go: Go | None = None


class _Mismatch(Exception):
    """The flow asked for something else than the journal holds at this place."""


class _Cut(Exception):
    """The flow asked to edit an earlier answer."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal


def begin(flow: Flow, args: dict[str, Any], host: Host) -> Played:
    """Start a flow. Raises DialogError for a broken flow, and whatever its services raise."""
    return _play(flow, Journal(through_json(args)), host)


def current(flow: Flow, journal: Journal, asked: str, host: Host) -> Played:
    """Where a dialog stands whose pending question the person knows under the key `asked`; nothing is said again.

    CHANGED when a new version of the flow ran on from here. Raises as `begin`.
    """
    played = _play(flow, journal, host)
    if played.asking is None or played.asking.key != asked or _commits(played.journal) != _commits(journal):
        played.result = Result.CHANGED
    else:
        played.says.clear()
    return played


def answer(flow: Flow, standing: Played, given: Answer, host: Host) -> Played:
    """Give the pending question an answer. `standing` is what `current` returned in this turn. Raises as `begin`."""
    ask = standing.asking
    if ask is None or standing.result is Result.CHANGED:
        return standing
    if ask.done:
        return _answer_several(flow, standing, ask, given, host)
    options = [(option.id, host.spoken(option)) for option in ask.options]
    chosen = pick(given, options, lettered=ask.lettered, free=ask.parse is not None, numbered=ask.numbered)
    if isinstance(chosen, list):
        return Played(Result.WHICH, standing.journal, asking=ask, which=chosen)
    value: Any = chosen
    if value is None:
        if ask.parse is None or given.kind not in ask.accepts or given.option:
            return Played(Result.UNCLEAR, standing.journal, asking=ask)
        value = ask.parse(given)
        if isinstance(value, Invalid):
            return Played(Result.INVALID, standing.journal, asking=ask, because=value.because)
    return _extend(flow, standing, ask, value, given, host)


def _answer_several(flow: Flow, standing: Played, ask: Ask, given: Answer, host: Host) -> Played:
    options = [(option.id, host.spoken(option)) for option in ask.options]
    chosen = pick_several(given, options, ask.lettered, ask.done, standing.journal.marks)
    if chosen is None:
        return Played(Result.UNCLEAR, standing.journal, asking=ask)
    if isinstance(chosen, Marks) and not chosen.whole:
        marked = standing.journal.copy()
        marked.marks = chosen.ids
        return Played(Result.MARKED, marked, asking=ask)
    if isinstance(chosen, Marks) and not chosen.ids:
        return Played(Result.INVALID, standing.journal, asking=ask, because=ask.how)
    return _extend(flow, standing, ask, list(chosen.ids) if isinstance(chosen, Marks) else chosen, given, host)


def _extend(flow: Flow, standing: Played, ask: Ask, value: Any, given: Answer, host: Host) -> Played:
    """Take the answer and go on."""
    extended = standing.journal.copy()
    extended.entries.append(Entry(ASK, ask.key, through_json(value), given.as_json()))
    extended.marks = ()
    return _play(flow, extended, host)


def back(flow: Flow, standing: Played, host: Host) -> Played:
    """Return to the question before the pending one; only that prompt is emitted."""
    for index in range(len(standing.journal.entries) - 1, -1, -1):
        kind = standing.journal.entries[index].kind
        if kind == COMMIT:
            standing.result = Result.BARRIER
            return standing
        if kind == ASK:
            cut = Journal(standing.journal.args, standing.journal.entries[:index], dict(standing.journal.kept))
            played = _play(flow, cut, host)
            played.says.clear()
            return played
    standing.result = Result.FIRST
    return standing


def _commits(journal: Journal) -> int:
    return sum(e.kind == COMMIT for e in (*journal.entries, *journal.kept.values()))


def _play(flow: Flow, journal: Journal, host: Host) -> Played:
    """Replay; after an edit only the edited question is emitted, and what does not fit is fed again by key."""
    edited = False
    while True:
        try:
            played = _Run(flow, journal, host).play()
        except _Cut as cut:
            journal, edited = cut.journal, True
        except _Mismatch:
            kept = {**journal.kept, **{e.key: e for e in journal.entries if e.kind != LOAD}}
            journal = Journal(journal.args, [], kept)
        else:
            if edited:
                played.says.clear()
            return played


class _Run:
    """One pass of a flow over its journal."""

    def __init__(self, flow: Flow, journal: Journal, host: Host) -> None:
        self._flow = flow
        self._host = host
        self._journal = journal.copy()
        self._recorded = len(journal.entries)
        self._at = 0
        self._says: list[Text] = []
        self._keys: set[str] = set()

    def play(self) -> Played:
        flow: Coroutine[Op, Any, Go | None] = self._flow.function(Dialog(), **self._journal.args)
        try:
            value: Any = None
            while True:
                op = flow.send(value)
                if isinstance(op, Ask):
                    known = self._known(ASK, op.key) or self._refed(op)
                    if known is None:
                        return Played(Result.ASKING, self._journal, self._says, op)
                    value = known.value
                else:
                    value = self._follow(op)
        except StopIteration as end:
            if any(e.kind == COMMIT for e in (*self._journal.entries[self._at :], *self._journal.kept.values())):
                raise Stuck(f"{self._flow.name}: a recorded commit was never reached") from None
            return Played(Result.DONE, self._journal, self._says, go=end.value)
        finally:
            flow.close()

    def _follow(self, op: Op) -> Any:
        if isinstance(op, Say):
            if self._at >= self._recorded:
                self._says.append(op.text)
            return None
        if isinstance(op, Do):
            known = self._known(op.kind, op.key)
            return known.value if known is not None else self._perform(op)
        if isinstance(op, Edit):
            raise self._cut(op)
        raise ForeignAwait(f"{self._flow.name} awaited {op!r}")

    def _known(self, kind: str, key: str) -> Entry | None:
        """The journal's entry at this place, if the journal still has one."""
        if key in self._keys:
            raise DuplicateKey(f"{self._flow.name}: {key}")
        self._keys.add(key)
        if self._at >= len(self._journal.entries):
            if len(self._journal.entries) >= LIMIT:
                raise DialogError(f"{self._flow.name}: more than {LIMIT} entries")
            return None
        entry = self._journal.entries[self._at]
        if (entry.kind, entry.key) != (kind, key):
            raise _Mismatch
        self._at += 1
        return entry

    def _perform(self, op: Do) -> Any:
        kept = self._journal.kept.pop(op.key, None) if op.kind == COMMIT else None
        if kept is not None and kept.kind == COMMIT:
            value = kept.value
        else:
            if op.kind == COMMIT and any(e.kind == COMMIT for e in self._journal.kept.values()):
                raise Stuck(f"{self._flow.name}: {op.key} would run before a recorded commit")
            value = through_json(self._host.perform(op.function, op.args, op.key))
        self._record(Entry(op.kind, op.key, value))
        return value

    def _refed(self, ask: Ask) -> Entry | None:
        """An answer kept by key, if the question would still take it."""
        kept = self._journal.kept.get(ask.key)
        if kept is None or kept.kind != ASK or kept.raw is None:
            return None
        del self._journal.kept[ask.key]
        if not self._still_valid(ask, kept):
            return None
        self._record(kept)
        self._says.clear()
        return kept

    def _still_valid(self, ask: Ask, kept: Entry) -> bool:
        ids = [option.id for option in ask.options]
        if kept.value in ids or (ask.done and isinstance(kept.value, list) and set(kept.value) <= set(ids)):
            return True
        if ask.parse is None or kept.raw is None:
            return False
        given = Answer.from_json(kept.raw)
        if given.kind not in ask.accepts:
            return False
        value = ask.parse(given)
        return not isinstance(value, Invalid) and bool(through_json(value) == kept.value)

    def _record(self, entry: Entry) -> None:
        self._journal.entries.append(entry)
        self._at += 1

    def _cut(self, edit: Edit) -> Exception:
        """Cut the journal at the edited question, keeping the later answers but the wish to edit."""
        key, entries = edit.key, self._journal.entries
        index = next((i for i, e in enumerate(entries) if e.kind == ASK and e.key == key), None)
        if index is None:
            raise DialogError(f"{self._flow.name}: edit({key!r}) names no answered question")
        if any(e.kind == COMMIT for e in entries[index:]):
            raise DialogError(f"{self._flow.name}: edit({key!r}) across a commit")
        later = [e for e in entries[index + 1 :] if e.kind == ASK]
        wish = next((i for i, e in enumerate(later) if e.key == edit.wish), len(later) - 1)
        later = later[: max(wish, 0)]
        kept = {**self._journal.kept, **{e.key: e for e in later}}
        return _Cut(Journal(self._journal.args, entries[:index], kept))

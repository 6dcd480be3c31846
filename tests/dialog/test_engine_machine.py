"""A dialog against a simple model: whatever people do and however the flow changes, answers and commits hold.

A flow here is a list of steps, so that a new version is another list. The model walks the list with what was answered
and what was committed, by key; it knows nothing of coroutines or replay.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.dialog.engine import Result
from bot.dialog.errors import Stuck
from bot.dialog.journal import Journal
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, text
from tests.support.machine import WORDS, Stage, sent, tapped, typed

QUESTIONS = ("q0", "q1", "q2", "q3", "q4")
SUMMARY = "summary"


@dataclass(frozen=True)
class Step:
    """`kind` say, load, commit or ask; an ask takes `options`, and free text when `free`."""

    kind: str
    key: str
    options: tuple[str, ...] = ()
    free: bool = False


def parse(answer: Answer) -> dict[str, str] | Invalid:
    """Free text starts with an x."""
    return {"said": answer.text} if answer.text.startswith("x") else Invalid(text("no"))


def flow_of(steps: list[Step]) -> Flow:
    """The steps as a flow, with a summary from which the answers after the last commit can be edited."""
    summary = summary_of(steps)

    async def flow(dialog: Dialog) -> None:
        for step in steps:
            if step.kind == "say":
                await dialog.say(text(step.key))
            elif step.kind == "load":
                await dialog.load(step.key, lambda turn: "read")
            elif step.kind == "commit":
                await dialog.commit(step.key, lambda turn, key: f"{key} done", step.key)
            else:
                options = [Option(option) for option in step.options]
                if step.free:
                    await dialog.ask(step.key, text(step.key), parse, options=options)
                else:
                    await dialog.choose(step.key, text(step.key), options)
        wish = await dialog.choose(SUMMARY, text(SUMMARY), [Option(option) for option in summary.options])
        if wish != "send":
            await dialog.edit(wish)
        await dialog.say(text("sent"))

    return Flow("test", flow)


def summary_of(steps: list[Step]) -> Step:
    last = max((index for index, step in enumerate(steps) if step.kind == "commit"), default=-1)
    return Step("ask", SUMMARY, ("send", *(s.key for s in steps[last + 1 :] if s.kind == "ask")))


@dataclass
class Model:
    """`shape` is the journal's (kind, key) in order; `answers` hold (value, answer), also those an edit keeps."""

    shape: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, tuple[Any, Answer]] = field(default_factory=dict)
    committed: set[str] = field(default_factory=set)

    def walk(self, steps: list[Step]) -> tuple["Model", Step | None, list[str], bool]:
        """Where the dialog stands now: (model, pending question, says since the last answer, new commit run).

        Raises Stuck.
        """
        walked = replace(self, shape=[], answers=dict(self.answers), committed=set(self.committed))
        order = [(step.kind, step.key) for step in [*steps, summary_of(steps)] if step.kind != "say"]
        fits = order[: len(self.shape)] == self.shape
        says: list[str] = []
        ran = False
        for step in [*steps, summary_of(steps)]:
            if step.kind == "say":
                says.append(step.key)
                continue
            known = fits and len(walked.shape) < len(self.shape)
            if step.kind == "ask":
                given = self.answers.get(step.key)
                if given is None or not (known or still_valid(step, *given)):
                    walked.answers.pop(step.key, None)
                    return walked, step, says, ran
                known = True
            elif step.kind == "commit" and step.key not in self.committed:
                if self.committed - {key for kind, key in walked.shape if kind == "commit"}:
                    raise Stuck
                walked.committed.add(step.key)
                ran = True
            walked.shape.append((step.kind, step.key))
            if known:
                says = []
        raise AssertionError("the summary is never answered in a journal")

    def cut(self, key: str) -> "Model":
        """Without the answer to `key` and what came after it; the later answers are kept by key."""
        answers = {k: v for k, v in self.answers.items() if k != key}
        return replace(self, shape=self.shape[: self.shape.index(("ask", key))], answers=answers)

    def before(self) -> str | None:
        """The question to go back to; None when a commit, or nothing, lies before."""
        for kind, key in reversed(self.shape):
            if kind != "load":
                return key if kind == "ask" else None
        return None


def still_valid(step: Step, value: Any, given: Answer) -> bool:
    if value in step.options:
        return True
    return step.free and not given.option and parse(given) == value


def read(step: Step, given: Answer) -> tuple[Result, Any]:
    """What an answer is to a question: (ASKING, value) when it is taken."""
    options = list(step.options)
    if given.option:
        return (Result.ASKING, given.option) if given.option in options else (Result.UNCLEAR, None)
    if given.kind is not InboundKind.TEXT:
        return Result.UNCLEAR, None
    meant = [o for o in options if o in WORDS and given.text in (WORDS[o].label, *WORDS[o].accept)]
    if len(meant) > 1:
        return Result.WHICH, None
    if meant:
        return Result.ASKING, meant[0]
    if given.text.isdecimal() and 1 <= int(given.text) <= len(options):
        return Result.ASKING, options[int(given.text) - 1]
    if given.text == "hai" and not step.free and len(options) >= 2:
        return Result.ASKING, options[1]
    if not step.free:
        return Result.UNCLEAR, None
    value = parse(given)
    return (Result.INVALID, None) if isinstance(value, Invalid) else (Result.ASKING, value)


option_lists = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)


@st.composite
def flows(draw: st.DrawFn) -> list[Step]:
    """Questions, loads, commits and says of a small stock, in any order."""
    stock = [*QUESTIONS, "l0", "l1", "c0", "c1"]
    keys = draw(st.lists(st.sampled_from(stock), unique=True, min_size=1, max_size=7))
    steps = []
    for index, key in enumerate(keys):
        if draw(st.booleans()):
            steps.append(Step("say", f"say:{index}:{key}"))
        if key in QUESTIONS:
            options = draw(option_lists)
            steps.append(Step("ask", key, options, draw(st.booleans()) or not options))
        else:
            steps.append(Step("load" if key.startswith("l") else "commit", key))
    return steps


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, int, int, tuple[str, ...], bool]:
    """A small change of a flow: what is done to which step."""
    what = draw(st.sampled_from(["drop", "move", "options", "insert question", "insert commit", "insert say"]))
    number = st.integers(0, 20)
    return what, draw(number), draw(number), draw(option_lists), draw(st.booleans())


def changed(steps: list[Step], change: tuple[str, int, int, tuple[str, ...], bool]) -> list[Step]:
    """The flow after a small change."""
    what, at, to, options, free = change
    steps = list(steps)
    unused = [
        k for k in (QUESTIONS if what == "insert question" else ("c0", "c1", "c2")) if k not in {s.key for s in steps}
    ]
    if what == "insert say":
        steps.insert(to % (len(steps) + 1), Step("say", f"new say {at}"))
    elif what.startswith("insert") and unused:
        question = what == "insert question"
        step = Step("ask", unused[0], options, free or not options) if question else Step("commit", unused[0])
        steps.insert(to % (len(steps) + 1), step)
    elif steps and what == "drop":
        del steps[at % len(steps)]
    elif steps and what == "move":
        steps.insert(to % len(steps), steps.pop(at % len(steps)))
    elif steps and what == "options" and steps[at % len(steps)].kind == "ask":
        steps[at % len(steps)] = replace(steps[at % len(steps)], options=options, free=free or not options)
    return steps


answers = st.one_of(
    st.sampled_from([WORDS[o].label for o in "abc"] + ["cùng", "hai", "?", "", "0", "9"]).map(typed),
    st.integers(1, 6).map(lambda number: typed(str(number))),
    st.sampled_from(["a", "b", "c", "send", "zz", *QUESTIONS]).map(tapped),
    st.sampled_from(["x một", "x hai", "x <b>{{7*7}}"]).map(typed),
    st.just(sent(InboundKind.PHOTO)),
)


class Talk(RuleBasedStateMachine):
    """People answer, go back, edit, cancel; the flow changes between turns. Every turn starts from stored text."""

    steps: list[Step]

    @initialize(steps=flows())
    def begin(self, steps: list[Step]) -> None:
        self.steps = steps
        self.stage = Stage(flow_of(steps))
        self.model, pending, says, _ = Model().walk(steps)
        self._stands(pending, says)

    @rule(given=answers)
    def answer(self, given: Answer) -> None:
        """Any answer, fitting or not."""
        self._turn(given)

    @rule(number=st.integers(0, 5))
    def answer_well(self, number: int) -> None:
        """An answer that fits."""
        step = self._pending
        if step is None:
            self._turn(typed("x"))
        elif step.free and number % 2:
            self._turn(typed(f"x {number}"))
        elif step.options:
            self._turn(tapped(step.options[number % len(step.options)]))

    @rule(numbers=st.lists(st.integers(0, 5), min_size=6, max_size=6))
    def fill_in(self, numbers: list[int]) -> None:
        """Answers that fit, as far as the summary."""
        for number in numbers:
            if self._pending is None or self._pending.key == SUMMARY:
                return
            self.answer_well(number)

    @rule(numbers=st.lists(st.integers(0, 5), min_size=6, max_size=6), which=st.integers(0, 5))
    def edit(self, numbers: list[int], which: int) -> None:
        """«sửa 3» at the summary."""
        self.fill_in(numbers)
        summary = summary_of(self.steps)
        if len(summary.options) > 1:
            self._turn(tapped(summary.options[1 + which % (len(summary.options) - 1)]))

    @rule()
    def back(self) -> None:
        """«quay lại»."""
        if self._met_a_change(self.stage.back):
            return
        walked, pending, _, _ = self.model.walk(self.steps)
        key = walked.before()
        result = self.stage.played.result
        if key is None:
            commits = any(kind == "commit" for kind, _ in walked.shape)
            assert result is (Result.BARRIER if commits else Result.FIRST)
            self._stands_still(pending)
        else:
            assert result is Result.ASKING
            self.model, pending, _, _ = walked.cut(key).walk(self.steps)
            assert pending is not None
            assert pending.key == key
            self._stands(pending, [])

    @rule()
    def cancel(self) -> None:
        """The dialog is dropped and begun anew."""
        self.begin(self.steps)

    @rule(change=changes())
    def new_version(self, change: tuple[str, int, int, tuple[str, ...], bool]) -> None:
        """The bot is restarted with a flow that was changed a little."""
        self.steps = changed(self.steps, change)
        self.stage.flow = flow_of(self.steps)

    @rule(steps=flows())
    def other_version(self, steps: list[Step]) -> None:
        """The bot is restarted with quite another flow of that name."""
        self.steps = steps
        self.stage.flow = flow_of(steps)

    @invariant()
    def commits_run_once(self) -> None:
        """A commit's function ran once per key, ever."""
        commits = [key for key in self.stage.host.ran if key.startswith("c")]
        assert sorted(commits) == sorted(self.model.committed)

    @invariant()
    def journal_holds_what_was_answered(self) -> None:
        """The stored journal is the model's shape, with the values people gave."""
        journal = Journal.load(self.stage.journal)
        assert [(entry.kind, entry.key) for entry in journal.entries] == self.model.shape
        for entry in journal.entries:
            if entry.kind == "ask":
                assert entry.value == self.model.answers[entry.key][0]

    @property
    def _pending(self) -> Step | None:
        try:
            return self.model.walk(self.steps)[1]
        except Stuck:
            return None

    def _turn(self, given: Answer) -> None:
        if self._met_a_change(lambda: self.stage.answer(given)):
            return
        walked, pending, _, _ = self.model.walk(self.steps)
        assert pending is not None
        result, value = read(pending, given)
        if result is not Result.ASKING:
            assert self.stage.played.result is result
            self._stands_still(pending)
        elif pending.key == SUMMARY and value == "send":
            assert self.stage.ended
            assert self.stage.says == ["sent"]
            self.begin(self.steps)
        elif pending.key == SUMMARY:
            self.model, asked, _, _ = walked.cut(value).walk(self.steps)
            assert asked is not None
            assert asked.key == value
            self._stands(asked, [])
        else:
            walked.answers[pending.key] = (value, given)
            walked.shape.append(("ask", pending.key))
            self.model, asked, says, _ = walked.walk(self.steps)
            self._stands(asked, says)

    def _met_a_change(self, play: Any) -> bool:
        """Play a turn; whether it only brought the dialog to where the new version stands, or found it stuck."""
        try:
            walked, pending, says, ran = self.model.walk(self.steps)
        except Stuck:
            before = self.stage.journal
            with pytest.raises(Stuck):
                play()
            assert self.stage.journal == before
            self.begin(self.steps)
            return True
        asked = self.stage.asked
        try:
            play()
        except Stuck:
            # the answer led to an unrecorded commit before a recorded one
            with pytest.raises(Stuck):
                self._after(walked, pending)
            self.begin(self.steps)
            return True
        assert pending is not None
        if pending.key == asked and not ran:
            return False
        assert self.stage.played.result is Result.CHANGED
        self.model = walked
        self._stands(pending, says)
        return True

    def _after(self, walked: Model, pending: Step | None) -> None:
        """Walk on as if the pending question were answered; at the summary the flow ends."""
        assert pending is not None
        if pending.key == SUMMARY and walked.committed - {key for kind, key in walked.shape if kind == "commit"}:
            raise Stuck
        walked.answers[pending.key] = ("x", typed("x"))
        walked.shape.append(("ask", pending.key))
        walked.walk(self.steps)

    def _stands(self, pending: Step | None, says: list[str]) -> None:
        assert pending is not None
        assert self.stage.played.asking is not None
        assert self.stage.played.asking.key == pending.key
        assert self.stage.says == says

    def _stands_still(self, pending: Step | None) -> None:
        """Nothing was taken: the same question, and nothing said."""
        self._stands(pending, [])
        standing = self.stage.stand()
        assert standing.result is Result.ASKING
        assert standing.says == []


TestTalk = Talk.TestCase
TestTalk.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)

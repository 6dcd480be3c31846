"""The replay engine, rule by rule (DESIGN, "The turn")."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.dialog.engine import Result
from bot.dialog.errors import DialogError, DuplicateKey, ForeignAwait, Stuck
from bot.dialog.journal import LIMIT, Journal
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, text
from tests.support.machine import Stage, sent, tapped

AB = (Option("a"), Option("b"))


def word(answer: Answer) -> str | Invalid:
    """At least three letters."""
    return answer.text if len(answer.text) >= 3 else Invalid(text("too_short"))


def done(turn: Any, *args: Any) -> str:
    return "done"


def count(turn: Any) -> int:
    """How often anything ran in this turn."""
    return len(turn.ran)


async def three(dialog: Dialog) -> None:
    await dialog.say(text("hello"))
    first = await dialog.ask("first", text("q1"), word)
    await dialog.say(text("between"))
    second = await dialog.ask("second", text("q2"), word)
    third = await dialog.choose("third", text("q3", first=first, second=second), AB)
    await dialog.say(text("bye", first=first, second=second, third=third))


def test_a_say_is_said_once_and_in_order() -> None:
    stage = Stage(three)
    assert stage.says == ["hello"]
    assert stage.answer("một hai") is Result.ASKING
    assert stage.says == ["between"]
    assert stage.answer("ba bốn") is Result.ASKING
    assert stage.says == []
    assert stage.answer("1") is Result.DONE
    assert [dict(t.params) for t in stage.played.says] == [{"first": "một hai", "second": "ba bốn", "third": "a"}]


def test_an_invalid_answer_is_not_journalled() -> None:
    stage = Stage(three)
    before = stage.journal
    assert stage.answer("x") is Result.INVALID
    assert stage.played.because == text("too_short")
    assert stage.played.asking is not None
    assert stage.played.asking.key == "first"
    assert stage.journal == before


def test_values_go_through_json_the_first_time_too() -> None:
    async def flow(dialog: Dialog) -> None:
        loaded = await dialog.load("pair", lambda turn: {"pair": (1, 2)})
        committed = await dialog.commit("keys", lambda turn: {"x": ("y",)})
        asked = await dialog.ask("asked", text("q"), lambda answer: (answer.text, 1))
        await dialog.say(text("got", values=[loaded, committed, asked]))

    stage = Stage(flow)
    stage.answer("abc")
    assert stage.played.says[0].params["values"] == [{"pair": [1, 2]}, {"x": ["y"]}, ["abc", 1]]


def test_what_is_not_json_is_an_error() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.load("bad", lambda turn: object())

    with pytest.raises(TypeError):
        Stage(flow)


def test_back_emits_only_the_prompt() -> None:
    stage = Stage(three)
    stage.answer("một hai")
    assert stage.back() is Result.ASKING
    assert stage.says == []
    assert stage.asked == "first"
    assert stage.back() is Result.FIRST
    assert stage.asked == "first"


def test_back_over_a_load_reads_again() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("before", text("q"), word)
        await dialog.load("read", count)
        await dialog.ask("after", text("q"), word)

    stage = Stage(flow)
    stage.answer("abc")
    stage.back()
    assert "read" not in stage.journal
    stage.answer("abcd")
    assert stage.host.ran == ["read", "read"]


def test_back_stops_at_a_commit() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("before", text("q"), word)
        await dialog.commit("change", done)
        await dialog.ask("after", text("q"), word)

    stage = Stage(flow)
    stage.answer("abc")
    assert stage.back() is Result.BARRIER
    assert stage.asked == "after"
    assert stage.host.ran == ["change"]


async def form(dialog: Dialog) -> None:
    await dialog.say(text("intro"))
    await dialog.ask("name", text("name?"), word)
    await dialog.say(text("thanks"))
    await dialog.choose("kind", text("kind?"), AB)
    await dialog.ask("when", text("when?"), word)
    await dialog.say(text("summary_follows"))
    wish = await dialog.ask("summary", text("summary"), _wish)
    if wish != "send":
        await dialog.edit(wish)
    await dialog.commit("send", done)
    await dialog.say(text("sent"))


def _wish(answer: Answer) -> str | Invalid:
    return answer.text if answer.text in ("send", "name", "kind", "when") else Invalid(text("which"))


def filled() -> Stage:
    stage = Stage(form)
    for answer in ("An Bình", "1", "hôm qua"):
        stage.answer(answer)
    assert stage.asked == "summary"
    return stage


def test_edit_asks_once_and_keeps_the_rest() -> None:
    stage = filled()
    assert stage.answer("name") is Result.ASKING
    assert (stage.asked, stage.says) == ("name", [])
    stage.answer("Bình An")
    assert (stage.asked, stage.says) == ("summary", ["summary_follows"])
    assert [e.value for e in Journal.load(stage.journal).entries] == ["Bình An", "a", "hôm qua"]


def test_back_during_an_edit_returns_before_it() -> None:
    stage = filled()
    stage.answer("kind")
    assert stage.asked == "kind"
    stage.back()
    assert stage.asked == "name"
    stage.answer("Bình An")
    assert stage.asked == "kind"
    stage.answer("2")
    assert stage.asked == "summary"


def test_edit_asks_again_what_no_longer_fits() -> None:
    async def flow(dialog: Dialog) -> None:
        kind = await dialog.choose("kind", text("q"), AB)
        options = [Option("a"), Option("c")] if kind == "a" else [Option("b"), Option("c")]
        await dialog.choose("detail", text("q"), options)
        if await dialog.choose("end", text("q"), [Option("skip"), Option("c")]) == "c":
            await dialog.edit("kind")

    stage = Stage(flow)
    for answer in ("a", "1", "c"):
        stage.answer(tapped(answer) if len(answer) == 1 and answer.isalpha() else answer)
    assert stage.asked == "kind"
    stage.answer("2")
    assert stage.asked == "detail"
    stage.answer(tapped("c"))
    assert stage.asked == "end"


def test_edit_across_a_commit_is_an_error() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("early", text("q"), word)
        await dialog.commit("change", done)
        await dialog.ask("late", text("q"), word)
        await dialog.edit("early")

    stage = Stage(flow)
    stage.answer("abc")
    before = stage.journal
    with pytest.raises(DialogError, match="across a commit"):
        stage.answer("abc")
    assert stage.journal == before


def test_edit_of_an_unasked_question_is_an_error() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("only", text("q"), word)
        await dialog.edit("other")

    stage = Stage(flow)
    with pytest.raises(DialogError, match="no answered question"):
        stage.answer("abc")


def test_a_flow_may_hand_over() -> None:
    async def flow(dialog: Dialog) -> Go:
        await dialog.ask("only", text("q"), word)
        return Go("next", {"x": 1})

    stage = Stage(flow)
    stage.answer("abc")
    assert stage.played.go == Go("next", {"x": 1})


# -- what a flow must not do


async def _sleeps(dialog: Dialog) -> None:
    await asyncio.sleep(0)


async def _waits(dialog: Dialog) -> None:
    await asyncio.get_running_loop().create_future()


async def _sleeps_longer(dialog: Dialog) -> None:
    await asyncio.sleep(1)


@pytest.mark.parametrize("flow", [_sleeps, _waits, _sleeps_longer])
async def test_only_the_dialog_may_be_awaited(flow: Callable[..., Any]) -> None:
    with pytest.raises(ForeignAwait):
        Stage(flow)


def test_a_forgotten_await_is_noticed() -> None:
    async def flow(dialog: Dialog) -> None:
        dialog.say(text("lost"))  # type: ignore[unused-coroutine]

    with pytest.warns(RuntimeWarning, match="was never awaited"):
        Stage(flow)


def test_one_key_twice_is_an_error() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.load("same", count)
        await dialog.ask("same", text("q"), word)

    with pytest.raises(DuplicateKey):
        Stage(flow)


def test_one_key_twice_is_an_error_in_a_replay_too() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("same", text("q"), word)
        await dialog.ask("same", text("q"), word)

    stage = Stage(flow)
    with pytest.raises(DuplicateKey):
        stage.answer("abc")


def test_a_loop_without_end_stops_at_the_limit() -> None:
    async def flow(dialog: Dialog) -> None:
        for number in range(LIMIT + 10):
            await dialog.load(f"load:{number}", count)

    with pytest.raises(DialogError, match=str(LIMIT)):
        Stage(flow)


def test_a_long_flow_below_the_limit_works() -> None:
    async def flow(dialog: Dialog) -> None:
        for number in range(LIMIT - 1):
            await dialog.load(f"load:{number}", count)
        await dialog.ask("last", text("q"), word)

    stage = Stage(flow)
    assert stage.answer("abc") is Result.DONE


# -- a new version of a flow


def version(stage: Stage, function: Callable[..., Any]) -> None:
    stage.flow = Flow("test", function)


def test_a_new_question_before_the_pending_one_is_asked_and_the_answer_not_taken_for_it() -> None:
    async def newer(dialog: Dialog) -> None:
        await dialog.ask("zeroth", text("q0"), word)
        await dialog.ask("first", text("q1"), word)
        await dialog.ask("second", text("q2"), word)

    stage = Stage(three)
    stage.answer("một hai")
    version(stage, newer)
    assert stage.answer("ba bốn") is Result.CHANGED
    assert stage.asked == "zeroth"
    stage.answer("không")
    assert stage.asked == "second"
    assert [e.value for e in Journal.load(stage.journal).entries] == ["không", "một hai"]


def test_a_removed_question_is_skipped() -> None:
    async def newer(dialog: Dialog) -> None:
        second = await dialog.ask("second", text("q2"), word)
        await dialog.say(text("bye", second=second))

    stage = Stage(three)
    stage.answer("một hai")
    version(stage, newer)
    assert stage.answer("ba bốn") is Result.DONE
    assert stage.played.says == [text("bye", second="ba bốn")]


def test_a_flow_that_now_ends_earlier_says_what_it_ends_with() -> None:
    async def newer(dialog: Dialog) -> None:
        await dialog.ask("first", text("q1"), word)
        await dialog.say(text("bye"))

    stage = Stage(three)
    stage.answer("một hai")
    version(stage, newer)
    assert stage.answer("ba bốn") is Result.CHANGED
    assert (stage.played.asking, stage.says) == (None, ["bye"])


async def committed_form(dialog: Dialog) -> None:
    await dialog.ask("first", text("q1"), word)
    await dialog.commit("change", done)
    await dialog.ask("second", text("q2"), word)


def at_second() -> Stage:
    stage = Stage(committed_form)
    stage.answer("abc")
    assert stage.asked == "second"
    return stage


def test_a_recorded_commit_is_never_run_again() -> None:
    async def newer(dialog: Dialog) -> None:
        await dialog.ask("new", text("q"), word)
        await dialog.commit("change", done)
        await dialog.ask("second", text("q2"), word)

    stage = at_second()
    version(stage, newer)
    assert stage.answer("abc") is Result.CHANGED
    assert stage.asked == "new"
    stage.answer("abc")
    assert stage.asked == "second"
    assert stage.host.ran == ["change"]


def test_a_new_commit_runs_once_though_the_answer_is_invalid() -> None:
    async def newer(dialog: Dialog) -> None:
        await dialog.ask("first", text("q1"), word)
        await dialog.commit("change", done)
        await dialog.commit("another", done)
        await dialog.say(text("changed"))
        await dialog.ask("second", text("q2"), word)

    stage = at_second()
    version(stage, newer)
    assert stage.answer("x") is Result.CHANGED
    assert (stage.asked, stage.says) == ("second", ["changed"])
    assert stage.answer("x") is Result.INVALID
    assert stage.answer("abc") is Result.DONE
    assert stage.host.ran == ["change", "another"]


def _without(dialog: Dialog) -> Any:
    return dialog.ask("second", text("q2"), word)


async def _ends_before_it(dialog: Dialog) -> None:
    await dialog.ask("first", text("q1"), word)


async def _ends_at_once(dialog: Dialog) -> None:
    await dialog.say(text("closed"))


async def _another_first(dialog: Dialog) -> None:
    await dialog.ask("first", text("q1"), word)
    await dialog.commit("another", done)
    await dialog.commit("change", done)
    await dialog.ask("second", text("q2"), word)


@pytest.mark.parametrize("newer", [_ends_before_it, _ends_at_once, _another_first])
def test_stuck_when_a_recorded_commit_is_not_honoured(newer: Callable[..., Any]) -> None:
    stage = at_second()
    version(stage, newer)
    with pytest.raises(Stuck):
        stage.answer("abc")
    assert stage.host.ran == ["change"]


def test_stuck_when_the_recorded_commit_was_removed() -> None:
    async def newer(dialog: Dialog) -> None:
        await dialog.ask("first", text("q1"), word)
        await dialog.ask("second", text("q2"), word)

    stage = at_second()
    version(stage, newer)
    with pytest.raises(Stuck):
        stage.answer("abc")


def test_an_edit_reached_while_refeeding_is_followed() -> None:
    """A version that asks one thing more, and no longer asks which answer to edit."""

    async def older(dialog: Dialog) -> None:
        await dialog.ask("name", text("q"), word)
        if await dialog.choose("sure", text("q"), AB) == "b":
            await dialog.choose("which", text("q"), AB)
            await dialog.edit("name")

    async def newer(dialog: Dialog) -> None:
        await dialog.load("read", count)
        await dialog.ask("name", text("q"), word)
        if await dialog.choose("sure", text("q"), AB) == "b":
            await dialog.edit("name")

    stage = Stage(older)
    stage.answer("An Bình")
    stage.answer("2")
    assert stage.asked == "which"
    version(stage, newer)
    assert stage.answer("1") is Result.CHANGED
    assert stage.asked == "name"


def test_an_option_taken_away_is_asked_again_and_its_word_is_no_free_answer() -> None:
    async def older(dialog: Dialog) -> None:
        await dialog.ask("name", text("q"), word, options=[Option("skip")])
        await dialog.ask("second", text("q"), word)

    async def newer(dialog: Dialog) -> None:
        await dialog.load("read", count)
        await dialog.ask("name", text("q"), word)
        await dialog.ask("second", text("q"), word)

    stage = Stage(older)
    stage.answer("bỏ qua")
    version(stage, newer)
    assert stage.answer("abc") is Result.CHANGED
    assert stage.asked == "name"


# -- how an answer is read


async def choosing(dialog: Dialog) -> None:
    chosen = await dialog.choose("kind", text("q"), [Option("a"), Option("b"), Option("c")])
    await dialog.say(text(chosen))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Bác", "b"),
        ("bac", "b"),
        ("BÁC ạ", "b"),
        ("2", "b"),
        ("câu 2", "b"),
        ("hai", "b"),
        ("3.", "c"),
        ("(1)", "a"),
        ("c", "c"),
    ],
)
def test_a_choice_by_word_or_number(given: str, expected: str) -> None:
    stage = Stage(choosing)
    assert stage.answer(given) is Result.DONE
    assert stage.says == [expected]


@pytest.mark.parametrize("given", ["", "4", "0", "hải", "xin chào", "x", "<bb>", "{{7*7}}", "đ" * 5000])
def test_what_is_no_choice_is_unclear(given: str) -> None:
    assert Stage(choosing).answer(given) is Result.UNCLEAR


def test_a_forged_option_is_unclear() -> None:
    assert Stage(choosing).answer(tapped("zz")) is Result.UNCLEAR


def test_a_word_of_two_options_is_asked_back() -> None:
    stage = Stage(choosing)
    assert stage.answer("cùng") is Result.WHICH
    assert stage.played.which == ["a", "b"]


async def naming(dialog: Dialog) -> None:
    name = await dialog.ask("name", text("q"), word, options=[Option("skip"), Option("c")])
    await dialog.say(text("got", name=name))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bo qua", "skip"),
        ("1", "skip"),
        ("2", "c"),
        ("Hải Anh", "Hải Anh"),
        ("một", "một"),
        ("hai", "hai"),
        ("123", "123"),
    ],
)
def test_a_question_with_options_takes_both(given: str, expected: str) -> None:
    """Number words count only at a choice: «hai» may be a name."""
    stage = Stage(naming)
    assert stage.answer(given) is Result.DONE
    assert stage.played.says[0].params["name"] == expected


def test_a_file_answers_only_where_files_are_taken() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("photo", text("q"), lambda a: a.attachment.ref, accepts=frozenset({InboundKind.PHOTO}))  # type: ignore[union-attr]

    assert Stage(naming).answer(sent(InboundKind.PHOTO)) is Result.UNCLEAR
    stage = Stage(flow)
    assert stage.answer("chữ") is Result.UNCLEAR
    assert stage.answer(sent(InboundKind.PHOTO)) is Result.DONE
    assert Journal.load(stage.journal).entries[0].value == "ref"


async def quiz(dialog: Dialog) -> None:
    options = [Option("w", label="1945"), Option("x", label="1929"), Option("y", label="1976"), Option("skip")]
    chosen = await dialog.choose("q", text("q"), options, letters=True)
    await dialog.say(text(chosen))


@pytest.mark.parametrize(
    ("given", "expected"),
    [("A", "w"), ("b", "x"), ("đáp án c", "y"), ("2", "x"), ("1929", "x"), ("bỏ qua", "skip"), ("C ạ", "y")],
)
def test_letters(given: str, expected: str) -> None:
    stage = Stage(quiz)
    assert stage.answer(given) is Result.DONE
    assert stage.says == [expected]


@pytest.mark.parametrize("given", ["E", "z", "ab"])
def test_a_letter_out_of_range_is_unclear(given: str) -> None:
    assert Stage(quiz).answer(given) is Result.UNCLEAR


async def several(dialog: Dialog) -> None:
    name = await dialog.ask("name", text("q1"), word)
    options = [Option("w", label="1945"), Option("x", label="1929"), Option("y", label="1976")]
    chosen = await dialog.choose_several(
        "q", text("q"), options, done=Option("done"), others=[Option("skip")], how=text("how")
    )
    again = await dialog.ask("again", text("again"), word)
    if again == "sửa lại":
        await dialog.edit("name", wish="again")
    await dialog.say(text("+".join(chosen), name=name))


def at_several() -> Stage:
    stage = Stage(several)
    assert stage.answer("Lan") is Result.ASKING
    return stage


@pytest.mark.parametrize("given", ["1 3", "c, a", "A C xong", "a và c đủ rồi", tapped("skip")])
def test_several_at_once(given: Any) -> None:
    stage = at_several()
    assert stage.answer(given) is Result.ASKING
    assert stage.answer("được") is Result.DONE
    assert stage.says == ["w+y" if isinstance(given, str) else "s+k+i+p"]


def test_several_one_after_the_other() -> None:
    """Marks are kept between turns, each tap says which way it goes, and what is typed alone goes the other way."""
    stage = at_several()
    for given, marks in (
        (tapped("w"), ["w"]),
        (tapped("w"), ["w"]),
        ("1929", ["w", "x"]),
        ("3", ["w", "x", "y"]),
        (tapped("-w"), ["x", "y"]),
        (tapped("-w"), ["x", "y"]),
        ("b", ["y"]),
    ):
        assert stage.answer(given) is Result.MARKED
        assert Journal.load(stage.journal).marks == tuple(marks)
        assert stage.asked == "q"
    assert stage.answer("a xong") is Result.ASKING
    assert Journal.load(stage.journal).entries[-1].value == ["w", "y"]
    assert Journal.load(stage.journal).marks == ()


@pytest.mark.parametrize("given", ["D", "1 4", "hai lăm", tapped("-done"), tapped("z"), sent(InboundKind.VOICE)])
def test_what_chooses_none_of_several_leaves_the_marks(given: Any) -> None:
    stage = at_several()
    stage.answer("2")
    before = stage.journal
    assert stage.answer(given) is Result.UNCLEAR
    assert stage.journal == before


def test_nothing_chosen_of_several_is_told_how() -> None:
    stage = at_several()
    for given in ("xong", tapped("done")):
        assert stage.answer(given) is Result.INVALID
        assert stage.played.because == text("how")


def test_back_from_several_forgets_the_marks_and_an_edit_keeps_the_answer() -> None:
    stage = at_several()
    stage.answer("2")
    assert stage.back() is Result.ASKING
    assert stage.asked == "name"
    stage.answer("Mai")
    assert Journal.load(stage.journal).marks == ()
    stage.answer("2 3")
    assert stage.answer("sửa lại") is Result.ASKING
    assert stage.asked == "name"
    assert stage.answer("Hoa") is Result.ASKING
    assert stage.asked == "again"
    assert stage.answer("được") is Result.DONE
    assert stage.says == ["x+y"]

"""The replay engine, rule by rule (DESIGN, "The turn"): what is said, kept, gone back over, changed."""

import pytest

from bot.dialog import Answer, Dialog, Go, Invalid
from bot.dialog.engine import Result
from bot.dialog.errors import DialogError
from bot.dialog.journal import Journal
from bot.domain.prompts import Option, text
from tests.support.flows import AB, count, done, three, word
from tests.support.machine import Stage, tapped


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

"""A new version of a flow meets a journal of the old one."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.dialog import Dialog, Flow
from bot.dialog.engine import Result
from bot.dialog.errors import Stuck
from bot.dialog.journal import Journal
from bot.domain.prompts import Option, text
from tests.support.flows import AB, count, done, three, word
from tests.support.machine import Stage


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

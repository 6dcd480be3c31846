"""What a flow must not do, and how it is noticed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.dialog import Dialog
from bot.dialog.engine import Result
from bot.dialog.errors import DialogError, DuplicateKey, ForeignAwait
from bot.dialog.journal import LIMIT
from bot.domain.prompts import text
from tests.support.flows import count, word
from tests.support.machine import Stage


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

"""Intake when the storage fails, when a flow does, and when somebody floods it: through the whole house."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import handlers
from bot.dialog import Dialog, Flow
from bot.domain.messages import Inbound, InboundKind
from bot.domain.prompts import Option, text
from bot.inbound import intake
from tests.support.faults import Faults, disk_full, faulty_sqlite, locked
from tests.support.house import House

PATIENCE = 10.0


@pytest.fixture
async def shaky(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, Faults]]:
    """A house with one member (chat 501) whose disk fails on demand; retries are quick."""
    monkeypatch.setattr(intake, "STORAGE_RETRY_SECONDS", 0.01)
    monkeypatch.setattr("bot.outbox.dispatcher.FIRST_RETRY", 0.01)
    with faulty_sqlite() as faults:
        house = House(tmp_path)
        await house.open()
        await house.plant_units()
        await house.phone("501").joins(name="Lan")
        yield house, faults
        faults.end()
        await house.close()


def message(house: House, said: str, chat: str = "501") -> Inbound:
    return Inbound(house.next_key(), chat, InboundKind.TEXT, text=said, sent_at=house.clock.now())


async def inbox(house: House) -> list[tuple[str, int]]:
    rows: list[tuple[str, int]] = await house.running.db.read(
        lambda tx: tx.all("SELECT state, COUNT(*) FROM inbox GROUP BY state ORDER BY state")
    )
    return rows


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def settle(house: House) -> None:
    async with asyncio.timeout(PATIENCE):
        await house.settle()


@pytest.mark.parametrize("error", [disk_full, locked])
async def test_what_could_not_be_stored_is_not_acknowledged(shaky: tuple[House, Faults], error: Any) -> None:
    house, faults = shaky
    said = message(house, "chuyện một")
    faults.always(error, at="BEGIN")
    with pytest.raises(Exception, match=r"full|locked"):
        await house.running.receive(house.channel, [said])
    faults.end()
    await house.running.receive(house.channel, [said])
    await settle(house)
    assert "chuyện một" in house.phone("501").last.text


@pytest.mark.parametrize("error", [disk_full, locked])
async def test_storage_trouble_leaves_rows_pending_and_takes_nothing_in(
    shaky: tuple[House, Faults], error: Any
) -> None:
    house, faults = shaky
    phone = house.phone("501")
    before = len(phone.shown)
    faults.always(error, at="UPDATE inbox")
    await house.running.receive(house.channel, [message(house, f"chuyện {n}") for n in range(4)])
    await until(lambda: sum(s.startswith("UPDATE inbox") for s in faults.statements) > 12)
    assert ("pending", 4) in await inbox(house)
    assert len(phone.shown) == before
    waiting = asyncio.ensure_future(house.running.receive(house.channel, [message(house, "chuyện 4")]))
    tried = len(faults.statements)
    await until(lambda: len(faults.statements) > tried + 4)
    assert not waiting.done()
    faults.end()
    await asyncio.wait_for(waiting, PATIENCE)
    await settle(house)
    assert [name for name, _ in await inbox(house)] == ["done"]
    heard = [m.text for m in phone.shown[before:]]
    assert [f"chuyện {n}" in one for n, one in enumerate(heard)] == [True] * 5


@pytest.mark.parametrize("at", ["UPDATE inbox", "COMMIT", "SELECT a.id", "INSERT INTO outbox"])
@pytest.mark.parametrize("failures", [1, 2, 3, 7])
async def test_a_short_trouble_disturbs_no_order(shaky: tuple[House, Faults], failures: int, at: str) -> None:
    """The first turn fails, and those behind it must not overtake."""
    house, faults = shaky
    phone = house.phone("501")
    before = len(phone.shown)
    said = [message(house, f"chuyện {n}") for n in range(5)]
    faults.next(failures, disk_full, at=at, after="UPDATE inbox")
    await house.running.receive(house.channel, said)
    await settle(house)
    assert faults.raised == failures
    heard = [m.text for m in phone.shown[before:]]
    assert [f"chuyện {n}" in one for n, one in enumerate(heard)] == [True] * 5
    assert [state for state, _ in await inbox(house)] == ["done"]


async def test_every_row_is_handled_once_when_storage_comes_and_goes(shaky: tuple[House, Faults]) -> None:
    house, faults = shaky
    for chat in range(600, 610):
        await house.phone(str(chat)).joins()
    chance = random.Random(7)
    faults.judge = lambda sql: disk_full() if chance.random() < 0.03 else None
    for batch in range(5):
        said = [message(house, f"lần {batch}", str(chat)) for chat in range(600, 610)]
        while True:
            try:
                await asyncio.wait_for(house.running.receive(house.channel, said), PATIENCE)
                break
            except Exception:
                await asyncio.sleep(0.01)
    faults.end()
    await settle(house)
    for chat in range(600, 610):
        heard = [m.text for m in house.phone(str(chat)).shown if "lần" in m.text]
        assert [f"lần {batch}" in one for batch, one in enumerate(heard)] == [True] * 5
    assert [state for state, _ in await inbox(house)] == ["done"]


async def test_a_stop_in_storage_trouble_leaves_the_rows_for_the_next_start(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, faults = shaky
    monkeypatch.setattr(intake, "STOP_SECONDS", 0.05)
    faults.always(disk_full, at="UPDATE inbox")
    await house.running.receive(house.channel, [message(house, "chuyện một")])
    await until(lambda: sum(s.startswith("UPDATE inbox") for s in faults.statements) > 3)
    await house.close()
    faults.end()
    await house.open()
    await settle(house)
    assert "chuyện một" in house.phone("501").last.text


# -- a flow that fails


class Broken:
    """A flow with one question that fails while told to."""

    def __init__(self) -> None:
        self.fails = True

    async def flow(self, dialog: Dialog) -> None:
        chosen = await dialog.choose("hour", text("welcome.ask_hour"), [Option("morning", word="slot_morning")])
        if self.fails:
            raise KeyError(f"a fault of ours after {chosen}")
        await dialog.say(text("welcome.ready"))


async def at_the_question(house: House, monkeypatch: pytest.MonkeyPatch) -> Broken:
    broken = Broken()
    monkeypatch.setitem(handlers.FLOWS, "today", Flow("today", broken.flow, word="today"))
    await house.restart()
    await house.phone("501").says("bài hôm nay")
    return broken


async def test_a_fault_is_told_with_a_code_and_the_question_asked_again(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = shaky
    broken = await at_the_question(house, monkeypatch)
    phone = house.phone("501")
    told = await phone.taps("Sáng sớm")
    assert "lúc nào" in told
    assert phone.last.labels == ["1. Sáng sớm"]
    assert "KeyError" not in told
    states = dict(await inbox(house))
    assert states["failed"] == 1
    broken.fails = False
    assert "Xong rồi" in await phone.taps("Sáng sớm")


async def test_the_third_fault_parks_the_dialog_and_the_rest_works(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = shaky
    await at_the_question(house, monkeypatch)
    alerts: list[tuple[str, str]] = []
    monkeypatch.setattr(house.running.intake, "_alert", lambda event, code: alerts.append((event, code)))
    phone = house.phone("501")
    heard = [await phone.taps("Sáng sớm") for _ in range(2)]
    assert alerts == []
    heard.append(await phone.says("sáng sớm"))
    assert [event for event, _ in alerts] == ["dialog_parked"]
    assert alerts[0][1] in heard[2]
    assert "lúc nào" not in heard[2]
    states = await house.running.db.read(lambda tx: tx.all("SELECT state FROM dialog"))
    assert states == [("stuck",)]
    await phone.says("menu")
    assert "1. Bài hôm nay" in phone.last.labels


async def test_answers_between_begin_the_count_anew(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = shaky

    class Two(Broken):
        async def flow(self, dialog: Dialog) -> None:
            options = [Option("morning", word="slot_morning")]
            for number in range(5):
                await dialog.choose(f"hour:{number}", text("welcome.ask_hour"), options)
                if self.fails:
                    raise KeyError

    two = Two()
    monkeypatch.setitem(handlers.FLOWS, "today", Flow("today", two.flow, word="today"))
    await house.restart()
    phone = house.phone("501")
    await phone.says("bài hôm nay")
    for fails in (True, True, False, True, True):
        two.fails = fails
        await phone.taps("Sáng sớm")
    assert await house.running.db.read(lambda tx: tx.all("SELECT state FROM dialog")) == [("waiting",)]


async def test_a_fault_met_in_storage_trouble_is_told_once(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, faults = shaky
    await at_the_question(house, monkeypatch)
    phone = house.phone("501")
    before = len(phone.shown)
    faults.next(2, disk_full, at="UPDATE inbox SET state = 'failed'")
    await house.running.receive(house.channel, [message(house, "sáng sớm")])
    await settle(house)
    assert len(phone.shown) == before + 1
    assert dict(await inbox(house))["failed"] == 1


async def test_others_in_the_same_batch_are_not_touched_by_a_fault(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = shaky
    await house.phone("502").joins()
    await at_the_question(house, monkeypatch)
    batch = [message(house, "xin hỏi", "502"), message(house, "sáng sớm"), message(house, "hỏi nữa", "502")]
    await house.running.receive(house.channel, batch)
    await settle(house)
    assert [("xin hỏi" in m.text, "hỏi nữa" in m.text) for m in house.phone("502").shown[-2:]] == [
        (True, False),
        (False, True),
    ]


# -- too many, and the same again


async def test_the_twenty_first_in_a_minute_is_told_and_the_rest_ignored(
    shaky: tuple[House, Faults], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = shaky
    now = time.monotonic() + 1000
    monkeypatch.setattr(house.running.intake, "_monotonic", lambda: now)
    await house.phone("502").joins()
    now += 60
    phone = house.phone("501")
    heard = [await phone.says(f"chuyện {n}") for n in range(30)]
    assert all(f"chuyện {n}" in one for n, one in enumerate(heard[:20]))
    assert heard[20]
    assert "chuyện" not in heard[20]
    assert heard[21:] == [""] * 9
    assert "chuyện riêng" in await house.phone("502").says("chuyện riêng")
    now += 59
    assert await phone.says("còn sớm") == ""
    now += 1
    assert "đã đến lúc" in await phone.says("đã đến lúc")


async def test_a_thousand_taps_cost_one_sentence(shaky: tuple[House, Faults]) -> None:
    house, _ = shaky
    phone = house.phone("501")
    await phone.says("menu")
    before = len(phone.shown)
    taps = [
        Inbound(house.next_key(), "501", InboundKind.BUTTON, data="m:menu", press_ref=str(n), sent_at=house.clock.now())
        for n in range(1000)
    ]
    for start in range(0, 1000, 100):
        await asyncio.wait_for(house.running.receive(house.channel, taps[start : start + 100]), PATIENCE)
    await settle(house)
    assert len(phone.shown) - before <= 21
    await until(lambda: len(house.channel.pressed) >= 1000)


async def test_an_update_redelivered_is_handled_once(shaky: tuple[House, Faults]) -> None:
    house, _ = shaky
    phone = house.phone("501")
    said = message(house, "chuyện một")
    before = len(phone.shown)
    await house.running.receive(house.channel, [said, said])
    await house.running.receive(house.channel, [said])
    await settle(house)
    await house.restart()
    await house.running.receive(house.channel, [said])
    await settle(house)
    assert len(phone.shown) == before + 1

"""Buttons that come late or twice, what platforms report, people who are too fast, faults of ours."""

import re
import time

import pytest

import handlers
from bot.channels.contract import Outcome, OutcomeKind
from bot.dialog import Dialog, Flow
from bot.domain.messages import Inbound, InboundKind
from bot.domain.prompts import Option, text
from bot.services.turn import Turn
from tests.support.fake_channel import NotOnThisChannel
from tests.support.house import House, Phone
from tests.support.people import MENU, a_minute_later, settled


async def member(house: House, chat: str = "1251") -> Phone:
    """A member who is asked nothing."""
    return await settled(house, chat, "Lò Thị Lan", form="chị")


# -- buttons


async def test_a_stale_button(house: House) -> None:
    """A friendly sentence and the question that is open now."""
    phone = await member(house)
    await phone.says("/gioithieu")
    stale = phone.last.buttons[0].data
    await phone.says("1")
    question = phone.last.text
    assert "Câu này đã xong từ trước" in await phone.taps_data(stale)
    assert question.splitlines()[-1] in phone.last.text


async def test_a_stale_button_with_nothing_open(house: House) -> None:
    """The menu."""
    phone = await member(house)
    await phone.says("/caidat")
    stale = phone.last.buttons[0].data
    await phone.says("menu")
    assert "Câu này đã xong từ trước" in await phone.taps_data(stale)
    assert phone.last.labels == MENU


async def test_the_same_tap_again(house: House) -> None:
    """Within ten seconds silence, later the friendly sentence."""
    phone = await member(house)
    await phone.says("/gioithieu")
    tapped = phone.last.buttons[0].data
    assert await phone.taps_data(tapped)
    assert await phone.taps_data(tapped) == ""
    house.clock.forward(seconds=9)
    assert await phone.taps_data(tapped) == ""
    house.clock.forward(seconds=2)
    assert "Câu này đã xong từ trước" in await phone.taps_data(tapped)


async def test_an_answered_prompt_loses_its_buttons(house: House) -> None:
    """Only the open question can be tapped."""
    phone = await member(house)
    await phone.says("/gioithieu")
    prompt = phone.last
    assert prompt.buttons
    await phone.says("1")
    if not house.channel.capabilities.edits:
        raise NotOnThisChannel(house.channel.name, "edits")
    assert [m.labels for m in phone.shown if m.row == prompt.row] == [[]]


# -- the platform's own events


async def test_blocked_and_unblocked(house: House) -> None:
    """Neither is answered; the next message is."""
    phone = await member(house)
    assert await phone.sends(InboundKind.BLOCKED) == ""
    reachable = "SELECT reachable FROM address WHERE external_id = ?"
    assert await house.running.db.read(lambda tx: tx.scalar(reachable, (phone.chat,))) == 0
    assert await phone.sends(InboundKind.UNBLOCKED) == ""
    assert await house.running.db.read(lambda tx: tx.scalar(reachable, (phone.chat,))) == 1
    assert "Chào chị" in await phone.says("chào")


async def test_a_group_is_greeted_once(house: House) -> None:
    """One sentence with the link, then silence, and nothing is kept of the group."""
    group = house.phone("-100123")
    first = await group.sends(InboundKind.GROUP, text="chào cả nhà")
    assert "https://example.test/bot" in first
    for said in ("menu", "1", "/start"):
        assert await group.sends(InboundKind.GROUP, text=said) == ""
    await house.running.ticker.tick()
    house.clock.forward(minutes=2)
    await house.running.ticker.tick()
    assert await house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM address")) == 0
    assert await group.sends(InboundKind.GROUP, text="lại chào") == ""


async def test_a_busy_group_is_not_told_to_slow_down(plain_house: House) -> None:
    """Silence stays silence."""
    group = plain_house.phone("-100124")
    for _ in range(30):
        await group.sends(InboundKind.GROUP, text="tán gẫu")
    assert len(group.shown) == 1


# -- speed. What arrived in the minute is counted in memory: a restart begins a new minute.


@pytest.mark.parametrize("variant", ["plain", "double"])
async def test_the_twenty_first_message_in_a_minute(plain_house: House, variant: str) -> None:
    """One sentence, then silence; a second delivery of the same message is not counted."""
    plain_house.variant = variant
    phone = await member(plain_house)
    for _ in range(20):
        assert await phone.says("menu")
    assert "nhắn hơi nhanh" in await phone.says("menu")
    assert await phone.says("menu") == ""
    assert await phone.says("/start") == ""
    a_minute_later(plain_house)
    assert "muốn làm gì" in await phone.says("menu")


async def test_one_fast_phone_slows_nobody_else(plain_house: House) -> None:
    """Each address has its own minute."""
    fast, slow = await member(plain_house, "1202"), await member(plain_house, "1203")
    for _ in range(25):
        await fast.says("menu")
    assert "muốn làm gì" in await slow.says("menu")


async def test_who_blocks_after_a_fast_minute_is_heard(plain_house: House) -> None:
    """What the platform reports is not a message."""
    phone = await member(plain_house)
    for _ in range(25):
        await phone.says("menu")
    await phone.sends(InboundKind.BLOCKED)
    blocked = await plain_house.running.db.read(
        lambda tx: tx.scalar("SELECT reachable FROM address WHERE external_id = ?", (phone.chat,))
    )
    assert blocked == 0


async def test_a_thousand_taps_in_a_row(plain_house: House) -> None:
    """The first twenty are heard, the next is told once, the rest is silence; every one is acknowledged and done."""
    phone = await member(plain_house)
    await phone.says("/caidat")
    data = phone.last.buttons[1].data
    a_minute_later(plain_house)
    before = len(phone.shown)
    for _ in range(1000):
        await phone.taps_data(data)
    said = [message.text for message in phone.shown[before:]]
    assert len(said) == 2
    assert "nhận bài lúc nào" in said[0]
    assert "nhắn hơi nhanh" in said[1]
    assert len(plain_house.channel.pressed) == 1000
    left = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM inbox WHERE state <> 'done'"))
    assert left == 0


# -- what is kept


async def test_what_is_not_understood_goes_after_thirty_days(house: House) -> None:
    """It was kept only in the answer that quoted it."""
    phone = await member(house)
    await phone.says("chuyện riêng của tôi")
    await house.running.ticker.tick()
    house.clock.forward(days=31)
    await house.running.ticker.tick()
    await house.running.wipe()
    quoted = "chuyện riêng của tôi".encode()
    assert not [p for p in house.directory.rglob("*") if p.is_file() and quoted in p.read_bytes()]


# -- a fault of ours


async def broken(dialog: Dialog) -> None:
    """A flow whose service fails: by an exception, by a constraint."""
    how = await dialog.choose("how", text("routing.menu"), [Option("yes"), Option("no")])
    await dialog.commit("fail", fail, how)


def fail(turn: Turn, how: str) -> None:
    """What a fault in a service does."""
    if how == "yes":
        raise ValueError("ours")
    turn.tx.run("INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (999, 'x', 0, 0)")


@pytest.mark.parametrize("answer", ["có", "không"])
async def test_a_fault_keeps_the_question_and_the_bot(
    plain_house: House, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """A sentence with a code and the question again; three in a row put it aside; others notice nothing."""
    monkeypatch.setitem(handlers.FLOWS, "broken", Flow("broken", broken, commands=("hong",)))
    await plain_house.restart()
    phone, other = await member(plain_house, "1204"), await member(plain_house, "1205")
    await phone.says("/hong")
    for _ in range(2):
        said = await phone.says(answer)
        assert re.search(r"Có lỗi phía chúng tôi.* Mã: [0-9A-F]{6}\.", said)
        assert phone.last.labels == ["1. Có", "2. Không"]
    assert "đã báo người phụ trách" in await phone.says(answer)
    assert "muốn làm gì" in await phone.says("menu")
    assert "muốn làm gì" in await other.says("menu")
    states = await plain_house.running.db.read(
        lambda tx: dict(tx.all("SELECT state, COUNT(*) FROM inbox GROUP BY state"))
    )
    assert states == {"done": 3, "failed": 3}


async def test_a_reply_refused_for_a_day_is_not_sent_any_more(plain_house: House) -> None:
    """A month's plan that is used up must not answer days later, out of the next month's."""
    phone = await member(plain_house)
    seen = len(phone.shown)
    plain_house.channel.outcome_for = lambda delivery: Outcome(OutcomeKind.THROTTLED)
    await plain_house.running.receive(plain_house.channel, [Inbound("k1", phone.chat, InboundKind.TEXT, "menu")])
    await plain_house.running.intake.settle()
    plain_house.clock.forward(days=1, seconds=1)
    await plain_house.settle()
    plain_house.channel.outcome_for = lambda delivery: None
    for dispatcher in plain_house.running.dispatchers.values():
        dispatcher._monotonic = lambda: time.monotonic() + 60  # the platform is left alone for a moment
    await plain_house.settle()
    assert len(phone.shown) == seen
    states = await plain_house.running.db.read(lambda tx: tx.all("SELECT state FROM outbox ORDER BY id DESC LIMIT 1"))
    assert states == [("expired",)]
    assert "muốn làm gì" in await phone.says("menu")

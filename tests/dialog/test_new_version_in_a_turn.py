"""A flow that changed while somebody was in the middle of it, through the whole house."""

import pytest

import handlers
from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services.turn import Turn
from tests.support.house import House, Phone

NAME = text("welcome.ask_name")
HOUR = text("welcome.ask_hour")
SLOTS = [Option("morning", word="slot_morning"), Option("none", word="slot_none")]


def audit(turn: Turn) -> None:
    turn.tx.run("INSERT INTO audit (at, act) VALUES (?, 'ran')", (turn.now,))


async def older(dialog: Dialog) -> None:
    await dialog.ask("name", NAME, lambda answer: answer.text, options=[Option("skip")])
    await dialog.choose("hour", HOUR, SLOTS)
    await dialog.say(text("welcome.ready"))


async def with_a_commit(dialog: Dialog) -> None:
    await dialog.ask("name", NAME, lambda answer: answer.text, options=[Option("skip")])
    await dialog.commit("new", audit)
    await dialog.choose("hour", HOUR, SLOTS)
    await dialog.say(text("welcome.ready"))


async def shorter(dialog: Dialog) -> None:
    await dialog.ask("name", NAME, lambda answer: answer.text, options=[Option("skip")])
    await dialog.commit("new", audit)
    await dialog.say(text("welcome.ready"))


def plant(monkeypatch: pytest.MonkeyPatch, function: object) -> None:
    monkeypatch.setitem(handlers.FLOWS, "about_me", Flow("about_me", function, word="about_me"))  # type: ignore[arg-type]


async def at_the_hour(house: House, monkeypatch: pytest.MonkeyPatch) -> Phone:
    plant(monkeypatch, older)
    phone = house.phone("601")
    await phone.says("/start u_LC0421")
    await phone.taps("Đồng ý")
    await phone.says("Lan")
    assert "lúc nào" in phone.last.text
    return phone


async def ran(house: House) -> int:
    count: int = await house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM audit WHERE act = 'ran'"))
    return count


@pytest.mark.parametrize("word", ["xyz", "quay lại", "giúp", "tiếp tục", "/start", "sáng"])
async def test_a_new_commit_runs_once_whatever_is_said(
    plain_house: House, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    phone = await at_the_hour(plain_house, monkeypatch)
    plant(monkeypatch, with_a_commit)
    await plain_house.restart()
    assert await phone.says(word)
    for _ in range(3):
        await phone.says("xyz")
    if word == "/start":
        await phone.says("tiếp tục")
    await phone.taps("Sáng sớm")
    assert await ran(plain_house) == 1


async def test_a_flow_that_now_ends_earlier_is_ended_with_its_last_words(
    plain_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await at_the_hour(plain_house, monkeypatch)
    plant(monkeypatch, shorter)
    await plain_house.restart()
    assert "Xong rồi" in await phone.taps("Sáng sớm")
    assert await ran(plain_house) == 1


async def test_a_parked_dialog_that_changed_goes_on_where_it_stands(
    plain_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await at_the_hour(plain_house, monkeypatch)
    await phone.says("/menu")
    plant(monkeypatch, shorter)
    await plain_house.restart()
    assert await phone.says("tiếp tục")
    assert await ran(plain_house) == 1
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM dialog")) == 0

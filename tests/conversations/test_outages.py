"""A platform is down: whose announcement waits is told once over a channel that works, and once that it goes on."""

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.services import outages
from tests.support.fake_channel import FakeChannel
from tests.support.house import House, Phone
from tests.support.officers import officer_of, writes

LOST = "Telegram không nhận tin từ 8 giờ 00. Thông báo “Mời anh/chị đoàn viên họp 14 giờ thứ Sá…” của anh còn người đang chờ"
BACK = "Telegram đã nhận tin trở lại, tôi đã gửi tiếp"


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await House(tmp_path).open()
    house.channels["webchat"] = FakeChannel("webchat", "web")
    await house.restart()
    await house.plant_units()
    yield house
    await house.close()


async def waits(house: House) -> Phone:
    """An officer on Telegram and in the web chat, with an announcement that waits for its hour."""
    house.clock.at("2025-05-02T08:00")
    officer = await officer_of(house)
    await writes(officer)
    await house.running.db.write(lambda tx: tx.run("UPDATE member SET quiet_from = 0, quiet_to = 0"))
    await officer.says("gửi ngay")
    await house.running.db.write(
        lambda tx: [
            tx.run("UPDATE announcement SET state = 'sending'"),
            tx.run(
                "INSERT INTO outbox (account_id, address_id, lane, queue, origin, not_before, created_at)"
                " SELECT account_id, id, 2, 1, 'announcement:1', 99999999999999, 0 FROM address LIMIT 1"
            ),
            tx.run(
                "INSERT INTO address (account_id, external_id, member_id, created_at, last_in_at)"
                " SELECT ?, 'w1', member_id, 0, 0 FROM address LIMIT 1",
                (house.running.accounts["webchat"],),
            ),
        ]
    )
    return officer


async def happens(house: House, what: object) -> None:
    at, account = house.running.installation, house.running.accounts["telegram"]
    assert callable(what)
    await house.running.db.write(lambda tx: functools.partial(what, at, account)(tx, house.clock.now()))
    house.running.wake(pushes=True)
    await house.settle()


async def test_told_once_elsewhere_and_once_when_it_is_over(house: House) -> None:
    officer = await waits(house)
    before = len(officer.shown)
    for _ in range(3):
        await happens(house, outages.began)
    web = house.phone("w1", "webchat")
    [message] = web.shown
    assert LOST in message.text
    for _ in range(2):
        await happens(house, outages.ended)
    assert len(officer.shown) == before + 1
    assert BACK in officer.shown[-1].text
    assert len(web.shown) == 1


async def test_who_has_no_other_channel_hears_only_that_it_is_over(house: House) -> None:
    officer = await waits(house)
    await house.running.db.write(lambda tx: tx.run("DELETE FROM address WHERE external_id = 'w1'"))
    before = len(officer.shown)
    at, account = house.running.installation, house.running.accounts["telegram"]

    def both(tx: object) -> None:
        outages.began(at, account, tx, house.clock.now())  # type: ignore[arg-type]
        outages.ended(at, account, tx, house.clock.now())  # type: ignore[arg-type]

    await house.running.db.write(both)
    house.running.wake(pushes=True)
    await house.settle()
    assert [BACK in message.text for message in officer.shown[before:]] == [True]

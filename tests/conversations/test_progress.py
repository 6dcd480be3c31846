"""A large announcement tells its author how far it is, in one message, and can be paused and stopped from there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import sending
from bot.services.drafts import begun
from bot.services.turn import Turn
from bot.storage import announcements, members, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import IN_DOUBT, member_id, officer_of, outcomes, sends, times
from tests.support.people import settled

PEOPLE = 55


@pytest.fixture(params=["telegram", "zalo_bot"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """One installation on a channel, with the invented tree."""
    house = House(tmp_path, channel=request.param)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


async def places(house: House, officer: Phone) -> None:
    """Send an announcement to the officer's unit; nothing is done about it yet."""
    id = await member_id(house, officer)

    def send(tx: Transaction) -> None:
        unit = units.by_code(tx, "LC0421")
        assert unit is not None
        member = members.by_id(tx, id)
        turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=member)
        assert sending.send(turn, begun(unit.id, unit.id, "Mai họp.")) is not None

    await house.running.db.write(send)


async def test_one_message_that_is_edited(office: House) -> None:
    """Begun, paused, gone on with, done: one message where there are edits; at most every three seconds."""
    office.clock.at("2025-05-01T22:00")
    an = await officer_of(office, "LC0421")
    for number in range(PEOPLE):
        await settled(office, f"9{number:02}", f"Người {number}")
    await places(office, an)
    await office.settle()
    await office.settle()
    assert times(an, "Đang gửi: 0/56 người, còn 56.") == 1
    assert "Đã tạm dừng" in await an.taps("Tạm dừng")
    await office.running.fan_out.work()
    await office.settle()
    assert times(an, "Đang tạm dừng: 0/56") == (1 if office.channel.capabilities.edits else 0)
    office.clock.at("2025-05-02T06:30")
    await office.settle()
    assert (await outcomes(office, "announcement:1"))["pending"] == 56
    assert "Đang gửi tiếp" in await an.taps("Gửi tiếp")
    await office.settle()
    assert (await outcomes(office, "announcement:1")) == {"sent": 56}
    if office.channel.capabilities.edits:
        assert times(an, "Đã gửi xong: 56/56 người.") == 1
    assert times(an, "/56 người") == 1
    assert times(an, "Đã gửi xong thông báo") == 1


@pytest.mark.parametrize(("state", "said"), [("paused", "Đang tạm dừng"), ("held", "Đang giữ lại")])
async def test_resting_as_the_process_ended(tmp_path: Path, state: str, said: str) -> None:
    """The next one says so: nobody would before it is gone on with."""
    house = await House(tmp_path).open()
    try:
        await house.plant_units()
        an = await officer_of(house, "LC0421")
        for number in range(PEOPLE):
            await settled(house, f"9{number:02}", f"Người {number}")
        house.clock.at("2025-05-01T22:00")
        await places(house, an)
        await house.settle()
        await house.settle()
        assert await house.running.db.write(lambda tx: announcements.move(tx, 1, ("queueing", "sending"), state))
        assert times(an, "Đang gửi: 0/56 người") == 1
        await house.restart()
        await house.settle()
        assert (times(an, "Đang gửi: 0/56 người"), times(an, f"{said}: 0/56")) == (0, 1)
    finally:
        await house.close()


@pytest.fixture
async def crashing(tmp_path: Path) -> AsyncIterator[House]:
    """One that dies before and after every commit."""
    house = House(tmp_path, "crashes")
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


async def test_killed_again_and_again(crashing: House) -> None:
    """Before and after every commit of the sending: one message still, that ends true; nobody gets it twice."""
    house = crashing
    an = await officer_of(house, "LC0421")
    phones = [await settled(house, f"9{number:02}", f"Người {number}") for number in range(PEOPLE)]
    await places(house, an)
    await house.with_crashes(house.settle)
    await house.settle()
    became = await outcomes(house, "announcement:1")
    assert became.total() == PEOPLE + 1
    assert set(became) <= IN_DOUBT
    got = [times(phone, "Mai họp.\n\nCán bộ") for phone in (an, *phones)]  # the result quotes it too
    assert max(got) == 1
    assert got.count(0) <= became["uncertain"]
    assert times(an, "/56 người") <= 1
    assert times(an, "Đã gửi xong thông báo") <= 1
    state = "SELECT state, COUNT(*) FROM announcement"
    assert await house.running.db.read(lambda tx: tx.one(state)) == ("done", 1)
    shown = [message.text for message in an.shown if "/56 người" in message.text]
    assert all("Đã gửi xong" in text for text in shown)


@pytest.mark.parametrize(("rate", "told"), [(25.0, False), (5.0, True), (0.0, False)])
async def test_told_of_what_takes_longer_than_two_seconds(office: House, rate: float, told: bool) -> None:
    """Eleven people: at five a second they do."""
    office.running.installation.rates[next(iter(office.running.accounts.values()))] = rate
    an = await officer_of(office, "LC0421")
    for number in range(10):
        await settled(office, f"9{number:02}", f"Người {number}")
    office.clock.at("2025-05-01T22:00")
    await sends(office, an)
    assert times(an, "Đang gửi: ") == told

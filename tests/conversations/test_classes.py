"""What a class sets: hour, how many a day, what is asked, whether names may be listed; and what a press freezes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import drafts, notices, sending
from bot.services.turn import Turn
from bot.storage import members, outbox, units
from bot.storage.database import Transaction
from tests.support.house import House
from tests.support.officers import member_id, officer_of, outcomes, sends, set_member, times, writes
from tests.support.people import a_minute_later, settled


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[House]:
    """A house on one channel, in the morning."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    house.clock.at("2025-05-01T09:00")
    yield house
    await house.close()


async def test_one_congratulation_a_day(office: House) -> None:
    """The second comes the next morning; it asks nothing and takes no room from what has to be known."""
    an = await officer_of(office, "LC0421")
    binh = await settled(office, "802", "Lê Thị Bình")
    for body in ("Mừng ngày một.", "Mừng ngày hai."):
        await writes(an, body, "chúc mừng")
        await an.says("gửi ngay")
        a_minute_later(office)
    await writes(an, "Tin cần biết.")
    await an.says("gửi ngay")
    assert [times(binh, body) for body in ("Mừng ngày một.", "Mừng ngày hai.", "Tin cần biết.")] == [1, 0, 1]
    first = next(message for message in binh.shown if "Mừng ngày một." in message.text)
    assert "Chúc mừng · CĐCS Công ty Ví dụ A" in first.text
    assert first.labels == ["Vì sao tôi nhận tin này?"]
    await office.passes("2025-05-02T07:59")
    assert times(binh, "Mừng ngày hai.") == 0
    await office.passes("2025-05-02T08:00")
    assert times(binh, "Mừng ngày hai.") == 1


async def test_condolences_come_by_day(office: House) -> None:
    """Written at night they start when the federation's quiet hours end, though somebody's own end sooner."""
    office.clock.at("2025-05-01T22:30")
    an = await officer_of(office, "LC0421")
    early = await settled(office, "802", "Lê Thị Bình")
    await set_member(office, early, quiet_from=0, quiet_to=60)
    preview = await writes(an, "Kính viếng.", "chia buồn")
    assert "Chia buồn · CĐCS Công ty Ví dụ A" in preview
    await an.says("gửi ngay")
    assert times(early, "Kính viếng.") == 0
    hours = office.running.installation.federation.hours
    awake = hours.minutes("quiet_to")
    await office.passes(f"2025-05-02T{awake // 60 - 1:02}:59")
    assert times(early, "Kính viếng.") == 0
    await office.passes(f"2025-05-02T{awake // 60:02}:{awake % 60:02}")
    assert times(early, "Kính viếng.") == 1
    assert early.last.labels == ["Vì sao tôi nhận tin này?"]


@pytest.mark.parametrize(
    ("kind", "may"),
    [("urgent", True), ("task", True), ("information", False), ("congratulation", False), ("condolence", False)],
)
async def test_which_classes_may_list_names(office: House, kind: str, may: bool) -> None:
    """A draft that wants names where its class allows none is refused at the press."""
    an = await officer_of(office, "LC0421")
    id = await member_id(office, an)

    def send(tx: Transaction) -> object:
        turn = Turn(tx, office.running.installation, office.clock.now(), "test", member=members.by_id(tx, id))
        unit = units.by_code(tx, "LC0421")
        assert unit is not None
        draft = drafts.begun(unit.id, unit.id, "Tin.", kind, "vì bão")
        return sending.send(turn, {**draft, "named": True, "question": "received"})

    assert (await office.running.db.write(send) is not None) == may


async def test_who_joins_after_the_press_is_no_recipient(office: House) -> None:
    """The press freezes whom it is for: who comes while it is added, or before its rows are made, does not get it."""
    an = await officer_of(office, "LC0421")
    await settled(office, "802", "Lê Thị Bình")
    id = await member_id(office, an)

    def press(tx: Transaction) -> None:
        turn = Turn(tx, office.running.installation, office.clock.now(), "test", member=members.by_id(tx, id))
        unit = units.by_code(tx, "LC0421")
        assert unit is not None
        assert sending.send(turn, drafts.begun(unit.id, unit.id, "Tin.")) is not None

    await office.running.db.write(press)
    newcomer = await settled(office, "803", "Người mới")
    await office.settle()
    assert (await outcomes(office, "announcement:1")) == {"sent": 2}
    assert times(newcomer, "Tin.") == 0


async def test_what_was_sent_is_kept_as_it_was_read(office: House) -> None:
    """The text is made when it is sent, for whoever reads it then, and stays so whatever changes."""
    office.clock.at("2025-05-01T22:00")
    an = await officer_of(office, "LC0421")
    binh = await settled(office, "802", "Lê Thị Bình", form="chị")
    await sends(office, an)

    def kept(tx: Transaction) -> str | None:
        row = tx.scalar(
            "SELECT o.id FROM outbox o JOIN address a ON a.id = o.address_id"
            " WHERE a.external_id = '802' AND o.origin = ?",
            (notices.origin(1),),
        )
        found = outbox.body(tx, row)
        return found.html if found is not None else None

    assert await office.running.db.read(kept) is None
    await set_member(office, binh, name="Lê Thị Bình An")
    await office.passes("2025-05-02T06:00:01")
    await set_member(office, binh, name="Khác")
    assert times(binh, "Mời chị Lê Thị Bình An họp") == 1
    assert "Mời chị Lê Thị Bình An họp" in str(await office.running.db.read(kept))

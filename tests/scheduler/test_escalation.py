"""Introductions that waited too long go up by themselves."""

import pytest

from bot.domain.people import RoleKind
from bot.storage import units
from bot.storage.database import Transaction
from tests.support.house import House
from tests.support.people import introduce, settled


async def test_a_week_without_a_reviewer(plain_house: House) -> None:
    """Every morning at eight; after seven days the next level is told, once."""
    near, far = plain_house.phone("601"), plain_house.phone("602")
    for phone in (near, far):
        await phone.joins(hour="Không, tôi tự mở")
    now = plain_house.clock.now()

    def plant(tx: Transaction) -> None:
        at = {code: id for id, code in tx.all("SELECT id, code FROM unit")}
        units.grant(tx, 1, at["LC01"], RoleKind.REVIEWER, now)
        units.grant(tx, 2, at["LD"], RoleKind.REVIEWER, now)
        tx.run(
            "INSERT INTO nomination (code, kind, nominee, unit_id, unit_name, told, happened, why, named, straight_up,"
            " anchor_id, level_id, created_at, moved_at) VALUES ('GT-1', 'person', 'Hoa', ?, 'A', '…', '', '', 1, 0, ?, ?, ?, ?)",
            (at["LC0421"], at["LC0421"], at["LC01"], now, now),
        )

    await plain_house.running.db.write(plant)
    seen = len(far.shown)
    for day in range(2, 9):
        await plain_house.passes(f"2025-05-{day:02}T08:00")
    told = [message for message in far.shown[seen:] if "GT-1" in message.text]
    assert len(told) == 1
    assert "Một người" in told[0].text
    why = await far.taps_data(told[0].buttons[-1].data)
    assert "gương tốt" in why
    await plain_house.passes("2025-05-09T08:00")
    assert len([message for message in far.shown if "GT-1" in message.text]) == 1


async def test_nobody_to_review_and_nobody_to_tell(plain_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an administrator the log says so every morning."""
    await introduce(plain_house, await settled(plain_house, "601", "Vàng Văn An"))
    await plain_house.passes("2025-05-02T08:00")
    logged = capsys.readouterr().out
    assert logged.count("nominations_without_reviewer_or_administrator") == 1
    assert "count=1" in logged

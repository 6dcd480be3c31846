"""When the pack's year is over, administrators hear of it in the morning, once a year."""

import pytest

from bot.domain.people import RoleKind
from bot.storage import units
from bot.storage.database import Transaction
from tests.support.house import PACK, House

NEXT = PACK.year + 1


def told(phone_texts: list[str]) -> list[str]:
    return [text for text in phone_texts if f"Nội dung đang dùng là của năm {PACK.year}" in text]


async def test_administrators_are_told_once_a_year(plain_house: House) -> None:
    """Not in the pack's year; on the first morning of the next, and of the one after; nobody else is told."""
    admin, member = plain_house.phone("601"), plain_house.phone("602")
    for phone in (admin, member):
        await phone.joins(hour="Không, tôi tự mở")

    def appoint(tx: Transaction) -> None:
        units.grant(tx, 1, 1, RoleKind.ADMIN, plain_house.clock.now())

    await plain_house.running.db.write(appoint)
    await plain_house.passes(f"{PACK.year}-12-31T08:00")
    assert not told([message.text for message in admin.shown])
    await plain_house.passes(f"{NEXT}-01-01T08:00")
    [news] = told([message.text for message in admin.shown])
    assert f"nay đã sang năm {NEXT}" in news
    assert f"chuẩn bị gói năm {NEXT}" in news
    await plain_house.passes(f"{NEXT}-01-02T08:00")
    await plain_house.passes(f"{NEXT}-06-01T08:00")
    assert len(told([message.text for message in admin.shown])) == 1
    await plain_house.passes(f"{NEXT + 1}-01-01T08:00")
    assert len(told([message.text for message in admin.shown])) == 2
    assert not told([message.text for message in member.shown])


async def test_where_there_is_no_administrator_the_log_says_so(
    plain_house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every morning, until somebody is told."""
    await plain_house.passes(f"{NEXT}-01-01T08:00")
    await plain_house.passes(f"{NEXT}-01-02T08:00")
    assert capsys.readouterr().out.count("pack_year_over") == 2

"""Newcomers wait, an officer hears of it, confirms them or turns them away courteously."""

import pytest

from bot.domain.people import RoleKind
from bot.services import newcomers
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import (
    audited,
    granted,
    may_be_lost,
    member_id,
    officer_of,
    outcomes,
    set_member,
    times,
)
from tests.support.people import settled


async def newcomer(house: House, chat: str, name: str, unit: str = "LC0421") -> Phone:
    phone = await settled(house, chat, name, unit)
    await set_member(house, phone, unit_state="pending")
    return phone


async def unit_state(house: House, phone: Phone) -> tuple[str, bool]:
    """How a member stands to their unit, and whether they have one."""
    id = await member_id(house, phone)
    member = await house.running.db.read(lambda tx: members.by_id(tx, id))
    assert member is not None
    return member.unit_state, member.unit_id is not None


async def test_the_first_is_news_to_the_nearest_officer(plain_house: House) -> None:
    """Going up from the unit; once a day; the button leads to the list."""
    above = await officer_of(plain_house, "LD", "800")
    an = await officer_of(plain_house, "LC01")
    await plain_house.phone("811").joins("LC0421", name="Lò Thị Lan")
    await plain_house.phone("812").joins("LC0422", name="Cầm Văn Bun")
    assert times(an, "Có người mới ở CĐCS Công ty Ví dụ A chờ anh xác nhận") == 1
    assert len(an.shown) == 1
    assert not above.shown
    shown = await an.taps("Xác nhận đoàn viên")
    assert "Chờ xác nhận: 2 người." in shown
    assert "• Lò Thị Lan – CĐCS Công ty Ví dụ A" in shown
    assert "• Cầm Văn Bun – CĐCS Trường Ví dụ B" in shown
    plain_house.clock.forward(days=1, seconds=1)
    await plain_house.phone("813").joins("LC0422")
    assert times(an, "Có người mới ở CĐCS Trường Ví dụ B") == 1


async def test_without_officers_administrators_hear_of_it(plain_house: House) -> None:
    admin = await settled(plain_house, "700", "Quản Trị", "LD")
    await granted(plain_house, admin, "LD", RoleKind.ADMIN)
    await plain_house.phone("811").joins("LC0421", name="Lò Thị Lan")
    await admin.taps("Xác nhận đoàn viên")
    assert "Đã xác nhận 1 người" in await admin.says("1")


async def test_news_waits_for_the_morning(house: House) -> None:
    """An officer is not woken for a newcomer."""
    an = await officer_of(house, "LC0421")
    house.clock.at("2025-05-01T23:00")
    await house.phone("811").joins("LC0421", name="Lò Thị Lan")
    assert not an.shown
    await house.passes("2025-05-02T06:00:01")
    assert (await outcomes(house, "newcomers:%")).total() == 1
    if not may_be_lost(house):
        assert times(an, "Có người mới") == 1


async def test_all_in_one_message(house: House) -> None:
    """Two messages for any number of people."""
    an = await officer_of(house, "LC0421")
    waiting = [await newcomer(house, f"82{n}", f"Người {n}") for n in range(3)]
    elsewhere = await newcomer(house, "829", "Người Khác", "LC0422")
    assert "Chờ xác nhận: 3 người." in await an.says("/xacnhan")
    assert "Đã xác nhận 3 người." in await an.says("tất cả")
    for phone in waiting:
        assert await unit_state(house, phone) == ("confirmed", True)
    assert await unit_state(house, elsewhere) == ("pending", True)
    assert (await audited(house)).count("member_confirmed") == 3
    assert "Không có ai chờ" in await an.says("/xacnhan")


async def test_one_by_one(house: House) -> None:
    """Confirm, turn away, skip; who is turned away is told and chooses again."""
    an = await officer_of(house, "LC0421")
    first, second, third = [await newcomer(house, f"82{n}", f"Người {n}") for n in range(3)]
    await an.says("/xacnhan")
    assert "Người 0 – CĐCS Công ty Ví dụ A" in await an.says("từng người")
    assert "Đã xác nhận 1 người.\n\nNgười 1" in await an.says("xác nhận")
    assert "Người 2" in await an.taps("Không thuộc đơn vị")
    assert "Hết lượt này" in await an.says("bỏ qua")
    assert await unit_state(house, first) == ("confirmed", True)
    assert await unit_state(house, second) == ("none", False)
    assert await unit_state(house, third) == ("pending", True)
    assert (await outcomes(house, "unit:%")).total() == 1
    if not may_be_lost(house):
        assert "chưa thấy anh trong danh sách" in second.last.text
        assert "ở công đoàn nào" in await second.taps("Chọn đơn vị")
        assert "liên quan tới đơn vị" in await second.taps("Vì sao tôi nhận tin này?")
    assert times(first, "") == 0


async def test_two_officers_at_once(plain_house: House) -> None:
    """What another officer did meanwhile is not done again, and said."""
    an, hoa = await officer_of(plain_house, "LC0421"), await officer_of(plain_house, "LC01", "802")
    lan = await newcomer(plain_house, "811", "Lò Thị Lan")
    await an.says("/xacnhan")
    await an.says("2")
    await hoa.says("/xacnhan")
    await hoa.says("1")
    assert "đã có người làm" in await an.taps("Không thuộc đơn vị")
    assert await unit_state(plain_house, lan) == ("confirmed", True)
    assert (await audited(plain_house)).count("member_confirmed") == 1


async def test_other_subtrees_are_out_of_reach(plain_house: House) -> None:
    """Forged member ids change nothing."""
    an = await officer_of(plain_house, "LC0421")
    other = await newcomer(plain_house, "811", "Lò Thị Lan", "LC0422")
    mine, theirs = await member_id(plain_house, an), await member_id(plain_house, other)

    def forge(tx: Transaction) -> None:
        at, now = plain_house.running.installation, plain_house.clock.now()
        turn = Turn(tx, at, now, "test", member=members.by_id(tx, mine))
        assert newcomers.waiting(turn) == {"people": [], "count": 0}
        assert newcomers.confirm(turn, [theirs, 99, mine]) == 0
        assert newcomers.turn_away(turn, theirs) == 0

    await plain_house.running.db.write(forge)
    assert await unit_state(plain_house, other) == ("pending", True)


@pytest.mark.parametrize("kind", [RoleKind.REVIEWER, RoleKind.STAFF])
async def test_other_roles_confirm_nobody(plain_house: House, kind: RoleKind) -> None:
    an = await granted(plain_house, await settled(plain_house, "801", "Trần Văn An"), "LC01", kind)
    await newcomer(plain_house, "811", "Lò Thị Lan")
    assert "Không có ai chờ" in await an.says("/xacnhan")
    await an.says("/congviec")
    assert an.last.labels == ["1. Xét gương tốt"]

"""Newcomers wait, an officer hears of it, confirms them or turns them away courteously."""

from pathlib import Path

import pytest

from bot.domain.people import RoleKind
from bot.services import newcomer_orders, newcomers
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
    assert "1. (chưa ghi tên) – CĐCS Công ty Ví dụ A" in an.last.text  # the name is asked for later
    shown = await an.taps("Xác nhận đoàn viên")
    assert "Chờ xác nhận: 2 người." in shown
    assert "1. Lò Thị Lan – CĐCS Công ty Ví dụ A" in shown
    assert "2. Cầm Văn Bun – CĐCS Trường Ví dụ B" in shown
    plain_house.clock.forward(days=1, seconds=1)
    await plain_house.phone("813").joins("LC0422")
    assert times(an, "Có người mới ở CĐCS Trường Ví dụ B") == 1


async def test_without_officers_administrators_hear_of_it(plain_house: House) -> None:
    admin = await settled(plain_house, "700", "Quản Trị", "LD")
    await granted(plain_house, admin, "LD", RoleKind.ADMIN)
    await plain_house.phone("811").joins("LC0421", name="Lò Thị Lan")
    await admin.taps("Xác nhận đoàn viên")
    assert "Đã xác nhận 1 người" in await admin.says("tất cả")


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
    assert (await outcomes(house, "unit:%")).total() == 2
    if not may_be_lost(house):
        assert "chưa thấy anh trong danh sách" in second.last.text
        assert "ở công đoàn nào" in await second.taps("Chọn đơn vị")
        assert "liên quan tới đơn vị" in await second.taps("Vì sao tôi nhận tin này?")
    if not may_be_lost(house):
        assert times(first, "đã xác nhận anh là đoàn viên của CĐCS Công ty Ví dụ A") == 1


async def test_several_orders_in_one_message(house: House) -> None:
    """Numbers, ranges and destinations in one message, shown again, changed once, carried out, told."""
    an = await officer_of(house, "LC01")
    people = [await newcomer(house, f"82{n}", f"Người {n}") for n in range(1, 8)]
    assert "7. Người 7 – CĐCS Công ty Ví dụ A" in await an.says("/xacnhan")
    assert "Danh sách chỉ có 7 người, không có số 9" in await an.says("1-9 đúng")
    assert "chưa hiểu chỗ “nhảy múa”" in await an.says("1, 2 nhảy múa")
    assert "nào tên “Tổ trên mây”" in await an.says("3 chuyển Tổ trên mây")
    shown = await an.says("1-2 dung, 3 chuyen truong vi du b")
    assert "Xác nhận: 1. Người 1, 2. Người 2" in shown
    assert "Chuyển sang CĐCS Trường Ví dụ B: 3. Người 3" in shown
    assert "trả lời một tin" in await an.says("sửa")
    shown = await an.says("1 – 2, 5 đúng; 3 chuyển CĐCS Trường Ví dụ B\n4, 6 không phải")
    assert "Không thuộc đơn vị: 4. Người 4, 6. Người 6" in shown
    assert "Đã xong, xác nhận 3 người, chuyển 1 người, báo lại 2 người" in await an.says("làm luôn")
    states = [await unit_state(house, phone) for phone in people]
    confirmed, away, waits = ("confirmed", True), ("none", False), ("pending", True)
    assert states == [confirmed, confirmed, confirmed, away, confirmed, away, waits]
    told = await outcomes(house, "unit:%")
    assert told.total() == 6
    if not may_be_lost(house):
        assert "chuyển anh sang CĐCS Trường Ví dụ B" in people[2].last.text
    acts = await audited(house)
    assert [acts.count(f"member_{act}") for act in ("confirmed", "moved", "turned_away")] == [3, 1, 2]


async def test_answered_without_opening_the_list(plain_house: House) -> None:
    """The message that tells of newcomers can be answered at once; who is no officer is not understood."""
    an = await officer_of(plain_house, "LC0421")
    lan = plain_house.phone("811")
    await lan.joins("LC0421", name="Lò Thị Lan")
    assert "Xác nhận: 1. Lò Thị Lan" in await an.says("1 đúng")
    assert "Đã xong, xác nhận 1 người" in await an.says("có")
    assert await unit_state(plain_house, lan) == ("confirmed", True)
    assert "Xác nhận:" not in await lan.says("1 đúng")


async def test_what_is_beyond_the_subtree_is_confirmed_there(plain_house: House) -> None:
    """The right unit's administrators hear of it; until then the person waits."""
    admin = await granted(plain_house, await settled(plain_house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN)
    an = await officer_of(plain_house, "LC0421")
    lan = await newcomer(plain_house, "811", "Lò Thị Lan")
    await an.says("/xacnhan")
    assert "CĐCS Trường Ví dụ B (đơn vị ấy xác nhận)" in await an.says("1 chuyển LC0422")
    await an.says("làm luôn")
    assert await unit_state(plain_house, lan) == ("pending", True)
    assert "chuyển một người sang CĐCS Trường Ví dụ B" in admin.last.text
    assert "Không có ai chờ" in await an.says("/xacnhan")


async def test_every_morning_who_has_newcomers_hears_of_all_of_them(plain_house: House) -> None:
    an = await officer_of(plain_house, "LC01")
    await newcomer(plain_house, "811", "Lò Thị Lan")
    await newcomer(plain_house, "812", "Cầm Văn Bun", "LC0422")
    await plain_house.passes("2025-05-01T08:00:01")
    assert times(an, "Chờ xác nhận: 2 người.") == 1
    await plain_house.passes("2025-05-01T12:00")
    assert len(an.shown) == 1
    await plain_house.passes("2025-05-02T08:00:02")
    assert len(an.shown) == 2


def understood(house: House, typed: str, count: int = 9) -> list[tuple[str, list[int], str]] | tuple[str, str]:
    """What a message about so many people says, numbered as people do; or (problem, about)."""
    turn = Turn(None, house.running.installation, 0, "test")  # type: ignore[arg-type]
    read = newcomer_orders.read(turn, count, typed)
    if read["problem"] or not read["orders"]:
        return read["problem"], read["about"]
    return [(order["what"], [index + 1 for index in order["who"]], order["unit"]) for order in read["orders"]]


async def test_what_officers_write(tmp_path: Path) -> None:
    """With and without accents, in any order, with hostile numbers."""
    house = House(tmp_path)
    await house.open()
    everyone = list(range(1, 10))
    table: dict[str, list[tuple[str, list[int], str]] | tuple[str, str]] = {
        "đúng hết": [("right", everyone, "")],
        "Dung het": [("right", everyone, "")],
        "đúng hết trừ 3, 5": [("right", [1, 2, 4, 6, 7, 8, 9], "")],
        "1-5, 8 đúng": [("right", [1, 2, 3, 4, 5, 8], "")],
        "5-1 dung": [("right", [1, 2, 3, 4, 5], "")],
        "số 1 đến 3 thì đúng": [("right", [1, 2, 3], "")],
        "3 chuyển Tổ 2": [("move", [3], "Tổ 2")],
        "3 chuyen sang To 2, 4 dung": [("move", [3], "To 2"), ("right", [4], "")],
        "4, 6 không phải": [("away", [4, 6], "")],
        "4 va 6 khong phai": [("away", [4, 6], "")],
        "1 đúng 2 không phải": [("right", [1], ""), ("away", [2], "")],
        "2 không phải, còn lại đúng": [("away", [2], ""), ("right", [1, 3, 4, 5, 6, 7, 8, 9], "")],
        "1 đúng, 1 không phải": ("twice", "1"),
        "0 đúng": ("number", "0"),
        "999999999 đúng": ("number", "999999999"),
        "1-999999999 đúng": ("number", "999999999"),
        "99999999999999999999 đúng": ("unclear", "99999999999999999999 đúng"),
        "1": ("unclear", ""),
        "1 chuyển": ("unclear", ""),
        "1 chuyển , 2 đúng": ("unclear", ", 2 đúng"),
        "đúng hết trừ": ("unclear", ""),
        "xin chào": ("unclear", "xin chào"),
        "²-٣ đúng": [("right", [2, 3], "")],
        "1 đúng " * 200: ("long", ""),
        ",;\n": ("", ""),
        "": ("", ""),
    }
    assert {typed: understood(house, typed) for typed in table} == table
    await house.close()


async def test_two_officers_at_once(plain_house: House) -> None:
    """What another officer did meanwhile is not done again, and said."""
    an, hoa = await officer_of(plain_house, "LC0421"), await officer_of(plain_house, "LC01", "802")
    lan = await newcomer(plain_house, "811", "Lò Thị Lan")
    await an.says("/xacnhan")
    await an.says("từng người")
    await hoa.says("/xacnhan")
    await hoa.says("tất cả")
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
        assert not newcomers.move(turn, theirs, 1)

    await plain_house.running.db.write(forge)
    assert await unit_state(plain_house, other) == ("pending", True)


@pytest.mark.parametrize("kind", [RoleKind.REVIEWER, RoleKind.STAFF])
async def test_other_roles_confirm_nobody(plain_house: House, kind: RoleKind) -> None:
    an = await granted(plain_house, await settled(plain_house, "801", "Trần Văn An"), "LC01", kind)
    await newcomer(plain_house, "811", "Lò Thị Lan")
    assert "Không có ai chờ" in await an.says("/xacnhan")
    await an.says("/congviec")
    assert an.last.labels == ["1. Xét gương tốt", "2. Việc tôi được giao", "3. Ghi âm bài"]

"""A newcomer joins: consent, the first piece, the unit, how to be addressed."""

import pytest

from bot.storage import units
from bot.storage.database import Transaction
from tests.support.house import House, Phone


async def test_from_a_deep_link(house: House) -> None:
    """Four messages to the first piece; then form, name and hour."""
    lan = house.phone("501")
    consent = await lan.says("/start u_LC0421")
    assert "Liên đoàn Lao động tỉnh Ví dụ" in consent
    assert lan.last.labels == ["1. Đồng ý", "2. Để sau"]
    piece = await lan.taps("Đồng ý")
    assert "Nguồn:" in piece
    assert "CĐCS Công ty Ví dụ A" in piece
    assert await lan.taps("Chị") == "Tên chị là gì? Tôi ghi đúng như chị viết."
    assert "lúc nào" in await lan.says("  Lò Thị   Lan ")
    assert "Lò Thị Lan" in await lan.says("tối")


async def test_declining_keeps_nothing(house: House) -> None:
    """*Để sau* leaves no member behind."""
    phone = house.phone("502")
    await phone.says("/start")
    assert "không lưu gì cả" in await phone.says("de sau")
    members = await house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member"))
    assert members == 0


async def test_unit_by_typing_part_of_its_name(house: House) -> None:
    """Without a link, the unit is found by part of its name, without accents."""
    phone = house.phone("503")
    await phone.says("chào")
    await phone.says("đồng ý")
    await phone.says("cong ty vi du a")
    assert "CĐCS Công ty Ví dụ A" in phone.last.labels[0]
    answer = await phone.says("1")
    assert "Cán bộ đơn vị sẽ xác nhận" in answer


@pytest.mark.parametrize("typed", ["LC0421", "lc 421", "Lc-0421", "lc.0421"])
async def test_the_units_code_in_any_form(house: House, typed: str) -> None:
    """Before consent it is remembered, afterwards it finds the unit."""
    phone = house.phone("504")
    await phone.says(typed)
    assert "Đã ghi CĐCS Công ty Ví dụ A" in await phone.says("đồng ý")
    other = await homeless(house, "505")
    await other.says("chuyển đơn vị")
    await other.says(typed)
    assert other.last.labels[0] == "1. CĐCS Công ty Ví dụ A"


@pytest.mark.parametrize(
    ("link", "said"), [("u_LC9999", "không còn dùng"), ("u_LC0423", "CĐCS Trạm Ví dụ C đã kết thúc hoạt động")]
)
async def test_a_link_that_leads_nowhere(house: House, link: str, said: str) -> None:
    """One sentence says so; the unit is asked for later, of a member without one at once."""
    phone = house.phone("506")
    assert said in await phone.says(f"/start {link}")
    assert "ở công đoàn nào" in await phone.says("có")
    other = await homeless(house, "507")
    answer = await other.says(f"/start {link}")
    assert said in answer
    assert "ở công đoàn nào" in answer


async def test_a_members_first_link_counts(house: House) -> None:
    """Who joined without a unit gets the one whose link they open; who has one keeps it."""
    phone = await homeless(house, "508")
    assert "Đã ghi CĐCS Công ty Ví dụ A" in await phone.says("/start u_LC0421")
    assert "đã tham gia rồi" in await phone.says("/start u_LC0422")


async def test_down_the_tree(house: House) -> None:
    """From the federation to the unit, page after page where many lie side by side."""

    def plant(tx: Transaction) -> None:
        root = tx.scalar("SELECT id FROM unit WHERE code = 'LD'")
        for number in range(20):
            units.put(tx, f"X{number:02}", root, "upper", f"Công đoàn xã thứ {number:02}", None, None)

    await house.running.db.write(plant)
    phone = await homeless(house, "509")
    await phone.says("chuyển đơn vị")
    await phone.taps("Chọn từ danh sách")
    await phone.taps("Liên đoàn Lao động tỉnh Ví dụ")
    assert "Chính đơn vị này" in phone.last.labels[13]
    await phone.says("xem don vi khac")
    assert not any("Xem đơn vị khác" in label for label in phone.last.labels)
    assert "Đã ghi Công đoàn xã thứ 19" in await phone.taps("Công đoàn xã thứ 19")
    await phone.says("chuyển đơn vị")
    for label in ("Chọn từ danh sách", "Liên đoàn Lao động tỉnh Ví dụ", "Công đoàn xã Ví dụ"):
        await phone.taps(label)
    assert "Đã ghi Công đoàn xã Ví dụ" in await phone.taps("Chính đơn vị này")


async def homeless(house: House, chat: str) -> Phone:
    """A member who has not named a unit yet."""
    phone = house.phone(chat)
    await phone.says("chào")
    await phone.says("đồng ý")
    await phone.says("hủy")
    await phone.says("/huy")
    return phone

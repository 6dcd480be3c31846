"""A newcomer joins: consent, the first piece, the unit, how to be addressed."""

import pytest

from bot.services import joining
from bot.services.joining import Found
from bot.services.turn import Turn
from bot.storage import units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import may_be_lost, member_id, officer_of, outcomes, times
from tests.support.people import settled


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
    """Who joined without a unit gets the one whose link they open, without being asked."""
    phone = await homeless(house, "508")
    assert "Đã ghi CĐCS Công ty Ví dụ A" in await phone.says("/start u_LC0421")
    assert "đã tham gia rồi" in await phone.says("/start")


@pytest.mark.parametrize("typed", ["/start u_LC0422", "lc 422", "LC0422"])
async def test_another_units_link_or_code_offers_to_move(house: House, typed: str) -> None:
    """Asked first; then the new unit waits to be confirmed, and its officer hears of it."""
    officer = await officer_of(house, "LC0422")
    lan = await settled(house, "510", "Lò Thị Lan", form="chị")
    asked = await lan.says(typed)
    assert asked.startswith("Chị đang ở CĐCS Công ty Ví dụ A. Chuyển sang CĐCS Trường Ví dụ B?")
    assert "Vâng, chị vẫn ở CĐCS Công ty Ví dụ A." in await lan.taps("Không")
    assert await unit_of(house, lan) == ("LC0421", "confirmed")
    await lan.says(typed)
    assert "Đã ghi CĐCS Trường Ví dụ B. Cán bộ đơn vị sẽ xác nhận" in await lan.taps("Có")
    assert await unit_of(house, lan) == ("LC0422", "pending")
    assert (await outcomes(house, "newcomers:%")).total() == 1
    if not may_be_lost(house):
        assert times(officer, "Có người mới ở CĐCS Trường Ví dụ B") == 1
    assert "đang ở CĐCS Trường Ví dụ B, chờ cán bộ xác nhận." in await lan.says(typed)


async def test_a_link_that_changes_nothing(plain_house: House) -> None:
    """One's own unit, one that has ended, one that never was: said, and nothing is asked."""
    lan = await settled(plain_house, "511", "Lò Thị Lan", form="chị")
    for typed, said in (
        ("lc421", "Chào chị Lò Thị Lan, chị đang ở CĐCS Công ty Ví dụ A."),
        ("/start u_LC0423", "CĐCS Trạm Ví dụ C đã kết thúc hoạt động. Chị vẫn ở CĐCS Công ty Ví dụ A."),
        ("LC 0423", "CĐCS Trạm Ví dụ C đã kết thúc hoạt động. Chị vẫn ở CĐCS Công ty Ví dụ A."),
        ("/start u_LC9999", "không còn dùng. Chị vẫn ở CĐCS Công ty Ví dụ A."),
    ):
        assert said in await lan.says(typed)
        await lan.says("menu")
    assert "chưa hiểu" in await lan.says("LC9999")
    assert await unit_of(plain_house, lan) == ("LC0421", "confirmed")


async def test_back_by_another_units_link(plain_house: House) -> None:
    """Who had left agrees again first; then the move is offered."""
    lan = await settled(plain_house, "512", "Lò Thị Lan", form="chị")
    await lan.says("/ngung")
    await lan.taps("Ngừng")
    assert "đồng ý không" in await lan.says("/start u_LC0422")
    assert "Chuyển sang CĐCS Trường Ví dụ B?" in await lan.taps("Đồng ý")
    await lan.taps("Có")
    assert await unit_of(plain_house, lan) == ("LC0422", "pending")


async def test_down_the_tree(house: House) -> None:
    """From the federation to the unit, page after page where many lie side by side."""

    def plant(tx: Transaction) -> None:
        root = tx.scalar("SELECT id FROM unit WHERE code = 'LD'")
        for number in range(20):
            units.put(tx, f"X{number:02}", root, "upper", f"Công đoàn xã vùng {number:02}", None, None)

    await house.running.db.write(plant)
    phone = await homeless(house, "509")
    await phone.says("chuyển đơn vị")
    await phone.taps("Chọn từ danh sách")
    await phone.taps("Liên đoàn Lao động tỉnh Ví dụ")
    assert "Chính đơn vị này" in phone.last.labels[13]
    await phone.says("xem don vi khac")
    assert not any("Xem đơn vị khác" in label for label in phone.last.labels)
    assert "Đã ghi Công đoàn xã vùng 19" in await phone.taps("Công đoàn xã vùng 19")
    await phone.says("chuyển đơn vị")
    for label in ("Chọn từ danh sách", "Liên đoàn Lao động tỉnh Ví dụ", "Công đoàn xã Ví dụ"):
        await phone.taps(label)
    assert "Đã ghi Công đoàn xã Ví dụ" in await phone.taps("Chính đơn vị này")


async def unit_of(house: House, phone: Phone) -> tuple[str, str]:
    """The code and state of a member's unit."""
    id = await member_id(house, phone)
    sql = "SELECT u.code, m.unit_state FROM member m JOIN unit u ON u.id = m.unit_id WHERE m.id = ?"
    found = await house.running.db.read(lambda tx: tx.one(sql, (id,)))
    assert found is not None
    return found[0], found[1]


async def homeless(house: House, chat: str) -> Phone:
    """A member who has not named a unit yet."""
    phone = house.phone(chat)
    await phone.says("chào")
    await phone.says("đồng ý")
    await phone.says("hủy")
    await phone.says("/huy")
    return phone


async def test_by_every_name_and_in_official_order(plain_house: House) -> None:
    """A usual or former name finds the unit; one that was merged leads to its successor; lists follow the positions."""

    def plant(tx: Transaction) -> None:
        upper = units.by_code(tx, "LC01")
        assert upper is not None
        units.put(
            tx,
            "LC0422",
            upper.id,
            "grassroots",
            "CĐCS Trường Ví dụ B",
            None,
            None,
            short_name="Mầm Non Sen",
            position=1,
        )
        successor = units.by_code(tx, "LC0422")
        assert successor is not None
        units.add_former_name(tx, successor.id, "Công đoàn Nhà trẻ Liên cơ")
        tx.run("UPDATE unit_version SET successor_id = ? WHERE code = 'LC0423'", (successor.id,))

    await plain_house.running.db.write(plant)

    def turn(tx: Transaction) -> Turn:
        return Turn(tx, plain_house.running.installation, plain_house.clock.now(), "test")

    def found(tx: Transaction) -> list[Found]:
        typed = ("mầm non sen", "nha tre lien co", "LC0423", "lc0422")
        return [joining.find_unit(turn(tx), name) for name in typed]

    def listed(tx: Transaction) -> Found:
        upper = units.by_code(tx, "LC01")
        assert upper is not None
        return joining.under(turn(tx), upper.id, 0)

    for each in await plain_house.running.db.read(found):
        assert [name for _, name in each["units"]] == ["CĐCS Trường Ví dụ B"]
    below = await plain_house.running.db.read(listed)
    assert [name for _, name in below["units"]] == ["CĐCS Trường Ví dụ B", "CĐCS Công ty Ví dụ A"]

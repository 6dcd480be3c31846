"""Administrators: the first one by a code from the terminal, roles by code, units for members who found none."""

import re

import pytest

from bot.domain.people import RoleKind
from bot.services import administration
from bot.services.administration import Grant
from bot.services.turn import Turn
from bot.storage import members, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, may_be_lost, member_id, outcomes, times
from tests.support.people import settled


async def first_code(house: House) -> str:
    """What `run` prints while there is no administrator."""

    def issue(tx: Transaction) -> str:
        return administration.issue_admin_code(Turn(tx, house.running.installation, house.clock.now(), "test"))

    return await house.running.db.write(issue)


async def admin_of(house: House, unit: str = "LD", chat: str = "700") -> Phone:
    return await granted(house, await settled(house, chat, "Quản Trị", "LD"), unit, RoleKind.ADMIN, title="")


async def seeker(house: House, chat: str, description: str) -> Phone:
    """Somebody who did not find their unit, without restarts or crashes."""
    variant, house.variant = house.variant, "plain"
    phone = house.phone(chat)
    await phone.says("/start")
    await phone.taps("Đồng ý")
    await phone.taps("Không thấy đơn vị của tôi")
    await phone.says(description)
    await phone.says("/huy")
    house.variant = variant
    return phone


def code_in(shown: str) -> str:
    found = re.search(r"QT-[0-9A-Z]{4}-[0-9A-Z]{4}", shown)
    assert found is not None, shown
    return found[0]


async def roles_of(house: House, phone: Phone) -> list[tuple[RoleKind, str, str, bool]]:
    id = await member_id(house, phone)
    held = await house.running.db.read(lambda tx: units.roles_of(tx, id, house.clock.now()))
    return [(role.kind, role.title, role.phone, role.phone_shown) for role in held]


async def test_the_first_administrator(house: House) -> None:
    """Whoever types the code, in any form, has the administrator's work at once; the code is used up."""
    code = await first_code(house)
    lan, other = await settled(house, "701", "Lò Thị Lan"), await settled(house, "702", "Người Khác")
    answer = await lan.says(code.lower().replace("-", " "))
    assert "Quản trị viên của Liên đoàn Lao động tỉnh Ví dụ" in answer
    labels = [
        "Xác nhận đoàn viên",
        "Gán đơn vị",
        "Giao việc",
        "Giao việc theo danh sách",
        "Thôi giao việc",
        "Ai giữ việc gì",
        "Nhật ký việc làm",
        "Cập nhật nội dung",
    ]
    labels += [
        "Việc tôi được giao",
        "Tờ giới thiệu",
        "Ghi âm bài",
        "Kết thúc, sáp nhập đơn vị",
        "Lấy cây đơn vị",
        "Cập nhật cây đơn vị",
        "Chế độ trang trọng",
    ]
    assert [label.partition(". ")[2] for label in lan.last.labels] == labels
    assert "không dùng được" in await other.says(code)
    assert [role[0] for role in await roles_of(house, lan)] == [RoleKind.ADMIN]
    assert (await audited(house)).count("first_admin") == 1


async def test_a_code_is_no_answer_to_a_question(plain_house: House) -> None:
    """Inside a dialog with free text it is that text; afterwards it counts."""
    code = await first_code(plain_house)
    phone = plain_house.phone("701")
    await phone.joins("LC0421", name="Lò Thị Lan")
    assert "Quản trị viên" in await phone.says(code)


async def test_codes_that_do_not_fit(plain_house: House) -> None:
    """Five an hour are answered; then even the right one waits, and nobody else is kept waiting."""
    code = await first_code(plain_house)
    lan, other = await settled(plain_house, "701", "Lò Thị Lan"), await settled(plain_house, "702", "Người Khác")
    for _ in range(5):
        assert "không dùng được" in await lan.says("QT-2222-2222")
    assert "chờ một giờ" in await lan.says("QT-2222-2222")
    assert "chờ một giờ" in await lan.says(code)
    assert "không dùng được" in await other.says("qt 3333 3333")
    plain_house.clock.forward(hours=1, seconds=1)
    assert "Quản trị viên" in await lan.says(code)


@pytest.mark.parametrize(
    "typed", ["QT-222-2222", "QT-2222-22222", "QT", "XX-2222-2222", "QT-2222-2222 nhé", "QT-ĐĐĐĐ-2222"]
)
async def test_what_is_not_like_a_code(plain_house: House, typed: str) -> None:
    lan = await settled(plain_house, "701", "Lò Thị Lan")
    assert "chưa hiểu" in await lan.says(typed)


async def test_a_code_lasts_a_day_and_a_new_one_ends_the_old(plain_house: House) -> None:
    old = await first_code(plain_house)
    new = await first_code(plain_house)
    lan = await settled(plain_house, "701", "Lò Thị Lan")
    assert "không dùng được" in await lan.says(old)
    plain_house.clock.forward(hours=24)
    assert "không dùng được" in await lan.says(new)


async def test_codes_are_not_kept(plain_house: House) -> None:
    """The database holds a hash only."""
    code = await first_code(plain_house)
    dump = await plain_house.running.db.read(lambda tx: str(tx.all("SELECT * FROM code")))
    assert code not in dump
    assert code.replace("-", "")[2:] not in dump


async def test_before_the_units_are_there(plain_house: House) -> None:
    """Without a tree there is nothing to administer; the code stays good."""
    code = await first_code(plain_house)
    await plain_house.running.db.write(lambda tx: tx.run("UPDATE unit_version SET valid_until = '2025-04-30'"))
    lan = await settled(plain_house, "701", "Lò Thị Lan")
    assert "nhập danh sách xong" in await lan.says(code)
    await plain_house.running.db.write(lambda tx: tx.run("UPDATE unit_version SET valid_until = NULL"))
    assert "Quản trị viên" in await lan.says(code)


async def test_named_in_the_settings(plain_house: House) -> None:
    """ADMINS makes an address an administrator's, without any code."""
    lan = await settled(plain_house, "701", "Lò Thị Lan")
    installation = plain_house.running.installation
    installation.admins = frozenset({(plain_house.running.accounts[plain_house.channel.name], "701")})
    await lan.says("menu")
    assert "9. Việc của cán bộ" in lan.last.labels
    await lan.says("9")
    assert "2. Gán đơn vị" in lan.last.labels
    await seeker(plain_house, "711", "Xưởng may ở xã Ví dụ")
    plain_house.clock.forward(minutes=6)  # news waits until nobody has written for a while
    await plain_house.tick()
    assert times(lan, "chưa tìm thấy đơn vị") == 1

    def check(tx: Transaction) -> bool:
        return administration.has_admin(Turn(tx, installation, plain_house.clock.now(), "test"))

    assert await plain_house.running.db.read(check)


async def test_a_unit_for_who_found_none(house: House) -> None:
    """Their own words, the unit by part of its name, confirmed at once, told courteously."""
    admin = await admin_of(house)
    binh = await seeker(house, "711", "Xưởng <b>may</b> cạnh chợ, xã Ví dụ")
    await seeker(house, "712", "Không nhớ")
    assert "viết: “Xưởng <b>may</b> cạnh chợ, xã Ví dụ”" in await admin.says("gán đơn vị")
    assert "Không thấy đơn vị nào tên “zzz”" in await admin.says("zzz")
    assert "chọn đơn vị" in await admin.says("cong ty vi du a")
    assert "Đã gán vào CĐCS Công ty Ví dụ A" in await admin.says("1")
    assert "Không nhớ" in admin.last.text
    await admin.says("bỏ qua")
    id = await member_id(house, binh)
    member = await house.running.db.read(lambda tx: members.by_id(tx, id))
    assert member is not None
    assert member.unit_state == "confirmed"
    assert (await outcomes(house, "unit:%")).total() == 1
    if not may_be_lost(house):
        assert "đã xếp anh/chị vào CĐCS Công ty Ví dụ A" in binh.last.text
    assert (await audited(house)).count("unit_assigned") == 1
    assert "Không nhớ" in await admin.says("/gandonvi")


async def test_a_member_who_finds_their_unit_is_sought_no_more(plain_house: House) -> None:
    """Their request goes with the unit they choose."""
    admin = await admin_of(plain_house)
    binh = await seeker(plain_house, "711", "Xưởng may cạnh chợ")
    await binh.says("/start u_LC0421")
    assert "Không có ai chờ" in await admin.says("gán đơn vị")


async def test_who_seeks_a_unit_is_for_those_over_the_whole_tree(plain_house: House) -> None:
    """Where such a person works nobody knows: an administrator of a subtree is neither told nor shown."""
    admin, below = await admin_of(plain_house), await admin_of(plain_house, "LC01", "699")
    await seeker(plain_house, "711", "Xưởng may cạnh chợ")
    assert times(admin, "chưa tìm thấy đơn vị") == 1
    assert times(below, "chưa tìm thấy đơn vị") == 0
    assert "Không có ai chờ" in await below.says("gán đơn vị")
    assert "chưa tìm thấy" not in await below.says("/congviec")
    assert "Có 1 người chưa tìm thấy" in await admin.says("/congviec")

    def forge(tx: Transaction, id: int, seeker: int) -> bool:
        at = plain_house.running.installation
        turn = Turn(tx, at, plain_house.clock.now(), "test", member=members.by_id(tx, id))
        inside = units.by_code(tx, "LC0421")
        assert inside is not None
        return administration.assign(turn, seeker, inside.id)

    ids = [await member_id(plain_house, phone) for phone in (below, plain_house.phone("711"))]
    assert not await plain_house.running.db.write(lambda tx: forge(tx, *ids))


async def test_giving_a_role(house: House) -> None:
    """Kind, unit, title, term; the code; who types it leaves a phone, and members see it if they agree."""
    admin, lan = await admin_of(house), await settled(house, "701", "Lò Thị Lan", form="chị")
    binh = await settled(house, "702", "Lê Thị Bình")
    await admin.says("giao việc")
    await admin.says("cán bộ")
    await admin.says("LC0421")
    assert "Chức danh gì?" in await admin.says("1")
    assert admin.last.labels == ["1. Chủ tịch", "2. Phó Chủ tịch", "3. Ủy viên Ban Chấp hành"]
    assert "Đến hết ngày nào" in await admin.says("phó chủ tịch")
    assert "ngày sắp tới" in await admin.says("1/1/2020")
    shown = await admin.says("31/12/2025")
    assert "nhận việc Phó Chủ tịch tại CĐCS Công ty Ví dụ A" in shown
    answer = await lan.says(code_in(shown))
    assert "Từ nay chị là Phó Chủ tịch của CĐCS Công ty Ví dụ A đến hết ngày 31/12/2025." in answer
    assert "số điện thoại" in answer
    assert "chưa đọc được số" in await lan.says("12")
    assert "0912 345 678" in await lan.says("0912.345.678")
    assert "Đoàn viên thấy số này" in await lan.says("có")
    assert (await audited(house)).count("phone_shown") == 1
    assert "Lò Thị Lan: ghi số điện thoại, cho đoàn viên thấy, CĐCS Công ty Ví dụ A" in await admin.says(
        "nhật ký việc làm"
    )
    assert await roles_of(house, lan) == [(RoleKind.OFFICER, "Phó Chủ tịch", "0912345678", True)]
    contact = await binh.says("gặp cán bộ")
    assert "Lò Thị Lan" in contact
    assert "0912 345 678" in contact
    house.clock.at("2026-01-01T00:00")
    assert await roles_of(house, lan) == []


async def test_a_phone_is_shown_only_by_consent(plain_house: House) -> None:
    lan = await granted(plain_house, await settled(plain_house, "701", "Lò Thị Lan"), "LC0421")
    binh = await settled(plain_house, "702", "Lê Thị Bình")
    await lan.says("/congviec")
    await lan.taps("Số điện thoại của tôi")
    await lan.says("0912345678")
    assert "không ai khác thấy" in await lan.says("không")
    assert await audited(plain_house) == ["phone_hidden"]
    found = await plain_house.running.db.read(lambda tx: tx.one("SELECT actor_id, detail FROM audit"))
    assert found == (await member_id(plain_house, lan), "")
    assert "0912 345 678" not in await binh.says("gặp cán bộ")


async def test_taking_a_role_back(house: House) -> None:
    """Confirmed first; the holder is told; the right is gone at once; one's own role is not on the list."""
    admin = await admin_of(house)
    an = await granted(house, await settled(house, "801", "Trần Văn An"), "LC0421")
    await admin.says("thôi giao việc")
    assert "1. Trần Văn An – Chủ tịch, CĐCS Công ty Ví dụ A" in admin.last.text
    assert "Quản Trị" not in admin.last.text
    assert "chắc chứ" in await admin.says("1")
    assert "báo cho người ấy" in await admin.says("thôi giao")
    assert await roles_of(house, an) == []
    assert "dành cho người được giao" in await an.says("/thongbao_moi")
    assert (await outcomes(house, "role:%")).total() == 1
    if not may_be_lost(house):
        assert times(an, "thôi đảm nhận việc Chủ tịch") == 1
    assert (await audited(house)).count("role_revoked") == 1


async def test_roles_to_take_back_page_by_page(plain_house: House) -> None:
    """Ten at a time; the last page ends the list."""
    admin = await admin_of(plain_house)
    for number in range(12):
        await granted(plain_house, await settled(plain_house, f"9{number:02}", f"Người {number:02}"), "LC0421")
    assert "Người 09" in await admin.says("thôi giao việc")
    assert "Người 10" not in admin.last.text
    assert "1. Người 10" in await admin.taps("Xem thêm")
    assert "Xem thêm" not in admin.last.labels[-1]
    assert "Người 11 thôi là Chủ tịch" in await admin.says("2")


async def test_an_administrator_of_a_subtree(plain_house: House) -> None:
    """Forged units and roles outside it are refused."""
    admin = await admin_of(plain_house, "LC0421")
    an = await granted(plain_house, await settled(plain_house, "801", "Trần Văn An"), "LC0422")
    id, other = await member_id(plain_house, admin), await member_id(plain_house, an)

    def forge(tx: Transaction) -> None:
        at, now = plain_house.running.installation, plain_house.clock.now()
        turn = Turn(tx, at, now, "test", member=members.by_id(tx, id))
        outside, inside = units.by_code(tx, "LC0422"), units.by_code(tx, "LC0421")
        assert outside is not None
        assert inside is not None
        assert administration.issue_role_code(turn, Grant(kind="admin", unit=outside.id, title="", until="")) is None
        assert administration.issue_role_code(turn, Grant(kind="king", unit=inside.id, title="", until="")) is None
        role = units.roles_of(tx, other, now)[0]
        assert administration.held_roles(turn, 0) == {"roles": [], "more": False}
        assert not administration.revoke(turn, role.id)
        assert not administration.revoke(turn, 99)
        assert not administration.assign(turn, other, inside.id)
        mine = units.roles_of(tx, id, now)[0]
        assert not administration.revoke(turn, mine.id)

    await plain_house.running.db.write(forge)
    assert "Chưa giao việc cho ai khác" in await admin.says("thôi giao việc")


async def new_code(house: House, admin: Phone, unit: str, kind: str = "reviewer") -> str:
    """A code for a role, made without the dialog."""
    id = await member_id(house, admin)

    def issue(tx: Transaction) -> str:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, id))
        over = units.by_code(tx, unit)
        assert over is not None
        issued = administration.issue_role_code(turn, Grant(kind=kind, unit=over.id, title="", until=""))
        assert issued is not None
        return issued["code"]

    return await house.running.db.write(issue)


async def test_two_codes_for_the_same_role_are_for_two_people(plain_house: House) -> None:
    admin = await admin_of(plain_house)
    first, second = [await new_code(plain_house, admin, "LC0421") for _ in range(2)]
    for chat, code in (("701", first), ("702", second)):
        assert "Người xét gương tốt" in await (await settled(plain_house, chat, "Lò Thị Lan")).says(code)


async def test_a_code_is_worth_what_its_maker_still_may(plain_house: House) -> None:
    """An administrator whose role was taken back leaves no door open behind them."""
    admin = await admin_of(plain_house)
    code = await new_code(plain_house, admin, "LC0421", "admin")
    id = await member_id(plain_house, admin)
    await plain_house.running.db.write(lambda tx: tx.run("DELETE FROM role WHERE member_id = ?", (id,)))
    lan = await settled(plain_house, "701", "Lò Thị Lan")
    assert "không dùng được" in await lan.says(code)
    assert await roles_of(plain_house, lan) == []

"""An officer announces: written, previewed, sent once to exactly the right people, followed, stopped."""

import pytest

from bot.services import controls, results, sending
from bot.services.drafts import begun
from bot.services.notices import fill
from bot.services.turn import Turn
from bot.storage import members, privacy, units
from bot.storage.database import Transaction
from tests.support.house import House
from tests.support.officers import (
    IN_DOUBT,
    MEETING,
    ON_THE_PHONE,
    audited,
    granted,
    may_be_lost,
    member_id,
    officer_of,
    outcomes,
    set_member,
    times,
    writes,
)
from tests.support.people import settled


async def test_from_writing_to_the_result(house: House) -> None:
    """Preview as members see it, the count, one message to each confirmed member below, the result to the officer."""
    an = await officer_of(house)
    binh = await settled(house, "802", "Lê Thị Bình", "LC0421", form="chị")
    dung = await settled(house, "803", "Hoàng Dũng", "LC0422")
    waiting = await settled(house, "804", "Chưa Xác Nhận", "LC0421")
    await set_member(house, waiting, unit_state="pending")
    outside = await settled(house, "805", "Người Cấp Tỉnh", "LD")

    await an.says("việc của cán bộ")
    limit = min(2000, house.channel.capabilities.max_text - 500)
    assert f"tối đa {limit} chữ cái" in await an.taps("Soạn thông báo")
    await an.says(MEETING)
    await an.says("thong tin")
    preview = await an.says("1")
    assert "Công đoàn xã Ví dụ · Trần Văn An, Chủ tịch\n\nMời anh Trần Văn An họp 14 giờ thứ Sáu." in preview
    assert "Gửi tới 3 người thuộc Công đoàn xã Ví dụ, khoảng 1 phút. Gửi chứ?" in preview
    assert "Đã nhận lệnh gửi" in await an.says("gửi ngay")

    expected = IN_DOUBT if may_be_lost(house) else ON_THE_PHONE
    became = await outcomes(house, "announcement:%")
    assert set(became) <= expected
    assert became.total() == 3
    notice = "Công đoàn xã Ví dụ · Trần Văn An, Chủ tịch\n\nMời chị Lê Thị Bình họp"
    for phone, words in ((binh, notice), (dung, "Mời anh Hoàng Dũng họp"), (an, "Mời anh Trần Văn An họp")):
        assert times(phone, words) <= 1 + (phone is an)
        if not may_be_lost(house):
            assert words in " ".join(message.text for message in phone.shown)
    assert not waiting.shown
    assert not outside.shown
    assert (await outcomes(house, "result:%")).total() == 1
    if not may_be_lost(house):
        assert times(an, "Đã gửi xong thông báo ngày 1/5/2025") == 1
        assert binh.last.labels == ["Đã nhận", "Vì sao tôi nhận tin này?"]
    status = await an.says("thông báo đã gửi")
    status = await an.says("1")
    assert "Đã gửi xong, 3 người" in status


async def test_an_officer_changes_their_mind(house: House) -> None:
    """Text, class and audience are changed one at a time; the rest stays; cancelled, nothing goes out."""
    an = await officer_of(house)
    await settled(house, "802", "Lê Thị Bình", "LC0421")
    assert "Gửi tới 2 người" in await writes(an)
    assert "viết nội dung" in await an.taps("Trả lại để sửa")
    assert "Họp lúc 15 giờ" in await an.says("Họp lúc 15 giờ.")
    assert "Gửi cho ai?" in await an.taps("Đổi nơi nhận")
    assert "không phải" not in await an.says("cong ty")
    assert an.last.labels == ["1. Cả đơn vị", "2. CĐCS Công ty Ví dụ A", "3. Lọc người nhận"]
    preview = await an.says("2")
    assert "Gửi tới 1 người thuộc CĐCS Công ty Ví dụ A" in preview
    assert "Họp lúc 15 giờ" in preview
    assert "loại nào" in await an.taps("Đổi loại tin")
    preview = await an.says("việc phải làm")
    assert "Việc phải làm · Công đoàn xã Ví dụ" in preview
    assert "CĐCS Công ty Ví dụ A" in preview
    assert "không gửi gì cả" in await an.says("hủy")
    assert (await outcomes(house, "announcement:%")).total() == 0


async def test_who_acknowledged_cannot_be_told_from_the_number(plain_house: House) -> None:
    """Up to four answers there are words for the number; with a fifth it is shown."""
    an = await officer_of(plain_house, "LC0421")
    others = [await settled(plain_house, f"81{number}", f"Người {number}") for number in range(3)]
    await writes(an)
    await an.says("gửi ngay")
    assert times(an, "Đã trả lời: dưới 5.") == 1
    await others[0].taps("Đã nhận")
    await an.says("thông báo đã gửi")
    assert "Đã tới: 4. Đã trả lời: dưới 5." in await an.says("1")
    others += [await settled(plain_house, f"82{number}", f"Người mới {number}") for number in range(2)]
    await an.says("menu")
    await writes(an)
    await an.says("gửi ngay")
    for other in others:
        await other.taps("Đã nhận")
    await an.says("thông báo đã gửi")
    assert "Đã tới: 6. Đã trả lời: 5." in await an.says("1")


async def test_long_lists_are_turned_over(plain_house: House) -> None:
    """Units below are twelve at a time, announcements sent eight; the audience may be changed from a later page."""

    def plant(tx: Transaction) -> None:
        upper = tx.scalar("SELECT id FROM unit WHERE code = 'LC01'")
        for number in range(14):
            units.put(tx, f"LC05{number:02}", upper, "grassroots", f"CĐCS thứ {number:02}", None, None)

    await plain_house.running.db.write(plant)
    an = await officer_of(plain_house)
    dung = await settled(plain_house, "802", "Hoàng Dũng", "LC0513")
    await an.says("/thongbao_moi")
    await an.says(MEETING)
    await an.says("thông tin")
    await an.taps("Chọn người nhận")
    assert not any("CĐCS thứ 13" in label for label in an.last.labels)
    await an.taps("Xem đơn vị khác")
    assert "Gửi tới 1 người thuộc CĐCS thứ 13" in await an.taps("CĐCS thứ 13")
    await an.taps("Đổi nơi nhận")
    await an.taps("Xem đơn vị khác")
    assert "Gửi tới 1 người thuộc CĐCS thứ 13" in await an.taps("CĐCS thứ 13")
    await an.says("gửi ngay")
    assert times(dung, "Mời anh Hoàng Dũng họp") == 1
    for number in range(9):
        plain_house.running.intake._arrivals.clear()
        await writes(an, f"Tin số {number}")
        await an.says("gửi ngay")
    assert "Mời họp" not in " ".join([await an.says("thông báo đã gửi"), *an.last.labels])
    await an.says("xem thêm")
    assert [label.partition(". ")[2] for label in an.last.labels] == ["1/5 Tin số 0", "1/5 Mời họp 14 giờ th…"]
    assert "Đã gửi xong, 1 người" in await an.says("2")
    await an.says("về danh sách")
    assert "1/5 Tin số 8" in an.last.labels[0]


async def test_an_urgent_one_says_why_and_breaks_quiet_hours(house: House) -> None:
    """At 22:00 an urgent announcement goes out at once, ordinary ones at 06:00."""
    house.clock.at("2025-05-01T22:00")
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình", form="chị")
    assert "vì sao phải khẩn" in await writes(an, "Bão gần bờ, ở yên trong nhà.", "khan")
    await an.says("bão số 3.")
    assert "Tin khẩn, vì: bão số 3.\nGửi tới" in await an.says("cả đơn vị")
    await an.says("1")
    became = await outcomes(house, "announcement:%")
    assert set(became) <= IN_DOUBT
    assert became.total() == 2
    if not may_be_lost(house):
        assert times(binh, "KHẨN · CĐCS Công ty Ví dụ A") == 1
    await writes(an, "Mai phát quà Tháng Công nhân.")
    await an.says("gửi ngay")
    assert (await outcomes(house, "announcement:2"))["pending"] == 2
    assert times(binh, "phát quà") == 0
    await house.passes("2025-05-02T06:00:01")
    assert set(await outcomes(house, "announcement:2")) <= IN_DOUBT
    assert times(binh, "phát quà") <= 1
    if not may_be_lost(house):
        assert times(binh, "phát quà") == 1
    reason = await house.running.db.read(
        lambda tx: tx.scalar("SELECT detail FROM audit WHERE act = 'announcement_sent'")
    )
    assert "bão số 3" in reason


async def test_two_presses_are_one_send(house: House) -> None:
    """The same button twice, and the typed word after it: one announcement."""
    an = await officer_of(house)
    await writes(an)
    send = next(button.data for button in an.last.buttons if "Gửi ngay" in button.label)
    await an.taps_data(send)
    await an.taps_data(send)
    await an.says("gửi ngay")
    assert await house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM announcement")) == 1
    assert times(an, "Đã nhận lệnh gửi") == 1


@pytest.mark.parametrize("body", ["{% <b>đậm</b> & {ten} %", "'; DROP TABLE member; --", "‮ngược 👩‍🏭 &lt;"])
async def test_hostile_text_stays_text(plain_house: House, body: str) -> None:
    """No template, no markup, no SQL: it arrives as it was written."""
    an = await officer_of(plain_house, "LC0421")
    preview = await writes(an, body)
    await an.says("gửi ngay")
    notice = an.shown[-2]
    shown = body.replace("{ten}", "Trần Văn An").replace("‮", "")
    assert shown in preview
    assert shown in notice.text
    assert "<b>đậm" not in notice.html


async def test_texts_that_cannot_be_sent(plain_house: House) -> None:
    """Too long, growing too long, no text: refused at that step, and the dialog goes on."""
    an = await officer_of(plain_house, "LC0421")
    limit = min(2000, plain_house.channel.capabilities.max_text - 500)
    await an.says("/thongbao_moi")
    assert f"dưới {limit} chữ cái" in await an.says("a" * (limit + 1))
    assert f"dưới {limit} chữ cái" in await an.says("{ten} " * 300)
    assert f"dưới {limit} chữ cái" in await an.says("🙂" * 1900)
    assert "{7*7}, {% x %}, {abc} không phải chỗ điền; chỉ có {ten}, {don_vi}, {goi}" in await an.says(
        "{{7*7}} {% x %} {abc} {ten}"
    )
    assert "cần chữ" in await an.says("")
    assert "loại nào" in await an.says("Ngắn thôi.")


async def test_a_role_that_ends_mid_way(house: House) -> None:
    """The right is checked at the press: an hour later the role is over and nothing is sent."""
    an = await settled(house, "801", "Trần Văn An")
    await granted(house, an, "LC0421", valid_until=house.clock.now() + 3_600_000)
    await writes(an)
    house.clock.forward(hours=1)
    assert "Bản nháp vẫn giữ" in await an.says("gửi ngay")
    assert (await outcomes(house, "announcement:%")).total() == 0
    await an.says("menu")
    assert "Việc của cán bộ" not in " ".join(an.last.labels)
    assert "dành cho người được giao" in await an.says("/thongbao_moi")


async def test_an_ended_unit_has_no_officer(plain_house: House) -> None:
    """A role over a unit that exists no more gives no right."""
    an = await settled(plain_house, "801", "Trần Văn An", "LC0423")
    await granted(plain_house, an, "LC0423")
    assert "dành cho người được giao" in await an.says("/thongbao_moi")


async def test_members_cannot_announce(plain_house: House) -> None:
    """Commands, words and forged menu buttons of officers' work do nothing for others."""
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    for flow in ("announce", "sent_list", "newcomers", "grant_role", "revoke_role", "assign_units", "work", "my_phone"):
        assert "dành cho người được giao" in await binh.taps_data(f"m:{flow}")
    assert "chưa hiểu" in await binh.says("soạn thông báo")


async def test_forged_units_and_announcements(plain_house: House) -> None:
    """Another subtree cannot be spoken for, written to, looked at or stopped."""
    an = await officer_of(plain_house, "LC0421")
    other = await officer_of(plain_house, "LC0422", "802")
    await writes(other)
    await other.says("gửi ngay")
    id = await member_id(plain_house, an)

    def forge(tx: Transaction) -> None:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "test", member=members.by_id(tx, id))
        mine, theirs, above = (units.by_code(tx, code) for code in ("LC0421", "LC0422", "LC01"))
        assert mine is not None
        assert theirs is not None
        assert above is not None
        for unit, to in ((theirs.id, theirs.id), (mine.id, theirs.id), (mine.id, above.id), (mine.id, 999), (999, 999)):
            draft = begun(unit, to, "x", "information")
            assert sending.send(turn, draft) is None
        assert sending.send(turn, begun(mine.id, mine.id, "x", "gift")) is None
        assert results.status(turn, 1) is None
        assert results.status(turn, 99) is None
        assert not controls.stop(turn, 1)
        assert results.sent_list(turn, 0)["sent"] == []

    await plain_house.running.db.write(forge)
    above = await officer_of(plain_house, "LC01", "803")
    await above.says("thông báo đã gửi")
    assert "Đã gửi xong, 1 người" in await above.says("1")


async def test_stopping(house: House) -> None:
    """Who has not got it yet does not get it; the officer reads how many did."""
    house.clock.at("2025-05-01T22:00")
    an = await officer_of(house, "LC0421")
    await set_member(house, an, quiet_from=0, quiet_to=0)
    binh = await settled(house, "802", "Lê Thị Bình")
    await writes(an, "Nhầm ngày rồi.")
    await an.says("gửi ngay")
    await an.says("thông báo đã gửi")
    assert "Chờ gửi: 1." in await an.says("1")
    assert "chắc chứ" in await an.taps("Dừng gửi")
    assert "Đã dừng gửi." in await an.says("có")
    became = await outcomes(house, "announcement:1")
    assert became["cancelled"] == 1
    assert (await outcomes(house, "result:1")).total() == 1
    assert "Đã dừng, 2 người." in await an.taps("Xem lại số liệu")
    await house.passes("2025-05-02T08:00")
    assert times(binh, "Nhầm ngày") == 0
    assert (await audited(house)).count("announcement_stopped") == 1
    assert "chưa có thông báo" in await binh.says("thông báo")


@pytest.mark.parametrize(
    ("body", "filled"),
    [
        ("{goi} ơi", "Chị ơi"),
        ("Chào {goi} {ten}, mời {goi} họp. {goi} nhớ nhé", "Chào chị Lan, mời chị họp. Chị nhớ nhé"),
        ("Ở {don_vi}\n{goi} xem", "Ở Tổ 1\nChị xem"),
        ("{TEN} {ten {ten}} { ten }", "{TEN} {ten Lan} { ten }"),
        ("Không có gì", "Không có gì"),
    ],
)
def test_placeholders(body: str, filled: str) -> None:
    assert fill(body, "Lan", "chị", "Tổ 1") == filled


def test_a_reader_without_a_name() -> None:
    assert fill("Chào {goi} {ten}, mời họp", "", "anh/chị", "Tổ 1") == "Chào anh/chị, mời họp"


def test_a_name_is_not_filled_again() -> None:
    assert fill("{ten} {don_vi}", "{don_vi}", "anh", "Tổ 1") == "{don_vi} Tổ 1"


async def test_an_erased_officer_leaves_no_name(plain_house: House) -> None:
    """What was announced stays in the unit's name; recipients who are erased leave no trace either."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    await writes(an, "Mai họp.")
    await an.says("gửi ngay")
    await binh.taps("Đã nhận")
    dung = await settled(plain_house, "803", "Hoàng Dũng")
    for phone in (an, binh):
        id = await member_id(plain_house, phone)
        await plain_house.running.db.write(lambda tx, id=id: privacy.erase(tx, id, plain_house.clock.now()))
    left = await plain_house.running.db.read(
        lambda tx: str(tx.all("SELECT * FROM announcement")) + str(tx.all("SELECT * FROM recipient"))
    )
    assert "Trần Văn An" not in left
    assert left.endswith("[]")
    await granted(plain_house, dung, "LC0421")
    await dung.says("thông báo đã gửi")
    assert "Đã gửi xong, 2 người" in await dung.says("1")

"""The solemn mode holds what would hurt and sends none of it unasked; everything can be stopped at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.services import solemn
from bot.services.media import Kept
from bot.services.turn import Turn
from bot.storage import announcements
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import (
    audited,
    granted,
    may_be_lost,
    officer_of,
    outcomes,
    sends,
    set_member,
    times,
    writes,
)
from tests.support.people import a_minute_later, settled


async def admin_of(house: House, unit: str = "LD", chat: str = "809") -> Phone:
    """An administrator of a unit."""
    return await granted(house, await settled(house, chat, "Lò Văn Quản", unit), unit, RoleKind.ADMIN, title="")


async def test_a_solemn_day(house: House) -> None:
    """Congratulations and daily pieces are held, other news goes; ended, each goes out or is dropped when asked for."""
    an, admin = await officer_of(house, "LC0421"), await admin_of(house)
    binh = await settled(house, "802", "Lê Thị Bình")
    await set_member(house, binh, slot="morning")
    await admin.says("chế độ trang trọng")
    await admin.says("toàn liên đoàn")
    assert "Bật chế độ trang trọng cho Liên đoàn Lao động tỉnh Ví dụ, vì: Quốc tang." in await admin.says("Quốc tang")
    assert "Đã bật chế độ trang trọng" in await admin.says("bắt đầu")
    assert "tạm nghỉ câu hỏi" in await binh.says("/cauhoi")
    for body in ("Mừng chị em đạt giải.", "Mừng tổ trưởng mới."):
        await writes(an, body, "chúc mừng")
        assert "tin này được giữ lại" in await an.says("gửi ngay")
    await writes(an, "Mai trực bão.")
    await an.says("gửi ngay")
    await house.passes("2025-05-02T06:30")
    assert (await outcomes(house, "daily:%")).total() == 0
    assert (await outcomes(house, "announcement:3")).total() == 2
    assert (await outcomes(house, "announcement:1")).total() == 0
    listed = await admin.says("chế độ trang trọng")
    assert "và 2 tin:" in listed
    assert "không gửi bù" in await admin.says("kết thúc")
    held = await admin.says("kết thúc")
    assert "Những gì đã giữ lại, chưa gửi" in held
    assert "1/5 Mừng chị em" in await admin.says("xem từng tin")
    await admin.says("gửi tin này")
    assert "Xong: gửi 1 tin, bỏ 1 tin." in await admin.says("bỏ tin này")
    assert (await outcomes(house, "announcement:1")).total() == 2
    assert (await outcomes(house, "announcement:2")).total() == 0
    if not may_be_lost(house):
        assert times(binh, "Chúc mừng · CĐCS Công ty Ví dụ A") == 1
        assert times(an, "nay được gửi đi") == 1
        assert times(an, "bỏ, không gửi nữa") == 1
    await house.passes("2025-05-03T06:30")
    assert (await outcomes(house, "daily:2025-05-03")).total() == 1
    assert (await outcomes(house, "daily:2025-05-02")).total() == 0
    acts = await audited(house)
    assert [acts.count(act) for act in ("solemn_started", "solemn_ended", "held_sent", "held_dropped")] == [1, 1, 1, 1]


async def with_photo(officer: Phone, kind: str) -> tuple[str, str]:
    """Write an announcement with a photo up to its preview: what was answered to the class, and the preview."""
    await officer.says("/thongbao_moi")
    await officer.sends(InboundKind.PHOTO, ref="photo", text="Ảnh hội thao.")
    await officer.says("xong")
    told = await officer.says(kind)
    return told, await officer.says("cả đơn vị")


async def test_news_with_pictures(house: House) -> None:
    """Held as congratulations are, also what goes out already; its author reads how to let it go, and does."""
    house.clock.at("2025-05-01T22:00")
    an, admin = await officer_of(house, "LC0421"), await admin_of(house)
    binh = await settled(house, "802", "Lê Thị Bình")
    house.channel.files["photo"] = b"a picture"
    variant, house.variant = house.variant, "plain"
    told, shown = await with_photo(an, "Thông tin")
    assert "trang trọng" not in told + shown
    await an.says("gửi ngay")
    await admin.says("chế độ trang trọng")
    await admin.says("toàn liên đoàn")
    assert "gồm 1 tin đang chờ hoặc đang gửi:\n– 1/5 Ảnh hội thao" in await admin.says("Quốc tang")
    await admin.says("bắt đầu")
    house.variant = variant
    told, shown = await with_photo(an, "Thông tin")
    assert "Tin loại Thông tin có ảnh, video gửi tới đó được giữ lại" in told
    assert "Muốn gửi ngay, anh bỏ ảnh, video, hoặc chọn loại Việc phải làm, Khẩn." in told
    assert "tin loại Thông tin có ảnh, video được giữ lại" in shown
    assert "tin này được giữ lại" in await an.says("gửi ngay")
    a_minute_later(house)
    await with_photo(an, "Thông tin")
    await an.says("đổi loại")
    assert "trang trọng" not in await an.says("Việc phải làm")
    assert "Đã nhận lệnh gửi" in await an.says("gửi ngay")
    a_minute_later(house)
    await with_photo(an, "Thông tin")
    await an.says("thêm lựa chọn")
    await an.says("tệp kèm theo")
    assert "trang trọng" not in await an.says("bỏ hết tệp")
    assert "Đã nhận lệnh gửi" in await an.says("gửi ngay")
    await house.passes("2025-05-02T06:30")
    assert set(await outcomes(house, "announcement:1")) == {"pending"}
    assert (await outcomes(house, "announcement:2")).total() == 0
    for went in (3, 4):
        assert (await outcomes(house, f"announcement:{went}"))["pending"] == 0
        assert (await outcomes(house, f"announcement:{went}")).total() == 2
    assert "và 2 tin:" in await admin.says("chế độ trang trọng")
    await admin.says("kết thúc")
    assert "Những gì đã giữ lại, chưa gửi" in await admin.says("kết thúc")
    assert "Xong: gửi 2 tin, bỏ 0 tin." in await admin.says("gửi tất cả")
    for released in (1, 2):
        assert (await outcomes(house, f"announcement:{released}"))["pending"] == 0
        assert (await outcomes(house, f"announcement:{released}")).total() == 2
    if not may_be_lost(house):
        assert (files_on(binh), times(binh, "Ảnh hội thao.")) == (3, 4)
        assert times(an, "nay được gửi đi") == 2


@pytest.mark.parametrize(
    ("kind", "file", "why"),
    [
        ("information", ("photo", "photo.jpg"), "pictures"),
        ("information", ("video", "video.mp4"), "pictures"),
        ("information", ("document", "Cổ vũ.JPG"), "pictures"),
        ("information", ("document", "phim.mov"), "pictures"),
        ("information", ("document", "Công văn.pdf"), ""),
        ("information", ("voice", "voice.ogg"), ""),
        ("task", ("photo", "photo.jpg"), ""),
        ("urgent", ("video", "video.mp4"), ""),
        ("condolence", ("photo", "photo.jpg"), ""),
        ("congratulation", ("document", "Công văn.pdf"), "festive"),
    ],
)
def test_what_waits(kind: str, file: tuple[str, str], why: str) -> None:
    """By the class, and of information by whatever of an album shows something."""
    shape, name = file
    album = [Kept(media=1, kind="voice", name="voice.ogg"), Kept(media=2, kind=shape, name=name)]
    assert solemn.why(kind, album) == why
    assert solemn.why(kind, []) == ("festive" if kind == "congratulation" else "")


async def test_what_comes_later_with_pictures(tmp_path: Path) -> None:
    """At its time it waits; sent again, too, but a reminder, a right text and a recall bring none."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    an, admin = await officer_of(house, "LC0421"), await admin_of(house)
    await with_photo(an, "Thông tin")
    await an.says("gửi ngay")
    await with_photo(an, "Thông tin")
    await an.says("thêm lựa chọn")
    await an.says("hẹn giờ")
    await an.says("8h sáng mai")
    assert "Đã hẹn gửi lúc" in await an.says("hẹn gửi")
    await begin_everywhere(admin)

    def held(tx: Transaction) -> dict[str, bool]:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        first = announcements.by_id(tx, 1)
        assert first is not None
        purposes = ("again", "reminder", "erratum", "recall")
        return {one: solemn.holds(turn, replace(first, of_id=first.id, purpose=one)) for one in purposes}

    found = await house.running.db.read(held)
    assert found == {"again": True, "reminder": False, "erratum": False, "recall": False}
    await house.passes("2025-05-02T08:30")
    state = await house.running.db.read(lambda tx: tx.scalar("SELECT state FROM announcement WHERE id = 2"))
    assert state == "held"
    assert (await outcomes(house, "announcement:2")).total() == 0
    await house.close()


async def test_only_one_area(plain_house: House) -> None:
    """Where it does not hold everything goes on, and who administers another area cannot begin it there."""
    admin = await admin_of(plain_house, "LC01")
    inside = await settled(plain_house, "802", "Lê Thị Bình", "LC0421")
    beside = await settled(plain_house, "803", "Người Cấp Tỉnh", "LD")
    await admin.says("chế độ trang trọng")
    assert "Không" in await admin.says("toàn liên đoàn")
    await admin.says("xã Ví dụ")
    await admin.says("1")
    await admin.says("Lũ quét")
    await admin.says("bắt đầu")
    assert "tạm nghỉ" in await inside.says("/cauhoi")
    assert "Câu 1/5" in await beside.says("/cauhoi")


async def test_what_had_reached_people_can_be_corrected(plain_house: House) -> None:
    """An officer who stopped everything goes on to the right text for those who got the wrong one."""
    plain_house.clock.at("2025-05-01T22:00")
    an = await officer_of(plain_house, "LC0421")
    await set_member(plain_house, an, quiet_from=0, quiet_to=0)
    await settled(plain_house, "802", "Lê Thị Bình")
    await writes(an, "Mai họp 8 giờ.")
    await an.says("gửi ngay")
    await an.says("dừng tất cả")
    assert "chọn tin để đính chính" in await an.says("dừng tất cả")
    assert "Mai họp 8 giờ." in await an.says("1")


async def test_everything_stops(house: House) -> None:
    """One press and a confirmation: what waits is not sent, what goes out goes to nobody else, its authors are told."""
    house.clock.at("2025-05-01T22:00")
    an, admin = await officer_of(house, "LC0421"), await admin_of(house)
    await set_member(house, an, quiet_from=0, quiet_to=0)
    binh = await settled(house, "802", "Lê Thị Bình")
    await writes(an, "Nhầm hết rồi.")
    await an.says("gửi ngay")
    await writes(an, "Kính viếng.", "chia buồn")
    assert "Đã hẹn gửi lúc 6:00 ngày 2/5/2025" in await an.says("gửi ngay")
    asked = await admin.says("dừng tất cả")
    assert "Dừng ngay 2 tin:" in asked
    assert "hẹn 6:00 ngày 2/5/2025" in asked
    stopped = await admin.says("đồng ý")
    assert "Đã dừng 2 tin." in stopped
    assert "đã tới khoảng 1 người" in stopped
    await house.passes("2025-05-02T06:30")
    assert times(binh, "Nhầm hết rồi") == 0
    assert times(binh, "Kính viếng") == 0
    assert (await outcomes(house, "announcement:1"))["cancelled"] == 1
    assert (await outcomes(house, "announcement:2")).total() == 0
    assert (await audited(house)).count("announcement_stopped_all") == 2
    assert "Không có tin nào đang gửi hay chờ gửi" in await admin.says("dừng tất cả")
    if not may_be_lost(house):
        assert times(an, "Lò Văn Quản đã dừng") == 2


async def test_an_open_quiz_is_closed(house: House) -> None:
    """The question on the screen counts no more, what was answered before does; afterwards it is asked again."""
    admin = await admin_of(house)
    binh = await settled(house, "802", "Lê Thị Bình", form="chị")
    await binh.says("/cauhoi")
    await binh.says("A")
    shown = binh.last.text
    variant, house.variant = house.variant, "plain"
    await begin_everywhere(admin)
    house.variant = variant
    closed = await binh.says("B")
    assert "tạm nghỉ" in closed
    assert "chị trả lời đúng" in closed.lower()
    assert "Câu 3/5" not in closed
    counted = await house.running.db.read(
        lambda tx: tx.scalar("SELECT (SELECT COUNT(*) FROM question_right) + (SELECT COUNT(*) FROM missed_question)")
    )
    assert counted == 1
    assert "Câu 2/5" in shown
    await admin.says("chế độ trang trọng")
    await admin.says("kết thúc")
    await admin.says("kết thúc")
    assert "Câu 1/" in await binh.says("/cauhoi")


async def begin_everywhere(admin: Phone, reason: str = "Quốc tang") -> None:
    """The whole federation is solemn."""
    await admin.says("chế độ trang trọng")
    await admin.says("toàn liên đoàn")
    await admin.says(reason)
    await admin.says("bắt đầu")


async def test_who_writes_congratulations_is_told_at_once(plain_house: House) -> None:
    """At the moment of choosing the class, also when it is changed to it later; of other classes nothing is said."""
    an, admin = await officer_of(plain_house, "LC0421"), await admin_of(plain_house)
    await settled(plain_house, "802", "Lê Thị Bình")
    await an.says("/thongbao_moi")
    await an.says("Mừng chị em.")
    assert "trang trọng" not in await an.says("chúc mừng")
    await an.says("menu")
    await begin_everywhere(admin)
    await an.says("/thongbao_moi")
    await an.says("Mừng chị em.")
    told = await an.says("chúc mừng")
    assert "đang trong chế độ trang trọng (Quốc tang)" in told
    assert "được giữ lại" in told
    await an.says("menu")
    await an.says("/thongbao_moi")
    await an.says("Mai trực bão.")
    assert "trang trọng" not in await an.says("Thông tin")
    await an.says("Cả đơn vị")
    await an.says("Đổi loại")
    assert "đang trong chế độ trang trọng (Quốc tang)" in await an.says("chúc mừng")


async def test_pictures_for_groups_are_held(house: House) -> None:
    """Cards, pictures and posters wait, stand in the list, and are decided about; then whoever wanted them is told."""
    an, admin = await officer_of(house, "LC0421"), await admin_of(house)
    variant, house.variant = house.variant, "plain"
    await writes(an, "Mai trực bão.")
    await an.says("gửi ngay")
    await begin_everywhere(admin)
    house.variant = variant
    await an.says("bản gửi nhóm zalo")
    held = await an.taps(next(label for label in an.last.labels if "Bài 1:" in label))
    assert "được giữ lại" in held
    assert "được giữ lại" in await an.says("/togioithieu")
    await an.says("bản gửi nhóm zalo")
    given = await an.taps(next(label for label in an.last.labels if "Mai trực" in label))
    assert "ảnh được giữ lại" in given
    assert times(an, "CĐCS Công ty Ví dụ A\nTrần Văn An, Chủ tịch\n\nMai trực bão.") == 1
    assert files_on(an) == 0
    listed = await admin.says("chế độ trang trọng")
    assert "Và 3 bài, ảnh cho nhóm, tờ giới thiệu cán bộ đang chờ lấy" in listed
    assert "Tờ giới thiệu CĐCS Công ty Ví dụ A (Trần Văn An)" in listed
    await admin.says("kết thúc")
    held = await admin.says("kết thúc")
    assert "Tờ giới thiệu CĐCS Công ty Ví dụ A (Trần Văn An)" in held
    a_minute_later(house)
    await admin.says("xem từng tin")
    await admin.says("gửi tin này")
    await admin.says("gửi tin này")
    assert "Xong: gửi 2 tin, bỏ 1 tin." in await admin.says("bỏ tin này")
    house.clock.forward(minutes=6)
    await house.settle()
    assert files_on(an) == 0
    if not may_be_lost(house):
        assert times(an, "nay lấy được") == 2
        assert times(an, "không dùng nữa") == 1
    if house.channel.capabilities.buttons:
        a_minute_later(house)
        assert "Đây là tờ giới thiệu của CĐCS Công ty Ví dụ A" in await an.taps_data(f"grp:p.{await unit_id(house)}:t")
        assert files_on(an) == 1
    assert "Chế độ trang trọng (quốc tang" in await admin.says("chế độ trang trọng")


async def test_what_is_over_is_only_dropped(tmp_path: Path) -> None:
    """The picture of a day that has passed, a greeting whose time is over: seen as such, offered to nobody."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    an, admin = await officer_of(house, "LC0421"), await admin_of(house)
    await begin_everywhere(admin)
    await an.says("bản gửi nhóm zalo")
    day = next(label for label in an.last.labels if "Còn " in label)
    assert "được giữ lại" in await an.taps(day)
    await an.says("/togioithieu")
    greeting = house.clock.now() + 3 * DAY
    await sends(house, an, kind="congratulation", body="Mừng tổ trưởng.", question="none", valid_until=greeting)
    house.clock.at("2025-06-25T09:00")
    await house.tick()
    await admin.says("chế độ trang trọng")
    await admin.says("kết thúc")
    listed = await admin.says("kết thúc")
    assert listed.count("đã qua, chỉ còn bỏ") == 2
    assert "Gửi tất cả" in str(admin.last.labels)
    a_minute_later(house)
    shown = await admin.taps("Xem từng tin")
    for _ in range(2):
        assert "đã qua, không gửi nữa" in shown
        assert "Gửi tin này" not in str(admin.last.labels)
        a_minute_later(house)
        shown = await admin.taps("Để sau")
    assert "Gửi tin này" in str(admin.last.labels)
    await admin.taps("Để sau")
    a_minute_later(house)
    await admin.says("chế độ trang trọng")
    assert "Xong: gửi 1 tin, bỏ 2 tin." in await admin.taps("Gửi tất cả")
    house.clock.forward(minutes=6)
    await house.settle()
    assert (times(an, "nay lấy được"), times(an, "không dùng nữa"), times(an, "không gửi nữa")) == (1, 1, 1)
    await house.close()


async def unit_id(house: House, code: str = "LC0421") -> int:
    """A unit's id."""
    id: int = await house.running.db.read(lambda tx: tx.scalar("SELECT id FROM unit WHERE code = ?", (code,)))
    return id


def files_on(phone: Phone) -> int:
    """Pictures and documents on a phone."""
    return sum(len(message.media) for message in phone.shown)


async def test_what_is_held_for_another_area(plain_house: House) -> None:
    """It is held where its unit is covered, decided by who administers that, and goes with who wanted it."""
    an, admin = await officer_of(plain_house, "LC0421"), await admin_of(plain_house, "LC01")
    beside = await officer_of(plain_house, "LC0422", "803")
    whole = await admin_of(plain_house, chat="808")
    await admin.says("chế độ trang trọng")
    await admin.says("Công ty Ví dụ A")
    await admin.says("1")
    await admin.says("Lũ quét")
    await admin.says("bắt đầu")
    await an.says("/togioithieu")
    await an.says("/togioithieu")
    await beside.says("/togioithieu")
    assert (files_on(an), files_on(beside)) == (0, 1)
    for phone in (admin, whole):
        assert "Và 1 bài, ảnh cho nhóm, tờ giới thiệu cán bộ đang chờ lấy" in await phone.says("chế độ trang trọng")
    await an.says("/xoadulieu")
    while "XÓA" not in an.last.text:
        await an.says("1")
    await an.says("XÓA")
    await plain_house.tick()
    assert "đang chờ lấy" not in await admin.says("chế độ trang trọng")


async def test_a_quiz_left_open_is_not_taken_up_meanwhile(plain_house: House) -> None:
    """Neither by asking for it, nor by what is no answer; afterwards it goes on where it was left."""
    admin = await admin_of(plain_house)
    binh, ha = await settled(plain_house, "802", "Lê Thị Bình"), await settled(plain_house, "803", "Phạm Hà")
    for phone in (binh, ha):
        await phone.says("/cauhoi")
        await phone.says("A")
    await binh.says("menu")
    await begin_everywhere(admin)
    for said in (await binh.says("tiếp tục"), await ha.says("giúp"), await ha.says("tiếp tục")):
        assert "tạm nghỉ câu hỏi" in said
        assert "Câu " not in said
    await admin.says("chế độ trang trọng")
    await admin.says("kết thúc")
    await admin.says("kết thúc")
    for phone in (binh, ha):
        assert "Câu 2/5" in await phone.says("tiếp tục")

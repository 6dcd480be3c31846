"""The solemn mode holds what would hurt and sends none of it unasked; everything can be stopped at once."""

from bot.domain.people import RoleKind
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, may_be_lost, officer_of, outcomes, set_member, times, writes
from tests.support.people import settled


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
        assert "tin chúc mừng này được giữ lại" in await an.says("gửi ngay")
    await writes(an, "Mai trực bão.")
    await an.says("gửi ngay")
    await house.passes("2025-05-02T06:30")
    assert (await outcomes(house, "daily:%")).total() == 0
    assert (await outcomes(house, "announcement:3")).total() == 2
    assert (await outcomes(house, "announcement:1")).total() == 0
    listed = await admin.says("chế độ trang trọng")
    assert "2 tin chúc mừng" in listed
    assert "không gửi bù" in await admin.says("kết thúc")
    held = await admin.says("kết thúc")
    assert "Tin chúc mừng đã giữ lại, chưa gửi" in held
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
    stopped = await admin.says("dừng tất cả")
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

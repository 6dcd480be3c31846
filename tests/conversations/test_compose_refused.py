"""What may not be sent is refused where it is said, whatever dies or repeats meanwhile; what was there is sent after."""

from bot.domain.people import RoleKind
from tests.support.house import House
from tests.support.officers import may_be_lost, member_id, officer_of, outcomes, times, writes
from tests.support.people import a_minute_later, settled


async def test_one_draft_through_every_refusal(house: House) -> None:
    """A placeholder that is none, a text too long, nobody, a time past, a use that ends before it."""
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình", form="chị")
    await an.says("/thongbao_moi")
    assert "{abc} không phải chỗ điền" in await an.says("Mời {abc} họp.")
    assert "dài" in await an.says("họp " * 600)
    await an.says("Mời {goi} {ten} họp.")
    assert "Tin thuộc loại nào?" in await an.says("loại gì cũng được")
    await an.says("thông tin")
    await an.says("chọn người nhận")
    a_minute_later(house)
    await an.says("lọc người nhận")
    await an.says("tư cách")
    await an.says("thôi là đoàn viên")
    assert "Không có ai như vậy" in await an.says("xong")
    await an.says("bỏ các điều kiện")
    await an.says("tư cách")
    await an.says("đoàn viên")
    await an.says("xong")
    a_minute_later(house)
    preview = await an.says("xong")
    assert "Mời anh Trần Văn An họp." in preview
    await an.says("thêm lựa chọn")
    await an.says("hẹn giờ")
    assert "đã qua rồi" in await an.says("0:30")
    assert "Gửi lúc: 9:00" in await an.says("9 giờ")
    await an.says("thêm lựa chọn")
    await an.says("hạn của tin")
    a_minute_later(house)
    assert "còn chưa gửi" in await an.says("8:30")
    assert "Hạn của tin: 11:00" in await an.says("11 giờ")
    assert (await outcomes(house, "announcement:%")).total() == 0
    assert "hẹn gửi lúc 9:00" in await an.says("hẹn gửi")
    await house.passes("2025-05-01T09:00:01")
    became = await outcomes(house, "announcement:%")
    assert became.total() == 2
    if not may_be_lost(house):
        assert times(binh, "Mời chị Lê Thị Bình họp.") == 1


async def test_a_role_that_ends_before_the_press(house: House) -> None:
    """Refused at the press: nothing goes out, nobody is named any more; the role back, the draft is still there."""
    an = await officer_of(house, "LC0421")
    id = await member_id(house, an)
    assert "• " in await writes(an)
    await house.running.db.write(lambda tx: tx.run("UPDATE role SET valid_until = 1 WHERE member_id = ?", (id,)))
    a_minute_later(house)
    assert "Bản nháp vẫn giữ" in await an.says("gửi ngay")
    assert "• " not in await an.says("thử lại")
    assert (await outcomes(house, "announcement:%")).total() == 0
    await house.running.db.write(
        lambda tx: tx.run("UPDATE role SET valid_until = NULL WHERE kind = ?", (RoleKind.OFFICER.value,))
    )
    assert "Gửi chứ?" in await an.says("thử lại")
    await an.says("gửi ngay")
    assert (await outcomes(house, "announcement:%")).total() == 1

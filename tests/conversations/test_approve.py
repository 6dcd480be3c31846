"""Four eyes: what is urgent or goes to many is approved by a second person, as it is, before anybody gets it."""

from tests.support.house import House, Phone
from tests.support.officers import audited, granted, may_be_lost, officer_of, outcomes, times, writes
from tests.support.people import a_minute_later, settled


async def second_of(house: House, unit: str = "LC01", chat: str = "805", title: str = "Phó Chủ tịch") -> Phone:
    """Another officer of a unit."""
    return await granted(house, await settled(house, chat, "Phạm Thị Hoa", unit, form="chị"), unit, title=title)


async def urgent(officer: Phone) -> str:
    """Send an urgent announcement."""
    await writes(officer, "Bão gần bờ, mời {goi} ở trong nhà.", "khẩn")
    if "Gửi cho" in await officer.says("bão số 3"):
        await officer.says("Cả đơn vị")
    return await officer.says("gửi ngay")


async def test_written_put_off_approved_and_sent(house: House) -> None:
    """The second officer reads all of it; another time needs another look; at its time it goes out, with both names."""
    an, hoa = await officer_of(house), await second_of(house)
    binh = await settled(house, "802", "Lê Thị Bình", "LC0421", form="chị")
    assert "cần người thứ hai duyệt. Tôi đã gửi cho 1 người" in await urgent(an)
    assert (await outcomes(house, "announcement:%")).total() == 0
    asked = "Bão gần bờ, mời chị ở trong nhà."
    if not may_be_lost(house):
        assert times(hoa, asked) == 1
        assert "Công đoàn xã Ví dụ · Trần Văn An, Chủ tịch" in hoa.last.text
        assert "Loại tin: Khẩn, vì: bão số 3" in hoa.last.text
        assert "3 người thuộc Công đoàn xã Ví dụ" in hoa.last.text
    await an.says("tin hẹn giờ")
    await an.says("1")
    assert "giờ rồi tới ngày" in await an.says("đổi giờ gửi") + await an.says("khi nào tiện")
    assert "đã qua hoặc sau hạn" in await an.says("6 giờ 1/5")
    assert "Đã đổi sang 19:30 ngày 1/5/2025. Giờ gửi đổi thì phải duyệt lại" in await an.says("19h30 hôm nay")
    await hoa.says("tin chờ duyệt")
    assert "Giờ gửi: 19:30 ngày 1/5/2025" in await hoa.says("1")
    assert "Đã duyệt. Hẹn gửi lúc 19:30 ngày 1/5/2025." in await hoa.says("duyệt gửi")
    if not may_be_lost(house):
        assert times(an, "Phạm Thị Hoa, Phó Chủ tịch đã duyệt") == 1
    assert (await outcomes(house, "announcement:%")).total() == 0
    await house.passes("2025-05-01T19:30")
    assert (await outcomes(house, "announcement:%")).total() == 3
    assert times(binh, "mời chị ở trong nhà") <= 1
    if not may_be_lost(house):
        assert times(binh, "mời chị ở trong nhà") == 1
        assert "Người duyệt: Phạm Thị Hoa, Phó Chủ tịch." in await binh.taps("Vì sao tôi nhận tin này?")
    acts = await audited(house)
    assert [acts.count(f"announcement_{act}") for act in ("sent", "put_off", "approved")] == [1, 1, 1]


async def test_given_back(plain_house: House) -> None:
    """The author reads why; nobody got it."""
    an, hoa = await officer_of(plain_house), await second_of(plain_house)
    await urgent(an)
    await an.says("thông báo đã gửi")
    assert (await an.says("1")).split("\n")[1:] == ["Chờ duyệt."]
    assert "Bản gửi nhóm Zalo" not in an.last.text + " ".join(an.last.labels)  # it would go out unapproved
    await an.says("menu")
    assert "không còn để gửi nhóm" in await an.taps_data("grp:a.1:t")
    assert "cần sửa gì" in await hoa.taps("Trả lại để sửa")
    assert "người soạn nhận được" in await hoa.says("Ghi rõ số điện thoại trực.")
    assert "Phạm Thị Hoa, Phó Chủ tịch trả lại" in an.last.text
    assert "Ghi rõ số điện thoại trực." in an.last.text
    assert (await outcomes(plain_house, "announcement:%")).total() == 0
    await an.says("thông báo đã gửi")
    assert "Bị trả lại, chưa gửi" in await an.says("1")
    assert "Tin khẩn, vì: bão số 3" in await an.says("mở lại để sửa")
    assert "viết nội dung" in await an.says("trả lại để sửa")
    assert "Gọi trực ban 24/24." in await an.says("Gọi trực ban 24/24.")
    assert "cần người thứ hai duyệt" in await an.says("gửi ngay")
    assert "Đã duyệt. Đang gửi." in await hoa.taps("Duyệt gửi")
    assert (await outcomes(plain_house, "announcement:%"))["sent"] == 2


async def test_paused_gone_on_with_stopped(house: House) -> None:
    """At night everything waits; paused it stays so in the morning; gone on with it goes; stopped it does not."""
    house.clock.at("2025-05-01T22:00")
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình")
    for body in ("Mai họp.", "Nhầm ngày rồi."):
        await writes(an, body)
        await an.says("gửi ngay")
    await an.says("tin đang gửi")
    a_minute_later(house)
    assert "Nhầm ngày rồi" in await an.says("1")
    assert "chắc chứ" in await an.says("dừng hẳn")
    assert "Đã dừng gửi." in await an.says("chắc")
    await an.says("tin đang gửi")
    await an.says("1")
    assert "Đã tạm dừng." in await an.says("tạm dừng")
    await house.passes("2025-05-02T06:30")
    assert times(binh, "Mai họp.") == 0
    await an.says("tin đang gửi")
    assert "Đang tạm dừng" in await an.says("1")
    assert "Đang gửi tiếp." in await an.says("gửi tiếp")
    assert times(binh, "Mai họp.") <= 1
    if not may_be_lost(house):
        assert times(binh, "Mai họp.") == 1
    assert times(binh, "Nhầm ngày") == 0
    assert "Không có tin nào đang gửi" in await an.says("tin đang gửi")

"""Đính chính of what is more than a text: below a picture, too long for it, and the official document it rests on."""

import orjson

from bot.domain.messages import InboundKind
from bot.services.drafts import Reference
from tests.support.house import House, Phone
from tests.support.officers import MEETING, officer_of, outcomes, sends, times
from tests.support.people import a_minute_later, settled

REFERENCE = Reference(number="12/KH-LĐLĐ", date="5/1/2025", summary="Hội thi", signer="Lò Văn A", due="20/5/2025")


async def picture(house: House, caption: str = "Họp 14 giờ.") -> tuple[Phone, Phone]:
    """An officer who sent a picture with a text, and one of those who got it."""
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình")
    house.channel.files["photo"] = b"picture"
    await an.says("/thongbao_moi")
    await an.sends(InboundKind.PHOTO, ref="photo", text=caption)
    await an.taps("Xong")
    await an.says("thông tin")
    await an.says("cả đơn vị")
    await an.says("gửi ngay")
    a_minute_later(house)
    return an, binh


async def correcting(an: Phone) -> str:
    """The correction of the newest announcement, begun."""
    await an.says("menu")
    await an.says("thông báo đã gửi")
    await an.says("1")
    return await an.taps("Đính chính")


async def test_below_a_picture_the_text_is_put_right_in_place(one_house: House) -> None:
    an, binh = await picture(one_house)
    await correcting(an)
    await an.says("Họp 15 giờ.")
    await an.taps("Đồng ý")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    [message] = [message for message in binh.shown if "Họp 1" in message.text]
    assert "Bản đã đính chính." in message.text
    assert "Họp 15 giờ." in message.text
    assert len(message.media) == 1


async def test_a_text_too_long_for_a_picture_comes_by_itself(one_house: House) -> None:
    """Whose message cannot hold it gets an erratum; nobody's is failed."""
    an, binh = await picture(one_house)
    await correcting(an)
    await an.says("Họp 15 giờ. " + "Nội dung đầy đủ. " * 80)
    await an.taps("Đồng ý")
    for _ in range(3):
        one_house.clock.forward(minutes=6)
        await one_house.settle()
    assert times(binh, "Đính chính tin trước, nội dung đúng là:") == 1
    assert times(binh, "Họp 15 giờ.") == 1
    assert await outcomes(one_house, "announcement:2") == {"sent": 2}
    assert times(an, "Đã xong việc đính chính") == 1


async def test_what_no_reader_could_use_is_refused(one_house: House) -> None:
    """A placeholder that is none is no right text either; an answer nobody understands loses none of it."""
    an = await officer_of(one_house, "LC0421")
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, body="Mời {goi} {ten} họp ở phòng 1.")
    await an.says("thông báo đã gửi")
    assert "1/5 Mời họp ở phòng 1" in " ".join(an.last.labels)
    await an.says("1")
    asked = await an.says("đính chính")
    assert "{goi}" not in asked
    assert "{phong} không phải chỗ điền" in await an.says("Mời {goi} {ten} họp ở {phong}.")
    shown = await an.says("Mời {goi} {ten} họp ở phòng 2.")
    assert "Mời anh/chị đoàn viên họp ở phòng 2." in shown
    assert "Đính chính chứ?" in shown
    assert "Đính chính chứ?" in await an.says("hay là thôi nhỉ")
    await an.says("đồng ý")
    await one_house.settle()
    assert times(binh, "{phong}") == times(binh, "phòng 1") == 0
    assert times(binh, "Lê Thị Bình họp ở phòng 2.") == 1
    a_minute_later(one_house)
    await an.says("menu")
    await an.says("thông báo đã gửi")
    await an.says("1")
    assert "Thu hồi chứ?" in await an.says("thu hồi")
    await an.says("đồng ý")
    await one_house.settle()
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert "Đã xong việc thu hồi: 1/5 Mời họp ở" in an.last.text
    await an.says("thông báo đã gửi")
    assert "Đã thu hồi, 2 người." in await an.says("1")


async def test_the_official_document_is_put_right(one_house: House) -> None:
    """Part by part, what is kept is kept; members have the right one, and the wrong one is kept beside the text."""
    an = await officer_of(one_house)
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01", reference=REFERENCE)
    await correcting(an)
    plan = await an.taps("Giữ nguyên nội dung")
    assert "Căn cứ văn bản số 12/KH-LĐLĐ ngày 5/1/2025" in plan
    assert "Đồng ý" not in an.last.labels
    asked = await an.taps("Sửa căn cứ văn bản")
    assert "Đang ghi: 12/KH-LĐLĐ" in asked
    await an.says("21/KH-LĐLĐ")
    a_minute_later(one_house)
    for kept in ("5/1/2025", "Hội thi", "Lò Văn A"):
        assert kept in an.last.text
        await an.taps("Giữ nguyên")
    assert "Đang ghi: 20/5/2025" in an.last.text
    plan = await an.says("25/5/2025")
    assert "Căn cứ văn bản số 21/KH-LĐLĐ ngày 5/1/2025" in plan
    assert "Hạn: 25/5/2025" in plan
    await an.taps("Đồng ý")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    [message] = [message for message in binh.shown if "văn bản số" in message.text]
    assert "Bản đã đính chính." in message.text
    for right in ("21/KH-LĐLĐ", "ngày 5/1/2025", "Hội thi", "Lò Văn A", "Hạn: 25/5/2025", "họp 14 giờ"):
        assert right in message.text
    was = await one_house.running.db.read(
        lambda tx: tx.one("SELECT was, was_reference FROM announcement WHERE purpose = 'erratum'")
    )
    assert was is not None
    assert (was[0], orjson.loads(was[1])) == (MEETING, REFERENCE)
    assert "21/KH-LĐLĐ" in await binh.says("thông báo") + await binh.says("1")


async def test_a_document_may_be_added_later(one_house: House) -> None:
    """Where there was none; a day that is none is asked again, the rest may be left out."""
    an = await officer_of(one_house)
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01")
    await correcting(an)
    await an.taps("Giữ nguyên nội dung")
    await an.taps("Thêm căn cứ văn bản")
    await an.says("21/KH-LĐLĐ")
    assert "ngày" in await an.says("hôm xửa")
    a_minute_later(one_house)
    for _ in range(4):
        await an.taps("Bỏ qua")
    await an.taps("Đồng ý")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, "Căn cứ văn bản số 21/KH-LĐLĐ") == 1

"""Composing: from anything an officer has, asked only what is missing; narrowed, looked at, tried, timed."""

from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.announcements import Audience
from bot.domain.messages import InboundKind
from bot.vietnamese import fold
from tests.support.house import House, Phone
from tests.support.officers import MEETING, may_be_lost, officer_of, outcomes, sends, set_member, times, writes
from tests.support.people import a_minute_later, settled, taps_pushed

FORWARDED = """LIÊN ĐOÀN LAO ĐỘNG TỈNH VÍ DỤ
Số: 12/TB-LĐLĐ
Ví dụ, ngày 28 tháng 4 năm 2025
V/v tổ chức Tháng Công nhân

Các công đoàn cơ sở cử đoàn viên dự lễ phát động. Đoàn viên mặc áo công đoàn, có mặt trước giờ khai mạc mười lăm phút."""


@pytest_asyncio.fixture
async def one_house(tmp_path: Path) -> AsyncIterator[House]:
    """On Telegram alone: what is said is the same everywhere."""
    house = await House(tmp_path).open()
    await house.plant_units()
    yield house
    await house.close()


async def test_an_album_with_a_question(house: House) -> None:
    """Pictures one after another, the caption as the text; members get them all, answer, and see them again."""
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình", form="chị")
    await an.says("/thongbao_moi")
    for number in range(1, 4):
        house.channel.files[f"photo-{number}"] = b"picture"
        caption = "Mời {goi} {ten} xem ảnh lễ phát động." if number == 1 else ""
        receipt = await an.sends(InboundKind.PHOTO, ref=f"photo-{number}", album="a", text=caption)
        assert f"Đã nhận {number}/10 tệp" in receipt
    assert "loại nào" in await an.taps("Xong")
    await an.says("thông tin")
    preview = await an.says("cả đơn vị")
    assert "Mời anh Trần Văn An xem ảnh lễ phát động." in preview
    assert "Kèm 3 tệp." in preview
    await an.taps("Thêm lựa chọn")
    await an.taps("Câu hỏi")
    assert "Cán bộ chỉ thấy số lượng" in await an.says("sẽ dự / không dự được")
    a_minute_later(house)
    await an.says("gửi ngay")
    assert (await outcomes(house, "announcement:%")).total() == 2
    if not may_be_lost(house):
        assert sum(len(message.media) for message in binh.shown) == 3
        assert times(binh, "Mời chị Lê Thị Bình xem ảnh") == 1
    assert "Đã ghi: Sẽ dự" in await taps_pushed_last(house, binh, "Sẽ dự")
    await binh.says("thông báo")
    await binh.says("1")
    before = sum(len(message.media) for message in binh.shown)
    await binh.taps("Xem tệp")
    assert sum(len(message.media) for message in binh.shown) == before + 3


async def taps_pushed_last(house: House, phone: Phone, label: str) -> str:
    """Tap a button of the announcement; one that was in flight at a crash is opened from the list instead."""
    if not may_be_lost(house):
        return await phone.taps(label)
    await phone.says("thông báo")
    await phone.says("1")
    return await phone.says(label)


async def test_a_forwarded_document(plain_house: House) -> None:
    """A PDF sent out of nowhere is offered to be announced; what it lacks is asked, nothing else."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    plain_house.channel.files["pdf"] = b"%PDF"
    offer = await an.sends(
        InboundKind.DOCUMENT, ref="pdf", text="Kế hoạch Tháng Công nhân, mời {goi} xem.", name="ke-hoach.pdf"
    )
    assert "Anh có muốn làm thông báo từ tin này không?" in offer
    assert "loại nào" in await an.taps("Làm thông báo từ tin này")
    await an.says("thông tin")
    assert "Kèm 1 tệp: ke-hoach.pdf." in await an.says("cả đơn vị")
    await an.says("gửi ngay")
    notice = next(message for message in binh.shown if "Kế hoạch Tháng Công nhân" in message.text)
    assert [kind for kind, _ in notice.media] == ["document"]
    assert notice.labels[0] == "Đã nhận"
    assert "làm thông báo" not in await binh.sends(InboundKind.DOCUMENT, ref="mine")


async def test_a_forwarded_text_with_its_reference(one_house: House) -> None:
    """A long text is offered too; number, date and subject at its head are put in the fixed form, and may be dropped."""
    an = await officer_of(one_house, "LC0421")
    assert "làm thông báo từ tin này" in await an.says(FORWARDED)
    await an.taps("Làm thông báo từ tin này")
    await an.says("thông tin")
    preview = await an.says("cả đơn vị")
    assert "Căn cứ văn bản số 12/TB-LĐLĐ ngày 28/4/2025\nTrích yếu: V/v tổ chức Tháng Công nhân" in preview
    await an.taps("Thêm lựa chọn")
    assert "Căn cứ văn bản" not in await an.taps("Bỏ căn cứ văn bản")
    await an.taps("Thêm lựa chọn")
    await an.taps("Thêm căn cứ văn bản")
    for typed in ("15/KH-CĐ", "1/5/2025", "Bỏ qua", "Lò Văn Mẫu"):
        await an.says(typed)
    a_minute_later(one_house)
    preview = await an.says("30/5")
    assert "Căn cứ văn bản số 15/KH-CĐ ngày 1/5/2025\nNgười ký: Lò Văn Mẫu\nHạn: 30/5/2025" in preview


async def test_members_are_offered_nothing(one_house: House) -> None:
    """A member's file or long text is what it was."""
    binh = await settled(one_house, "802", "Lê Thị Bình")
    assert "làm thông báo" not in await binh.sends(InboundKind.DOCUMENT, ref="pdf")
    assert "làm thông báo" not in await binh.says(FORWARDED)


async def test_tried_on_every_phone(tmp_path: Path) -> None:
    """Marked, on each channel the officer has, counted nowhere; its buttons do nothing."""
    house = await House(tmp_path, beside=["webchat"]).open()
    await house.plant_units()
    an = await officer_of(house, "LC0421")
    here = await house.running.db.read(lambda tx: tx.scalar("SELECT member_id FROM address"))
    web = house.running.accounts["webchat"]
    await house.running.db.write(
        lambda tx: tx.run(
            "INSERT INTO address (account_id, external_id, member_id, created_at, last_in_at) VALUES (?, 'w1', ?, 0, 0)",
            (web, here),
        )
    )
    elsewhere = house.phone("w1", "webchat")
    await writes(an)
    assert "Đã gửi thử tới Telegram, Trang trò chuyện." in await an.taps("Gửi thử cho tôi")
    for phone in (an, elsewhere):
        assert times(phone, "Bản thử, chỉ anh thấy") == 1
    assert "nút của bản thử" in await an.taps("Đã nhận")
    await an.taps("Xem trước")
    await an.says("gửi ngay")
    *_, looked_at, sent = [message for message in an.shown if "Đã nhận" in message.labels]
    assert looked_at.text == sent.text
    assert (await outcomes(house, "announcement:%")).total() == 1
    await house.close()


@pytest.mark.parametrize("typed", ["Xem trước", "xem truoc", "Gửi thử", "gui thu", "gửi thử cho tôi"])
async def test_looked_at_and_tried_by_a_word(plain_house: House, typed: str) -> None:
    """At the step that sends, where nothing is sent by it."""
    an = await officer_of(plain_house, "LC0421")
    await writes(an)
    marked, seen = times(an, "Bản thử, chỉ anh thấy"), times(an, "họp 14 giờ thứ Sáu")
    said = await an.says(typed)
    tried = fold(typed).startswith("gui")
    assert times(an, "Bản thử, chỉ anh thấy") == marked + tried
    assert times(an, "họp 14 giờ thứ Sáu") > seen
    assert "hiểu" not in said.lower()
    assert (await outcomes(plain_house, "announcement:%")).total() == 0
    assert "Gửi ngay" in " ".join(an.last.labels)


async def test_narrowed_step_by_step(one_house: House) -> None:
    """Several conditions, the people left counted by unit at every step; nobody is refused there."""
    an = await officer_of(one_house)
    await settled(one_house, "802", "Lê Thị Bình", "LC0421")
    dung = await settled(one_house, "803", "Hoàng Dũng", "LC0422")
    await set_member(one_house, dung, standing="worker")
    await writes(an, who="Chọn người nhận")
    await an.taps("Lọc người nhận")
    await an.taps("Vài đơn vị")
    await an.says("công ty")
    await an.taps("CĐCS Công ty Ví dụ A")
    await an.says("trường ví dụ b")
    assert "Đã chọn: CĐCS Công ty Ví dụ A, CĐCS Trường Ví dụ B." in await an.taps("CĐCS Trường Ví dụ B")
    a_minute_later(one_house)
    assert "Có 2 người: " in await an.says("xong")
    await an.taps("Tư cách")
    await an.taps("Thôi là đoàn viên")
    assert "Không có ai như vậy" in await an.says("xong")
    assert "Xong" not in " ".join(an.last.labels)
    await an.taps("Bỏ các điều kiện")
    await an.taps("Tư cách")
    await an.taps("Người lao động")
    await an.says("xong")
    a_minute_later(one_house)
    preview = await an.says("xong")
    assert "Gửi tới 1 người thuộc Công đoàn xã Ví dụ, tư cách Người lao động" in preview
    assert "• Hoàng Dũng – CĐCS Trường Ví dụ B: “Mời anh Hoàng Dũng họp" in preview
    assert "Theo kênh: Telegram 1." in preview
    await an.says("gửi ngay")
    assert times(dung, "Mời anh Hoàng Dũng họp") == 1


async def test_who_answered_is_not_seen_in_an_audience(one_house: House) -> None:
    """Sorted by answers: no number, no unit, and the example is nobody's."""
    an = await officer_of(one_house, "LC0421")
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, question="attend", body="Mời dự lễ.")
    await taps_pushed(one_house, binh, "Sẽ dự")
    await writes(an, who="Chọn người nhận")
    await an.taps("Lọc người nhận")
    await an.taps("Theo câu trả lời")
    await an.says("1")
    assert "Không hiện có bao nhiêu người" in await an.taps("Sẽ dự")
    preview = await an.says("xong")
    assert "Gửi tới những người thuộc" in preview
    assert "Ví dụ (không phải người thật)" in preview
    assert "Bình" not in preview
    assert "Theo đơn vị" not in preview


def test_nobody_is_sorted_by_what_they_read() -> None:
    """An audience knows nothing of reading, quizzes or languages."""
    assert {field.name for field in fields(Audience)} == {
        *("top", "units", "except_units", "roles", "standings", "channels", "joined_since", "asked", "answer"),
        *("not_received", "of", "outcomes"),
    }


async def test_at_a_time_and_no_later(one_house: House) -> None:
    """Times as people type them; past ones and a use that ends before it begins are refused; it waits for its time."""
    an = await officer_of(one_house, "LC0421")
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await writes(an)
    await an.taps("Thêm lựa chọn")
    assert "Gửi lúc nào?" in await an.taps("Hẹn giờ")
    assert "đã qua rồi" in await an.says("0:30")
    assert "chưa đọc được giờ" in await an.says("lúc nào rảnh")
    assert "cho cả giờ" in await an.says("ngày mai")
    assert "Gửi lúc: 8:00" in await an.says("8h sáng mai")
    await an.taps("Thêm lựa chọn")
    await an.taps("Hạn của tin")
    assert "còn chưa gửi" in await an.says("7:00 ngày mai")
    assert "Hạn của tin: 20:00" in await an.says("sau 20:00")
    a_minute_later(one_house)
    assert "hẹn gửi lúc 8:00 ngày 2/5/2025" in await an.says("hẹn gửi")
    assert times(binh, "họp") == 0
    await one_house.passes("2025-05-02T08:00:01")
    assert times(binh, "họp") == 1


async def test_files_that_cannot_be_sent(one_house: House) -> None:
    """Each in one sentence that says what to do; what was there stays."""
    an = await officer_of(one_house, "LC0421")
    await an.says("/thongbao_moi")
    for number in range(10):
        await an.sends(InboundKind.PHOTO, ref=f"photo-{number}", album="a")
    a_minute_later(one_house)
    refused = await an.sends(InboundKind.PHOTO, ref="photo-11", album="a")
    assert "tối đa 10 tệp" in refused
    assert "gửi thêm tệp" not in refused
    assert "{abc} không phải chỗ điền" in await an.says("Xem ảnh {abc}")
    assert "loại nào" in await an.says("Xem ảnh " + "rất đẹp " * 140)
    await an.says("thông tin")
    assert "Kèm 10 tệp." in await an.says("cả đơn vị")
    await an.taps("Thêm lựa chọn")
    await an.taps("Tệp kèm theo")
    assert "Kèm" not in await an.taps("Bỏ hết tệp")


async def test_a_long_text_follows_its_file(one_house: House) -> None:
    """Over 1,024 characters a caption does not hold it: the file first, then the text with the buttons."""
    an = await officer_of(one_house, "LC0421")
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await an.says("/thongbao_moi")
    await an.sends(InboundKind.PHOTO, ref="photo")
    await an.says("Xem ảnh " + "rất đẹp " * 140)
    await an.says("thông tin")
    await an.says("cả đơn vị")
    await an.says("gửi ngay")
    file, words = binh.shown
    assert file.media
    assert not file.text
    assert not words.media
    assert words.labels[0] == "Đã nhận"


@pytest.mark.parametrize("body", [MEETING, "Mai nghỉ."])
async def test_examples_are_rendered(one_house: House, body: str) -> None:
    """Five people at most, their own text only where it is their own."""
    an = await officer_of(one_house, "LC0421")
    for number in range(7):
        await settled(one_house, f"82{number}", f"Người {number}")
    preview = await writes(an, body)
    assert preview.count("\n• ") == 5
    assert ("“Mời" in preview) == (body == MEETING)

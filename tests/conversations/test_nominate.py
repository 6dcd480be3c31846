"""Introducing a good deed, as a phone sees it."""

import re

from bot.domain.messages import InboundKind
from tests.support.house import House
from tests.support.people import a_minute_later, code_in, introduce, pushed, settled

CODE = re.compile(r"GT-[2-9A-HJ-NP-Z]{6}\b")


async def test_by_buttons_with_an_album(house: House) -> None:
    """A person, every step tapped where it can be, five photos of an album and one too many."""
    an = await settled(house, "701", "Vàng Văn An")
    reviewer = await settled(house, "702", "Lý Thị Mai", form="chị", reviews="LC01")
    start = await an.says("giới thiệu gương tốt")
    assert start.startswith("Mục này dành cho việc tốt. Điều cần phản ánh, xin chọn Gặp cán bộ.")
    await an.taps("Một người")
    assert "CĐCS Công ty Ví dụ A" in await an.says("Lò Thị Bình")
    await an.taps("Đơn vị của tôi")
    await an.says("Nhặt được ví ở bến xe, tìm người trả lại.")
    await an.taps("Làm lâu nay")
    assert "tối đa 5" in await an.says("Làm lặng lẽ, không kể với ai.")
    for number in range(1, 6):
        assert f"Đã nhận {number}/5 ảnh" in await an.sends(InboundKind.PHOTO, ref=f"photo-{number}", album="a")
    assert "ảnh sau không lưu" in await an.sends(InboundKind.PHOTO, ref="photo-6", album="a")
    honest = await an.taps("Xong")
    assert "Người xét duyệt biết anh là ai; đơn vị và người được giới thiệu thì không" in honest
    assert "cấp trên" not in honest
    summary = await an.taps("Không nêu tên tôi")
    for line in (
        "1. Giới thiệu: Một người",
        "2. Tên: Lò Thị Bình",
        "3. Đơn vị: CĐCS Công ty Ví dụ A",
        "4. Việc tốt: Nhặt được ví ở bến xe, tìm người trả lại.",
        "5. Khi nào: làm lâu nay",
        "6. Điều đáng quý: Làm lặng lẽ, không kể với ai.",
        "7. Ảnh: 5",
        "8. Người giới thiệu: không nêu tên",
    ):
        assert line in summary
    receipt = await an.taps("Gửi")
    assert CODE.search(receipt)
    assert "Cảm ơn anh đã giới thiệu gương tốt" in receipt
    told = (await pushed(house, reviewer)).text
    assert code_in(receipt) in told
    assert "Lò Thị Bình" not in told


async def test_by_typing_without_accents(house: House) -> None:
    """A collective, a unit found by part of its name, a date in words; «Gặp cán bộ» is only named."""
    an = await settled(house, "703", "Vàng Văn An")
    await an.says("/gioithieu")
    assert "Tập thể ấy tên là gì" in await an.says("mot tap the")
    await an.says("Tổ may 3")
    assert "Việc tốt ấy là gì" in await an.says("truong vi du b")
    await an.says("Sửa đường vào bản")
    assert "Ngày ấy chưa tới" in await an.says("ngày mai")
    assert "chưa đọc được ngày" in await an.says("lâu lắm")
    assert "đáng quý" in await an.says("ngay 20 thang 4")
    await an.says("bo qua")
    await an.says("khong co anh")
    summary = await an.says("1")
    assert "3. Đơn vị: CĐCS Trường Ví dụ B" in summary
    assert "5. Khi nào: 20/4/2025" in summary
    assert "6. Điều đáng quý: chưa nói" in summary
    assert "7. Ảnh: không có" in summary
    assert CODE.search(await an.says("gui"))


async def test_one_voice_note_tells_it_all(house: House) -> None:
    """After a voice note the other questions of the deed are not asked."""
    an = await settled(house, "704", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.taps("Một cách làm hay")
    await an.says("Đổi ca giúp người có con nhỏ")
    await an.taps("Đơn vị của tôi")
    assert "Ảnh thì lát nữa" in await an.sends(InboundKind.PHOTO, ref="early")
    assert "nặng quá 20 MB" in await an.sends(InboundKind.VOICE, ref="long", size=50_000_000)
    assert "Có ảnh thì gửi vào đây" in await an.sends(InboundKind.VOICE, ref="voice-1")
    await an.taps("Bỏ qua")
    summary = await an.taps("Nêu tên tôi")
    assert "4. Việc tốt: kể bằng tin thoại" in summary
    assert "5. Ảnh: không có" in summary
    assert "Khi nào" not in summary
    assert CODE.search(await an.taps("Gửi"))


async def test_names_that_sound_like_commands(plain_house: House) -> None:
    """«Huy» and «Hai» are people; «hủy» is a wish."""
    an = await settled(plain_house, "705", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.says("1")
    assert "Ở đơn vị nào" in await an.says("Huy")
    assert "Người ấy tên là gì" in await an.says("quay lại")
    assert "Ở đơn vị nào" in await an.says("Hai")
    await an.says("đơn vị tôi")
    assert "Đã hủy" in await an.says("hủy")


async def test_oneself_is_refused_kindly(plain_house: House) -> None:
    """Their own name or «tôi»; a namesake gets in with a word more."""
    an = await settled(plain_house, "706", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.says("1")
    for own in ("vang van an", "Tôi", "bản thân"):
        assert "Anh giới thiệu người khác giúp nhé" in await an.says(own)
    assert "Ở đơn vị nào" in await an.says("Vàng Văn An, tổ 2")


async def test_edits_keep_the_later_answers(house: House) -> None:
    """«sửa 3» by typing, then *Sửa* by tapping; a new first photo asks for the others anew."""
    an = await settled(house, "707", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.says("1")
    await an.says("Lò Thị Bình")
    await an.says("đơn vị tôi")
    await an.says("Trả lại ví")
    await an.says("không nhớ rõ")
    await an.says("Thật thà")
    await an.sends(InboundKind.PHOTO, ref="one")
    await an.sends(InboundKind.PHOTO, ref="two")
    await an.says("xong")
    assert "7. Ảnh: 2" in await an.says("không nêu tên")
    assert "“sửa” kèm số câu từ 1 đến 8" in await an.says("sửa 9")
    assert "Ở đơn vị nào" in await an.says("sửa 3")
    summary = await an.says("LC0422")
    assert "3. Đơn vị: CĐCS Trường Ví dụ B" in summary
    assert "4. Việc tốt: Trả lại ví" in summary
    assert "8. Người giới thiệu: không nêu tên" in summary
    a_minute_later(house)
    await an.taps("Sửa")
    assert "muốn sửa câu nào" in an.last.text
    await an.taps("Ảnh")
    assert "Đã nhận 1/5" in await an.sends(InboundKind.PHOTO, ref="three")
    assert "7. Ảnh: 1" in await an.taps("Xong")
    await an.says("sua cau 4")
    summary = await an.sends(InboundKind.VOICE, ref="voice")
    assert "4. Việc tốt: kể bằng tin thoại" in summary
    assert "5. Ảnh: 1" in summary
    assert CODE.search(await an.says("gửi"))


async def test_too_long_and_not_a_photo(plain_house: House) -> None:
    """Limits and wrong things, each with a sentence and the question again."""
    an = await settled(plain_house, "708", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.says("1")
    assert "dưới 100 chữ cái" in await an.says("B" * 101)
    assert "chưa đọc được chữ nào" in await an.says("🌸🌸")
    assert "chưa nghe được tin thoại" in await an.sends(InboundKind.VOICE)
    await an.says("Bình")
    assert "dưới 150 chữ cái" in await an.says("Công ty " * 40)
    await an.says("đơn vị tôi")
    assert "dưới 1500 chữ cái" in await an.says("việc tốt " * 600)
    await an.says("Trả lại ví")
    await an.says("hôm nay")
    assert "dưới 600 chữ cái" in await an.says("hay " * 200)
    await an.says("Hay")
    assert "không phải ảnh" in await an.sends(InboundKind.DOCUMENT, ref="x.pdf")
    assert "nặng quá 10 MB" in await an.sends(InboundKind.PHOTO, ref="big", size=50_000_000)
    assert "chưa hiểu" in await an.says("ảnh đâu rồi")


async def test_three_open_at_most(house: House) -> None:
    """Said at the start with the way out; withdrawing one makes room."""
    an = await settled(house, "709", "Vàng Văn An")
    for nominee in ("Bình", "Chi", "Dung"):
        await introduce(house, an, nominee)
    refused = await an.says("/gioithieu")
    assert "Anh đang có ba gương chờ xét" in refused
    assert "1. GT-" in refused
    assert "Dung" in refused
    await an.says("1")
    await an.taps("Rút lại")
    await an.says("có")
    assert "Mục này dành cho việc tốt" in await an.says("/gioithieu")


async def test_two_conversations_cannot_make_four(plain_house: House) -> None:
    """One left at the summary is refused when three others are open by then."""
    an = await settled(plain_house, "712", "Vàng Văn An")
    await an.says("/gioithieu")
    for answer in ("1", "Em Páo", "đơn vị tôi", "Giúp bạn", "hôm qua", "bỏ qua", "xong", "1"):
        await an.says(answer)
    for nominee in ("Bình", "Chi", "Dung"):
        a_minute_later(plain_house)
        await introduce(plain_house, an, nominee)
    assert "Em Páo" in await an.says("tiếp tục")
    assert "Anh đang có ba gương chờ xét" in await an.says("gửi")
    assert "Em Páo" not in an.last.text


async def test_resumed_after_ninety_days(house: House) -> None:
    """A recap of two lines, then the same question; what was answered is still there."""
    an = await settled(house, "710", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.says("1")
    await an.says("Lò Thị Bình")
    await an.says("LC0421")
    await an.says("Trả lại ví")
    house.clock.forward(days=90)
    recap = await an.says("alo")
    assert "Lần trước anh đang làm dở: Giới thiệu gương tốt" in recap
    assert "Việc ấy diễn ra khi nào?" in recap
    await an.says("hôm qua")
    await an.says("bỏ qua")
    await an.says("xong")
    summary = await an.says("1")
    assert "2. Tên: Lò Thị Bình" in summary
    assert "5. Khi nào: 29/7/2025" in summary


async def test_a_unit_that_is_not_clear(plain_house: House) -> None:
    """Several units: one of them, or the words as typed; none: the words as typed."""
    an = await settled(plain_house, "711", "Vàng Văn An")
    await an.says("/gioithieu")
    await an.says("1")
    await an.says("Bình")
    assert "“vi du” là đơn vị nào dưới đây?" in await an.says("vi du")
    assert len(an.last.labels) > 3
    assert "Việc tốt ấy" in await an.taps("Giữ như tôi viết")
    assert "nào dưới đây" in await an.says("/quaylai")
    assert "Việc tốt ấy" in await an.taps("CĐCS Trường Ví dụ B")
    await an.says("/quaylai")
    assert "Ở đơn vị nào" in await an.says("/quaylai")
    assert "Việc tốt ấy" in await an.says("Hợp tác xã Bản Mới")
    for answer in ("Giúp bà con", "hôm qua", "bỏ qua", "xong"):
        await an.says(answer)
    assert "3. Đơn vị: Hợp tác xã Bản Mới" in await an.says("1")

"""Posters and pictures: one page, everything on it, nothing over the edge, in a typeface that has every letter."""

import io
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from content import printing
from content.printing import PICTURE_BYTES, CardPicture, Lesson, MeetingSheet, Picture, Poster, Way

LONG = (
    "Công đoàn cơ sở Trường Phổ thông Dân tộc bán trú Tiểu học và Trung học cơ sở xã Pa Vệ Sủ, "
    "điểm trường liên bản số hai (ễ ượ ỵ)"
)
ZALO = Way("Zalo", "https://zalo.example/1459232241454765289")
TELEGRAM = Way("Telegram", "https://t.example/CongDoanViDuBot?start=u_LC0421")
WEB = Way("Trang trò chuyện", "https://bot.congdoan.example/chat?start=u_LC0421")
POSTER = Poster(
    "Liên đoàn Lao động tỉnh Ví dụ", "CĐCS Công ty Ví dụ A", "LC0421", "Trần Văn An, Chủ tịch", "0912 345 678", (ZALO,)
)
PICTURE = Picture(
    "Liên đoàn Lao động tỉnh Ví dụ", "", "Còn 7 ngày", "Kỷ niệm 96 năm Ngày thành lập Công đoàn Việt Nam", "28/7/2025"
)
CARD = CardPicture(
    "Liên đoàn Lao động tỉnh Ví dụ", "Chuyên đề năm 2025 · Bài 3/90", "Hòn đá to", "Mạnh vì gạo.", "", "Nguồn: Sách"
)
MARGIN = 50


def words_of(pdf: bytes) -> str:
    """What stands on the only page of a PDF, on one line."""
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    text = unicodedata.normalize("NFC", page.extract_text()).replace("\u200b", "").replace("\u0000", "")
    return " ".join(text.split())


def codes_of(pdf: bytes) -> list[str]:
    """What the QR codes on a printed page say, as a phone's camera reads them."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    return sorted(found.text for found in zxingcpp.read_barcodes(page))


def tallest_lines(pdf: bytes) -> float:
    """The height in points of the tallest strip of ink on any page, right of what may stand in the left margin.

    Lines that touch each other are one strip.
    """
    tallest = 0
    for page in pypdfium2.PdfDocument(pdf):
        drawn = page.render(scale=4).to_pil().convert("L")
        strip = 0
        for y in range(drawn.height):
            has_ink = drawn.crop((400, y, drawn.width, y + 1)).getextrema()[0] < 128
            strip = strip + 1 if has_ink else 0
            tallest = max(tallest, strip)
    return tallest / 4


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize(
    "unit", [POSTER.unit, LONG, LONG + " " + LONG[:60], "Đ" * 200, "<b>{{7*7}}</b> #let *x* $y$ \\ & co"]
)
@pytest.mark.parametrize("ways", [(), (ZALO,), (ZALO, TELEGRAM), (ZALO, TELEGRAM, WEB)], ids=len)
def test_a_poster_says_everything_on_one_page(unit: str, ways: tuple[Way, ...]) -> None:
    pdf = printing.poster(replace(POSTER, unit=unit, ways=ways))
    words = words_of(pdf)
    compact = words.replace(" ", "")
    for said in (unit, POSTER.federation, POSTER.code, POSTER.officer, POSTER.phone, f"Nhắn mã {POSTER.code}"):
        assert said.replace(" ", "") in compact
    assert "Công đoàn không bao giờ hỏi mật khẩu, mã OTP hay tiền." in words
    assert all(f"{way.name}" in words for way in ways)
    assert codes_of(pdf) == sorted(way.link for way in ways)


def test_a_fourth_way_is_left_out() -> None:
    pdf = printing.poster(replace(POSTER, ways=(ZALO, TELEGRAM, WEB, Way("Khác", "https://example.test/4"))))
    assert len(codes_of(pdf)) == 3


def test_a_poster_is_a4() -> None:
    [page] = pypdf.PdfReader(io.BytesIO(printing.poster(POSTER))).pages
    assert [round(float(side)) for side in (page.mediabox.width, page.mediabox.height)] == [595, 842]


@pytest.mark.parametrize("code", ["LC", "ABCDEFGHIJ0123456789", "WWWWWWWWWWWWWWWWWWWW"])
def test_the_longest_code_stays_inside_its_frame(code: str) -> None:
    """Nothing is printed in the margins."""
    page = pypdfium2.PdfDocument(printing.poster(replace(POSTER, unit=LONG, code=code)))[0].render(scale=1).to_pil()
    grey = page.convert("L")
    edge = round(14 / 25.4 * 72)
    for box in ((0, 0, edge, grey.height), (grey.width - edge, 0, grey.width, grey.height)):
        assert grey.crop(box).getextrema() == (255, 255)
    assert code in words_of(printing.poster(replace(POSTER, code=code)))


def test_only_the_shipped_typeface_is_used_and_it_has_every_letter() -> None:
    """A letter the typeface lacks would be taken from another one, or drawn as a box without a name."""
    alphabet = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz"
    marked = [
        unicodedata.normalize("NFC", letter + mark)
        for letter in "aăâeêioôơuưy"
        for mark in "\u0300\u0301\u0303\u0309\u0323"
    ]
    letters = "".join([*alphabet, *marked])
    unit = " ".join([*letters, *letters.upper()])
    pdf = printing.poster(replace(POSTER, unit=unit[:200], officer=unit[200:], ways=()))
    compact = words_of(pdf).replace(" ", "")
    assert letters in compact
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    fonts: Any = page["/Resources"]["/Font"]
    names = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts.values()}
    assert names == {"NotoSans-Regular", "NotoSans-Bold"}


def test_no_line_of_a_sheet_touches_the_next() -> None:
    """Marks above and below, on every line: each stays a line of its own, and no taller than the heading."""
    words = "Ậỵ gỹ Ỗp quẫy Ợg " * 12
    lesson = Lesson("Ậỵ gỹ Ỗp quẫy", (words, words), words, words)
    sheet = MeetingSheet("Ậỵ", "Ậỵ gỹ Ỗp", lesson, lesson, (words, words, words), words, words)
    assert tallest_lines(printing.meeting_sheet(sheet)) < 25


def test_printing_twice_gives_the_same() -> None:
    assert printing.poster(POSTER) == printing.poster(POSTER)
    assert printing.picture(PICTURE) == printing.picture(PICTURE)


@pytest.mark.parametrize(
    "picture",
    [
        PICTURE,
        replace(PICTURE, sender=LONG, by="Trần Văn An, Ủy viên Ban Thường vụ, Trưởng Ban Tuyên giáo - Nữ công"),
        replace(PICTURE, title="Mời anh/chị họp 14 giờ thứ Sáu. " * 60, detail=""),
        replace(PICTURE, title="x" * 3000, detail="ỡ" * 3000, sender="W" * 300, by="M" * 300, kicker="Ễ" * 90),
        replace(PICTURE, title="👩‍🏭🇻🇳 ‮ngược\nhai dòng & <b> #let", detail="{{7*7}} $x$ \\"),
        Picture("", "", "", "", ""),
    ],
    ids=["usual", "long sender", "long title", "hostile lengths", "hostile letters", "nothing"],
)
def test_a_picture_is_small_square_and_keeps_its_margins(picture: Picture) -> None:
    png = printing.picture(picture)
    assert len(png) <= PICTURE_BYTES
    image = opened(png)
    assert image.size == (1080, 1080)
    for box in ((0, 0, MARGIN, 1080), (1080 - MARGIN, 0, 1080, 1080)):
        columns = image.crop(box)
        assert len(columns.getcolors() or []) <= 3  # the band, the ground, and the row between them


def test_different_pictures_differ() -> None:
    other = printing.picture(replace(PICTURE, kicker="Hôm nay"))
    assert other != printing.picture(PICTURE)


def test_a_picture_has_nothing_small() -> None:
    """39 of 1080 points are 13 pixels on a screen 360 wide: the sizes written in the template are no smaller."""
    source = (printing.DIRECTORY / "picture.typ").read_text("utf-8")
    sizes = [
        int(size) for listed in re.findall(r"\((\d+pt(?:, \d+pt)+)\)", source) for size in re.findall(r"\d+", listed)
    ]
    assert len(sizes) > 10
    assert min(sizes) >= 39


def test_a_card_has_nothing_small() -> None:
    """34 of 1080 points are 11 pixels on a screen 360 wide."""
    source = (printing.DIRECTORY / "card.typ").read_text("utf-8")
    assert (
        min(
            int(size)
            for size in re.findall(r"\b(\d+)pt[,)]", source[source.index("#let piece") : source.index("#grid")])
        )
        >= 34
    )


@pytest.mark.parametrize(
    ("picture", "whole"),
    [
        (CARD, True),
        (replace(CARD, words="Một câu dài vừa phải của bài. " * 18), True),
        (replace(CARD, words="Một câu dài vừa phải của bài. " * 60), False),
        (replace(CARD, words="Lời trích.", work="Thư gửi Đại hội, " * 8, sources="Nguồn: Báo Ví dụ; " * 12), True),
        (replace(CARD, title="Một tên bài dài quá mức " * 9), False),
        (replace(CARD, sources="Nguồn: Báo Ví dụ; " * 16), False),
        (PICTURE, True),
        (replace(PICTURE, title="Mời anh/chị họp 14 giờ thứ Sáu. " * 8), False),
        (replace(PICTURE, detail="Ỡ" * 139 + " x"), False),
    ],
    ids=["short", "usual", "long", "long work", "long title", "many sources", "day", "long name", "shortened"],
)
def test_it_is_known_whether_a_picture_says_everything(picture: Picture | CardPicture, whole: bool) -> None:
    assert printing.is_whole(picture) is whole

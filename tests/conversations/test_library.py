"""Thư viện: cards by theme, documents, quotations, abbreviations; one thing at a time, and back to its list."""

from bot.services import library
from bot.services.turn import Turn
from bot.storage.database import Transaction
from content.models import Pack
from tests.support.house import PACK, House

THEME = PACK.theme_by_id["doan-ket"]
CARDS = [card for card in PACK.cards if card.theme == THEME.id]
FULL = [theme for theme in PACK.themes if any(card.theme == theme.id for card in PACK.cards)]


def pack_with(**parts: object) -> Pack:
    return Pack(**{name: getattr(PACK, name) for name in Pack.model_fields} | parts)


async def test_reading_a_theme(house: House) -> None:
    """Themes with their counts, a theme's cards, a card with its source, the next one of the theme, back again."""
    phone = house.phone("901")
    await phone.joins()
    await phone.says("thư viện")
    assert phone.last.labels[:4] == ["1. Đọc tiếp", "2. Theo chủ đề", "3. Tìm", "4. Bài đã lưu"]
    await phone.says("2")
    place = FULL.index(THEME) + 1
    assert f"{place}. {THEME.title} ({len(CARDS)} bài)" in phone.last.labels
    listed = await phone.says(str(place))
    assert listed.startswith(THEME.title)
    assert phone.last.labels[:2] == [f"{n}. {card.title}" for n, card in enumerate(CARDS[:2], 1)]
    shown = await phone.says("2")
    assert CARDS[1].body[:40] in shown
    assert "Nguồn:" in shown
    assert await phone.says("danh sách") == listed
    await phone.says("2")
    assert CARDS[0].body[:40] in await phone.says("đọc tiếp")
    assert await phone.says("quay lai") == listed


async def test_reading_on(plain_house: House) -> None:
    """From the library: the theme read last first, then the rest of the pack, then it is said."""
    plain_house.running.installation.pack = pack_with(cards=PACK.cards[:1] + tuple(CARDS))
    phone = plain_house.phone("902")
    await phone.joins()
    await phone.says("theo chủ đề")
    await phone.taps(f"{THEME.title} ({len(CARDS)} bài)")
    await phone.says("1")
    await phone.says("/thuvien")
    assert CARDS[1].body[:40] in await phone.says("đọc tiếp")
    for _ in CARDS[2:]:
        await phone.says("1")
    assert "đã xem hết các bài hiện có" in await phone.says("1")
    assert phone.last.labels == ["1. Thư viện", "2. Trả lời câu hỏi"]


async def test_reading_a_document(house: House) -> None:
    """By number, by its label as people type it, and by button; back by button and by word."""
    phone = house.phone("903")
    await phone.joins()
    listed = await phone.says("/tailieu")
    assert phone.last.labels[0].startswith("1. Kế hoạch số 121/KH-LĐLĐ: ")
    document = PACK.documents[1]
    shown = await phone.says("2")
    assert f"{document.number}, ngày " in shown
    assert document.summary in shown
    assert 'href="http' in phone.last.html
    assert phone.last.labels == ["1. Đọc kế hoạch", "2. Về danh sách"]
    assert await phone.taps("Về danh sách") == listed
    assert document.summary in await phone.taps(phone.last.labels[1])
    assert await phone.says("quay lại") == listed


async def test_long_shelves_are_turned_over(plain_house: House) -> None:
    """Forth, and back to the page where a thing stood."""
    phone = plain_house.phone("904")
    await phone.joins()
    await phone.says("lời trích")
    assert len(phone.last.labels) == 9
    await phone.says("xem thêm")
    labels = phone.last.labels
    assert labels[-1].endswith("Trang trước")
    quotation = PACK.quotations[8]
    shown = await phone.says("1")
    assert quotation.text.split("\n", maxsplit=1)[0] in shown
    assert quotation.work in shown
    assert "Nguồn:" in shown
    await phone.says("1")
    assert phone.last.labels == labels


async def test_reading_the_plan(house: House) -> None:
    """From a document that can be read there, part by part to the end, letter for letter."""
    phone = house.phone("907")
    await phone.joins()
    await phone.says("tài liệu")
    assert PACK.documents[0].summary in await phone.says("1")
    parts = await phone.taps("Đọc kế hoạch")
    assert "đúng từng chữ" in parts
    first = await phone.says("1")
    assert PACK.paragraphs[0].text in first
    assert (await phone.taps("Về danh sách")) == parts
    before = len(phone.shown)
    await phone.says("2")
    await phone.says("1")
    read = "".join(message.text for message in phone.shown[before:])
    assert PACK.paragraphs[1].text in read
    assert "II. NỘI DUNG; 1. Tổ chức học tập, quán triệt" in read
    await phone.taps("Về danh sách")
    await phone.says("xem thêm")
    await phone.taps(phone.last.labels[-2])
    assert "phần cuối của kế hoạch" in phone.last.text
    assert [label.removeprefix("1. ") for label in phone.last.labels] == ["Về danh sách"]


async def test_the_plan_is_whole(plain_house: House) -> None:
    """Each part leads to the next, and nothing is left out or stands twice."""

    def read_through(tx: Transaction) -> list[str]:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "test")
        part, read = library.plan_part(turn, PACK.paragraphs[0].id), []
        while part is not None:
            read += part["paragraphs"]
            part = library.plan_part(turn, part["following"])
        return read

    assert await plain_house.running.db.read(read_through) == [paragraph.text for paragraph in PACK.paragraphs]


async def test_a_plan_that_is_not_there(plain_house: House) -> None:
    """Another part meanwhile is said; a pack without any plan offers none."""
    phone = plain_house.phone("908")
    await phone.joins()
    await phone.says("/kehoach")
    plain_house.running.installation.pack = pack_with(paragraphs=PACK.paragraphs[4:])
    assert "Mục này vừa được rút" in await phone.says("1")
    plain_house.running.installation.pack = pack_with(paragraphs=())
    assert "hiện chưa có gì" in await phone.says("đọc kế hoạch")
    await phone.says("tài liệu")
    await phone.says("1")
    assert [label.removeprefix("1. ") for label in phone.last.labels] == ["Về danh sách"]


async def test_abbreviations(plain_house: House) -> None:
    """By the alphabet, a page at a time."""
    phone = plain_house.phone("905")
    await phone.joins()
    first = await phone.says("từ viết tắt")
    assert "CĐCS: Công đoàn cơ sở" in first
    second = await phone.says("xem thêm")
    assert second != first
    assert len(first.split("\n")) + len(second.split("\n")) >= len(PACK.glossary)
    assert await phone.says("trang trước") == first


async def test_what_is_withdrawn_meanwhile(plain_house: House) -> None:
    """A document, a whole theme: it is said or passed over, with the list as it now is."""
    phone = plain_house.phone("906")
    await phone.joins()
    await phone.says("/tailieu")
    left = tuple(document for document in PACK.documents if document.id != PACK.documents[1].id)
    plain_house.running.installation.pack = pack_with(documents=left)
    assert (await phone.says("2")).startswith("Mục này vừa được rút khỏi danh sách.")
    plain_house.running.installation.pack = PACK
    await phone.says("theo chủ đề")
    plain_house.running.installation.pack = pack_with(cards=tuple(c for c in PACK.cards if c.theme != THEME.id))
    assert (await phone.says(str(FULL.index(THEME) + 1))).startswith("Anh chọn chủ đề:")


async def test_empty_shelves(plain_house: House) -> None:
    """Each is a sentence."""
    phone = plain_house.phone("907")
    await phone.joins()
    plain_house.running.installation.pack = pack_with(documents=(), quotations=(), glossary=())
    for shelf in ("tài liệu", "lời trích", "từ viết tắt"):
        assert "Mục này hiện chưa có gì." in await phone.says(shelf)

"""Tìm: a few words from anywhere, accents or none; a hit, its source, and back to the list."""

import unicodedata

import pytest

from content.models import Pack
from tests.support.house import PACK, House, Phone

HON_DA = PACK.card_by_id["hon-da"]


def pack_with(**parts: object) -> Pack:
    return Pack(**{name: getattr(PACK, name) for name in Pack.model_fields} | parts)


async def member(house: House, chat: str = "950") -> Phone:
    phone = house.phone(chat)
    await phone.joins()
    return phone


def labelled(phone: Phone, begun: str) -> str:
    """The first choice whose label begins so, without its number."""
    labels = [label.partition(". ")[2] for label in phone.last.labels]
    return next((label for label in labels if label.startswith(begun)), f"none of {labels}")


async def test_finding_a_card(house: House) -> None:
    """By the menu word and by one line; typed with accents or without; the card comes with its source, and back."""
    phone = await member(house)
    asked = await phone.says("tìm")
    assert asked.startswith("Anh muốn tìm gì?")
    listed = await phone.says("hon da")
    assert listed.startswith("“hon da” có ở")
    assert phone.last.labels[0] == f"1. Bài: {HON_DA.title}"
    shown = await phone.says("1")
    assert HON_DA.title in shown
    assert HON_DA.body[:60] in shown
    assert "Nguồn:" in shown
    assert await phone.says("quay lại") == listed
    assert await phone.says("tìm hòn đá") == listed.replace("hon da", "hòn đá")
    assert HON_DA.title in await phone.taps(f"Bài: {HON_DA.title}")


@pytest.mark.parametrize(
    "typed", ["tìm đoàn kết", "tim doan ket", "Tìm kiếm: Đoàn Kết", "tra cứu đoàn kết", "/tim đoàn kết"]
)
async def test_one_line_from_anywhere(plain_house: House, typed: str) -> None:
    """Outside a dialog, at a choice, and in the middle of questions, which are kept."""
    phone = await member(plain_house)
    listed = await phone.says(typed)
    assert "có ở" in listed
    await phone.says("/bai")
    assert await phone.says(typed) == listed
    await phone.says("/cauhoi")
    assert await phone.says(typed) == listed
    assert "Câu 1/5" in await phone.says("tiếp tục")


async def test_every_kind_of_hit(plain_house: House) -> None:
    """A document with where it is read, a quotation with its work, an abbreviation, a question with what teaches it."""
    phone = await member(plain_house)
    document = PACK.document_by_id["ct05"]
    await phone.says(f"tìm {document.number}")
    shown = await phone.taps(labelled(phone, f"Tài liệu: {document.number}"))
    assert document.summary in shown
    assert "Nguồn:" in shown
    quotation = PACK.quotation_by_id["q07"]
    await phone.says("tìm biết đồng sức biết đồng lòng")
    shown = await phone.taps(labelled(phone, "Lời trích:"))
    assert quotation.text in shown
    assert quotation.work in shown
    assert "Nguồn:" in shown
    await phone.says("tìm CNVCLĐ")
    shown = await phone.taps("Viết tắt: CNVCLĐ")
    assert shown.startswith("CNVCLĐ: công nhân, viên chức, lao động")
    question = PACK.question_by_id["hon-da-1"]
    await phone.says(f"tìm {question.text[:74].rpartition(' ')[0]}")
    shown = await phone.taps(labelled(phone, f"Câu hỏi: {question.text[:40]}"))
    assert question.text in shown
    assert not any(option in shown for option in question.options)
    card = PACK.card_by_id[question.card]
    assert f"học ở bài “{card.title}”" in shown
    assert card.body[:40] in await phone.taps("Đọc bài đó")


async def test_nothing_found(house: House) -> None:
    """It says what to do; another word is typed at once."""
    phone = await member(house)
    answer = await phone.says("tìm xyzzyq")
    assert answer.startswith("Không thấy gì về “xyzzyq”. Anh gõ ít chữ hơn hoặc chữ khác")
    assert phone.last.labels == ["1. Theo chủ đề", "2. Tài liệu"]
    assert "“hòn đá” có ở" in await phone.says("tìm hòn đá")
    await phone.says("tìm xyzzyq")
    assert "“đoàn kết” có ở" in await phone.says("đoàn kết")
    await phone.says("tìm xyzzyq")
    assert (await phone.says("1")).startswith("Anh chọn chủ đề:")


async def test_almost_found(plain_house: House) -> None:
    """A slip of a letter, and words that only ask, are not in the way."""
    phone = await member(plain_house)
    answer = await phone.says("tìm nghi quyrt")
    assert answer.startswith("Không có “nghi quyrt”. Gần giống thì có")
    assert (await phone.says("tìm hòn đà")).startswith("Không có “hòn đà”. Gần giống thì có")
    assert f"1. Bài: {HON_DA.title}" in phone.last.labels
    answer = await phone.says("tìm bài nói về hòn đá gì")
    assert f"1. Bài: {HON_DA.title}" in phone.last.labels
    assert answer.startswith("“nói về hòn đá gì” có ở")


async def test_long_lists_are_turned_over(house: House) -> None:
    """Forth and back, and a hit of a later page leads back to that page."""
    phone = await member(house)
    first = await phone.says("tìm đoàn kết")
    assert phone.last.labels[-1] == "9. Xem thêm"
    first_labels = phone.last.labels
    second = await phone.says("thêm")
    assert second == first
    assert not set(first_labels[:8]) & set(phone.last.labels)
    second_labels = phone.last.labels
    await phone.says("1")
    await phone.says("về danh sách")
    assert phone.last.labels == second_labels
    await phone.says("trang trước")
    assert phone.last.labels == first_labels


async def test_hostile_searches(plain_house: House) -> None:
    """Whatever is typed is only words: shown back escaped and short, or asked for again."""
    phone = await member(plain_house)
    for typed in (
        "tìm <b>đoàn kết</b>",
        "tìm {{7*7}} đoàn kết",
        "tìm %s' OR 1=1; --",
        "tìm \u202eđoàn",
        "tìm " + unicodedata.normalize("NFD", "đoàn kết"),
        "tìm https://lua.example.com/a",
        "/tim " + "đoàn " * 700,
        "/tim ????",
        "tìm 🙂🙂 đoàn",
        "/tim \\u0000 {ten}",
    ):
        plain_house.clock.forward(seconds=30)
        answer = await phone.says(typed)
        assert "<b>đoàn" not in phone.last.html, typed
        assert "49" not in answer.split("”")[0], typed
        assert "lua.example" not in answer, typed
        assert "có ở" in answer or "Không" in answer or "muốn tìm gì" in answer, typed
        assert len(answer) < 1200, typed
    await phone.says("/tim")
    assert "Nhiều chữ quá" in await phone.says("đoàn kết " * 20)
    assert "có ở" in await phone.says("đoàn kết")


async def test_a_line_that_is_no_search(plain_house: House) -> None:
    """Another word with other accents, a long text, and free text that is being asked for are none."""
    phone = await member(plain_house)
    assert "chưa hiểu" in await phone.says("tím đoàn kết")
    assert "chưa hiểu" in await phone.says(
        "tìm " + "giúp tôi người đã nhặt được chiếc ví ở cổng công ty hôm qua nhé " * 2
    )
    await phone.says("/gioithieu")
    await phone.says("1")
    assert "có ở" not in await phone.says("Tìm Văn Đoàn")


async def test_a_hit_withdrawn_meanwhile(plain_house: House) -> None:
    """It is said, and the list comes again as it now is."""
    phone = await member(plain_house)
    await phone.says("tìm hòn đá")
    plain_house.running.installation.pack = pack_with(cards=tuple(c for c in PACK.cards if c.id != "hon-da"))
    answer = await phone.says("1")
    assert answer.startswith("Bài này không còn")
    assert HON_DA.title not in phone.last.labels[0]


async def test_a_stranger_finds_nothing_before_consent(plain_house: House) -> None:
    """The first message of somebody unknown is a greeting, whatever it says."""
    stranger = plain_house.phone("959")
    answer = await stranger.says("tìm đoàn kết")
    assert "Đồng ý" in " ".join(stranger.last.labels)
    assert "có ở" not in answer
    assert "có ở" not in await stranger.says("tìm đoàn kết")

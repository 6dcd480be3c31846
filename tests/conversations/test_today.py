"""Bài hôm nay: each member reads on from where they stopped, and may leaf back."""

import pytest

from bot.domain.messages import InboundKind
from content.models import Pack
from tests.support.house import PACK, House, Phone

CARDS = [card.title for card in PACK.cards]


def pack_of_cards(count: int) -> Pack:
    """The pack as it would be with only its first cards."""
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    return Pack(**parts | {"cards": PACK.cards[:count]})


async def reader(house: House, chat: str = "601") -> Phone:
    """Somebody who has just joined, and so has had the first card."""
    phone = house.phone(chat)
    await phone.joins(form="Chị")
    return phone


async def read_all(house: House, phone: Phone) -> str:
    """Read every card that is left."""
    answer = await phone.says("/bai")
    while "xem hết" not in answer:
        house.clock.forward(seconds=10)
        answer = await phone.taps("Đọc tiếp")
    return answer


async def test_reading_on(house: House) -> None:
    """The next card each time, by command, word, number and button, with its source and something to do."""
    phone = await reader(house)
    second = await phone.says("/bai")
    assert CARDS[1] in second
    assert "Bài 2/" in second
    assert "Chuyên đề năm 2025" in second
    assert "năm nay" not in second
    assert "Gợi ý việc làm theo tuần này" in second
    assert "Nguồn:" in second
    assert second.endswith("Chị nhắn 1 để nhận bài tiếp.")
    assert phone.last.labels == [
        "1. Đọc tiếp",
        "2. Bài trước",
        "3. Trả lời câu hỏi",
        "4. Lưu bài",
        "5. Chia sẻ bài",
    ]
    assert CARDS[2] in await phone.says("1")
    assert CARDS[3] in await phone.says("doc tiep")
    assert CARDS[4] in await phone.taps("Đọc tiếp")
    house.clock.forward(days=2)
    assert CARDS[5] in await phone.says("bài hôm nay")


async def test_a_quotation_stands_with_its_work(house: House) -> None:
    """The quotation is set apart and its work named."""
    phone = await reader(house)
    card = await phone.says("/bai")
    while "Giữ đoàn kết như giữ con ngươi của mắt" not in card:
        card = await phone.says("một")
    assert "“Đoàn kết là một truyền thống cực kỳ quý báu" in card
    assert "Di chúc, bản viết 15-5-1965" in card
    assert "<blockquote>" in phone.last.html


async def test_leafing_back_and_forth(house: House) -> None:
    """Back by button, number and word as far as the first card; forward through the known ones to a new one."""
    phone = await reader(house)
    await phone.says("/bai")
    await phone.says("1")
    assert CARDS[1] in await phone.taps("Bài trước")
    assert CARDS[0] in await phone.says("quay lại")
    assert phone.last.labels == ["1. Đọc tiếp", "2. Trả lời câu hỏi", "3. Lưu bài", "4. Chia sẻ bài"]
    assert CARDS[1] in await phone.says("1")
    assert CARDS[2] in await phone.says("1")
    assert CARDS[3] in await phone.says("1")
    assert CARDS[2] in await phone.says("xem lại")


async def test_everything_read(plain_house: House) -> None:
    """The end is said once all are read, and offers the first card and the questions."""
    plain_house.running.installation.pack = pack_of_cards(3)
    phone = await reader(plain_house)
    assert (await read_all(plain_house, phone)).startswith("Chị đã xem hết các bài hiện có. Có bài mới tôi sẽ báo.")
    assert phone.last.labels == ["1. Xem lại từ đầu", "2. Trả lời câu hỏi"]
    assert CARDS[0] in await phone.says("xem lai")
    plain_house.clock.forward(days=1)
    assert "xem hết" in await phone.says("/bai")
    assert "Câu 1/5" in await phone.says("2")


async def test_a_new_card_comes_next(plain_house: House) -> None:
    """Who had read everything gets the card that was added."""
    plain_house.running.installation.pack = pack_of_cards(3)
    phone = await reader(plain_house)
    await read_all(plain_house, phone)
    plain_house.running.installation.pack = PACK
    plain_house.clock.forward(days=1)
    assert CARDS[3] in await phone.says("/bai")


async def test_a_withdrawn_card_is_passed_over(plain_house: House) -> None:
    """Leafing back to a card that is gone shows the next new one or the end, never an error."""
    plain_house.running.installation.pack = pack_of_cards(3)
    phone = await reader(plain_house)
    await phone.says("/bai")
    await phone.says("1")
    plain_house.running.installation.pack = pack_of_cards(1)
    assert "xem hết" in await phone.taps("Bài trước")
    assert CARDS[0] in await phone.says("1")


async def test_another_member_starts_at_the_beginning(house: House) -> None:
    """What one read changes nothing for another."""
    first = await reader(house)
    await first.says("/bai")
    await first.says("1")
    second = await reader(house, "602")
    assert CARDS[1] in await second.says("/bai")


async def test_on_to_the_questions(house: House) -> None:
    """The questions are one tap from a card."""
    phone = await reader(house)
    await phone.says("/bai")
    assert "Câu 1/5" in await phone.taps("Trả lời câu hỏi")


async def test_a_double_tap_reads_one_card(house: House) -> None:
    """The same tap twice is one; an old button much later leads back to where they are."""
    phone = await reader(house)
    await phone.says("/bai")
    button = phone.last.buttons[0].data
    assert CARDS[2] in await phone.taps_data(button)
    assert await phone.taps_data(button) == ""
    house.clock.forward(minutes=5)
    answer = await phone.taps_data(button)
    assert "Câu này đã xong từ trước" in answer
    assert "nhắn 1 để nhận bài tiếp" in answer
    assert CARDS[3] in await phone.says("1")


@pytest.mark.parametrize("typed", ["1 ạ", "tiếp", "tiep tuc", "có", "(1)", "số 1"])
async def test_ways_to_say_more(plain_house: House, typed: str) -> None:
    """What people type for the next card."""
    phone = await reader(plain_house)
    await phone.says("/bai")
    assert CARDS[2] in await phone.says(typed)


async def test_anything_else_leads_to_the_menu(house: House) -> None:
    """A sticker, a voice or markup while reading gets a sentence and the whole menu; reading goes on from there."""
    phone = await reader(house)
    await phone.says("/bai")
    assert "Chị chọn một số dưới đây" in await phone.sends(InboundKind.STICKER)
    assert phone.last.labels[:2] == ["1. Bài hôm nay", "2. Trả lời câu hỏi"]
    assert CARDS[2] in await phone.says("1")
    assert "chưa nghe được tin thoại" in await phone.sends(InboundKind.VOICE)
    assert CARDS[3] in await phone.taps("Bài hôm nay")
    assert "tôi chưa hiểu “<b>{{7*7}}</b>”" in await phone.says("<b>{{7*7}}</b>")
    assert "1. Bài hôm nay" in phone.last.labels


async def test_reading_for_long(plain_house: House) -> None:
    """Leafing to and fro all day grows no journal."""
    phone = await reader(plain_house)
    await phone.says("/bai")
    lengths = set()
    for _ in range(5):
        assert CARDS[0] in await phone.says("2")
        lengths.add(await plain_house.running.db.read(lambda tx: tx.scalar("SELECT LENGTH(journal) FROM dialog")))
        assert CARDS[1] in await phone.says("1")
    assert len(lengths) == 1

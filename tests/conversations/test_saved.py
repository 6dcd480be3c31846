"""Bài đã lưu, and the quiet map of what was read."""

from content.models import Pack
from tests.support.house import PACK, House, Phone
from tests.support.officers import member_id

FIRST, SECOND, THIRD = PACK.cards[:3]


def pack_of_cards(count: int) -> Pack:
    return Pack(**{name: getattr(PACK, name) for name in Pack.model_fields} | {"cards": PACK.cards[:count]})


async def reader(house: House, chat: str = "960") -> Phone:
    phone = house.phone(chat)
    await phone.joins()
    return phone


async def test_saving_and_taking_away(house: House) -> None:
    """Under the day's card by word, number and button; the list, the card from it, and the list empty again."""
    phone = await reader(house)
    assert (await phone.says("bài đã lưu")).startswith("Anh chưa lưu bài nào.")
    await phone.says("/bai")
    saved = await phone.says("lưu bài")
    assert saved.startswith(f"Đã lưu bài “{SECOND.title}”.")
    assert phone.last.labels[:3] == ["1. Đọc tiếp", "2. Bỏ lưu", "3. Chia sẻ bài"]
    assert THIRD.body[:40] in await phone.says("1")
    await phone.says("2")
    listed = await phone.says("bai da luu")
    assert {label.partition(". ")[2] for label in phone.last.labels} == {THIRD.title, SECOND.title, "Thư viện"}
    assert SECOND.body[:40] in await phone.taps(SECOND.title)
    assert phone.last.labels[1] == "2. Bỏ lưu"
    assert "Đã bỏ bài" in await phone.taps("Bỏ lưu")
    assert phone.last.labels[1] == "2. Lưu bài"
    assert await phone.taps("Về danh sách") == listed
    assert phone.last.labels == [f"1. {THIRD.title}", "2. Thư viện"]


async def test_from_the_message_of_the_day(house: House) -> None:
    """A tap, or the code where there are no buttons, saves in the middle of something else, which goes on."""
    phone = await reader(house)
    await house.passes("2025-05-02T19:30")
    if not any("Lưu bài" in message.labels for message in phone.shown):
        assert house.variant == "crashes"  # nobody knows whether the day's message arrived: it is not sent again
        return
    assert (await phone.taps("Lưu bài")).startswith("Đã lưu bài")
    await phone.says("/cauhoi")
    first = phone.last
    message = next(message for message in phone.shown if "Lưu bài" in message.labels)
    button = next(button for button in message.buttons if button.label == "Lưu bài")
    assert "Đã lưu bài" in await phone.presses(message, button.data)
    assert first.labels
    await phone.says("/daluu")
    assert phone.last.labels == [f"1. {SECOND.title}", "2. Thư viện"]


async def test_a_forged_or_withdrawn_card(plain_house: House) -> None:
    """A sentence; what was saved and is gone is counted."""
    phone = await reader(plain_house)
    await phone.says("/bai")
    await phone.says("lưu")
    plain_house.running.installation.pack = pack_of_cards(1)
    answer = await phone.says("/daluu")
    assert answer.startswith("Anh chưa lưu bài nào.")
    assert "1 bài đã lưu nay không còn." in answer
    for data in ("sav:no-such:save", f"sav:{FIRST.id}:shred", "sav::", "shr:no-such:share", f"sav:{SECOND.id}:save"):
        assert (await phone.taps_data(data)).startswith("Bài này không còn"), data


async def test_the_map(house: House) -> None:
    """Theme by theme, read and total; no praise, nothing about others."""
    phone = await reader(house)
    other = await reader(house, "961")
    await other.says("/bai")
    shown = await phone.says("bản đồ bài đã đọc")
    theme = next(theme for theme in PACK.themes if theme.id == FIRST.theme)
    total = sum(card.theme == theme.id for card in PACK.cards)
    assert f"{theme.title}: 1/{total}" in shown
    assert f"Tất cả: 1/{len(PACK.cards)} bài." in shown
    assert "%" not in shown
    assert "Chỉ anh xem được trang này." in shown
    assert phone.last.labels == ["1. Đọc tiếp", "2. Theo chủ đề"]
    await phone.says("1")
    assert f"Tất cả: 2/{len(PACK.cards)} bài." in await phone.says("ban do")


async def test_what_is_saved_is_among_my_data_and_goes_with_me(plain_house: House) -> None:
    """Told and in the file; erased with the rest."""
    phone = await reader(plain_house)
    await phone.says("/bai")
    await phone.says("lưu")
    id = await member_id(plain_house, phone)
    assert "bài đã lưu: 1" in await phone.says("/dulieu")
    files = [path.read_text("utf-8") for path in (plain_house.directory / "exports").glob("*.txt")]
    assert any(f"Bài đã lưu: 1\n- {SECOND.title}" in content for content in files)
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    count = "SELECT COUNT(*) FROM card_saved WHERE member_id = ?"
    assert await plain_house.running.db.read(lambda tx: tx.scalar(count, (id,))) == 0

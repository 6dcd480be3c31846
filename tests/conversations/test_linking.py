"""A code read on one phone and typed on another: both are one person then."""

import re

import pytest

from bot.storage.database import Transaction
from tests.conversations.test_erase import where
from tests.support.house import House, Phone
from tests.support.linking import CODE, code_on, links, owner, value
from tests.support.people import a_minute_later, settled

NAME = "Lò Thị Lan"


async def wrong(phone: Phone, times: int, but: str) -> str:
    """Type codes that cannot be the one on the other phone; returns the last answer."""
    answer = ""
    for number in range(times):
        answer = await phone.says(f"{(int(but.replace(' ', '')) + 1 + number) % 1_000_000:06}")
    return answer


async def test_a_second_phone_before_registration(house: House) -> None:
    """Read in the settings, typed as the very first message, confirmed: one person with two places."""
    first, second = await settled(house, "201", NAME, form="chị"), house.phone("202")
    await first.says("cài đặt")
    shown = await first.says("máy và ứng dụng")
    assert "từ 1/5/2025 (nơi này)" in shown
    found = CODE.search(await first.taps("Nối máy, ứng dụng khác"))
    assert found is not None
    asked = await second.says(found[1])
    for said in (
        NAME,
        "CĐCS Công ty Ví dụ A",
        "tham gia từ 1/5/2025",
        "Không hoàn lại được",
        "Đây là phần của anh/chị",
    ):
        assert said in asked
    assert "nhắn ở" not in asked
    first.new  # noqa: B018 - what came so far is seen
    done = await second.taps("Đúng, nối lại")
    assert "Đã nối. Chị nhắn ở" in done
    assert [message.text.partition(".")[0] for message in first.new] == [
        f"Đã nối thêm {place(second, 2)} vào phần của chị"
    ]
    assert await owner(house, second) == await owner(house, first)
    assert f"Chị {NAME} muốn làm gì" in await second.says("menu")
    assert await value(house, "SELECT COUNT(*) FROM member") == 1


def place(phone: Phone, number: int) -> str:
    """What a place is called among several of its channel."""
    names = {"telegram": "Telegram", "zalo_bot": "Zalo", "webchat": "Trang trò chuyện"}
    return f"{names[phone.channel.name]} {number}"


async def test_inside_the_consent_question(house: House) -> None:
    """Somebody who was asked for consent first may still type the code; their consent is the one given before."""
    first, second = await settled(house, "201", NAME), house.phone("202")
    code = await code_on(first)
    assert "đồng ý không" in await second.says("chào")
    assert NAME in await second.says(code.replace(" ", ""))
    assert "Đã nối" in await second.says("có")
    assert await value(house, "SELECT COUNT(*) FROM member") == 1


async def test_a_wrong_code_in_the_middle_of_a_quiz(house: House) -> None:
    """The question follows what is said about it."""
    lan = await settled(house, "203", NAME)
    await lan.says("câu hỏi")
    answer = await lan.says("123456")
    assert "Không có mã này" in answer
    assert "Câu 1/5" in answer


@pytest.mark.parametrize("typed", ["{0}", "{0}.", "mã {0}", "Mã số: {0}", " {1} ", "{2}"])
async def test_however_it_is_typed(plain_house: House, typed: str) -> None:
    """With a space, a point, dashes or words around it."""
    first, second = await settled(plain_house, "201", NAME), plain_house.phone("202")
    code = await code_on(first)
    written = typed.format(code, code.replace(" ", ""), "-".join(code.replace(" ", "")))
    assert NAME in await second.says(written)


async def test_a_reply_goes_where_it_was_asked(house: House) -> None:
    """Each phone is answered on that phone alone."""
    first, second = await settled(house, "201", NAME), house.phone("202")
    await links(house, first, second)
    first.new, second.new  # noqa: B018 - what came so far is seen
    await second.says("menu")
    assert first.new == []
    await first.says("menu")
    assert len(second.new) == 1


async def test_no_means_nothing_is_kept(house: House) -> None:
    """It was somebody else's: who is not known is forgotten, and the code does not work again."""
    first, second, third = await settled(house, "201", NAME), house.phone("202202"), house.phone("203")
    code = await code_on(first)
    await second.says(code)
    assert "không nối gì cả" in await second.taps("Để như cũ")
    assert await owner(house, second) is None
    assert "đã dùng hoặc đã hết giờ" in await third.says(code)
    await house.running.ticker.tick()
    house.clock.forward(minutes=2)
    await house.running.ticker.tick()
    await house.running.wipe()
    assert where(house.directory, "202202") == []
    assert await owner(house, first) is not None


async def test_a_code_works_once(house: House) -> None:
    """Neither on a third phone, nor on the second again."""
    first, second, third = await settled(house, "201", NAME), house.phone("202"), house.phone("203")
    code = await code_on(first)
    await second.says(code)
    assert "trả lời câu tôi vừa hỏi" in await second.says(code)
    assert "đã dùng hoặc đã hết giờ" in await third.says(code)
    assert "Đã nối" in await second.says("đúng")
    assert "đã dùng hoặc đã hết giờ" in await second.says(code)
    assert "đã dùng hoặc đã hết giờ" in await third.says(code)
    assert await owner(house, third) is None


async def test_ten_minutes_by_peoples_clock(plain_house: House) -> None:
    """A second later it is over; a confirmation that comes too late changes nothing."""
    house = plain_house
    first, second = await settled(house, "201", NAME), house.phone("202")
    code = await code_on(first)
    house.clock.forward(minutes=9, seconds=59)
    assert NAME in await second.says(code)
    house.clock.forward(minutes=10)
    assert "đã hết giờ" in await second.says("đúng")
    assert await owner(house, second) is None
    code = await code_on(first)
    house.clock.forward(minutes=10)
    assert "đã hết giờ" in await second.says(code)


async def test_a_new_code_ends_the_old(plain_house: House) -> None:
    """Only the newest one works."""
    first, second = await settled(plain_house, "201", NAME), plain_house.phone("202")
    old, new = await code_on(first), await code_on(first)
    assert "đã hết giờ" in await second.says(old)
    assert NAME in await second.says(new)


async def test_five_tries_from_one_phone(house: House) -> None:
    """Then even the right one waits an hour; nothing is lost on either side."""
    first, second = await settled(house, "201", NAME), house.phone("202")
    code = await code_on(first)
    assert "Không có mã này" in await wrong(second, 5, code)
    assert "chờ một giờ" in await second.says(code)
    house.clock.forward(minutes=61)
    a_minute_later(house)
    assert NAME in await second.says(await code_on(first))


async def test_five_tries_at_one_code(plain_house: House) -> None:
    """Wherever they were typed: then that code is over, and a new one works."""
    house = plain_house
    first, fourth = await settled(house, "201", NAME), house.phone("204")
    code = await code_on(first)
    await wrong(house.phone("202"), 3, code)
    await wrong(house.phone("203"), 2, code)
    assert "thôi dùng cho an toàn" in await fourth.says(code)
    assert NAME in await fourth.says(await code_on(first))


async def test_on_the_same_phone(plain_house: House) -> None:
    """It is to be typed on the other one, where it still works; and a phone that is linked already says so."""
    first, second = await settled(plain_house, "201", NAME), plain_house.phone("202")
    code = await code_on(first)
    assert "mã của chính nơi này" in await first.says(code)
    await second.says(code)
    await second.says("đúng")
    assert "đã nối với phần" in await second.says(await code_on(first))


async def test_whose_member_was_erased(plain_house: House) -> None:
    """Before it is typed, and between typing and confirming."""
    house = plain_house
    first, second = await settled(house, "201", NAME), house.phone("202")
    code = await code_on(first)
    await first.says("/xoadulieu")
    await first.says("XÓA")
    assert "Không có mã này" in await second.says(code)
    third = await settled(house, "203", NAME)
    await second.says(await code_on(third))
    await third.says("/xoadulieu")
    await third.says("XÓA")
    assert "đã hết giờ" in await second.says("đúng")
    assert await owner(house, second) is None


async def test_whose_member_has_left(plain_house: House) -> None:
    """No code is given to who left, and one given before joins nobody until they are back."""
    house = plain_house
    first, second = await settled(house, "201", NAME), house.phone("202")
    code = await code_on(first)
    await first.says("ngừng")
    await first.taps("Ngừng")
    assert "đang ngừng tham gia" in await second.says(code)
    assert "chưa lấy mã được" in await first.says("nối máy")
    await first.says("tham gia lại")
    await first.taps("Đồng ý")
    assert NAME in await second.says(code)


async def test_whose_unit_has_ended(house: House) -> None:
    """Said before the confirmation; afterwards the way to a unit that exists."""
    first, second = await settled(house, "201", NAME, "LC0423"), house.phone("202")
    assert "CĐCS Trạm Ví dụ C (đã kết thúc hoạt động)" in await second.says(await code_on(first))
    done = await second.says("đúng")
    assert "CĐCS Trạm Ví dụ C đã kết thúc hoạt động" in done
    assert "ở công đoàn nào" in done


async def test_with_hostile_names(plain_house: House) -> None:
    """Shown as they were typed, on the other phone too."""
    name = "Sùng <b>A</b> & {{7*7}}"
    first, second = await settled(plain_house, "201", name), plain_house.phone("202")
    assert name in await second.says(await code_on(first))
    await second.says("đúng")
    assert name in await second.says("menu")


async def test_only_a_keyed_hash_is_kept(plain_house: House) -> None:
    """In its table; and the retention takes it away at night."""
    house = plain_house
    first = await settled(house, "201", NAME)
    digits = (await code_on(first)).replace(" ", "")

    def columns(tx: Transaction) -> str:
        return " ".join(repr(row) for row in tx.all("SELECT hash, purpose, tries FROM link_code"))

    kept = await house.running.db.read(columns)
    assert kept
    assert re.search(digits, kept) is None
    await house.running.ticker.tick()
    house.clock.forward(hours=24)
    await house.running.ticker.tick()
    assert await value(house, "SELECT COUNT(*) FROM link_code") == 0


async def test_six_digits_that_are_an_answer(plain_house: House) -> None:
    """Where a question takes free text it is that text, not a code."""
    phone = await settled(plain_house, "201", NAME)
    await phone.says("cài đặt")
    await phone.says("xưng hô")
    await phone.says("chị")
    assert "chưa ghi được tên" in await phone.says("482913")

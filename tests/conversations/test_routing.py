"""What a message means: global words, numbers, small talk, stale buttons, silence, speed."""

import re

import pytest

import handlers
from bot.dialog import Dialog, Flow
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, text
from bot.services.turn import Turn
from tests.support.house import House, Phone
from tests.support.people import a_minute_later, settled

MENU = [
    "1. Bài hôm nay",
    "2. Trả lời câu hỏi",
    "3. Thông báo",
    "4. Giới thiệu gương tốt",
    "5. Sắp tới",
    "6. Tài liệu",
    "7. Gặp cán bộ",
    "8. Cài đặt",
]


async def member(house: House, chat: str = "1201") -> Phone:
    """A member who is asked nothing."""
    return await settled(house, chat, "Lò Thị Lan", form="chị")


async def one_message(phone: Phone, said: str) -> str:
    """Type something that must be answered in one message."""
    phone.new  # noqa: B018 - what came so far is seen
    await phone.says(said)
    (message,) = phone.new
    return message.text


# -- outside a dialog


@pytest.mark.parametrize("said", ["chào", "Xin chào ạ", "alo", "CHAO", "👋"])
async def test_a_greeting_gets_one_polite_line(house: House, said: str) -> None:
    """And the menu, in the same message."""
    phone = await member(house)
    assert await one_message(phone, said) == "Chào chị. Chị chọn một số dưới đây nhé."
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["cảm ơn", "cam on", "dạ", "vâng ạ", "👍", "👍🏽", "❤️"])
async def test_thanks_get_one_polite_line(house: House, said: str) -> None:
    """With the menu."""
    phone = await member(house)
    assert await one_message(phone, said) == "Dạ, cảm ơn chị."
    assert phone.last.labels == MENU


async def test_a_lone_sticker(house: House) -> None:
    """Polite, with the menu."""
    phone = await member(house)
    assert await phone.sends(InboundKind.STICKER) == "Chào chị. Chị chọn một số dưới đây nhé."
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["đã nhận", "da nhan", "rõ", "nhất trí ạ"])
async def test_received_with_nothing_to_acknowledge(house: House, said: str) -> None:
    """Thanked all the same."""
    phone = await member(house)
    assert await one_message(phone, said) == "Dạ, cảm ơn chị."


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("bao giờ có lương", "bao giờ có lương"),
        ("dòng một\ndòng hai\n\ndòng ba", "dòng một dòng hai dòng ba"),
        ("vào https://lua-dao.example/nhan-qua ngay", "vào … ngay"),
        ("hỏi @ke_xau nhé", "hỏi … nhé"),
        ("1" * 500, "1" * 59 + "…"),
        ("\u202edlrow\u202c <b>đậm</b>", "dlrow <b>đậm</b>"),
    ],
)
async def test_anything_else_is_quoted_with_the_menu(house: House, said: str, quoted: str) -> None:
    """One line, at most 60 characters, nothing to tap, in one message with the menu."""
    phone = await member(house)
    answer = await one_message(phone, said)
    assert answer == f"Xin lỗi, tôi chưa hiểu “{quoted}”. Chị chọn một số dưới đây, hoặc nhắn “giúp”."
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["8", "số 8", "tám", "cài đặt", "CAI DAT", "/caidat", "/caidat@a_bot"])
async def test_the_menu_by_number_word_label_and_command(house: House, said: str) -> None:
    """Every way leads to the same place."""
    phone = await member(house)
    assert "Cài đặt của chị" in await phone.says(said)


async def test_every_entry_of_the_menu_answers(plain_house: House) -> None:
    """None is a dead end: each says something and offers something."""
    phone = await member(plain_house)
    for number in range(1, 9):
        a_minute_later(plain_house)
        assert await phone.says("menu")
        assert await phone.says(str(number))
        assert phone.last.labels, number


async def test_a_number_beyond_the_menu(house: House) -> None:
    """Is not understood."""
    phone = await member(house)
    assert "chưa hiểu “9”" in await phone.says("9")


@pytest.mark.parametrize("said", ["giúp", "giup", "/giup", "/help", "hướng dẫn"])
async def test_help(house: House, said: str) -> None:
    """What this is, and the menu."""
    phone = await member(house)
    assert "Nhắn “menu”, “quay lại”, “hủy”" in await phone.says(said)
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["menu", "Menu", "/menu", "quay lại", "hủy", "huy", "/huy", "bắt đầu lại"])
async def test_global_words_outside_a_dialog_show_the_menu(house: House, said: str) -> None:
    """There is nothing to go back from or to cancel."""
    phone = await member(house)
    assert await phone.says(said) == "Chị Lò Thị Lan muốn làm gì?"
    assert phone.last.labels == MENU


async def test_nothing_to_resume(house: House) -> None:
    """«tiếp tục» says so, with the menu."""
    phone = await member(house)
    assert "không có việc nào làm dở" in await phone.says("tiếp tục")
    assert phone.last.labels == MENU


# -- other kinds of message


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (InboundKind.VOICE, "chưa nghe được tin thoại"),
        (InboundKind.LOCATION, "không cần vị trí"),
        (InboundKind.PHOTO, "không lưu tệp này"),
        (InboundKind.DOCUMENT, "không lưu tệp này"),
        (InboundKind.EDIT, "không đọc được tin sửa"),
        (InboundKind.CONTACT, "không đọc được tin này"),
        (InboundKind.UNSUPPORTED, "không đọc được tin này"),
        (InboundKind.TEXT, "không đọc được tin này"),
    ],
)
async def test_what_is_not_text_gets_a_sensible_answer(house: House, kind: InboundKind, said: str) -> None:
    """And the menu; an empty text too."""
    phone = await member(house)
    assert said in await phone.sends(kind)
    assert phone.last.labels == MENU


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (InboundKind.VOICE, "chưa nghe được tin thoại"),
        (InboundKind.LOCATION, "cần chữ hoặc số"),
        (InboundKind.CONTACT, "cần chữ hoặc số"),
        (InboundKind.EDIT, "không đọc được tin sửa"),
        (InboundKind.TEXT, "cần chữ hoặc số"),
        (InboundKind.STICKER, "Ta đang ở câu này"),
    ],
)
async def test_inside_a_dialog_the_question_comes_again(house: House, kind: InboundKind, said: str) -> None:
    """At a choice and at a free question alike."""
    phone = await member(house)
    await phone.says("/gioithieu")
    buttons = phone.last.labels
    assert said in await phone.sends(kind)
    assert phone.last.labels == buttons
    await phone.says("1")
    question = phone.last.text
    assert said in await phone.sends(kind)
    assert question.splitlines()[-1] in phone.last.text


# -- inside a dialog


async def test_huy_is_a_name_where_a_name_is_asked(house: House) -> None:
    """«Huy» is taken as typed; «Hủy» and «/huy» cancel."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    assert "Đã hủy" not in await phone.says("Huy")
    assert phone.last.labels != MENU
    assert "Đã hủy" in await phone.says("Hủy")
    await phone.says("/gioithieu")
    await phone.says("1")
    assert "Đã hủy" in await phone.says("/huy")
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["hủy", "huy", "huỷ", "HUY", "bỏ", "/huy"])
async def test_huy_cancels_at_a_choice(house: House, said: str) -> None:
    """No name is asked for there."""
    phone = await member(house)
    await phone.says("/gioithieu")
    assert "Đã hủy" in await phone.says(said)
    assert "không có việc nào làm dở" in await phone.says("tiếp tục")


async def test_hai_is_two_and_hai_with_a_tone_is_not(house: House) -> None:
    """«hai» chooses the second; «Hải» is quoted back with the question."""
    phone = await member(house)
    await phone.says("/caidat")
    assert "Hải" in await phone.says("Hải")
    await phone.says("/gioithieu")
    buttons = phone.last.labels
    assert "chưa hiểu “Hải”" in await phone.says("Hải")
    assert phone.last.labels == buttons
    second = await phone.says("hai")
    assert second
    assert phone.last.labels != buttons


async def test_back_at_the_first_question_and_later(house: House) -> None:
    """The first has nothing before it; later it returns to the prompt alone."""
    phone = await member(house)
    first = await phone.says("/gioithieu")
    assert "Đây là câu đầu tiên rồi" in await phone.says("quay lại")
    await phone.says("1")
    again = await phone.says("quay lại")
    assert again in first


async def test_help_inside_a_dialog(house: House) -> None:
    """How to answer, then the question again."""
    phone = await member(house)
    await phone.says("/gioithieu")
    buttons = phone.last.labels
    assert "“hủy” để thôi" in await phone.says("giúp")
    assert phone.last.labels == buttons


async def test_small_talk_inside_a_dialog(house: House) -> None:
    """One polite line, and the question again."""
    phone = await member(house)
    await phone.says("/gioithieu")
    assert (await phone.says("cảm ơn")).startswith("Dạ. Ta đang ở câu này:")
    assert (await phone.says("chào")).startswith("Chào chị. Ta đang ở câu này:")
    assert "chưa hiểu “trời mưa”" in await phone.says("trời mưa")


async def test_menu_parks_and_resume_brings_back(house: House) -> None:
    """Two lines on what was left, then the question, as it was."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    question = phone.last.text
    assert "giữ lại, nhắn “tiếp tục”" in await phone.says("menu")
    assert phone.last.labels == MENU
    assert "Gặp cán bộ" not in await phone.says("7")
    recap, _, rest = (await phone.says("tiếp tục")).partition("\n\n")
    assert "Giới thiệu gương tốt" in recap
    assert len(recap.splitlines()) == 2
    assert rest == question.rpartition("\n\n")[2] or rest == question


async def test_resume_from_a_list(house: House) -> None:
    """A list that was opened meanwhile is not what is to be resumed."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    await phone.says("/caidat")
    assert "Giới thiệu gương tốt" in (await phone.says("tiếp tục")).partition("\n\n")[0]


async def test_a_command_parks_what_was_begun(house: House) -> None:
    """One active dialog a member."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    assert "Điện thoại" in await phone.says("/gapcanbo")
    waiting = await house.running.db.read(lambda tx: tx.all("SELECT flow, state FROM dialog ORDER BY id"))
    assert waiting == [("nominate", "parked")]


async def test_ninety_days_later(house: House) -> None:
    """Whatever is written, a recap and the question; then the answer counts."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    house.clock.forward(days=90)
    recap, _, question = (await phone.says("xin chào")).partition("\n\n")
    assert "Giới thiệu gương tốt" in recap
    assert len(recap.splitlines()) == 2
    assert question
    assert "đang làm dở" not in await phone.says("Vàng Thị Mỷ")


async def test_ninety_days_later_parked(house: House) -> None:
    """«tiếp tục» finds it."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    await phone.says("menu")
    house.clock.forward(days=90)
    assert "Giới thiệu gương tốt" in await phone.says("tiếp tục")


@pytest.mark.parametrize("said", ["menu", "Hủy", "/huy"])
async def test_ninety_days_later_a_command_works_at_once(house: House, said: str) -> None:
    """Nobody has to answer a recap first."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    house.clock.forward(days=90)
    await phone.says(said)
    assert phone.last.labels == MENU


async def test_the_next_day_a_list_may_still_be_chosen_from(house: House) -> None:
    """Its numbers mean what they meant, not the menu's."""
    phone = await member(house)
    await phone.says("/caidat")
    house.clock.forward(days=2)
    assert "nhận bài lúc nào" in await phone.says("2")
    house.clock.forward(days=2)
    assert "chưa hiểu “ngày mai nhé”" in await phone.says("ngày mai nhé")
    assert phone.last.labels == MENU


# -- buttons


async def test_a_stale_button(house: House) -> None:
    """A friendly sentence and the question that is open now."""
    phone = await member(house)
    await phone.says("/gioithieu")
    stale = phone.last.buttons[0].data
    await phone.says("1")
    question = phone.last.text
    assert "Câu này đã xong từ trước" in await phone.taps_data(stale)
    assert question.splitlines()[-1] in phone.last.text


async def test_a_stale_button_with_nothing_open(house: House) -> None:
    """The menu."""
    phone = await member(house)
    await phone.says("/caidat")
    stale = phone.last.buttons[0].data
    await phone.says("menu")
    assert "Câu này đã xong từ trước" in await phone.taps_data(stale)
    assert phone.last.labels == MENU


async def test_the_same_tap_again(house: House) -> None:
    """Within ten seconds silence, later the friendly sentence."""
    phone = await member(house)
    await phone.says("/gioithieu")
    tapped = phone.last.buttons[0].data
    assert await phone.taps_data(tapped)
    assert await phone.taps_data(tapped) == ""
    house.clock.forward(seconds=9)
    assert await phone.taps_data(tapped) == ""
    house.clock.forward(seconds=2)
    assert "Câu này đã xong từ trước" in await phone.taps_data(tapped)


async def test_an_answered_prompt_loses_its_buttons(house: House) -> None:
    """Only the open question can be tapped."""
    phone = await member(house)
    await phone.says("/gioithieu")
    prompt = phone.last
    assert prompt.buttons
    await phone.says("1")
    assert [m.labels for m in phone.shown if m.row == prompt.row] == [[]]


# -- the platform's own events


async def test_blocked_and_unblocked(house: House) -> None:
    """Neither is answered; the next message is."""
    phone = await member(house)
    assert await phone.sends(InboundKind.BLOCKED) == ""
    reachable = "SELECT reachable FROM address WHERE external_id = ?"
    assert await house.running.db.read(lambda tx: tx.scalar(reachable, (phone.chat,))) == 0
    assert await phone.sends(InboundKind.UNBLOCKED) == ""
    assert await house.running.db.read(lambda tx: tx.scalar(reachable, (phone.chat,))) == 1
    assert "Chào chị" in await phone.says("chào")


async def test_a_group_is_greeted_once(house: House) -> None:
    """One sentence with the link, then silence, and nothing is kept of the group."""
    group = house.phone("-100123")
    first = await group.sends(InboundKind.GROUP, text="chào cả nhà")
    assert "https://example.test/bot" in first
    for said in ("menu", "1", "/start"):
        assert await group.sends(InboundKind.GROUP, text=said) == ""
    await house.running.ticker.tick()
    house.clock.forward(minutes=2)
    await house.running.ticker.tick()
    assert await house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM address")) == 0
    assert await group.sends(InboundKind.GROUP, text="lại chào") == ""


async def test_a_busy_group_is_not_told_to_slow_down(plain_house: House) -> None:
    """Silence stays silence."""
    group = plain_house.phone("-100124")
    for _ in range(30):
        await group.sends(InboundKind.GROUP, text="tán gẫu")
    assert len(group.shown) == 1


# -- speed. What arrived in the minute is counted in memory: a restart begins a new minute.


@pytest.mark.parametrize("variant", ["plain", "double"])
async def test_the_twenty_first_message_in_a_minute(plain_house: House, variant: str) -> None:
    """One sentence, then silence; a second delivery of the same message is not counted."""
    plain_house.variant = variant
    phone = await member(plain_house)
    for _ in range(20):
        assert await phone.says("menu")
    assert "nhắn hơi nhanh" in await phone.says("menu")
    assert await phone.says("menu") == ""
    assert await phone.says("/start") == ""
    a_minute_later(plain_house)
    assert "muốn làm gì" in await phone.says("menu")


async def test_one_fast_phone_slows_nobody_else(plain_house: House) -> None:
    """Each address has its own minute."""
    fast, slow = await member(plain_house, "1202"), await member(plain_house, "1203")
    for _ in range(25):
        await fast.says("menu")
    assert "muốn làm gì" in await slow.says("menu")


async def test_who_blocks_after_a_fast_minute_is_heard(plain_house: House) -> None:
    """What the platform reports is not a message."""
    phone = await member(plain_house)
    for _ in range(25):
        await phone.says("menu")
    await phone.sends(InboundKind.BLOCKED)
    blocked = await plain_house.running.db.read(
        lambda tx: tx.scalar("SELECT reachable FROM address WHERE external_id = ?", (phone.chat,))
    )
    assert blocked == 0


async def test_a_thousand_taps_in_a_row(plain_house: House) -> None:
    """The first twenty are heard, the next is told once, the rest is silence; every one is acknowledged and done."""
    phone = await member(plain_house)
    await phone.says("/caidat")
    data = phone.last.buttons[1].data
    a_minute_later(plain_house)
    before = len(phone.shown)
    for _ in range(1000):
        await phone.taps_data(data)
    said = [message.text for message in phone.shown[before:]]
    assert len(said) == 2
    assert "nhận bài lúc nào" in said[0]
    assert "nhắn hơi nhanh" in said[1]
    assert len(plain_house.channel.pressed) == 1000
    left = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM inbox WHERE state <> 'done'"))
    assert left == 0


# -- what is kept


async def test_what_is_not_understood_goes_after_thirty_days(house: House) -> None:
    """It was kept only in the answer that quoted it."""
    phone = await member(house)
    await phone.says("chuyện riêng của tôi")
    await house.running.ticker.tick()
    house.clock.forward(days=31)
    await house.running.ticker.tick()
    await house.running.wipe()
    quoted = "chuyện riêng của tôi".encode()
    assert not [p for p in house.directory.rglob("*") if p.is_file() and quoted in p.read_bytes()]


# -- a fault of ours


async def broken(dialog: Dialog) -> None:
    """A flow whose service fails: by an exception, by a constraint."""
    how = await dialog.choose("how", text("routing.menu"), [Option("yes"), Option("no")])
    await dialog.commit("fail", fail, how)


def fail(turn: Turn, how: str) -> None:
    """What a fault in a service does."""
    if how == "yes":
        raise ValueError("ours")
    turn.tx.run("INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (999, 'x', 0, 0)")


@pytest.mark.parametrize("answer", ["có", "không"])
async def test_a_fault_keeps_the_question_and_the_bot(
    plain_house: House, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """A sentence with a code and the question again; three in a row put it aside; others notice nothing."""
    monkeypatch.setitem(handlers.FLOWS, "broken", Flow("broken", broken, commands=("hong",)))
    await plain_house.restart()
    phone, other = await member(plain_house, "1204"), await member(plain_house, "1205")
    await phone.says("/hong")
    for _ in range(2):
        said = await phone.says(answer)
        assert re.search(r"Có lỗi phía chúng tôi.* Mã: [0-9A-F]{6}\.", said)
        assert phone.last.labels == ["1. Có", "2. Không"]
    assert "đã báo người phụ trách" in await phone.says(answer)
    assert "muốn làm gì" in await phone.says("menu")
    assert "muốn làm gì" in await other.says("menu")
    states = await plain_house.running.db.read(
        lambda tx: dict(tx.all("SELECT state, COUNT(*) FROM inbox GROUP BY state"))
    )
    assert states == {"done": 3, "failed": 3}

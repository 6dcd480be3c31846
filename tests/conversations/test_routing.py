"""What a message means: global words, numbers, small talk, stale buttons, silence, speed."""

import pytest

from bot.domain.messages import InboundKind
from tests.support.house import House, Phone
from tests.support.officers import officer_of
from tests.support.people import MENU, a_minute_later, settled


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
async def test_a_greeting_gets_one_polite_line(plain_house: House, said: str) -> None:
    """And the menu, in the same message."""
    phone = await member(plain_house)
    assert await one_message(phone, said) == "Chào chị. Chị chọn một số dưới đây nhé."
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["cảm ơn", "cam on", "dạ", "vâng ạ", "👍", "👍🏽", "❤️"])
async def test_thanks_get_one_polite_line(plain_house: House, said: str) -> None:
    """With the menu."""
    phone = await member(plain_house)
    assert await one_message(phone, said) == "Dạ, cảm ơn chị."
    assert phone.last.labels == MENU


async def test_a_lone_sticker(house: House) -> None:
    """Polite, with the menu."""
    phone = await member(house)
    assert await phone.sends(InboundKind.STICKER) == "Chào chị. Chị chọn một số dưới đây nhé."
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["đã nhận", "da nhan", "rõ", "nhất trí ạ"])
async def test_received_with_nothing_to_acknowledge(plain_house: House, said: str) -> None:
    """Thanked all the same."""
    phone = await member(plain_house)
    assert await one_message(phone, said) == "Dạ, cảm ơn chị."


MEANT = {
    "hôm nay": "Chuyên đề năm 2025 · Bài",
    "hoc bai": "Chuyên đề năm 2025 · Bài",
    "thi trắc nghiệm": "Câu 1/5.",
    "đừng nhắn nữa": "Ngừng tham gia thì tôi không tự gửi gì nữa.",
    "hủy đăng ký": "Ngừng tham gia thì tôi không tự gửi gì nữa.",
    "đổi giờ nhận": "Chị muốn nhận bài lúc nào?",
    "cho tôi hỏi": "Chị liên hệ Nguyễn Văn Mẫu",
    "giới thiệu người tốt": "Mục này dành cho việc tốt.",
    "thoát": "Chị Lò Thị Lan muốn làm gì?",
    "help": "Tôi gửi bài học ngắn",
    "em chào anh": "Chào chị.",
}
MEANT_BY_AN_OFFICER = {
    "gửi thông báo": "CĐCS Công ty Ví dụ A · Trần Văn An",
    "gui tin": "CĐCS Công ty Ví dụ A · Trần Văn An",
    "ai chưa nhận": "Đơn vị của anh chưa gửi thông báo nào.",
    "thu hồi": "Đơn vị của anh chưa gửi thông báo nào.",
    "dừng gửi": "Không có tin nào đang gửi.",
    "người mới": "Không có ai chờ xác nhận.",
    "duyệt thông báo": "Không có tin nào chờ anh duyệt.",
}


async def test_what_people_say_for_it(plain_house: House) -> None:
    """The words that come to mind for what the menu offers, not only the menu's own."""
    phones = {await member(plain_house): MEANT, await officer_of(plain_house, "LC0421"): MEANT_BY_AN_OFFICER}
    for phone, meant in phones.items():
        for said, answer in meant.items():
            a_minute_later(plain_house)
            assert (await phone.says(said)).startswith(answer), said
            await phone.says("hủy")


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
    assert (
        answer
        == f"Xin lỗi, tôi chưa hiểu “{quoted}”. Chị chọn một số dưới đây, nhắn “tìm” kèm chữ cần tìm, hoặc nhắn “giúp”."
    )
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
async def test_help(plain_house: House, said: str) -> None:
    """What this is, and the menu."""
    phone = await member(plain_house)
    assert "Nhắn “menu”, “quay lại”, “hủy”" in await phone.says(said)
    assert phone.last.labels == MENU


@pytest.mark.parametrize("said", ["menu", "Menu", "/menu", "quay lại", "hủy", "huy", "/huy", "bắt đầu lại"])
async def test_global_words_outside_a_dialog_show_the_menu(plain_house: House, said: str) -> None:
    """There is nothing to go back from or to cancel."""
    phone = await member(plain_house)
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
async def test_what_is_not_text_gets_a_sensible_answer(plain_house: House, kind: InboundKind, said: str) -> None:
    """And the menu; an empty text too."""
    phone = await member(plain_house)
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


@pytest.mark.parametrize("said", ["quay lai", "Tiep tuc", "TRO GIUP"])
async def test_a_global_word_without_accents_is_asked_back_where_text_is_free(house: House, said: str) -> None:
    """It is neither obeyed nor kept as the answer; typed once more it is meant."""
    phone = await member(house)
    await phone.says("/gioithieu")
    await phone.says("1")
    answer = await phone.says(said)
    assert "nhắn lại lần nữa" in answer
    assert "Người ấy tên là gì?" in answer
    assert "nhắn lại lần nữa" not in await phone.says(said)
    assert "muốn giới thiệu ai" in await phone.says("quay lại")


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

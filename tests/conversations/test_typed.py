"""Without buttons: numbers belong to the question, codes to what stands beside it, and nothing comes in between."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.lanes import Lane
from bot.domain.messages import InboundKind
from bot.storage.database import Transaction
from tests.conversations.test_notices import acknowledgements, announced
from tests.support.fake_channel import NotOnThisChannel
from tests.support.house import House, Phone
from tests.support.officers import officer_of, writes
from tests.support.people import a_minute_later, settled


@pytest.fixture
async def typing_house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose phones have nothing to tap."""
    house = House(tmp_path, channel="zalo_bot")
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


def written(phone: Phone) -> str:
    """The last message as it stands on the phone, choices included."""
    return phone.last.html


async def code_of(house: House, label: str) -> int:
    """The newest code given for a label."""
    found = await house.running.db.read(
        lambda tx: tx.scalar("SELECT code FROM typed_code WHERE label = ? ORDER BY given_at DESC, code DESC", (label,))
    )
    assert isinstance(found, int)
    return found


async def test_from_hello_to_a_quiz_with_digits_only(typing_house: House) -> None:
    """Everything a newcomer is asked can be answered on a numeric keypad; what has no number is said in a word."""
    phone = typing_house.phone("601")
    await phone.says("chao")
    assert written(phone).endswith("\n\n1. Đồng ý\n2. Để sau")
    assert "ở công đoàn nào" in await phone.says("1")
    assert "1. CĐCS Công ty Ví dụ A" in (await phone.says("cong ty vi du a")) + written(phone)
    await phone.says("1")
    assert "4. Chú" in written(phone)
    await phone.says("4")
    assert "nhận bài lúc nào" in await phone.says("thoi")  # the name: skipped
    await phone.says("3")
    await phone.says("2")
    assert "Câu 1/5" in phone.last.text
    assert "\n\nGõ “Nghỉ ở đây”" in written(phone)
    assert "Câu 2/5" in await phone.says("B")
    assert "Câu 3/5" in await phone.says("3")
    assert "trả lời đúng" in await phone.says("nghi o day")


@pytest.mark.parametrize("said", ["2", "2.", "hai", "B", "b", "(2)", "Để sau", "de sau", "thôi"])
async def test_the_second_of_two(plain_house: House, said: str) -> None:
    """Every way of typing a choice."""
    phone = plain_house.phone("602")
    await phone.says("chào")
    assert "Tôi không lưu gì cả" in await phone.says(said)


async def test_a_letter_that_begins_another_label_is_asked_back(plain_house: House) -> None:
    """«c» is the third form of address, and begins four of them."""
    phone = plain_house.phone("603")
    await phone.says("/start u_LC0421")
    await phone.says("ok")
    assert "Ý anh/chị là" in await phone.says("c")
    assert "Tên cô" in await phone.says("3")


async def test_a_number_beside_numbered_lines_sends_nothing(house: House) -> None:
    """Where the lines of the summary have the numbers, «1» is the first line, and sending is a word."""
    phone = await settled(house, "614", "Lò Thị Lan", form="chị")
    for said in ("gioi thieu", "1", "anh Sơn", "1", "giup cu gia", "hom qua", "bỏ", "bo qua", "2"):
        await phone.says(said)
    a_minute_later(house)
    assert phone.last.labels == ["Gửi", "Sửa"]
    assert "muốn giới thiệu ai" in await phone.says("1")
    assert "Đã tiếp nhận" not in await phone.says("2")
    await phone.says("Tổ 3")
    assert "Đã tiếp nhận" in await phone.says("gui")


async def test_a_number_the_list_has_not_is_not_the_menus(house: House) -> None:
    """The menu is over once a list with fewer lines was shown."""
    phone = await settled(house, "617", "Lò Thị Lan", form="chị")
    await phone.says("may va ung dung")
    answer = await phone.says("8")
    assert "chưa hiểu “8”" in answer
    assert "Chị nhắn với tôi ở" in answer


async def test_the_way_out_needs_no_accents(house: House) -> None:
    """Where an answer cannot be used «huy», «quay lai» and «giup» are meant; «thoi» leaves any choice, losing nothing."""
    phone = await settled(house, "615", "Lò Thị Lan", form="chị")
    await phone.says("gioi thieu")
    assert "được giữ lại" in await phone.says("thoi")
    await phone.says("tiep tuc")
    for said in ("1", "anh Sơn", "1", "giup cu gia"):
        await phone.says(said)
    assert "Nhắn “quay lại”" in await phone.says("giup")
    assert "Việc tốt ấy là gì" in await phone.says("quay lai")
    await phone.says("giup cu gia")
    a_minute_later(house)
    assert "Đã hủy" in await phone.says("huy")
    await phone.says("tam nghi")
    assert "Cài đặt của chị" in await phone.says("thoi")


async def test_bo_beside_bo_qua_skips(house: House) -> None:
    """It is a word of the option as well as one for cancelling all."""
    phone = await settled(house, "616", "Lò Thị Lan", form="chị")
    for said in ("gioi thieu", "1", "anh Sơn", "1", "giup cu gia", "hom qua"):
        await phone.says(said)
    assert "Có ảnh thì gửi" in await phone.says("bỏ")


async def test_a_number_in_a_dialog_never_acknowledges(typing_house: House) -> None:
    """Nor does a code's bare number; with its word it does, and the dialog goes on."""
    lan = await settled(typing_house, "604", "Lò Thị Lan", form="chị")
    await announced(typing_house, "Mai họp.")
    code = await code_of(typing_house, "Đã nhận")
    assert f"\nGõ {code}: Đã nhận\n" in written(lan)
    await lan.says("2")
    assert "Câu 1/5" in lan.last.text
    await lan.says("1")
    assert await acknowledgements(typing_house) == [(1, False)]
    aside = await lan.says(str(code))
    assert f"Số {code} là “Đã nhận” ở tin khác" in aside
    assert "Câu 2/5" in aside
    assert await acknowledgements(typing_house) == [(1, False)]
    assert "Đã ghi nhận" in await lan.says(f"{code} nhan")
    assert await acknowledgements(typing_house) == [(1, True)]
    assert "Câu 3/5" in await lan.says("A")


@pytest.mark.parametrize(
    "way",
    [
        "{code}",
        "Gõ {code}",
        "{code} đã nhận",
        "{code} da nhan ạ",
        "gõ {code} đọc",
        "so {code}",
        "{code} ro roi",
        "Gõ {code}: Đã nhận",
        "đã nhận",
        "Da nhan",
    ],
)
async def test_a_notice_is_acknowledged_outside_a_dialog(typing_house: House, way: str) -> None:
    """By the code, the code with its word, or the word."""
    lan = await settled(typing_house, "605", "Lò Thị Lan", form="chị")
    await announced(typing_house, "Mai họp.")
    code = await code_of(typing_house, "Đã nhận")
    assert "Đã ghi nhận" in await lan.says(way.format(code=code))


async def test_each_notice_has_its_own_code(typing_house: House) -> None:
    """An older one can still be answered, and a number with another word is no code."""
    lan = await settled(typing_house, "606", "Lò Thị Lan", form="chị")
    await announced(typing_house, "Một.")
    first = await code_of(typing_house, "Đã nhận")
    await announced(typing_house, "Hai.")
    assert await code_of(typing_house, "Đã nhận") != first
    assert "chưa hiểu" in await lan.says(f"{first} tuổi")
    await lan.says(f"{first} đã nhận")
    assert await acknowledgements(typing_house) == [(1, True), (2, False)]


async def test_a_code_lasts_seven_days(typing_house: House) -> None:
    """After that it is known for what it was; nobody else's address knows it at all."""
    lan = await settled(typing_house, "607", "Lò Thị Lan", form="chị")
    await announced(typing_house, "Mai họp.")
    code = await code_of(typing_house, "Đã nhận")
    binh = await settled(typing_house, "608", "Lê Thị Bình", form="chị")
    assert "chưa hiểu" in await binh.says(str(code))
    typing_house.clock.forward(days=7, seconds=1)
    assert f"Số {code} (“Đã nhận”) đã quá bảy ngày" in await lan.says(str(code))
    await lan.says("/caidat")
    assert "đã quá bảy ngày" in await lan.says(f"{code} nhận")
    assert await acknowledgements(typing_house) == [(1, False)]


async def test_ninety_codes_go_round(typing_house: House) -> None:
    """A member who never answers gets the next code, never one just given."""
    lan = await settled(typing_house, "609", "Lò Thị Lan", form="chị")
    seen = []
    for number in range(50):
        await announced(typing_house, f"Tin {number}.")
        # A day has room for three: each of the earlier ones is moved to the day before.
        await typing_house.running.db.write(lambda tx: tx.run("UPDATE announcement SET started_at = 0"))
        seen.append(await code_of(typing_house, "Đã nhận"))
        typing_house.clock.forward(minutes=1)
    assert all(10 <= code <= 99 for code in seen)
    assert len(set(seen[-40:])) == 40
    await lan.says(f"{seen[-1]} đã nhận")
    assert (await acknowledgements(typing_house))[-1] == (50, True)


# -- what must not come in between


async def test_an_announcement_waits_for_the_end_of_a_conversation(house: House) -> None:
    """It comes once nobody has written for five minutes, not in the middle."""
    lan = await settled(house, "611", "Lò Thị Lan", form="chị")
    await lan.says("/gioithieu")
    await announced(house, "Mai họp.")
    assert "Mai họp." not in "".join(message.text for message in lan.shown)
    house.clock.forward(minutes=4)
    await lan.says("1")
    house.clock.forward(minutes=4)
    await house.tick()
    assert "Mai họp." not in "".join(message.text for message in lan.shown)
    house.clock.forward(minutes=1, seconds=1)
    await house.tick()
    assert "Mai họp." in lan.last.text
    assert "Ở đơn vị nào" in await lan.says("Lò Thị Bình")


async def test_an_urgent_one_does_not_wait(plain_house: House) -> None:
    """Storms do not ask what one is doing."""
    an = await officer_of(plain_house, "LC0421")
    lan = await settled(plain_house, "612", "Lò Thị Lan", form="chị")
    await lan.says("/caidat")
    await writes(an, "Nghỉ làm, bão.", kind="Khẩn")
    await an.says("Bão số 3")
    await an.says("cả đơn vị")
    await an.says("gửi ngay")
    assert "Nghỉ làm, bão." in lan.last.text


async def test_what_would_come_too_late_does_not_wait(plain_house: House) -> None:
    """Better in between than never."""
    lan = await settled(plain_house, "613", "Lò Thị Lan", form="chị")
    await announced(plain_house, "Mai họp.")
    await lan.says("/caidat")
    await announced(plain_house, "Một phút nữa họp.")

    def hurry(tx: Transaction) -> None:
        soon = plain_house.clock.now() + 60_000
        tx.run("UPDATE outbox SET valid_until = ? WHERE state = 'pending' AND lane = ?", (soon, int(Lane.ANNOUNCEMENT)))
        tx.run("UPDATE outbox SET not_before = 0 WHERE state = 'pending'")

    await plain_house.running.db.write(hurry)
    await plain_house.tick()
    plain_house.clock.forward(minutes=1)
    await plain_house.tick()
    assert "Một phút nữa họp." in lan.last.text


# -- before registration


@pytest.mark.parametrize("said", ["LC0421", "lc 421", "mã LC0421", "ma lc0421", "cong ty vi du a", "Công ty Ví dụ A"])
async def test_the_unit_is_understood_at_any_point_before_registration(house: House, said: str) -> None:
    """As the first message, and at the question of consent."""
    first = house.phone("621")
    await first.says(said)
    await first.says("1")
    assert "CĐCS Công ty Ví dụ A" in "".join(message.text for message in first.shown)
    later = house.phone("622")
    await later.says("chào")
    assert "đồng ý không" in await later.says(said)
    await later.says("đồng ý")
    assert "CĐCS Công ty Ví dụ A" in "".join(message.text for message in later.shown)


async def test_a_greeting_is_no_unit(plain_house: House) -> None:
    """Nor is a sentence."""
    for chat, said in (("631", "công đoàn"), ("632", "xin chào cô ạ"), ("633", "tôi muốn tham gia")):
        phone = plain_house.phone(chat)
        await phone.says(said)
        assert "ở công đoàn nào" in await phone.says("1")


# -- what never reaches a bot


async def test_what_the_platform_withholds_is_always_answered_with_a_person(house: House) -> None:
    """Some members' plain text never reaches a bot: outside, in a dialog and before registration."""
    if house.channel.name == "webchat":
        raise NotOnThisChannel("webchat", "sends_unsupported")
    stranger = house.phone("641")
    for _ in range(2):
        answer = await stranger.sends(InboundKind.UNSUPPORTED)
        assert "Nguyễn Văn Mẫu" in answer
        assert "0912 000 001" in answer
    lan = await settled(house, "642", "Lò Thị Lan", form="chị")
    assert "0912 000 001" in await lan.sends(InboundKind.UNSUPPORTED)
    await lan.says("2")
    a_minute_later(house)
    answer = await lan.sends(InboundKind.UNSUPPORTED)
    assert "0912 000 001" in answer
    assert "Câu 1/5" in answer

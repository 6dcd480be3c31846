"""«Ngôn ngữ nghe»: chosen, heard, taken back; what is missing is said, and the card comes all the same."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bot.domain.announcements import Audience
from bot.services import questions
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from tests.support import house as support
from tests.support.house import PACK, House, Phone
from tests.support.officers import member_id, officer_of
from tests.support.people import a_minute_later, settled
from tests.support.told import SOUND, WORDS, told_pack

MISSING = "Bài này chưa có bản tiếng Thái."


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two cards are told in another language, in every house that opens."""
    monkeypatch.setattr(support, "PACK", told_pack(tmp_path))


async def listener(house: House, chat: str = "731") -> Phone:
    """A member who listens in Thái."""
    house.running.installation.pack = support.PACK
    phone = await settled(house, chat, "Lò Văn Ban")
    await phone.says("ngon ngu nghe")
    await phone.says("thai")
    return phone


def heard(phone: Phone) -> list[bytes]:
    """Voice notes on the phone."""
    return [Path(ref).read_bytes() for message in phone.shown for kind, ref in message.media if kind == "voice"]


async def test_chosen_heard_and_taken_back(house: House) -> None:
    """Nobody is asked; who chooses is told why, hears or reads what there is, and takes it back with one tap."""
    house.running.installation.pack = support.PACK
    phone = await settled(house, "731", "Lò Văn Ban", form="anh")
    assert "Nghe" not in await phone.says("/bai")
    assert MISSING not in phone.last.text
    assert "Ngôn ngữ nghe: " not in await phone.says("cai dat")
    asked = await phone.taps("Ngôn ngữ nghe")
    assert "Không ai khác thấy, cán bộ không lọc hay lập danh sách theo tiếng được" in asked
    chosen = await phone.taps("Thái")
    assert chosen.startswith("Đã ghi: nghe tiếng Thái.")
    assert "• Ngôn ngữ nghe: Thái\n" in chosen

    await phone.says(f"bài {PACK.cards[0].id}")
    assert PACK.cards[0].title in phone.last.text
    assert MISSING not in phone.last.text
    assert "Đây là bản tiếng Thái của bài." in await phone.taps("Nghe")
    assert heard(phone) == [SOUND]
    await phone.says(f"bài {PACK.cards[1].id}")
    written = await phone.taps("Đọc bản tiếng ấy")
    assert WORDS in written
    assert "Người viết bản này: Bà <b>A</b>" in written
    third = await phone.says(f"bài {PACK.cards[2].id}")
    assert PACK.cards[2].body[:40] in third
    assert MISSING in third
    assert "Nghe" not in [label.partition(". ")[2] for label in phone.last.labels]

    assert "• Ngôn ngữ nghe: Thái\n" in await phone.says("dữ liệu của tôi")
    await phone.says("ngôn ngữ nghe")
    assert (await phone.taps("Không ghi nữa")).startswith("Tôi không ghi ngôn ngữ nghe của anh nữa.")
    assert MISSING not in await phone.says(f"bài {PACK.cards[2].id}")
    assert "Ngôn ngữ nghe: " not in await phone.says("dữ liệu của tôi")


async def test_in_the_days_message(plain_house: House) -> None:
    """*Nghe* stands under it, too, and works days later; without anything to hear, a sentence does."""
    phone = await listener(plain_house)
    await phone.says("cai dat")
    await phone.says("gio nhan bai")
    await phone.says("toi")
    await plain_house.passes("2025-05-02T19:35")
    assert PACK.cards[0].title in phone.last.text
    assert "Nghe" in phone.last.labels
    await phone.presses(phone.last, next(b.data for b in phone.last.buttons if b.label == "Nghe"))
    assert "Đây là bản tiếng Thái của bài." in "".join(message.text for message in phone.shown[-3:])
    await plain_house.passes("2025-05-03T19:35")
    await plain_house.passes("2025-05-04T19:35")
    assert MISSING in phone.last.text


@pytest.mark.parametrize("typed", ["nghe", "Nghe ạ"])
async def test_the_button_under_the_days_message_by_its_word(plain_house: House, typed: str) -> None:
    """It is not taken for «nghề»."""
    phone = await listener(plain_house)
    await phone.says("gio nhan bai")
    await phone.says("toi")
    await phone.says("menu")
    await plain_house.passes("2025-05-02T19:35")
    assert "Đây là bản tiếng Thái của bài." in await phone.says(typed)
    assert (await phone.says("nghề")).startswith("Anh làm việc gì?")


async def test_from_the_piece_of_the_day(plain_house: House) -> None:
    """The piece asked for has it, and so has a pressed button of somebody who chose no language since."""
    phone = await listener(plain_house)
    await phone.says("/bai")
    await phone.says("nghe")
    assert "Đây là bản tiếng Thái của bài." in phone.last.text
    await phone.says("ngôn ngữ nghe")
    await phone.says("không ghi nữa")
    if plain_house.channel.capabilities.buttons:
        assert "chưa chọn ngôn ngữ nghe" in await phone.taps_data(f"lis:{PACK.cards[0].id}:listen")
        assert "chưa chọn ngôn ngữ nghe" in await phone.taps_data("lis:không có:listen")


async def test_a_recording_that_changed_under_the_bot_is_not_played(plain_house: House, tmp_path: Path) -> None:
    """The pack's folder is being worked on: nothing that was not checked goes out."""
    phone = await listener(plain_house)
    (tmp_path / "mot.ogg").write_bytes(b"OggS another voice")
    await phone.says(f"bài {PACK.cards[0].id}")
    await phone.says("nghe")
    assert heard(phone) == []
    assert "bản tiếng Thái chưa gửi được" in phone.last.text


async def test_questions(plain_house: House) -> None:
    """One is heard or read before it is answered; one that is not told says so, and is asked all the same."""
    phone = await listener(plain_house)
    told, untold = 0, 0
    shown = await phone.says("/cauhoi")
    for _ in range(5):
        if "Câu này chưa có bản tiếng Thái." in shown:
            untold += 1
        else:
            assert WORDS in await phone.says("đọc bản tiếng ấy")
            assert "Đọc bản tiếng ấy" not in phone.last.labels
            told += 1
        a_minute_later(plain_house)
        shown = await phone.says("A B" if "(chọn mọi ý đúng)" in shown else "A")
    assert "/5 câu" in shown
    assert told >= 4
    number = PACK.questions[0]
    asked = await service(plain_house, phone, number.id)
    assert (asked["language"], asked["told"]) == ("Thái", "")


async def service(house: House, phone: Phone, question_id: str) -> Any:
    """A question as this member is asked it."""
    id = await member_id(house, phone)

    def ask(tx: Transaction) -> Any:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, id))
        return questions.question(turn, question_id)

    return await house.running.db.read(ask)


async def test_a_script_that_is_told_in_another_language(plain_house: House) -> None:
    """The officer who fetches a week's script gets it in every language there is, whatever anybody chose."""
    plain_house.running.installation.pack = support.PACK
    officer = await officer_of(plain_house, "LC0421")
    await officer.says("/sinhhoat")
    await officer.says("Tuần khác")
    await officer.says("20")
    assert any(message.text.startswith("Bài phát thanh tuần 20 (") for message in officer.shown)
    assert heard(officer) == [SOUND]
    assert any("có cả bản tiếng Thái, ở trên" in message.text for message in officer.shown)


@pytest.mark.parametrize("typed", ["Anh", "99", "<b>{{7*7}}</b>", "x" * 4000])
async def test_what_is_no_language(plain_house: House, typed: str) -> None:
    """Only what the pack has is kept; a word of one's own is not."""
    phone = await settled(plain_house, "732", "Lò Văn Ban")
    await phone.says("ngôn ngữ nghe")
    assert "49" not in await phone.says(typed)
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member_language")) == 0


async def test_erased_with_the_rest(plain_house: House) -> None:
    """No row stays; and no audience can be chosen by language."""
    phone = await listener(plain_house)
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member_language")) == 1
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member_language")) == 0
    assert {field.name for field in fields(Audience)} & {"language", "languages"} == set()

"""Chia sẻ bài: a card to pass on, and what becomes of whoever opens its link."""

import shutil
from pathlib import Path

import pytest

from bot.storage import solemn
from content.models import Pack
from tests.support.house import PACK, House, Phone
from tests.support.people import settled

SHARED = PACK.card_by_id["hon-da"]


def opens(house: House) -> str:
    """What arrives when the shared card is opened on this channel: the link's payload, else the words."""
    return "/start c_hon-da" if house.channel.name != "zalo_bot" else "bài hon-da"


async def member(house: House, chat: str = "970") -> Phone:
    phone = house.phone(chat)
    await phone.joins()
    return phone


async def test_passing_a_card_on(house: House) -> None:
    """Its text with source and the way to it, its picture, and nothing about who shares."""
    phone = house.phone("970")
    await phone.joins(name="Lò Thị Mai")
    await phone.says("tìm hòn đá")
    await phone.says("1")
    phone.new  # noqa: B018 - what came before
    await phone.taps("Chia sẻ bài")
    came = phone.new
    shared = came[0].text
    assert SHARED.body[:60] in shared
    assert "Nguồn:" in shared
    if house.channel.name == "zalo_bot":
        assert "https://example.test/bot rồi nhắn “bài hon-da”" in shared
    else:
        assert "https://example.test/bot?start=c_hon-da" in shared
    assert "Mai" not in shared
    assert "Anh" not in shared
    [pictured] = [message for message in came if message.media]
    assert [kind for kind, _ in pictured.media] == ["photo"]
    assert pictured.text == "", "its words stand in the message beside it"
    [alt] = pictured.alts
    quotation = PACK.quotation_of(SHARED)
    assert quotation is not None
    for said in (SHARED.title, quotation.text, quotation.work, PACK.sources_of(SHARED)[0].title):
        assert said in alt
    assert "chuyển tiếp những tin trên" in came[-1].text
    assert phone.last.labels[1:3] == ["2. Lưu bài", "3. Chia sẻ bài"]


async def test_a_member_opens_it(plain_house: House) -> None:
    """That card, from anywhere, and on from there."""
    phone = await member(plain_house)
    assert SHARED.body[:60] in await phone.says(opens(plain_house))
    await phone.says("/cauhoi")
    assert SHARED.body[:60] in await phone.says("bai hon-da")
    assert "Tất cả: 2/" in await phone.says("/bando")


async def test_a_stranger_opens_it(house: House) -> None:
    """Consent first; then that card is the first one; nothing is kept of who declines."""
    phone = house.phone("971")
    asked = await phone.says(opens(house))
    assert "Đồng ý" in " ".join(phone.last.labels)
    assert SHARED.title not in asked
    await phone.taps("Để sau")
    asked = await phone.says("chào")
    assert SHARED.title not in asked
    assert SHARED.title not in await phone.says(opens(house))
    agreed = await phone.taps("Đồng ý")
    assert SHARED.body[:60] in agreed
    assert PACK.cards[0].title not in agreed
    await phone.says("LC0421")
    await phone.says("Anh")
    await phone.says("bỏ qua")
    await phone.says("4")
    assert PACK.cards[0].title in await phone.says("/bai")


async def test_a_card_that_is_gone(plain_house: House) -> None:
    """A sentence: to a member, and to a stranger, who gets the first card."""
    phone, stranger = await member(plain_house), plain_house.phone("972")
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    left = tuple(card for card in PACK.cards if card.id != SHARED.id)
    plain_house.running.installation.pack = Pack(**parts | {"cards": left})
    assert (await phone.says(opens(plain_house))).startswith("Bài này không còn, hoặc đường dẫn chưa đúng.")
    await stranger.says(opens(plain_house))
    agreed = await stranger.taps("Đồng ý")
    assert "Bài được chia sẻ không còn" in agreed
    assert PACK.cards[0].title in agreed


@pytest.mark.parametrize(
    "typed",
    [
        "/start c_", "/start c_khong-co", "/start c_../../x", "/start c_" + "a" * 90, "bài khong-co-that",
        "/start c_<b>hon-da</b>", "bài hon_da",
    ],
)  # fmt: skip
async def test_forged_links(plain_house: House, typed: str) -> None:
    """Each gets a sentence and leads nowhere else."""
    phone = await member(plain_house)
    answer = await phone.says(typed)
    assert SHARED.title not in answer
    assert answer
    assert "Có lỗi phía chúng tôi" not in answer


async def test_from_the_message_of_the_day(plain_house: House) -> None:
    """The button under it sends the same."""
    phone = await member(plain_house)
    await plain_house.passes("2025-05-02T19:30")
    card = PACK.cards[1]
    answer = await phone.taps("Chia sẻ bài")
    assert card.body[:60] in answer
    assert "chuyển tiếp những tin trên" in answer


async def test_who_had_left_comes_back_by_it(plain_house: House) -> None:
    """Consent once more, then that card."""
    phone = await member(plain_house)
    await phone.says("ngừng tham gia")
    await phone.says("có")
    assert SHARED.title not in await phone.says(opens(plain_house))
    assert SHARED.body[:60] in await phone.taps("Đồng ý")


async def test_its_picture_is_drawn_once(plain_house: House) -> None:
    """For whoever shares it first; for a month it is sent to all, and nobody's erasure takes it away."""

    async def pictured(chat: str) -> int:
        """The row of the picture that came."""
        phone = plain_house.phone(chat)
        await phone.says("bài hon-da")
        before = len(phone.shown)
        await phone.taps("Chia sẻ bài")
        assert any(kind == "photo" for message in phone.shown[before:] for kind, _ in message.media)
        row: int = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT media_id FROM drawn"))
        return row

    first, _ = await member(plain_house), await member(plain_house, "973")
    row = await pictured("970")
    assert await pictured("973") == row
    await first.says("/xoadulieu")
    await first.says("XÓA")
    plain_house.clock.forward(days=2)
    await plain_house.tick()
    assert await pictured("973") == row
    plain_house.clock.forward(days=31)
    await plain_house.tick()
    assert await pictured("973") != row


async def test_a_picture_that_went_astray_is_drawn_again(tmp_path: Path) -> None:
    """Somebody tidied the folder up: the next who shares the card gets its picture all the same."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    for chat in ("970", "973"):
        phone = await settled(house, chat, "A")
        await phone.says("bài hon-da")
        await phone.taps("Chia sẻ bài")
        assert any(kind == "photo" for message in phone.shown for kind, _ in message.media)
        shutil.rmtree(house.running.installation.data_dir / "exports")
    await house.close()


async def test_no_picture_in_solemn_days(plain_house: House) -> None:
    """The words may be passed on, the picture is held as it is for groups."""
    phone = await member(plain_house)
    await plain_house.running.db.write(lambda tx: solemn.start(tx, None, "Quốc tang", 1, plain_house.clock.now()))
    await phone.says("bài hon-da")
    before = len(phone.shown)
    answer = await phone.taps("Chia sẻ bài")
    assert SHARED.body[:60] in answer
    assert not any(message.media for message in phone.shown[before:])


async def test_a_fault_outside_a_conversation_asks_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full under a button of yesterday: a sentence that ends, and nothing is lost."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    phone = await settled(house, "970", "A")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        assert (await phone.taps_data("shr:hon-da:share")).endswith("Anh thử lại sau ít phút nhé.")
    assert SHARED.body[:60] in await phone.taps_data("shr:hon-da:share")
    await house.close()

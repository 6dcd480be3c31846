"""The picture of a card: it comes with the card, told in words where a picture cannot carry them, with whose it is."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.contract import Delivery
from bot.services import sharing
from bot.storage import solemn
from content.models import Image as CardImage
from content.models import Pack
from tests.support.fake_channel import Shown
from tests.support.house import PACK, House, Phone

ALT = "Bác Hồ nói chuyện với anh chị em <thợ> & bà con"
LICENCE = "Ảnh tư liệu của Công đoàn tỉnh"
READ = PACK.cards[1]


def drawn() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "brown").save(made, "JPEG")
    return made.getvalue()


JPEG = drawn()


@pytest.fixture(autouse=True)
def illustrated(plain_house: House) -> None:
    """The pack as it would be if its first cards had a picture."""
    first = [
        card.model_copy(update={"image": CardImage(file=f"{card.id}.jpg", alt=ALT, licence=LICENCE)})
        for card in PACK.cards[:4]
    ]
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    changed = {"cards": (*first, *PACK.cards[4:]), "images": {card.id: JPEG for card in first}}
    plain_house.running.installation.pack = Pack(**parts | changed)


async def member(house: House) -> Phone:
    phone = house.phone("980")
    await phone.joins()
    return phone


def with_picture(house: House, came: list[Shown]) -> Shown:
    """The one message with a photo among those that came; it says what it shows, and whose it is once."""
    [pictured] = [message for message in came if message.media]
    assert [kind for kind, _ in pictured.media] == ["photo"]
    assert pictured.alts == [ALT]
    texts = "\n".join(message.text for message in came)
    assert texts.count(LICENCE) == 1
    assert texts.count(ALT) == (0 if house.channel.name == "webchat" else 1)
    return pictured


async def test_it_comes_with_the_first_card(plain_house: House) -> None:
    phone = await member(plain_house)
    with_picture(plain_house, phone.shown)


async def test_it_comes_with_each_card_one_reads(plain_house: House) -> None:
    """First the picture, then the words and the choices; to leaf back shows it again, and a card without one has none."""
    phone = await member(plain_house)
    phone.new  # noqa: B018 - what came before
    await phone.says("/bai")
    came = phone.new
    assert with_picture(plain_house, came) is came[0]
    assert READ.title in "\n".join(message.text for message in came)
    assert phone.last.labels[0] == "1. Đọc tiếp"
    await phone.taps("Đọc tiếp")
    with_picture(plain_house, phone.new)
    await phone.taps("Bài trước")
    with_picture(plain_house, phone.new)
    await phone.says(f"bài {READ.id}")
    with_picture(plain_house, phone.new)
    await phone.says(f"/start c_{PACK.cards[4].id}")
    assert not any(message.media for message in phone.new)


async def test_after_a_fault_of_ours_it_stands_with_the_question_again(
    plain_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not its description without it."""
    phone = await member(plain_house)
    await phone.says("/bai")
    phone.new  # noqa: B018 - what came before
    with monkeypatch.context() as broken:
        broken.setattr(sharing, "named", None)
        await phone.says("bài hon-da")
    came = phone.new
    assert "Có lỗi phía chúng tôi" in "\n".join(message.text for message in came)
    with_its_line = any(LICENCE in message.text for message in came)
    assert any(message.media for message in came) is with_its_line


async def test_the_file_is_kept_once_and_goes_as_it_is(plain_house: House) -> None:
    """However many read the card."""
    delivered: list[bytes] = []

    def watch(delivery: Delivery) -> None:
        delivered.extend(Path(file.path).read_bytes() for file in delivery.media)

    plain_house.channel.outcome_for = watch
    for chat in ("980", "981"):
        await plain_house.phone(chat).joins()
    rows = await plain_house.running.db.read(lambda tx: tx.all("SELECT name, member_id FROM media"))
    assert rows == [(f"{PACK.cards[0].id}.jpg", None)]
    assert delivered == [JPEG, JPEG]


async def test_it_comes_with_the_message_of_the_day_and_when_shared(plain_house: House) -> None:
    phone = await member(plain_house)
    phone.new  # noqa: B018 - what came before
    await plain_house.passes("2025-05-02T19:30")
    came = phone.new
    with_picture(plain_house, came)
    assert PACK.cards[1].title in "\n".join(message.text for message in came)
    await phone.taps("Chia sẻ bài")
    shared = [message for message in phone.new if message.media]
    assert len(shared) == 2, "the words of the card drawn, and its own picture"
    assert shared[1].alts == [ALT]
    assert LICENCE in shared[1].text


async def test_a_solemn_day_has_the_card_without_it(plain_house: House) -> None:
    phone = await member(plain_house)
    phone.new  # noqa: B018 - what came before
    await plain_house.running.db.write(lambda tx: solemn.start(tx, None, "Quốc tang", 1, plain_house.clock.now()))
    assert READ.title in await phone.says("/bai")
    await phone.taps("Chia sẻ bài")
    assert all(ALT not in message.alts for message in phone.new)


async def test_a_channel_that_cannot_fetch_files_has_the_card(plain_house: House) -> None:
    """Without a word about files: nobody asked for one."""
    at = plain_house.running.installation
    at.public_url = ""
    at.capabilities = {id: replace(can, uploads=False) for id, can in at.capabilities.items()}
    phone = await member(plain_house)
    phone.new  # noqa: B018 - what came before
    said = await phone.says("/bai")
    assert READ.title in said
    assert not any(message.media for message in phone.new)
    assert LICENCE not in said

"""Voice and video an officer sends, as each channel shows them to whoever is there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.messages import InboundKind
from tests.support.house import House, Phone
from tests.support.officers import officer_of, outcomes, times
from tests.support.people import a_minute_later, settled

BESIDE = ("webchat", "zalo_bot")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[House]:
    """Telegram, the web chat and Zalo in one installation with a public address."""
    house = House(tmp_path, beside=BESIDE)
    house.public_url = "https://bot.example.test"
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


async def elsewhere(house: House, channel: str) -> Phone:
    """A member on another channel."""
    await settled(house, f"{channel}-1", f"Người {channel}")
    account = house.running.accounts[channel]
    await house.running.db.write(
        lambda tx: tx.run("UPDATE address SET account_id = ? WHERE external_id = ?", (account, f"{channel}-1"))
    )
    return house.phone(f"{channel}-1", channel)


async def sent(house: House, kind: InboundKind) -> tuple[Phone, Phone, Phone]:
    """An officer sends one file and a text with a question to one person on each channel."""
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình")
    web, zalo = [await elsewhere(house, channel) for channel in BESIDE]
    house.channel.files["recorded"] = b"recorded"
    await an.says("/thongbao_moi")
    await an.sends(kind, ref="recorded")
    await an.says("Mời {goi} {ten} nghe.")
    if "loại nào" not in an.last.text:
        await an.says("xong")
    await an.says("thông tin")
    assert "Kèm 1 tệp." in await an.says("cả đơn vị")
    a_minute_later(house)
    await an.says("gửi ngay")
    assert (await outcomes(house, "announcement:%")) == {"sent": 4}
    return binh, web, zalo


@pytest.mark.parametrize("kind", [InboundKind.VOICE, InboundKind.VIDEO])
async def test_on_telegram_and_the_web_as_it_is(office: House, kind: InboundKind) -> None:
    """On the platform it came by as its own file, in the page as ours; the text and the answers below it."""
    binh, web, _ = await sent(office, kind)
    for phone in (binh, web):
        assert [file for file, _ in phone.last.media] == [kind.value]
        assert "Mời anh" in phone.last.text
        assert phone.last.labels[0] == "Đã nhận"
    assert binh.last.media == [(kind.value, "recorded")]
    path = await office.running.db.read(lambda tx: tx.scalar("SELECT path FROM media"))
    assert web.last.media == [(kind.value, path)]
    assert Path(path).read_bytes() == b"recorded"  # noqa: ASYNC240 - a small file
    assert "Đã ghi nhận" in await web.taps("Đã nhận")


async def test_a_voice_note_on_zalo(office: House) -> None:
    """Zalo fetches it from our pages, in a message of its own; text and typed answers follow it."""
    _, _, zalo = await sent(office, InboundKind.VOICE)
    note, words = zalo.shown
    assert [kind for kind, _ in note.media] == ["voice"]
    assert not note.text
    assert "Mời anh Người zalo_bot nghe." in words.text
    assert "Đã ghi nhận" in await zalo.says("đã nhận")


async def test_a_video_on_zalo(office: House) -> None:
    """Zalo shows no videos: it goes as an address under the text, in one message."""
    _, _, zalo = await sent(office, InboundKind.VIDEO)
    [message] = zalo.shown
    assert [kind for kind, _ in message.media] == ["video"]
    assert "Mời anh Người zalo_bot nghe." in message.text
    assert times(zalo, "chưa gửi được tệp") == 0


@pytest.mark.parametrize("kind", [InboundKind.VOICE, InboundKind.VIDEO])
async def test_zalo_without_pages_of_ours(tmp_path: Path, kind: InboundKind) -> None:
    """Where there is no public address a sentence stands in its place, and the text arrives."""
    house = House(tmp_path, beside=BESIDE)
    await house.open()
    await house.plant_units()
    binh, _, zalo = await sent(house, kind)
    assert [file for file, _ in binh.last.media] == [kind.value]
    assert [message.media for message in zalo.shown] == [[]]
    assert "Mời anh Người zalo_bot nghe." in zalo.last.text
    assert "Ở đây tôi chưa gửi được tệp." in zalo.last.text
    await house.close()

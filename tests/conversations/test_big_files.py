"""Files bigger than are fetched: sent on by reference to whoever is on the same platform, refused everywhere else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.messages import InboundKind
from bot.domain.prompts import text
from bot.domain.time import DAY, HOUR
from bot.services import sending
from bot.services.drafts import begun
from bot.services.media import Kept
from bot.services.turn import Turn
from bot.storage import members, units
from bot.storage.database import Transaction
from content.texts import Voice
from tests.support.house import House, Phone
from tests.support.officers import member_id, officer_of, sends, times
from tests.support.people import a_minute_later, settled

FILM = 60 * 1024 * 1024


@pytest.fixture
async def two_channels(tmp_path: Path) -> AsyncIterator[House]:
    """A house on Telegram with a web chat beside it."""
    house = await House(tmp_path, beside=["webchat"]).open()
    await house.plant_units()
    yield house
    await house.close()


async def on_the_web(house: House, chat: str, name: str) -> Phone:
    """A member who is there in the web chat only."""
    await settled(house, chat, name)
    web = house.running.accounts["webchat"]
    await house.running.db.write(
        lambda tx: tx.run("UPDATE address SET account_id = ? WHERE external_id = ?", (web, chat))
    )
    return house.phone(chat, "webchat")


async def film(officer: Phone) -> str:
    """Write an announcement with a film up to its preview."""
    await officer.says("/thongbao_moi")
    await officer.sends(InboundKind.VIDEO, ref="film", size=FILM, text="Mời {goi} xem phim.")
    await officer.taps("Xong")
    await officer.says("thông tin")
    return await officer.says("cả đơn vị")


async def test_sent_on_by_its_reference(two_channels: House) -> None:
    """Nobody fetches it; everybody on the same platform gets it, and again from the list."""
    an = await officer_of(two_channels, "LC0421")
    binh = await settled(two_channels, "802", "Lê Thị Bình")
    assert "Kèm 1 tệp." in await film(an)
    a_minute_later(two_channels)
    await an.says("gửi ngay")
    assert [message.media for message in binh.shown if message.media] == [[("video", "film")]]
    assert times(binh, "xem phim") == 1
    await binh.says("thông báo")
    await binh.says("1")
    await binh.taps("Xem tệp")
    assert binh.last.media == [("video", "film")] or any(m.media for m in binh.shown[-2:])
    kept = await two_channels.running.db.read(lambda tx: tx.all("SELECT state, size, attempts FROM media"))
    assert kept == [("too_big", FILM, 0)]


async def test_an_audience_that_cannot_get_it(two_channels: House) -> None:
    """Said where whom it is for is known, with what to do; the draft stays, and goes to those who can get it."""
    an = await officer_of(two_channels, "LC0421")
    binh = await settled(two_channels, "802", "Lê Thị Bình")
    dung = await on_the_web(two_channels, "w3", "Hoàng Dũng")
    shown = await film(an)
    assert "Tệp nặng 60 MB chỉ chuyển được qua Telegram, mà trong người nhận có người dùng Trang trò chuyện." in shown
    assert "Gửi ngay" not in str(an.last.labels)
    a_minute_later(two_channels)
    await an.taps("Đổi nơi nhận")
    await an.taps("Lọc người nhận")
    await an.taps("Kênh")
    await an.taps("Telegram")
    await an.says("xong")
    a_minute_later(two_channels)
    assert "Kèm 1 tệp." in await an.says("xong")
    await an.says("gửi ngay")
    assert times(binh, "xem phim") == 1
    assert times(dung, "xem phim") == 0


async def test_somebody_elsewhere_joined_meanwhile(two_channels: House) -> None:
    """At the press it is looked at again."""
    an = await officer_of(two_channels, "LC0421")
    await settled(two_channels, "802", "Lê Thị Bình")
    await film(an)
    assert "1. Gửi ngay" in an.last.labels
    await on_the_web(two_channels, "w3", "Hoàng Dũng")
    a_minute_later(two_channels)
    assert "chỉ chuyển được qua Telegram" in await an.says("gửi ngay")
    assert await two_channels.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM announcement")) == 0


async def test_forwarded(two_channels: House) -> None:
    """Out of nowhere it is offered as any file is."""
    an = await officer_of(two_channels, "LC0421")
    binh = await settled(two_channels, "802", "Lê Thị Bình")
    assert "làm thông báo" in await an.sends(InboundKind.VIDEO, ref="film", size=FILM, text="Mời xem.")
    await an.sends(InboundKind.VIDEO, ref="second", size=FILM)
    await an.taps("Làm thông báo từ tin này")
    await an.says("thông tin")
    assert "Kèm 2 tệp." in await an.says("cả đơn vị")
    a_minute_later(two_channels)
    await an.says("gửi ngay")
    assert ("video", "second") in [file for message in binh.shown for file in message.media]


@pytest.mark.parametrize("channel", ["webchat", "zalo_bot"])
async def test_refused_where_nothing_goes_out_by_reference(tmp_path: Path, channel: str) -> None:
    """At that step, in one sentence that says what to do; what was there stays."""
    house = await House(tmp_path, channel=channel).open()
    await house.plant_units()
    an = await officer_of(house, "LC0421")
    kind = InboundKind.VOICE if channel == "zalo_bot" else InboundKind.DOCUMENT
    refused = "nặng 60 MB, tôi chỉ chuyển được tệp dưới 20 MB"
    assert refused in await an.sends(kind, ref="film", size=FILM)
    await an.says("/thongbao_moi")
    await an.sends(InboundKind.PHOTO, ref="photo")
    assert refused in await an.sends(kind, ref="film", size=FILM)
    a_minute_later(house)
    await an.says("Mời {goi} xem ảnh.")
    if "loại nào" not in an.last.text:
        await an.says("xong")
    await an.says("thông tin")
    assert "Kèm 1 tệp." in await an.says("cả đơn vị")
    await house.close()


async def test_the_press_is_refused_without_the_preview(two_channels: House) -> None:
    """Whatever the phone showed."""
    an = await officer_of(two_channels, "LC0421")
    await on_the_web(two_channels, "w3", "Hoàng Dũng")
    await film(an)
    id = await member_id(two_channels, an)

    def send(tx: Transaction) -> object:
        turn = Turn(tx, two_channels.running.installation, two_channels.clock.now(), "test", members.by_id(tx, id))
        unit = units.by_code(tx, "LC0421")
        assert unit is not None
        draft = begun(unit.id, unit.id, "Mời xem.")
        draft["files"] = [Kept(media=1, kind="video", name="video.mp4")]
        return sending.send(turn, draft)

    assert await two_channels.running.db.write(send) is None


async def test_somebody_elsewhere_joined_before_its_hour(two_channels: House) -> None:
    """Nothing is refused any more at its hour: they get the text, and are told that the file is not there."""
    an = await officer_of(two_channels, "LC0421")
    binh = await settled(two_channels, "802", "Lê Thị Bình")
    await film(an)
    files = [Kept(media=1, kind="video", name="video.mp4")]
    at = two_channels.clock.now() + HOUR
    await sends(two_channels, an, body="Mời xem phim.", files=files, send_at=at, valid_until=at + DAY)
    dung = await on_the_web(two_channels, "w3", "Hoàng Dũng")
    two_channels.clock.forward(minutes=61)
    await two_channels.settle()
    await two_channels.settle()
    assert times(binh, "Mời xem phim.") == 1
    assert any(message.media for message in binh.shown)
    assert times(dung, "Mời xem phim.") == 1
    assert times(dung, two_channels.running.installation.texts.render(text("errors.no_files_here"), Voice())[:30]) == 1

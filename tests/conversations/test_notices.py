"""What a member does with announcements: acknowledge, ask why, read the last ones again."""

from bot.domain.messages import InboundKind
from bot.services import console
from bot.services.turn import Turn
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import granted, set_member, times
from tests.support.people import settled


async def announced(house: House, body: str, to: str = "all") -> None:
    """The federation announces something, in a house where nothing crashes."""

    def announce(tx: Transaction) -> None:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        console.announce_from_console(turn, to, body)

    await house.running.db.write(announce)
    await house.settle()


async def acknowledgements(house: House) -> list[tuple[int, bool]]:
    return await house.running.db.read(
        lambda tx: tx.all("SELECT announcement_id, answered_at IS NOT NULL FROM recipient ORDER BY 1")
    )


async def test_acknowledging_by_button(house: House) -> None:
    """Once with thanks, twice kindly; the dialog under way is not disturbed."""
    lan = await settled(house, "811", "Lò Thị Lan", form="chị")
    await announced(house, "Mai họp.")
    await lan.says("/caidat")
    assert await lan.taps("Đã nhận") == "Đã ghi nhận. Cảm ơn chị."
    assert await lan.taps("Đã nhận") == "Chị đã báo nhận tin này rồi, cảm ơn chị."
    assert await acknowledgements(house) == [(1, True)]
    assert "gọi thế nào" in await lan.says("1")


async def test_acknowledging_by_words(house: House) -> None:
    """«Rõ» means the last announcement that reached the member, not one that still waits for the morning."""
    lan = await settled(house, "811", "Lò Thị Lan")
    assert "cảm ơn" in (await lan.says("đã nhận")).lower()
    await announced(house, "Mai họp.")
    await announced(house, "Kia liên hoan.")
    house.clock.at("2025-05-01T22:00")
    await announced(house, "Tin đêm.")
    assert await lan.says("ro") == "Đã ghi nhận. Cảm ơn anh."
    assert await acknowledgements(house) == [(1, False), (2, True), (3, False)]
    assert "rồi, cảm ơn" in await lan.says("nhất trí ạ")


async def test_another_members_announcement(plain_house: House) -> None:
    """Forged ids and choices: not in your part; nothing is recorded."""
    lan = await settled(plain_house, "811", "Lò Thị Lan")
    await settled(plain_house, "812", "Người Khác", "LC0422")
    await announced(plain_house, "Riêng đơn vị B.", "LC0422")
    for data in (
        "ack:1:received",
        "ack:99:received",
        "ack:x:received",
        "ack::",
        "ack",
        "ack:-1:x",
        f"ack:{'9' * 40}:a",
        "ack:²:a",
    ):
        assert "không tìm thấy mã này" in await lan.taps_data(data)
    for data in ("why:announcement.1:why_this", "why:announcement.99:x", "why:announcement.x:x"):
        assert "không tìm thấy mã này" in await lan.taps_data(data)
    assert await acknowledgements(plain_house) == [(1, False)]


async def test_why_it_came(house: House) -> None:
    """The rule, the unit, the officer."""
    an = await granted(house, await settled(house, "801", "Trần Văn An", "LC01"), "LC01")
    lan = await settled(house, "811", "Lò Thị Lan", form="chị")
    variant, house.variant = house.variant, "plain"
    await an.says("/thongbao_moi")
    await an.says("Mai họp.")
    await an.says("1")
    await an.says("1")
    await an.says("1")
    house.variant = variant
    assert await lan.taps("Vì sao tôi nhận tin này?") == (
        "Chị nhận tin này vì ở Công đoàn xã Ví dụ, đơn vị được gửi."
        " Người gửi: Công đoàn xã Ví dụ · Trần Văn An, Chủ tịch."
    )
    await announced(house, "Chào mọi người.")
    assert "tin gửi cho mọi người" in await lan.taps("Vì sao tôi nhận tin này?")


async def test_the_list_names_the_reader_too(house: House) -> None:
    """On the lines to choose from as in the text: no placeholder is seen."""
    lan = await settled(house, "419", "Lò Thị Lan", form="chị")
    await announced(house, "Mời {goi} {ten} họp.")
    await lan.says("thông báo")
    assert lan.last.labels == ["1. 1/5 Mời chị Lò Thị La…"]


async def test_the_list(house: House) -> None:
    """Five a page, newest first, opened by number, acknowledged from there."""
    lan = await settled(house, "811", "Lò Thị Lan", form="chị")
    for number in range(1, 8):
        await announced(house, f"Tin số {number} gửi {{ten}}.")
    shown = await lan.says("Thông báo")
    assert "1. Tin số 7 gửi Lò Thị Lan." in shown
    assert "Tin số 2" not in shown
    assert lan.last.labels[-1] == "6. Cũ hơn"
    shown = await lan.says("cu hon")
    assert "1. Tin số 2" in shown
    assert "2. Tin số 1" in shown
    assert "Tin số 1 gửi Lò Thị Lan." in await lan.says("2")
    assert "Đã ghi nhận" in await lan.says("đã nhận")
    assert "2. Tin số 1 gửi Lò Thị Lan. ✓" in lan.last.text
    assert "Tin số 7" in await lan.taps("Mới hơn")
    assert await acknowledgements(house) == [(n, n == 1) for n in range(1, 8)]


async def test_reading_keeps_nothing_open(house: House) -> None:
    """The list is no dialog to come back to: anything else typed is taken for what it is."""
    lan = await settled(house, "811", "Lò Thị Lan")
    await announced(house, "Mai họp.")
    await lan.says("/thongbao")
    assert "chưa hiểu" in await lan.says("thời tiết thế nào")
    assert "không có việc nào làm dở" in await lan.says("tiếp tục")


async def test_nothing_yet(house: House) -> None:
    """An empty list says so, and why, while nobody has confirmed the member."""
    lan = await settled(house, "811", "Lò Thị Lan")
    assert "chưa có thông báo nào" in await lan.says("/thongbao")
    await set_member(house, lan, unit_state="pending")
    assert "Cán bộ đơn vị xác nhận xong" in await lan.says("/thongbao")


async def test_unreachable_members_find_it_when_they_are_back(plain_house: House) -> None:
    """Who had blocked the bot was not counted as having got it, and can read it here."""
    lan = await settled(plain_house, "811", "Lò Thị Lan")
    await lan.sends(InboundKind.BLOCKED)
    await announced(plain_house, "Mai họp.")
    assert not lan.shown
    assert "Mai họp." in await lan.says("/thongbao")


async def test_names_are_not_markup(plain_house: House) -> None:
    """A member's name with braces and tags is printed as it is."""
    lan: Phone = await settled(plain_house, "811", "<b>{don_vi}</b>")
    await announced(plain_house, "Chào {ten}!")
    assert times(lan, "Chào <b>{don_vi}</b>!") == 1
    assert "<b>{don_vi}" not in lan.last.html

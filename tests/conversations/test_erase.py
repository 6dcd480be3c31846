"""«Xóa dữ liệu»: confirmed by typing XÓA, and then really gone, from every file."""

import re
import unicodedata
from pathlib import Path

import pytest

from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.storage import units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import granted
from tests.support.people import introduce, settled

CHAT = "1100777001"
NAME = "Sùng Thị Nhìa"
TYPED = "rau cải ngồng phơi trên gác bếp"
TOLD = "Cõng cụ Khoàng vượt lũ ở Nậm Nhùn"
UNIT_WANTED = "Tổ may đo bản Hô Ta"
PHOTO = b"\xff\xd8\xff photo of the flood"


async def nobody_there(house: House) -> None:
    """What the ticker does in the minutes after."""
    await house.running.ticker.tick()
    house.clock.forward(minutes=2)
    await house.running.ticker.tick()
    await house.running.wipe()


def where(directory: Path, *strings: str) -> list[str]:
    """Files that hold one of the strings, composed or decomposed."""
    forms = {unicodedata.normalize(form, string).encode() for string in strings for form in ("NFC", "NFD")} | {
        string.encode("unicode_escape") for string in strings
    }
    found = []
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{path.name}: {form.decode(errors='replace')}" for form in forms if form in content]
    return found


async def tables_with(house: House, member_id: int) -> list[str]:
    """Tables in which some member column still has this number."""

    def look(tx: Transaction) -> list[str]:
        tables = [row[0] for row in tx.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            f"{table}.{column}"
            for table in tables
            for (column,) in tx.all("SELECT name FROM pragma_table_info(?)", (table,))
            if column in ("member_id", "nominator_id", "author_id")
            and tx.scalar(f'SELECT COUNT(*) FROM "{table}" WHERE "{column}" = ?', (member_id,))
        ]

    return await house.running.db.read(look)


async def member_id_of(house: House, chat: str) -> int:
    """The member behind a chat."""
    id: int = await house.running.db.read(
        lambda tx: tx.scalar("SELECT member_id FROM address WHERE external_id = ?", (chat,))
    )
    return id


async def test_only_the_word_itself_erases(house: House) -> None:
    """With more beside it, it is no."""
    phone = await settled(house, CHAT, NAME)
    assert "Nhắn “XÓA” để xác nhận" in await phone.says("xoa du lieu")
    assert "tôi không xóa gì" in await phone.says("XÓA hết")
    assert await member_id_of(house, CHAT)


@pytest.mark.parametrize("typed", ["không", "có", "XÓA hết", "xóa dữ liệu", "Xoan", "xoả", "x" * 5000, "👍"])
async def test_anything_else_is_no(plain_house: House, typed: str) -> None:
    """Also what looks like it."""
    phone = await settled(plain_house, CHAT, NAME)
    await phone.says("/xoadulieu")
    assert "tôi không xóa gì" in await phone.says(typed)
    assert await member_id_of(plain_house, CHAT)


@pytest.mark.parametrize(
    "typed", ["XÓA", "xóa", "XOÁ", "xoá", " Xóa ", "XOA", "Xoa", unicodedata.normalize("NFD", "XÓA")]
)
async def test_every_spelling_of_the_word(plain_house: House, typed: str) -> None:
    """Old and new tone placement, any case, NFC and NFD, and without accents for a keyboard that has none."""
    phone = await settled(plain_house, CHAT, NAME)
    await phone.says("/xoadulieu")
    assert "Đã xóa dữ liệu" in await phone.says(typed)


async def test_cancelling_is_no(plain_house: House) -> None:
    """«hủy» and a voice note erase nothing."""
    phone = await settled(plain_house, CHAT, NAME)
    await phone.says("/xoadulieu")
    assert "Đã hủy" in await phone.says("hủy")
    await phone.says("/xoadulieu")
    await phone.sends(InboundKind.VOICE)
    assert await member_id_of(plain_house, CHAT)


async def test_really_gone(house: House) -> None:
    """After it no file of the installation holds anything of theirs."""
    house.channel.files["flood"] = PHOTO
    phone = await settled(house, CHAT, NAME)
    id = await member_id_of(house, CHAT)
    await live(house, phone)
    assert where(house.directory, NAME, CHAT, TYPED, TOLD, UNIT_WANTED)
    await phone.says("/xoadulieu")
    farewell = await phone.says("XÓA")
    receipt = re.search(r"Mã biên nhận: ([A-Z2-9]{8})", farewell)
    assert receipt is not None
    assert phone.last.labels == []
    await nobody_there(house)
    assert where(house.directory, NAME, CHAT, TYPED, TOLD, UNIT_WANTED) == []
    assert [path for path in house.directory.rglob("*") if path.is_file() and PHOTO in path.read_bytes()] == []
    assert await tables_with(house, id) == []


async def live(house: House, phone: Phone) -> None:
    """Read, answer, introduce, ask for one's data, leave things half done."""
    variant, house.variant = house.variant, "plain"
    await phone.says("1")
    await phone.says(TYPED)
    await phone.says("/dulieu")
    await phone.says("cài đặt")
    await phone.says("chuyển đơn vị")
    await phone.taps("Không thấy đơn vị của tôi")
    await phone.says(UNIT_WANTED)
    house.running.intake._arrivals.clear()
    await phone.says("/gioithieu")
    await phone.says("1")
    await phone.says("Lò Văn Bình")
    await phone.says("LC0421")
    await phone.says(TOLD)
    await phone.says("menu")
    await introduce(house, phone, told=TOLD)
    house.variant = variant


async def test_a_file_they_sent_goes_with_them(house: House) -> None:
    """A photo that was fetched is unlinked."""
    house.channel.files["flood"] = PHOTO
    phone = await settled(house, CHAT, NAME)
    variant, house.variant = house.variant, "plain"
    for said in ("/gioithieu", "1", "Lò Văn Bình", "LC0421", TOLD, "hôm qua", "Bỏ qua"):
        await phone.says(said)
    await phone.sends(InboundKind.PHOTO, ref="flood")
    for said in ("xong", "nêu tên", "gửi"):
        await phone.says(said)
    house.variant = variant
    assert [path for path in house.directory.rglob("*") if path.is_file() and PHOTO in path.read_bytes()]
    await phone.says("/xoadulieu")
    await phone.says("xóa")
    await nobody_there(house)
    assert where(house.directory, TOLD, NAME, CHAT) == []
    assert [path for path in house.directory.rglob("*") if path.is_file() and PHOTO in path.read_bytes()] == []


async def test_an_accepted_deed_stays_without_their_name(house: House) -> None:
    """The deed is the union's by now; who told it is not."""
    phone = await settled(house, CHAT, NAME)
    mai = await settled(house, "1102", "Lý Thị Mai", reviews="LC01")
    code = await introduce(house, phone, told=TOLD)
    variant, house.variant = house.variant, "plain"
    await mai.taps("Xem và xử lý")
    await mai.taps("Tiếp nhận")
    house.variant = variant
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    await nobody_there(house)
    assert where(house.directory, NAME, CHAT) == []
    kept = await house.running.db.read(
        lambda tx: tx.one("SELECT told, nominator_id, state FROM nomination WHERE code = ?", (code,))
    )
    assert kept == (TOLD, None, "accepted")


async def test_officers_no_longer_have_the_name(house: House) -> None:
    """A list of newcomers that was shown, and is still open, loses it."""
    chief = await settled(house, "1103", "Trần Văn Trưởng")

    def appoint(tx: Transaction) -> None:
        member, unit = tx.scalar("SELECT MAX(id) FROM member"), units.by_code(tx, "LC0421")
        assert unit is not None
        units.grant(tx, member, unit.id, RoleKind.OFFICER, 0, title="Chủ tịch")

    await house.running.db.write(appoint)
    phone = house.phone(CHAT)
    await phone.joins(name=NAME)
    variant, house.variant = house.variant, "plain"
    assert NAME in await chief.says("xác nhận người mới")
    house.variant = variant
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    await nobody_there(house)
    assert where(house.directory, NAME, CHAT) == []
    assert NAME not in await chief.says("1")


@pytest.mark.parametrize("name", ["ask", "load", "kind", "text", "body:1", "Thông tin", "information", "option"])
async def test_a_name_is_taken_out_of_names_only(plain_house: House, name: str) -> None:
    """Whoever calls themselves as a journal does its own parts does not break what an officer is writing."""
    chief = await granted(plain_house, await settled(plain_house, "1103", "Trần Văn Trưởng"), "LC0421")
    phone = await settled(plain_house, CHAT, name)
    await chief.says("/thongbao_moi")
    await chief.says("Mời họp lúc 14 giờ.")
    await chief.says("Thông tin")
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    assert "Mời họp lúc 14 giờ." in await chief.says("Cả đơn vị")
    assert "Đã nhận lệnh gửi" in await chief.says("Gửi ngay")


@pytest.mark.parametrize("name", ["e", "h", "b", "i"])
async def test_a_short_name_takes_no_other_words_along(plain_house: House, name: str) -> None:
    """What an officer was shown stays where the name is only a part of another word, or of how a message is kept."""
    chief = await granted(plain_house, await settled(plain_house, "1103", "Trần Văn Trưởng"), "LC0421")
    phone = await settled(plain_house, CHAT, name)
    await chief.says("menu")
    await phone.says("/xoadulieu")
    await phone.says("XÓA")

    def blank(tx: Transaction) -> int:
        count: int = tx.scalar(
            "SELECT COUNT(*) FROM outbox o JOIN address a ON a.id = o.address_id"
            " WHERE a.external_id = '1103' AND o.operation = 'send' AND o.body IS NULL"
        )
        return count

    assert await plain_house.running.db.read(blank) == 0


async def test_an_officer_who_is_erased(house: House) -> None:
    """Name and phone were shown to members; neither stays."""
    chief = await settled(house, CHAT, NAME)

    def appoint(tx: Transaction) -> None:
        member, unit = tx.scalar("SELECT MAX(id) FROM member"), units.by_code(tx, "LC0421")
        assert unit is not None
        kind = RoleKind.OFFICER
        units.grant(tx, member, unit.id, kind, 0, title="Chủ tịch", phone="0987654321", phone_shown=True)

    await house.running.db.write(appoint)
    lan = await settled(house, "1104", "Lò Thị Lan")
    assert "0987 654 321" in await lan.says("/gapcanbo")
    await chief.says("/xoadulieu")
    await chief.says("XÓA")
    await nobody_there(house)
    assert where(house.directory, NAME, CHAT, "0987 654 321", "0987654321") == []
    assert "Nguyễn Văn Mẫu" in await lan.says("/gapcanbo")


async def test_who_writes_again_is_a_stranger(house: House) -> None:
    """At once, or after the address is gone."""
    phone = await settled(house, CHAT, NAME)
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    assert "đồng ý không" in await phone.says("menu")
    assert "Nhìa" not in phone.last.text
    await phone.taps("Để sau")
    await nobody_there(house)
    assert where(house.directory, CHAT) == []
    assert "đồng ý không" in await phone.says("chào")


async def test_declining_leaves_nothing(house: House) -> None:
    """Who says *Để sau* is forgotten as soon as the answer is out, with whatever they typed before."""
    phone = house.phone(CHAT)
    await phone.says(TYPED)
    await phone.says("để sau")
    await nobody_there(house)
    assert where(house.directory, CHAT, TYPED) == []


async def test_silence_leaves_nothing_either(house: House) -> None:
    """Who never answers is forgotten after a day."""
    phone = house.phone(CHAT)
    await phone.says(TYPED)
    await house.running.ticker.tick()
    house.clock.forward(hours=23)
    await nobody_there(house)
    assert where(house.directory, CHAT)
    house.clock.forward(hours=2)
    await nobody_there(house)
    assert where(house.directory, CHAT, TYPED) == []

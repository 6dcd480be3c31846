"""Bad input of every kind: a clear sentence each, nothing rendered as markup, nothing leaked, nothing lost."""

import re

import pytest

from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.services.standing_services import STANDING
from tests.support.house import House, Phone
from tests.support.officers import granted
from tests.support.people import introduce, settled

TEXTS = {
    "long": "đồng chí " * 555,
    "long word": "x" * 5000,
    "decomposed": "Nguye\u0302\u0303n Thi\u0323 Ho\u0300a",
    "emoji": "👩‍👩‍👧‍👦🇻🇳👍🏽" * 40,
    "right to left": "\u202etxt.exe\u202c \u2067mũi tên\u2069 \u200f",
    "template": "{{7*7}} {% raw %} {# chú thích #}",
    "markup": "<b>đậm</b><script>alert(1)</script>&amp;<a href='tg://user?id=1'>x</a>",
    "sql": "'; DROP TABLE member; --",
    "percent": "%s %n {0} {goi} \\x00",
    "null": "\x00\x01\x7f",
    "blank": " \u200b\u2060\n\t ",
    "lines": "\n".join(["dòng"] * 500),
    "slash": "/" * 300,
    "unknown command": "/khong_co_lenh_nay @x",
    "code": "GT-ABC234",
    "deep link": "/start u_KHONGCO",
    "long deep link": "/start " + "u_" * 2000,
    "superscript": "²",
    "huge number": "9" * 400,
}
PLACES = {
    "outside": (),
    "a choice": ("/gioithieu",),
    "a name": ("/caidat", "1", "1"),
    "hours": ("/caidat", "3"),
    "a date": ("/caidat", "4"),
    "a unit": ("/caidat", "5"),
    "a unit described": ("/caidat", "5", "Không thấy đơn vị của tôi"),
    "erasing": ("/xoadulieu",),
    "who": ("/gioithieu", "1"),
    "which unit": ("/gioithieu", "1", "Vàng Thị Mỷ"),
    "the deed": ("/gioithieu", "1", "Vàng Thị Mỷ", "LC0421"),
    "when": ("/gioithieu", "1", "Vàng Thị Mỷ", "LC0421", "Trả lại ví"),
    "why": ("/gioithieu", "1", "Vàng Thị Mỷ", "LC0421", "Trả lại ví", "hôm qua"),
    "an answer": ("/cauhoi",),
}
RAW = ("<b>đậm", "<script", "<a href='tg", "Traceback", "Error", "\u202e", "\x00")


async def all_done(house: House) -> bool:
    """Whether every update was handled, none by an apology."""
    states = await house.running.db.read(lambda tx: {row[0] for row in tx.all("SELECT state FROM inbox")})
    return states <= {"done"}


def check(phone: Phone, seen: int) -> None:
    """What the last answers must never be: empty, English, markup of the sender's, a calculated 49."""
    answers = phone.shown[seen:]
    assert answers
    for message in answers:
        assert message.text.strip()
        for raw in RAW:
            assert raw not in message.html, raw
        assert "49 " not in message.text
        for quoted in re.findall("“([^”]*)”", message.text):
            assert "\n" not in quoted


@pytest.mark.parametrize("place", PLACES)
async def test_every_text_in_every_place(plain_house: House, place: str) -> None:
    """An answer in plain words, and the member is still there."""
    for name, hostile in TEXTS.items():
        phone = await settled(plain_house, f"1301 {name}", "Lò Thị Lan", form="chị")
        for said in PLACES[place]:
            await phone.says(said)
        seen = len(phone.shown)
        await phone.says(hostile)
        check(phone, seen)
        assert "muốn làm gì" in await phone.says("/menu")
    assert await all_done(plain_house)


async def test_every_text_from_a_stranger(plain_house: House) -> None:
    """Consent comes first, whatever is said; nothing of it is shown."""
    for name, hostile in TEXTS.items():
        phone = plain_house.phone(f"1302 {name}")
        await phone.says(hostile)
        check(phone, 0)
        assert phone.last.labels == ["1. Đồng ý", "2. Để sau"]
        await phone.says(hostile)
        check(phone, 1)
    assert await all_done(plain_house)


@pytest.mark.parametrize("name", ["long", "decomposed", "right to left", "template", "markup", "sql", "blank"])
async def test_hostile_texts_in_all_variants(house: House, name: str) -> None:
    """The same outside a dialog and inside one, whatever happens to the process."""
    phone = await settled(house, "1303", "Lò Thị Lan", form="chị")
    await phone.says(TEXTS[name])
    check(phone, 0)
    await phone.says("/gioithieu")
    await phone.says("1")
    seen = len(phone.shown)
    await phone.says(TEXTS[name])
    check(phone, seen)
    assert await all_done(house)


async def test_a_name_is_shown_as_typed(house: House) -> None:
    """Markup in a name is text; decomposed letters are composed; what reverses the line is gone."""
    phone = house.phone("1304")
    await phone.joins(name="<b>Nguye\u0302\u0303n\u202e & Hòa</b> {{7*7}}")
    assert "<b>Nguyễn & Hòa</b> {{7*7}}" in await phone.says("menu")
    assert "&lt;b&gt;Nguyễn &amp; Hòa&lt;/b&gt; {{7*7}}" in phone.last.html


# -- forged buttons

FORGED = [
    "",
    ":",
    "d",
    "d:",
    "d:1",
    "d:1:0",
    "d:1:0:",
    "d:1:0:agree",
    "d:-1:0:1",
    "d:99999999999999999999:0:1",
    "d:1:0:1:2:3",
    "d:'; DROP TABLE dialog; --",
    "m",
    "m:",
    "m:khong_co",
    "m:__class__",
    "m:start",
    "m:review",
    "m:work",
    "m:announce",
    "m:newcomers",
    "x" * 64,
    "💥" * 16,
    "{{7*7}}",
    "<b>",
    "\x00",
]
IDS = ["", "0", "1", "-1", "abc", "²", "1.5", "9" * 40, "daily.khong", "notice.1", "nomination.1", "'--"]


@pytest.mark.parametrize("kind", ["", *sorted(STANDING)])
async def test_forged_buttons(plain_house: House, kind: str) -> None:
    """From a member with nothing open, with a question open, and from a stranger: a sentence, and nothing done."""
    for number, data in enumerate([f"{kind}:{id}:open" for id in IDS] if kind else FORGED):
        phone = await settled(plain_house, f"1305-{number}", "Lò Thị Lan", form="chị")
        await phone.taps_data(data)
        check(phone, 0)
        await phone.says("/gioithieu")
        seen = len(phone.shown)
        await phone.taps_data(data)
        check(phone, seen)
        stranger = plain_house.phone(f"1306-{number}")
        await stranger.taps_data(data)
        check(stranger, 0)
        assert stranger.last.labels == ["1. Đồng ý", "2. Để sau"]
    assert await all_done(plain_house)
    roles = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM role"))
    assert roles == 0


@pytest.mark.parametrize("kind", sorted(STANDING))
async def test_forged_choices_of_standing_buttons(plain_house: House, kind: str) -> None:
    """The identity may be right and the choice not."""
    mai = await settled(plain_house, "1307", "Lý Thị Mai", reviews="LC01")
    an = await settled(plain_house, "1308", "Vàng Văn An")
    await introduce(plain_house, an)
    for choice in ("", "khong_co", "ack", "accept", "9" * 30, "<b>"):
        for phone in (an, mai):
            seen = len(phone.shown)
            await phone.taps_data(f"{kind}:1:{choice}")
            check(phone, seen)
    assert await all_done(plain_house)
    state = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT state FROM nomination"))
    assert state == "waiting"


async def test_a_choice_the_open_question_does_not_have(house: House) -> None:
    """The dialog and its turn are right, the option is not: the question again."""
    phone = await settled(house, "1309", "Lò Thị Lan")
    for command in ("/gioithieu", "/caidat"):
        await phone.says(command)
        labels, data = phone.last.labels, phone.last.buttons[0].data
        assert "Câu này đã xong từ trước" in await phone.taps_data(data.rpartition(":")[0] + ":khong_co")
        assert phone.last.labels == labels
    assert await all_done(house)


async def test_anothers_question(house: House) -> None:
    """A button copied from another's phone answers nothing of theirs."""
    lan = await settled(house, "1310", "Lò Thị Lan")
    pao = await settled(house, "1311", "Giàng A Páo")
    await lan.says("/caidat")
    stolen = next(b.data for b in lan.last.buttons if b.label.endswith("Ngừng tham gia"))
    assert "Câu này đã xong từ trước" in await pao.taps_data(stolen)
    states = await house.running.db.read(lambda tx: tx.all("SELECT state FROM member"))
    assert states == [("active",), ("active",)]
    assert "Giàng" not in lan.last.text


# -- what belongs to others


async def test_anothers_receipt(house: House) -> None:
    """A code typed by somebody else shows nothing of what it stands for."""
    an = await settled(house, "1312", "Vàng Văn An")
    pao = await settled(house, "1313", "Giàng A Páo")
    code = await introduce(house, an, "Lò Thị Bình", told="Trả lại ví")
    answer = await pao.says(code)
    assert f"chưa hiểu “{code}”" in answer
    await pao.says("/guongcuatoi")
    everything = " ".join(message.text for message in pao.shown)
    assert "Bình" not in everything
    assert "Trả lại ví" not in everything


async def test_anothers_nomination_by_button(house: House) -> None:
    """Neither the member nor an officer without the duty gets to see it."""
    an = await settled(house, "1314", "Vàng Văn An")
    pao = await settled(house, "1315", "Giàng A Páo")
    chief = await settled(house, "1316", "Trần Văn Trưởng")
    await granted(house, chief, "LC0421", RoleKind.OFFICER)
    await introduce(house, an, "Lò Thị Bình", told="Trả lại ví")
    for phone in (pao, chief):
        for kind in STANDING:
            await phone.taps_data(f"{kind}:1:open")
        everything = " ".join(message.text for message in phone.shown)
        assert "Bình" not in everything
        assert "Trả lại ví" not in everything


# -- files


@pytest.mark.parametrize("kind", [InboundKind.PHOTO, InboundKind.DOCUMENT, InboundKind.VIDEO, InboundKind.VOICE])
async def test_a_fifty_megabyte_file(plain_house: House, kind: InboundKind) -> None:
    """Wherever it comes, a sentence; nothing is fetched."""
    phone = await settled(plain_house, "1317", "Lò Thị Lan")
    await phone.sends(kind, size=50_000_000)
    check(phone, 0)
    for said in ("/gioithieu", "1", "Vàng Thị Mỷ", "LC0421", "Trả lại ví", "hôm qua", "Bỏ qua"):
        await phone.says(said)
    seen = len(phone.shown)
    await phone.sends(kind, size=50_000_000)
    check(phone, seen)
    assert await all_done(plain_house)
    assert not [path for path in (plain_house.directory / "media").glob("*") if path.stat().st_size]

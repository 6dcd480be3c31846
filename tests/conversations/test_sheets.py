"""«Tài liệu sinh hoạt»: the sheet of a month's meeting and the loudspeaker's script of a week."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import drawing, sheets
from bot.services.turn import Turn
from bot.storage.database import Transaction
from content import printing
from content.models import Pack
from content.printing import CardPicture, Picture
from tests.content.test_printing import opened
from tests.conversations.test_posters import printed
from tests.support.house import PACK, House
from tests.support.officers import officer_of
from tests.support.people import settled

WORDS_OF_TWO_MINUTES = (230, 460)


def words_of_all(pdf: bytes) -> str:
    import io

    import pypdf

    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def test_the_month_and_the_week_it_is(house: House) -> None:
    """The sheet as a text and as a file; the script in words only; no month or week to look up."""
    binh = await officer_of(house, "LC0421")
    await binh.says("việc của cán bộ")
    asked = await binh.taps("Tài liệu sinh hoạt")
    assert "Tờ sinh hoạt có bài đọc" in asked
    assert binh.last.labels[0].endswith("Sinh hoạt tháng 5")
    said = await binh.says("1")
    assert "Đây là tài liệu anh cần." in said
    meeting = next(one for one in PACK.meetings if one.month == 5)
    text = next(message.text for message in binh.shown if message.text.startswith("Sinh hoạt tháng 5"))
    for part in (PACK.card_by_id[meeting.card].title, PACK.card_by_id[meeting.story].title, *meeting.discuss, "Nguồn:"):
        assert part in text
    assert "Sinh hoạt tháng 5: chuyên đề năm 2025" in words_of_all(printed(binh))
    await binh.says("tài liệu sinh hoạt")
    await binh.says("2")
    script = next(message.text for message in reversed(binh.shown) if message.text.startswith("Bài phát thanh tuần"))
    assert "Kính chào anh chị em đoàn viên, người lao động." in script


@pytest.mark.parametrize(("typed", "week"), [("20", 20), ("tuần 7", 7), ("tuan 52", 52), ("chín", 9)])
async def test_another_week_by_its_number(plain_house: House, typed: str, week: int) -> None:
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/sinhhoat")
    await binh.says("Tuần khác")
    await binh.says(typed)
    assert any(message.text.startswith(f"Bài phát thanh tuần {week} (") for message in binh.shown)


@pytest.mark.parametrize("typed", ["53", "0", "tuần sau nữa", "2025", "20/5", "tuần 1 tháng 6"])
async def test_no_such_week_is_asked_again(plain_house: House, typed: str) -> None:
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/sinhhoat")
    await binh.says("Tuần khác")
    assert f"Không có tuần “{typed}”" in await binh.says(typed)
    await binh.says("20")
    assert any(message.text.startswith("Bài phát thanh tuần 20 (") for message in binh.shown)


@pytest.mark.parametrize("typed", ["Tháng 12", "12", "tháng mười hai", "muoi hai", "12/2025", "thang 12 a"])
async def test_another_month(plain_house: House, typed: str) -> None:
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/sinhhoat")
    await binh.says("thang khac")
    assert "Không có tháng “13”" in await binh.says("13")
    await binh.says(typed)
    assert any(message.text.startswith("Sinh hoạt tháng 12") for message in binh.shown)


async def test_the_first_week_is_of_the_first_month(plain_house: House) -> None:
    """Its Monday may lie in the year before."""
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/sinhhoat")
    await binh.says("Tuần khác")
    await binh.says("1")
    script = next(message.text for message in binh.shown if message.text.startswith("Bài phát thanh tuần 1 ("))
    assert "tuần một, tháng một, trong chuyên đề năm hai nghìn không trăm hai mươi lăm" in script


async def test_weeks_are_those_of_the_packs_year(plain_house: House) -> None:
    """Also when next year's pack is prepared, or last year's is still in use."""
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    plain_house.running.installation.pack = Pack(**parts | {"year": 2026})
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/sinhhoat")
    await binh.says("Tuần khác")
    await binh.says("9")
    script = next(message.text for message in binh.shown if message.text.startswith("Bài phát thanh tuần 9 ("))
    assert "(từ 23/2/2026 đến 1/3/2026)" in script
    assert "tuần chín, tháng hai, trong chuyên đề năm hai nghìn không trăm hai mươi sáu" in script


async def test_a_pack_without_it_says_so(plain_house: House) -> None:
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    plain_house.running.installation.pack = Pack(**parts | {"weeks": (), "meetings": ()})
    binh = await officer_of(plain_house, "LC0421")
    for choice in ("1", "2"):
        await binh.says("/sinhhoat")
        assert "chưa có tài liệu này" in await binh.says(choice)


async def test_a_member_gets_none(plain_house: House) -> None:
    lan = await settled(plain_house, "905", "Lan")
    await lan.says("/sinhhoat")
    assert not any(message.text.startswith("Sinh hoạt tháng") for message in lan.shown)


async def test_every_script_is_read_out_in_two_minutes(plain_house: House) -> None:
    """No digit, no bracket, no abbreviation; a length that takes about two minutes."""

    def scripts(tx: Transaction) -> list[str]:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "test")
        return [sheets.script(turn, week) for week in PACK.weeks]

    for script in await plain_house.running.db.read(scripts):
        assert not re.search(r"[0-9()“”/;%]|[A-ZĐ]{2}", script), script
        assert WORDS_OF_TWO_MINUTES[0] <= len(script.split()) <= WORDS_OF_TWO_MINUTES[1], script


@pytest.fixture
async def telegram_house(tmp_path: Path) -> AsyncIterator[House]:
    """What stands in a picture is the same on every channel: once is enough."""
    house = House(tmp_path)
    await house.open()
    yield house
    await house.close()


async def of_the_pack(house: House) -> list[Picture | CardPicture]:
    """What stands in the picture of every card and every milestone."""

    def pictures(tx: Transaction) -> list[Picture | CardPicture]:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        days = [sheets.milestone_picture(turn, one) for one in PACK.milestones]
        return [*(sheets.card_picture(turn, card) for card in PACK.cards), *days]

    return await house.running.db.read(pictures)


async def test_every_card_and_milestone_has_its_picture(telegram_house: House) -> None:
    """Square and small: of those with the most words."""
    found = sorted(await of_the_pack(telegram_house), key=lambda picture: -len(repr(picture)))
    for picture in found[:6]:
        png = drawing.drawn(picture)
        assert opened(png).size == (1080, 1080)
        assert len(png) <= printing.PICTURE_BYTES


async def test_no_picture_leaves_out_a_word(telegram_house: House) -> None:
    """Of no card and no milestone is anything shortened, cut off, or smaller than 34 of 1080 pixels."""
    for picture in await of_the_pack(telegram_house):
        assert printing.is_whole(picture), picture
        assert min(part["size"] for part in printing.fitted(picture)) >= 34, picture

"""A card was wrong: who saw it so is told once what is right, with the day's message; nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import Transaction
from tests.support.content import CARD, administrator, change, take_up, with_small_pack
from tests.support.house import House, Phone
from tests.support.officers import member_id
from tests.support.people import settled

RIGHT = "Bài thơ đăng báo ngày 21/4/1942."
TITLE = "Đính chính bài “Hòn đá”"


async def put_right(house: House, folder: Path) -> None:
    """The card is changed, and its words of before are called wrong."""
    wrong = house.running.installation.pack.card_by_id["hon-da"].revision
    change(folder, CARD, "bài thơ Hòn đá của", "bài thơ mang tên Hòn đá của")
    erratum = f'- id: e1\n  card: hon-da\n  wrong: ["{wrong}"]\n  text: {RIGHT}\n  facts: [f2]\n'
    (folder / "errata.yaml").write_text(erratum, "utf-8")


def corrections(phone: Phone) -> list[str]:
    """The messages with the correction in them."""
    return [message.text for message in phone.shown if TITLE in message.text]


async def told(house: House) -> list[tuple[int, str]]:
    """Whom the database has as told of what."""

    def read(tx: Transaction) -> list[tuple[int, str]]:
        return tx.all("SELECT member_id, erratum_id FROM erratum_sent ORDER BY member_id")

    return await house.running.db.read(read)


async def slot(house: House, phone: Phone, slot: str, **fields: object) -> None:
    """Settings of one member."""
    names = ", ".join(f"{name} = ?" for name in ("slot", *fields))
    values = (slot, *fields.values(), await member_id(house, phone))
    await house.running.db.write(lambda tx: tx.run(f"UPDATE member SET {names} WHERE id = ?", values))


async def test_who_saw_the_wrong_one_is_told_once(house: House) -> None:
    """By their own reading or by the day's message, with an hour or without; who reads it later is told nothing."""
    folder = await with_small_pack(house)
    boss = await administrator(house)
    none, evening = await settled(house, "701", "Tự Đọc"), await settled(house, "702", "Buổi Tối")
    late, never = await settled(house, "703", "Đọc Sau"), await settled(house, "704", "Không Đọc")
    await slot(house, evening, "evening")
    await house.passes("2025-05-01T20:00")
    assert "Ngày 21/4/1942, bài thơ Hòn đá" in evening.last.text or house.variant == "crashes"
    await none.says("/bai")
    await put_right(house, folder)
    await take_up(boss)
    await late.says("/bai")
    assert "bài thơ mang tên Hòn đá" in late.last.text
    for day in ("02", "03"):
        await house.passes(f"2025-05-{day}T07:00")
        await house.passes(f"2025-05-{day}T20:00")
    ids = [await member_id(house, phone) for phone in (none, evening)]
    assert await told(house) == [(id, "e1") for id in sorted(ids)]
    for phone in (none, evening):
        found = corrections(phone)
        assert len(found) == 1 or (house.variant == "crashes" and len(found) < 2)
        if found:
            assert RIGHT in found[0]
            assert "Nguồn: Sách." in found[0]
    assert corrections(late) == corrections(never) == corrections(boss) == []


QUOTED = "Đoàn kết là sức mạnh của chúng ta"
RIGHT_QUOTED = "Đoàn kết là sức mạnh vô địch của chúng ta"


async def test_who_saw_a_wrong_quotation_is_told_once(house: House) -> None:
    """It stands in a file of its own, and is put right there: that makes another revision of the card that shows it."""
    folder = await with_small_pack(house)
    boss = await administrator(house)
    reader, evening = await settled(house, "701", "Tự Đọc"), await settled(house, "702", "Buổi Tối")
    other, late = await settled(house, "703", "Bài Khác"), await settled(house, "704", "Đọc Sau")
    await slot(house, evening, "evening")
    assert QUOTED in await reader.says("/bai")
    await house.passes("2025-05-01T20:00")
    assert "Chiếc áo" in await other.says("bài chiec-ao")
    before = house.running.installation.pack
    change(folder, "quotations.yaml", QUOTED, RIGHT_QUOTED)
    erratum = f"- id: e2\n  card: hon-da\n  wrong: [{before.card_by_id['hon-da'].revision}]\n  text: {RIGHT_QUOTED}.\n"
    (folder / "errata.yaml").write_text(f"{erratum}  facts: [q1]\n", "utf-8")
    report = await take_up(boss)
    if house.variant in ("plain", "double"):  # a start takes up what is in the folder by itself
        assert f"• hon-da ({before.card_by_id['hon-da'].revision})" in report
        assert "chiec-ao" not in report
    assert RIGHT_QUOTED in await late.says("/bai")
    for day in ("02", "03"):
        await house.passes(f"2025-05-{day}T07:00")
        await house.passes(f"2025-05-{day}T20:00")
    ids = [await member_id(house, phone) for phone in (reader, evening)]
    assert await told(house) == [(id, "e2") for id in sorted(ids)]
    for phone in (reader, evening):
        found = corrections(phone)
        assert len(found) == 1 or (house.variant == "crashes" and len(found) < 2)
        if found:
            assert f"Đúng là: {RIGHT_QUOTED}." in found[0]
    assert corrections(other) == corrections(late) == corrections(boss) == []


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[tuple[House, Path, Phone, Phone]]:
    """A plain house in which a member saw the wrong card, and an administrator put it right."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    folder = await with_small_pack(house)
    boss, reader = await administrator(house), await settled(house, "701", "Tự Đọc")
    await reader.says("/bai")
    await put_right(house, folder)
    await take_up(boss)
    yield house, folder, boss, reader
    await house.close()


Alone = tuple[House, Path, Phone, Phone]


async def test_solemn_days_a_pause_and_a_lost_message(alone: Alone) -> None:
    """It waits for the end of them, and comes again when it did not arrive."""
    house, _, _, reader = alone
    await slot(house, reader, "none", paused_until="2025-05-02")
    await house.passes("2025-05-02T20:00")
    assert corrections(reader) == []
    await house.running.db.write(lambda tx: tx.run("INSERT INTO solemn (reason, started_at) VALUES ('', 0)"))
    await house.passes("2025-05-03T20:00")
    assert corrections(reader) == []
    await house.running.db.write(lambda tx: tx.run("UPDATE solemn SET ended_at = 1"))
    await house.passes("2025-05-04T20:00")
    assert len(corrections(reader)) == 1
    await house.running.db.write(
        lambda tx: tx.run("UPDATE outbox SET state = 'expired' WHERE id IN (SELECT outbox_id FROM erratum_sent)")
    )
    await house.passes("2025-05-05T20:00")
    assert len(corrections(reader)) == 2
    await house.passes("2025-05-06T20:00")
    assert len(corrections(reader)) == 2


async def test_who_saw_both_is_told_and_sees_the_right_one(alone: Alone) -> None:
    """Reading the right words again does not undo having read the wrong ones; both are written down."""
    house, _, _, reader = alone
    await reader.says("bài hon-da")
    assert "bài thơ mang tên Hòn đá" in reader.last.text

    def revisions(tx: Transaction) -> int:
        return int(tx.scalar("SELECT COUNT(*) FROM card_read WHERE card_id = 'hon-da'"))

    assert await house.running.db.read(revisions) == 2
    await house.passes("2025-05-02T20:00")
    assert len(corrections(reader)) == 1
    assert "đính chính" in await reader.says("vì sao")


async def test_leafing_back_writes_down_what_was_shown(alone: Alone) -> None:
    """*Bài trước* shows the card as it stands now."""
    house, _, _, reader = alone
    await reader.says("/bai")
    await reader.taps("Bài trước")
    assert "bài thơ mang tên Hòn đá" in reader.last.text
    now = house.running.installation.pack.card_by_id["hon-da"].revision
    found = await house.running.db.read(lambda tx: tx.all("SELECT revision FROM card_read WHERE card_id = 'hon-da'"))
    assert (now,) in found


async def test_my_data_and_erasure(alone: Alone) -> None:
    """The file names revisions and corrections; with the member they go."""
    house, _, _, reader = alone
    await house.passes("2025-05-02T20:00")
    await reader.says("/dulieu")
    [file] = (house.directory / "exports").iterdir()
    content = file.read_text("utf-8")
    assert "- Hòn đá (1/5/2025; bản " in content
    assert "Đã nhận lời đính chính bài: Hòn đá (2/5/2025)" in content
    id = await member_id(house, reader)
    await reader.says("xóa dữ liệu")
    await reader.says("xóa")
    assert id not in [member for member, _ in await told(house)]


async def test_what_was_read_before_quotations_counted(alone: Alone) -> None:
    """An installation that wrote down files alone tells nobody by itself; a quotation called wrong may be theirs."""
    house, folder, boss, reader = alone
    now = house.running.installation.pack.card_by_id["hon-da"].revision
    file = now.partition("-")[0]
    await house.running.db.write(lambda tx: tx.run("UPDATE card_read SET revision = ?", (file,)))
    await house.restart()
    await house.passes("2025-05-02T20:00")
    assert corrections(reader) == []
    change(folder, "quotations.yaml", QUOTED, RIGHT_QUOTED)
    erratum = f'- id: e2\n  card: hon-da\n  wrong: ["{now}"]\n  text: {RIGHT_QUOTED}.\n  facts: [q1]\n'
    (folder / "errata.yaml").write_text(erratum, "utf-8")
    await take_up(boss)
    await house.passes("2025-05-03T20:00")
    assert len(corrections(reader)) == 1

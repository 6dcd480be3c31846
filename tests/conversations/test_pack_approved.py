"""What was approved is what members get, whatever becomes of the files, until something else is approved."""

from pathlib import Path

from bot.services import pack_approval, pack_updates
from content import approval
from content.files import read_pack_files
from content.loader import keep
from tests.support.content import CARD, administrator, change, take_up, with_small_pack
from tests.support.house import House, Phone
from tests.support.people import settled

BY = "Bà Lê Thị B, Trưởng ban"
NEW = "Tảng đá lớn"


async def approved(house: House, folder: Path) -> None:
    """As `sign-off --approve` does it beside a running bot."""
    now = house.clock.now()
    copy = keep(read_pack_files(folder), house.running.installation.data_dir)
    await house.running.db.write(lambda tx: pack_approval.record(tx, copy.name, BY, now))
    approval.mark(copy, BY, now)
    await house.running.db.write(pack_updates.look_again)
    await house.running.settle()


async def first_card(reader: Phone) -> str:
    await reader.says("/bai")
    assert "Ngày 21/4/1942" in reader.last.text
    return reader.last.text


async def test_files_that_moved_on_are_not_sent_before_they_are_approved(plain_house: House) -> None:
    folder = await with_small_pack(plain_house)
    boss = await administrator(plain_house)
    await approved(plain_house, folder)
    change(folder, CARD, "title: Hòn đá", f"title: {NEW}")

    report = await take_up(boss)
    assert f"({BY}). Tệp nội dung trên máy chủ đã đổi 1 mục" in report
    assert NEW not in await first_card(await settled(plain_house, "701", "Một"))
    await plain_house.restart()
    assert NEW not in await first_card(await settled(plain_house, "702", "Hai"))
    change(folder, "pack.yaml", "year: 2025", "year: [")
    await plain_house.restart()
    assert NEW not in await first_card(await settled(plain_house, "703", "Ba"))
    change(folder, "pack.yaml", "year: [", "year: 2025")

    await approved(plain_house, folder)
    assert NEW in await first_card(await settled(plain_house, "704", "Bốn"))

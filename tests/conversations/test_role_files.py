"""Who holds what and what staff did, taken as workbooks."""

import asyncio
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from bot.domain.people import RoleKind
from bot.services import role_files
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import granted, member_id
from tests.support.people import settled


async def taken(phone: Phone, list_: str) -> str:
    """What is said with the file of a list."""
    await phone.says(list_)
    return await phone.says("lấy tệp")


async def sheet(phone: Phone) -> list[list[tuple[object, str]]]:
    """The cells of the newest file on a phone, with their types."""
    path = [media for shown in phone.shown for media in shown.media][-1][1]
    content = await asyncio.to_thread(Path(path).read_bytes)
    return [
        [(cell.value, cell.data_type) for cell in row] for row in load_workbook(BytesIO(content)).active.iter_rows()
    ]


async def test_both_files(plain_house: House) -> None:
    """No cell is calculated, no phone is in them, nothing of another subtree; who administers nothing gets none."""
    admin = await granted(
        plain_house, await settled(plain_house, "700", "Quản Trị"), "LC0421", RoleKind.ADMIN, title=""
    )
    an = await granted(plain_house, await settled(plain_house, "801", "=1+1"), "LC0421", title="+Chủ tịch")
    await granted(plain_house, await settled(plain_house, "802", "Người Ngoài", "LC0422"), "LC0422")
    await an.says("số điện thoại của tôi")
    for said in ("0912345678", "có"):
        await an.says(said)
    assert "Đây là 2 dòng" in await taken(admin, "ai giữ việc gì")
    if plain_house.channel.capabilities.uploads:
        cells = await sheet(admin)
        assert [value for value, _ in cells[0]][:3] == ["Đơn vị", "Việc", "Người giữ"]
        assert [[value for value, _ in row][1:3] for row in cells[1:]] == [
            ["Quản trị viên", "Quản Trị"],
            ["+Chủ tịch", "=1+1"],
        ]
        assert {kind for row in cells for value, kind in row if value is not None} <= {"s", "inlineStr"}
        assert "0912345678" not in str(cells)
    assert "Đây là 2 dòng" in await taken(admin, "/nhatky")  # the phone, and the list that was just taken
    ids = [await member_id(plain_house, phone) for phone in (an, admin)]

    def others(tx: Transaction) -> list[int]:
        at, now = plain_house.running.installation, plain_house.clock.now()
        mine = Turn(tx, at, now, "t", member=members.by_id(tx, ids[0]))
        return [role_files.send_roles(mine), role_files.send_acts(mine)]

    assert await plain_house.running.db.write(others) == [0, 0]

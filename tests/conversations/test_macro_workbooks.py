"""A workbook with macros, as an office keeps its list of units: its cells are read, nothing in it is run or kept."""

import io
import zipfile
from pathlib import Path

import openpyxl

from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.services import tables
from bot.services.tables import Table
from tests.support.house import House
from tests.support.officers import granted, times
from tests.support.people import settled

PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PROJECT = "application/vnd.ms-office.vbaProject"
RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS = [
    ["mã", "cấp trên", "loại", "tên"],
    ["LC0430", "LC01", "grassroots", "CĐCS Hợp tác xã Ví dụ"],
    ["LC0431", "LC01", "grassroots", '=CALL("kernel32","WinExec","J","calc")'],
]


def macro_workbook() -> bytes:
    """An .xlsm: the parts, content types and relations that Excel writes for a workbook with a VBA project."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    plain, out = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "[Content_Types].xml":
                declared = f'<Override PartName="/xl/vbaProject.bin" ContentType="{PROJECT}"/></Types>'
                part = part.replace(PLAIN.encode(), MACROS.encode()).replace(b"</Types>", declared.encode())
                assert MACROS.encode() in part
            if name == "xl/_rels/workbook.xml.rels":
                related = f'<Relationship Id="rIdVba" Type="{RELATION}" Target="vbaProject.bin"/></Relationships>'
                part = part.replace(b"</Relationships>", related.encode())
            target.writestr(name, part)
        target.writestr("xl/vbaProject.bin", OLE + b"\0" * 504 + b"Sub Auto_Open()")
    return out.getvalue()


def test_its_cells_are_read() -> None:
    """As any workbook's; a formula has no value until somebody's Excel calculated it."""
    assert openpyxl.load_workbook(io.BytesIO(macro_workbook()), keep_vba=True).vba_archive is not None
    assert tables.read(macro_workbook()) == Table(ROWS[0], [(2, ROWS[1]), (3, ROWS[2][:3])])


async def test_sent_in_chat(tmp_path: Path) -> None:
    """Its good row is understood, its formula's row explained; nothing is written and no macro kept."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    admin = await granted(house, await settled(house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title="")
    house.channel.files["tree"] = macro_workbook()
    await admin.says("/capnhatcay")
    await admin.sends(InboundKind.DOCUMENT, ref="tree")
    said = "\n".join(message.text for message in admin.shown)
    assert "chưa ghi gì" in said.casefold()
    assert "Dòng 3:" in said
    codes = await house.running.db.read(lambda tx: {code for (code,) in tx.all("SELECT code FROM unit")})
    assert "LC0430" not in codes
    assert times(admin, "Auto_Open") == 0
    for path in (house.directory / "exports").glob("*"):
        assert b"vbaProject" not in path.read_bytes()
    await house.close()

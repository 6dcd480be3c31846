"""Files of any origin: read with bounds, refused in one word."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.services import tables
from bot.services.tables import Table, Unreadable


def workbook(rows: list[list[object]], *, merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A small file that unpacks into more than anybody's memory."""
    out = io.BytesIO(workbook([["a"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"\0" * (tables.UNPACKED_AT_MOST + 1))
    return out.getvalue()


def test_cells_of_a_workbook_as_they_would_be_typed() -> None:
    raw = workbook(
        [["Mã", "Ngày", None], [421, date(2025, 7, 1), " "], [None, None], [7.0, datetime(2025, 7, 2), "x"]],  # noqa: DTZ001 - as Excel keeps it
        merged="A2:A3",
    )
    read = tables.read(raw)
    assert read == Table(["Mã", "Ngày"], [(2, ["421", "2025-07-01", " "]), (4, ["7", "2025-07-02", "x"])])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_excel_saves_as_csv(encoding: str, separator: str) -> None:
    raw = f'Mã{separator}Tên\r\nA1{separator}"Hai\ndòng"\r\n\r\nA2{separator}Tê\u0301\r\n'.encode(encoding)
    assert tables.read(raw) == Table(["Mã", "Tên"], [(2, ["A1", "Hai\ndòng"]), (5, ["A2", "Tế"])])


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "no_rows"),
        (b"\xd0\xcf\x11\xe0 old", "old_excel"),
        (b"PK\x03\x04 torn", "broken"),
        ("Mã,Tên\nA,Đường".encode("cp1258", "replace"), "encoding"),
        ("a,b\n".encode("utf-16-le"), "encoding"),
        (b"a," * 10_000, "wide"),
        (workbook([["a"] * 10_000]), "wide"),
        (b"a\n" * (tables.ROWS_AT_MOST + 2), "too_big"),
        (b'"' + b"a" * 200_000, "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read(raw: bytes, rule: str) -> None:
    read = tables.read(raw)
    assert isinstance(read, Unreadable)
    assert read.rule == rule


def test_a_bomb_is_not_unpacked() -> None:
    assert tables.read(bomb()) == Unreadable("too_big")


def test_no_written_cell_acts(tmp_path: Path) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\x07bell", "'=kept"]
    read = tables.read(tables.write("a.csv", ["x"], [[cell] for cell in hostile]))
    assert isinstance(read, Table)
    assert [cells[0][0] for _, cells in read.rows[:4]] == ["'"] * 4
    book = openpyxl.load_workbook(io.BytesIO(tables.write("a.xlsx", ["x"], [[cell] for cell in hostile])))
    assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} == {"s"}


def test_what_a_workbook_calculates_is_not_run() -> None:
    """A stored result is read, a formula without one is empty; macros beside the sheets are not looked at."""
    out = io.BytesIO()
    raw = io.BytesIO(workbook([["Mã", "Tên", "Cũ"], ["A1", "=1+1", "=1+1"]]))
    with zipfile.ZipFile(raw) as plain, zipfile.ZipFile(out, "w") as calculated:
        for part in plain.infolist():
            content = plain.read(part)
            if part.filename.endswith("sheet1.xml"):
                for empty in (b"<v></v>", b"<v />"):
                    content = content.replace(b"<f>1+1</f>" + empty, b"<f>1+1</f><v>2</v>", 1)
            calculated.writestr(part, content)
        calculated.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    assert tables.read(out.getvalue()) == Table(["Mã", "Tên", "Cũ"], [(2, ["A1", "2"])])

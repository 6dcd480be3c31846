"""Tables people exchange as files: .csv as Excel writes it, .xlsx; read with bounds, written so that no cell acts."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any, Final

MEGABYTE: Final = 1024 * 1024
UNPACKED_AT_MOST: Final = 200 * MEGABYTE
ROWS_AT_MOST: Final = 100_000
COLUMNS_AT_MOST: Final = 100
WIDEST: Final = 60
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_ACTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is calculated by a spreadsheet."""
_SEPARATORS: Final = ";\t,"
_UNKEEPABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

Line = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text: the header, and filled rows with the line each begins at."""

    header: list[str]
    rows: list[Line]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be read; `rule` names the sentence: encoding, old_excel, broken, too_big, wide, no_rows."""

    rule: str
    line: int = 1


def is_workbook(raw: bytes) -> bool:
    """Whether a file is an .xlsx, whatever it is called."""
    return raw.startswith(_ZIP)


def read(raw: bytes) -> Table | Unreadable:
    """A file's first sheet, as a table."""
    if raw.startswith(_OLD_EXCEL):
        return Unreadable("old_excel")
    try:
        rows = _workbook(raw) if is_workbook(raw) else _csv(raw)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        return Unreadable("encoding", raw[:start].count(b"\n") + 1)
    except (csv.Error, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, EOFError, TypeError):
        return Unreadable("broken")
    if isinstance(rows, Unreadable):
        return rows
    if not rows:
        return Unreadable("no_rows")
    (_, header), *rest = rows
    if len(header) > COLUMNS_AT_MOST:
        return Unreadable("wide")
    return Table(header, rest)


# -- CSV


def _csv(raw: bytes) -> list[Line] | Unreadable:
    text = _decoded(raw)
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[Line] = []
    begins = 1
    for cells in reader:
        if "".join(cells).strip():
            rows.append((begins, cells))
            if len(rows) > ROWS_AT_MOST:
                return Unreadable("too_big")
        begins = reader.line_num + 1
    return rows


def _decoded(raw: bytes) -> str:
    """UTF-8 with or without its mark, or UTF-16 with its mark; NUL in UTF-8 is UTF-16 without one."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    text = raw.decode("utf-8-sig")
    if "\0" in text:
        raise UnicodeDecodeError("utf-8", raw, raw.index(b"\0"), raw.index(b"\0") + 1, "NUL")
    return text


# -- workbooks


def _workbook(raw: bytes) -> list[Line] | Unreadable:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED_AT_MOST:
            return Unreadable("too_big")
    from openpyxl import load_workbook  # slow to load, seldom needed

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    try:
        rows: list[Line] = []
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=COLUMNS_AT_MOST + 1), 1):
            cells = [_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows.append((number, cells))
            if number > ROWS_AT_MOST:
                return Unreadable("too_big")
        return rows
    finally:
        book.close()


def _text(value: Any) -> str:
    """A cell as it would be typed: whole numbers without a point, days as 2025-07-01."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# -- writing


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as the kind of file its name ends in: .xlsx, else .csv."""
    return _as_workbook(header, rows) if name.lower().endswith(".xlsx") else _as_csv(header, rows)


def _as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with its mark and semicolons: what Excel opens by itself where the comma is the decimal sign."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(map(_harmless, rows))
    return out.getvalue().encode("utf-8-sig")


def _harmless(cells: Sequence[str]) -> list[str]:
    return [f"'{cell}" if cell.startswith(_ACTS) else cell for cell in cells]


def as_typed(cell: str) -> str:
    """A cell without the mark that `write` puts before what a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_ACTS) else cell


def workbook(sheets: Mapping[str, Sequence[Sequence[str | int]]]) -> bytes:
    """A workbook of some sheets, each by its title, without headers of their own; numbers stay numbers."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        _fill(book.create_sheet(title), rows)
    return _bytes(book)


def _as_workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    titles = []
    for name in header:
        cell = WriteOnlyCell(sheet, name)
        cell.font = Font(bold=True)
        titles.append(cell)
    _fill(sheet, list(rows), header, titles)
    return _bytes(book)


def _fill(
    sheet: Any, rows: Sequence[Sequence[str | int]], header: Sequence[str] = (), titles: Sequence[Any] = ()
) -> None:
    """Columns as wide as they need, then the titles, then the rows."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    kept = [[_UNKEEPABLE.sub("", cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    for index, width in enumerate(_widths([header, *kept] if header else kept), 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    if titles:
        sheet.append(titles)
    for row in kept:
        sheet.append(
            [
                _plain_cell(WriteOnlyCell(sheet), cell) if isinstance(cell, str) and cell.startswith("=") else cell
                for cell in row
            ]
        )


def _bytes(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain_cell(cell: Any, value: str) -> Any:
    """Text that stays text: without this the library writes a formula."""
    cell.value = value
    cell.data_type = "s"
    return cell


def _widths(rows: Sequence[Sequence[str | int]]) -> Iterator[int]:
    for cells in zip_longest(*rows[:200], fillvalue=""):
        yield min(WIDEST, max(8, *(len(str(cell)) for cell in cells)) + 2)

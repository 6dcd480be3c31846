"""The union tree from a CSV file: everything is checked first, then all of it is written, or nothing."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from bot.domain.people import Unit
from bot.storage import units
from bot.storage.database import Transaction
from content.federation import Federation

COLUMNS: Final = ("code", "parent", "kind", "name", "valid_from", "valid_until")
NAME_LIMIT: Final = 200
_CODE: Final = re.compile(r"[A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class Row:
    """One unit as the file has it; `parent` is a code, "" for a root. Dates are ISO text or None."""

    line: int
    code: str
    parent: str
    kind: str
    name: str
    valid_from: str | None
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line of the file; `rule` names the sentence, `params` fill it."""

    line: int
    rule: str
    params: dict[str, Any] = field(default_factory=dict)


def read(raw: bytes) -> tuple[list[Row], list[Problem]]:
    """The rows of a CSV file (UTF-8 with or without a mark; comma or semicolon), and what cannot be read."""
    try:
        text = unicodedata.normalize("NFC", raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return [], [Problem(raw[: error.start].count(b"\n") + 1, "encoding")]
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    header = [name.strip().casefold().replace("parent_code", "parent") for name in next(reader, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        return [], [Problem(1, "header", {"columns": ", ".join(COLUMNS), "missing": ", ".join(missing)})]
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in _lines(reader):
        if len(cells) != len(header):
            problems.append(Problem(line, "columns", {"found": len(cells), "wanted": len(header)}))
            continue
        row, found = _read_row(line, dict(zip(header, cells, strict=True)))
        rows.append(row)
        problems += found
    if not rows and not problems:
        problems.append(Problem(1, "empty"))
    return rows, problems


def check(tx: Transaction, federation: Federation, rows: Sequence[Row]) -> list[Problem]:
    """What is wrong with rows that could be read: against each other, the federation and the units there are."""
    problems: list[Problem] = []
    first: dict[str, Row] = {}
    levels = {kind.id: kind.level for kind in federation.unit_kinds}
    stored = units.every(tx)
    by_id = {unit.id: unit for unit in stored}
    kinds = {unit.code: unit.kind for unit in stored}
    for row in rows:
        if row.code in first:
            problems.append(Problem(row.line, "twice", {"code": row.code, "first": first[row.code].line}))
        first.setdefault(row.code, row)
    kinds |= {row.code: row.kind for row in rows}
    for row in rows:
        if row.kind not in levels:
            problems.append(Problem(row.line, "kind", {"kind": row.kind, "kinds": ", ".join(levels)}))
        if not row.parent:
            continue
        if row.parent not in kinds:
            problems.append(Problem(row.line, "parent", {"parent": row.parent}))
        elif not _stands_over(levels, kinds[row.parent], row.kind):
            problems.append(Problem(row.line, "level", {"child": row.code, "parent": row.parent}))
    problems += _children_left(stored, by_id, first, levels)
    return sorted(problems, key=lambda problem: problem.line)


def write(tx: Transaction, rows: Sequence[Row], step: Callable[[], None]) -> tuple[int, int]:
    """Write checked rows, parents first, calling `step` for each; returns how many are new and how many were there."""
    ids = {unit.code: unit.id for unit in units.every(tx)}
    before = len(ids)
    waiting = {row.code: row for row in rows}
    for row in rows:
        for code in _from_the_top(row, waiting):
            unit = waiting.pop(code)
            parent = ids[unit.parent] if unit.parent else None
            ids[code] = units.put(tx, code, parent, unit.kind, unit.name, unit.valid_from, unit.valid_until)
            step()
    new = len(ids) - before
    return new, len(rows) - new


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Filled lines with the number each begins at: a quoted cell may hold line breaks."""
    begins = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _read_row(line: int, cells: dict[str, str]) -> tuple[Row, list[Problem]]:
    problems: list[Problem] = []
    code, parent = _code(cells["code"]), _code(cells["parent"])
    for given in (code, parent) if parent else (code,):
        if not _CODE.fullmatch(given):
            problems.append(Problem(line, "code", {"code": given}))
    name = " ".join(cells["name"].split())
    if not 0 < len(name) <= NAME_LIMIT:
        problems.append(Problem(line, "name"))
    dates: dict[str, str | None] = {}
    for column in ("valid_from", "valid_until"):
        day = _date(cells[column].strip())
        if day is None and cells[column].strip():
            problems.append(Problem(line, "date", {"value": cells[column].strip(), "column": column}))
        dates[column] = day.isoformat() if day else None
    start, until = dates["valid_from"], dates["valid_until"]
    if start and until and until < start:
        problems.append(Problem(line, "order", {"until": until, "start": start}))
    return Row(line, code, parent, cells["kind"].strip(), name, start, until), problems


def _code(cell: str) -> str:
    """A code as members may type it, in the one form it is stored in."""
    return re.sub(r"[\s.-]", "", cell).upper()


def _date(cell: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a civil date has no zone
        except ValueError:
            continue
    return None


def _stands_over(levels: dict[str, int], upper: str, lower: str) -> bool:
    """Whether a kind may stand over another (unknown kinds are told elsewhere). This also makes circles impossible."""
    return upper in levels and (lower not in levels or levels[upper] < levels[lower])


def _children_left(
    stored: Sequence[Unit], by_id: dict[int, Unit], rows: dict[str, Row], levels: dict[str, int]
) -> Iterator[Problem]:
    """Units that stay as they are, under a unit whose kind the file changes."""
    for unit in stored:
        parent = by_id.get(unit.parent_id) if unit.parent_id is not None else None
        row = rows.get(parent.code) if parent else None
        if row is not None and unit.code not in rows and not _stands_over(levels, row.kind, unit.kind):
            yield Problem(row.line, "level", {"child": unit.code, "parent": row.code})


def _from_the_top(row: Row, waiting: dict[str, Row]) -> list[str]:
    """The row's code and those of its ancestors that are still to be written, topmost first."""
    chain: list[str] = []
    code = row.code
    while code in waiting:
        chain.append(code)
        code = waiting[code].parent
    return chain[::-1]

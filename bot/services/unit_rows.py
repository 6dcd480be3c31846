"""The rows of a file of units: columns by any of their names, cells made uniform, what is wrong and its repair."""

import calendar
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from bot.services import tables
from bot.services.tables import Line, Unreadable
from bot.vietnamese import fold, format_date, retone
from content.federation import Federation
from content.texts import Texts

COLUMNS: Final = (
    "code",
    "parent",
    "kind",
    "name",
    "short_name",
    "position",
    "former_names",
    "valid_from",
    "valid_until",
)
NEEDED: Final = COLUMNS[:4]
NAME_LIMIT: Final = 200
LAST_POSITION: Final = 999_999
FORMER_SEPARATOR: Final = " | "
LOOKED_UP: Final = 1
"""Of parents that are like no code and no whole name, so many are searched for among all names, which takes long."""
_CODE: Final = re.compile(r"[A-Z0-9]{2,20}")
_TONED: Final = re.compile(r"[oOuU][^\x00-\xff]|[oOuU][\xc0-\xff]")
"""What may be a tone in its new place."""
_LOOSE: Final = re.compile(r"[\s.-]")
_FORMER: Final = re.compile(r"\s*[|;\n]\s*")
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO: Final = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T]00:00(?::00)?)?")
_SYMBOLS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Row(NamedTuple):
    """One unit as the file has it; `parent` is a code, "" for a root, dates are ISO text; `cells` as in the file."""

    line: int
    cells: list[str]
    code: str
    parent: str
    kind: str
    name: str
    short_name: str
    position: int | None
    former_names: tuple[str, ...]
    valid_from: str | None
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line of the file; `rule` names the sentence and the repair, `params` fill both."""

    line: int
    rule: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read: `header` as it stands there, `given` the columns it has, `lines` every filled row.

    `parent_at` is where in a row the parent stands.
    """

    header: list[str]
    given: frozenset[str]
    parent_at: int
    lines: list[Line]
    rows: list[Row]
    problems: list[Problem]


def read(raw: bytes, texts: Texts, federation: Federation) -> Sheet:
    """The rows of a file, .csv or .xlsx, and what cannot be read of it."""
    table = tables.read(raw)
    if isinstance(table, Unreadable):
        return _unread([], Problem(table.line, table.rule))
    names = [_column(cell, _headings(texts)) for cell in table.header]
    missing = [column for column in NEEDED if column not in names]
    if missing:
        shown = {"columns": _shown(texts, COLUMNS), "missing": _shown(texts, missing)}
        return _unread(table.header, Problem(1, "header", shown))
    if not table.rows:
        return _unread(table.header, Problem(1, "no_rows"))
    reader = _Reader(names, texts, federation)
    rows = [row for line in table.rows if (row := reader.row(line)) is not None]
    return Sheet(table.header, frozenset(names) - {""}, names.index("parent"), table.rows, rows, reader.problems)


def _unread(header: list[str], problem: Problem) -> Sheet:
    return Sheet(header, frozenset(), 0, [], [], [problem])


def _shown(texts: Texts, columns: Iterable[str]) -> str:
    return ", ".join(texts.words[f"column_{column}"].show for column in columns)


def _headings(texts: Texts) -> dict[str, str]:
    words = {column: texts.words[f"column_{column}"] for column in COLUMNS}
    return {
        fold(name).replace("_", " "): column
        for column, word in words.items()
        for name in (column, word.show, *word.accept)
    }


def _column(cell: str, headings: Mapping[str, str]) -> str:
    """Which column a heading means, also with a wrong letter; "" for one of the office's own."""
    from rapidfuzz.distance import OSA  # slow to load, seldom needed

    folded = fold(cell).replace("_", " ")
    if folded in headings or len(folded) < 5:
        return headings.get(folded, "")
    wrong, nearest = min((OSA.distance(folded, known), known) for known in headings)
    return headings[nearest] if wrong <= len(folded) // 5 else ""


class _Reader:
    """Reads rows one after another; what is the same in many rows is looked at once."""

    def __init__(self, names: Sequence[str], texts: Texts, federation: Federation) -> None:
        self.problems: list[Problem] = []
        self._places = {name: names.index(name) for name in COLUMNS if name in names}
        self._width = len(names)
        self._texts = texts
        kinds = federation.unit_kinds
        # «CĐCS» is what offices write; an id or a whole name goes before initials that are the same.
        self._kinds = {_initials(kind.name): kind.id for kind in kinds}
        self._kinds |= {key: kind.id for kind in kinds for key in (kind.id, fold(kind.name))}
        self._kind_names = {kind.id: kind.name for kind in kinds}
        self._dates: dict[str, str | None] = {"": None}

    def row(self, line: Line) -> Row | None:
        """A row, or None when its cells cannot be told apart."""
        number, cells = line
        if len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            self._wrong(number, "cells", found=len(cells), wanted=self._width)
            return None
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]  # a workbook has no empty cells at a row's end
        places = self._places
        code, parent = _code(cells[places["code"]]), _code(cells[places["parent"]])
        if not _CODE.fullmatch(code):
            self._wrong(number, "code", code=code, near=_plain_code(code))
        kind = cells[places["kind"]].strip()
        kind = self._kinds.get(kind) or self._kind(number, kind)
        name = _name(cells[places["name"]])
        if not 0 < len(name) <= NAME_LIMIT:
            self._wrong(number, "name", length=len(name), limit=NAME_LIMIT)
        start, until = self._day(number, cells, "valid_from"), self._day(number, cells, "valid_until")
        if start and until and until < start:
            shown = {"until": _as_written(until), "start": _as_written(start)}
            self._wrong(number, "order", **shown)
        short = _name(cells[places["short_name"]]) if "short_name" in places else ""
        if len(short) > NAME_LIMIT:
            self._wrong(number, "short_name", length=len(short), limit=NAME_LIMIT)
        former = cells[places["former_names"]] if "former_names" in places else ""
        formerly = tuple(filter(None, map(_name, _FORMER.split(former)))) if former else ()
        position = self._position(number, cells) if "position" in places else None
        return Row(number, line[1], code, parent, kind, name, short, position, formerly, start, until)

    def _wrong(self, line: int, rule: str, **params: Any) -> None:
        self.problems.append(Problem(line, rule, params))

    def _kind(self, line: int, typed: str) -> str:
        from rapidfuzz import process  # slow to load, seldom needed

        known = self._kinds.get(fold(typed))
        if known:
            return known
        found = process.extractOne(fold(typed), list(self._kinds), score_cutoff=60) if typed else None
        near = self._kind_names[self._kinds[found[0]]] if found else ""
        self._wrong(line, "kind", kind=typed, near=near, kinds=", ".join(self._kind_names.values()))
        return ""

    def _position(self, line: int, cells: Sequence[str]) -> int | None:
        typed = cells[self._places["position"]].strip()
        if not typed:
            return None
        if typed.isascii() and typed.isdecimal() and int(typed[:9]) <= LAST_POSITION:
            return int(typed[:9])
        digits = "".join(c for c in typed if c in "0123456789")[:6]
        self._wrong(line, "position", value=typed, near=digits)
        return None

    def _day(self, line: int, cells: Sequence[str], column: str) -> str | None:
        if column not in self._places:
            return None
        typed = cells[self._places[column]].strip()
        if typed not in self._dates:
            day, near = read_day(typed)
            if day is None:
                shown = self._texts.words[f"column_{column}"].show
                self._wrong(line, "date", value=typed, column=shown, near=near)
                return None
            self._dates[typed] = day.isoformat()
        return self._dates[typed]


def _code(cell: str) -> str:
    """A code as members may type it, in the one form it is stored in."""
    return cell if cell.isalnum() and cell.isupper() else _LOOSE.sub("", cell).upper()


def _initials(name: str) -> str:
    """The first letters of a name's words, folded: «cdcs» of *Công đoàn cơ sở*."""
    return "".join(word[0] for word in fold(name).split())


def _as_written(day: str) -> str:
    """An ISO date as people write it."""
    return format_date(date.fromisoformat(day))


def _plain_code(code: str) -> str:
    """The letters and digits of what was typed for a code; "" when too few are left."""
    near = "".join(filter(str.isalnum, fold(code).upper()))
    return near if _CODE.fullmatch(near) else ""


def _name(cell: str) -> str:
    name = " ".join(cell.split())
    if name.isascii():
        return tables.as_typed(name)
    return retone(tables.as_typed(name)) if _TONED.search(name) else tables.as_typed(name)


def read_day(typed: str) -> tuple[date | None, str]:
    """A day as offices write it, else None and the nearest that could be meant ("" for none)."""
    found = _ISO.fullmatch(typed)
    if found is not None:
        year, month, day = map(int, found.groups())
    else:
        found = _DAY.fullmatch(typed)
        if found is None:
            return None, ""
        day, month, year = map(int, found.groups())
    try:
        return date(year, month, day), ""
    except ValueError:
        return None, _nearest(year, month, day)


def _nearest(year: int, month: int, day: int) -> str:
    if month > 12 >= day:
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1 <= year <= 9999):
        return ""
    return f"{min(day, calendar.monthrange(year, month)[1]):02}/{month:02}/{year}"


class Nearest:
    """Finds which unit a parent that is none may have been meant for."""

    def __init__(self, codes: Collection[str], names: Iterable[tuple[str, str]]) -> None:
        self._codes = codes
        self._names = names
        self._by_name: dict[str, str] | None = None
        self._known: dict[str, str] = {}
        self._left = LOOKED_UP

    def code(self, typed: str, written: str) -> str:
        """The nearest code to `typed`, or that of the unit called `written`; "" when nothing is near."""
        if typed not in self._known:
            self._known[typed] = self._by_letter(typed) or self._called(written)
        return self._known[typed]

    def _by_letter(self, typed: str) -> str:
        """One letter wrong, missing, too many, or two exchanged: looked up, for there may be thousands of codes."""
        if len(typed) > 20:
            return ""
        cuts = [(typed[:at], typed[at:]) for at in range(len(typed) + 1)]
        near = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
        near += [a + b[1:] for a, b in cuts if b]
        near += [a + c + b[1:] for a, b in cuts if b for c in _SYMBOLS]
        near += [a + c + b for a, b in cuts for c in _SYMBOLS]
        return next((code for code in near if code in self._codes), "")

    def _called(self, written: str) -> str:
        if self._by_name is None:
            self._by_name = {name.casefold(): code for name, code in self._names}
        folded = _name(written).casefold()
        if folded in self._by_name or self._left <= 0:
            return self._by_name.get(folded, "")
        from rapidfuzz import process  # slow to load, seldom needed

        self._left -= 1
        found = process.extractOne(folded, list(self._by_name), score_cutoff=80)
        return self._by_name[found[0]] if found else ""

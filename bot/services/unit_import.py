"""The union tree from a file and back: all of it is checked, shown as changes, then written whole, or nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.channels.render import plain
from bot.domain.people import Unit
from bot.domain.prompts import text
from bot.services import tables
from bot.services.unit_rows import COLUMNS, FORMER_SEPARATOR, Nearest, Problem, Row, Sheet
from bot.storage import units
from bot.storage.database import Transaction
from bot.storage.unit_uploads import Staged
from content.federation import Federation
from content.texts import Texts, Voice

CHANGES: Final = ("new", "renamed", "moved", "ended", "changed")
"""What a row may do to the tree, the weightiest first; a row counts once."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that changes something: what it does (of CHANGES), and the unit as it is now (None for a new one)."""

    row: Row
    what: str
    before: Unit | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What writing a file would do; `same` is how many rows change nothing."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0

    def counts(self) -> dict[str, int]:
        """How many rows do each of CHANGES."""
        counted = Counter(change.what for change in self.changes)
        return {what: counted[what] for what in CHANGES}


def check(tx: Transaction, levels: Mapping[str, int], sheet: Sheet) -> list[Problem]:
    """Everything wrong with a file, in order of lines: as read, and against itself and the units there are.

    `levels` are the federation's kinds with their level.
    """
    problems = list(sheet.problems)
    rows: dict[str, Row] = {}
    stored = units.every(tx)
    for row in sheet.rows:
        first = rows.setdefault(row.code, row)
        if first is not row:
            problems.append(Problem(row.line, "twice", {"code": row.code, "first": first.line}))
    kinds = {unit.code: unit.kind for unit in stored} | {code: row.kind for code, row in rows.items()}
    nearest = Nearest(kinds.keys(), _names(stored, sheet.rows))
    for row in sheet.rows:
        if not row.parent:
            continue
        if row.parent not in kinds:
            written = row.cells[sheet.parent_at].strip()
            near = nearest.code(row.parent, written)
            problems.append(Problem(row.line, "parent", {"parent": written, "near": near}))
        elif not _stands_over(levels, kinds[row.parent], row.kind):
            problems.append(Problem(row.line, "level", {"child": row.code, "parent": row.parent}))
    problems += _children_left(stored, rows, levels)
    return sorted(problems, key=lambda problem: problem.line)


def _names(stored: Sequence[Unit], rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    yield from ((unit.name, unit.code) for unit in stored)
    yield from ((row.name, row.code) for row in rows)


def _stands_over(levels: Mapping[str, int], upper: str, lower: str) -> bool:
    """Whether a kind may stand over another (unknown kinds are told elsewhere). This also makes circles impossible."""
    return upper not in levels or lower not in levels or levels[upper] < levels[lower]


def _children_left(stored: Sequence[Unit], rows: Mapping[str, Row], levels: Mapping[str, int]) -> Iterator[Problem]:
    """Units that stay as they are, under a unit whose kind the file changes."""
    by_id = {unit.id: unit for unit in stored}
    for unit in stored:
        parent = by_id.get(unit.parent_id) if unit.parent_id is not None else None
        row = rows.get(parent.code) if parent else None
        if row is not None and unit.code not in rows and not _stands_over(levels, row.kind, unit.kind):
            yield Problem(row.line, "level", {"child": unit.code, "parent": row.code})


# -- what it would do


def plan(tx: Transaction, sheet: Sheet) -> Plan:
    """What writing a checked file would change."""
    stored = units.every(tx)
    codes = {unit.id: unit.code for unit in stored}
    there = {unit.code: unit for unit in stored}
    former = units.former_names(tx)
    changes = []
    for row in sheet.rows:
        unit = there.get(row.code)
        what = "new" if unit is None else _difference(sheet, row, unit, codes, former.get(unit.id, ()))
        if what:
            changes.append(Change(row, what, unit))
    return Plan(changes, len(sheet.rows) - len(changes))


def _difference(sheet: Sheet, row: Row, unit: Unit, codes: Mapping[int, str], former: Sequence[str]) -> str:
    """What a row changes of a unit, "" for nothing. A column the file has not changes nothing."""
    if row.name != unit.name:
        return "renamed"
    if row.parent != (codes[unit.parent_id] if unit.parent_id is not None else ""):
        return "moved"
    start, until, short, position = _kept(sheet, row, unit)
    if until != _iso(unit.valid_until):
        return "ended" if until else "changed"
    same = (
        row.kind == unit.kind
        and start == _iso(unit.valid_from)
        and (short, position)
        == (
            unit.short_name,
            unit.position,
        )
    )
    return "" if same and set(row.former_names) <= set(former) else "changed"


def _kept(sheet: Sheet, row: Row, unit: Unit | None) -> tuple[str | None, str | None, str, int | None]:
    """First and last day, usual name and position: the file's, where it has the column, else those there are."""
    given = sheet.given
    start, until = (unit.valid_from, unit.valid_until) if unit else (None, None)
    return (
        row.valid_from if "valid_from" in given else _iso(start),
        row.valid_until if "valid_until" in given else _iso(until),
        row.short_name if "short_name" in given else (unit.short_name if unit else ""),
        row.position if "position" in given else (unit.position if unit else None),
    )


def _iso(day: object) -> str | None:
    return str(day) if day is not None else None


def write(tx: Transaction, sheet: Sheet, planned: Plan, step: Callable[[], None]) -> None:
    """Write the changes of a checked file, parents first, calling `step` for each. Old names stay findable."""
    ids = {unit.code: unit.id for unit in units.every(tx)}
    rows, names = staged(sheet, planned)
    for row in rows:
        parent = ids[row.parent] if row.parent else None
        ids[row.code] = units.put(
            tx,
            row.code,
            parent,
            row.kind,
            row.name,
            row.valid_from,
            row.valid_until,
            short_name=row.short_name,
            position=row.position,
        )
        step()
    for code, name in names:
        units.add_former_name(tx, ids[code], name)
    units.revise(tx)


def staged(sheet: Sheet, planned: Plan) -> tuple[list[Staged], list[tuple[str, str]]]:
    """The units as a checked file makes them, parents first, and the former names (code, name) they get."""
    waiting = {change.row.code: change for change in planned.changes}
    rows, names = [], []
    for change in planned.changes:
        for code in _from_the_top(change.row, waiting):
            row, before = waiting[code].row, waiting.pop(code).before
            start, until, short, position = _kept(sheet, row, before)
            rows.append(Staged(code, row.parent, row.kind, row.name, start, until, short, position))
            renamed = (before.name,) if before is not None and before.name != row.name else ()
            names += [(code, name) for name in (*row.former_names, *renamed)]
    return rows, names


def _from_the_top(row: Row, waiting: Mapping[str, Change]) -> list[str]:
    """The row's code and those of its ancestors that are still to be written, topmost first."""
    chain: list[str] = []
    code = row.code
    while code in waiting:
        chain.append(code)
        code = waiting[code].row.parent
    return chain[::-1]


# -- said and written out


def sentence(texts: Texts, problem: Problem) -> str:
    """What is wrong."""
    return plain(texts.render(text(f"units.problem_{problem.rule}", **problem.params), Voice()))


def repair(texts: Texts, problem: Problem) -> str:
    """How to repair it."""
    return plain(texts.render(text(f"units.fix_{problem.rule}", **problem.params), Voice()))


def report(texts: Texts, name: str, sheet: Sheet, problems: Sequence[Problem]) -> bytes:
    """Every bad row as it stands in the file, with what is wrong and how to repair it; `name` tells .xlsx or .csv."""
    cells = dict(sheet.lines)
    width = len(sheet.header)
    words = texts.words
    header = [words["column_line"].show, *sheet.header, words["column_wrong"].show, words["column_repair"].show]
    by_line: dict[int, list[Problem]] = {}
    for problem in problems:
        by_line.setdefault(problem.line, []).append(problem)
    rows = []
    for line, found in by_line.items():
        original = [*cells.get(line, []), *[""] * width][:width]
        wrong = _together([sentence(texts, problem) for problem in found])
        rows.append([str(line), *original, wrong, _together([repair(texts, problem) for problem in found])])
    return tables.write(name, header, rows)


def _together(sentences: Sequence[str]) -> str:
    """Sentences of one cell; several have numbers, so that one sees which repair is for what."""
    begun = [each[:1].upper() + each[1:] for each in sentences]
    return " ".join(f"{n}. {each}" if len(begun) > 1 else each for n, each in enumerate(begun, 1))


def export(
    tx: Transaction, texts: Texts, federation: Federation, name: str, inside: Sequence[int] | None = None
) -> bytes:
    """The tree (or the units of `inside`) as a file that could be read again: parents first, in official order."""
    kinds = {kind.id: kind.name for kind in federation.unit_kinds}
    stored = units.every(tx)
    codes = {unit.id: unit.code for unit in stored}
    former = units.former_names(tx)
    below: dict[int | None, list[Unit]] = {}
    for unit in stored:
        below.setdefault(unit.parent_id, []).append(unit)
    ordered: list[Unit] = []
    heads = units.in_order(below.get(None, []))[::-1]
    while heads:
        ordered.append(heads.pop())
        heads += units.in_order(below.get(ordered[-1].id, []))[::-1]
    kept = None if inside is None else set(inside)
    rows = [
        [
            unit.code,
            codes[unit.parent_id] if unit.parent_id is not None else "",
            kinds.get(unit.kind, unit.kind),
            unit.name,
            unit.short_name,
            str(unit.position) if unit.position is not None else "",
            FORMER_SEPARATOR.join(former.get(unit.id, ())),
            _iso(unit.valid_from) or "",
            _iso(unit.valid_until) or "",
        ]
        for unit in ordered
        if kept is None or unit.id in kept
    ]
    return tables.write(name, [texts.words[f"column_{column}"].show for column in COLUMNS], rows)

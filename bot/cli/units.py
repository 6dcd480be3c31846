"""`units FILE`: the union tree from a file, shown before it is written, all of it or nothing; and back into a file."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from bot.app import federation_variables
from bot.cli.ground import open_database, read_federation, read_settings
from bot.cli.progress import progress
from bot.cli.words import FAILED, give_up, phrase, tell, words
from bot.domain.people import Unit
from bot.services import unit_import, unit_rows
from bot.services.unit_import import Change, Plan
from bot.services.unit_rows import Problem, Sheet
from bot.settings import Settings
from bot.storage import installation, units
from bot.storage.database import Database, Transaction
from content.federation import Federation
from content.texts import Texts
from scheduler.clock import SystemClock

SHOWN: Final = 100
CHANGES_SHOWN: Final = 10


def import_units(path: Path, *, report: Path | None = None, dry_run: bool = False, confirmed: bool = False) -> None:
    """Check the file and say what it changes, ask unless `confirmed`, write in one transaction.

    Of bad lines each is named with a repair (all of them in `report`), and nothing is written.
    """
    settings = read_settings()
    federation = read_federation(settings)
    try:
        raw = path.read_bytes()
    except OSError as error:
        give_up("units.unreadable", path=path, detail=error.strerror)
    texts = Texts(federation_variables(federation))
    sheet = unit_rows.read(raw, texts, federation)
    asyncio.run(_import(settings, federation, texts, path, sheet, report, dry_run=dry_run, confirmed=confirmed))


async def _import(
    settings: Settings,
    federation: Federation,
    texts: Texts,
    path: Path,
    sheet: Sheet,
    report: Path | None,
    *,
    dry_run: bool,
    confirmed: bool,
) -> None:
    async with open_database(settings, SystemClock().now()) as db:
        levels = {kind.id: kind.level for kind in federation.unit_kinds}
        found = await db.read(lambda tx: unit_import.check(tx, levels, sheet))
        if found:
            if report is not None:
                _write_file(report, unit_import.report(texts, report.name, sheet, found))
            _refuse(texts, path, found, report)
        planned = await db.read(lambda tx: unit_import.plan(tx, sheet))
        _show(path, planned)
        if not planned.changes:
            tell("units.nothing")
        elif not dry_run:
            if confirmed or _agreed():
                await _write(db, sheet)
            else:
                tell("units.stopped")


async def _write(db: Database, sheet: Sheet) -> None:
    """What it changes is found anew in the writing transaction: somebody may have been asked for an hour."""
    planned = await db.read(lambda tx: unit_import.plan(tx, sheet))
    with progress(phrase("units.writing"), len(planned.changes)) as advance:

        def write(tx: Transaction) -> int:
            fresh = unit_import.plan(tx, sheet)
            unit_import.write(tx, sheet, fresh, partial(advance, 1))
            counts = " ".join(f"{what}={count}" for what, count in fresh.counts().items())
            installation.record_audit(tx, SystemClock().now(), None, "units_imported", None, counts)
            return len(fresh.changes)

        count = await db.write(write, bulk=True)
    tell("units.done", count=count)


def _show(path: Path, planned: Plan) -> None:
    tell("units.summary", path=path, same=planned.same, **planned.counts())
    for change in planned.changes[:CHANGES_SHOWN]:
        tell(f"units.change.{change.what}", **_shown(change))
    if len(planned.changes) > CHANGES_SHOWN:
        tell("units.more_changes", count=len(planned.changes) - CHANGES_SHOWN)


def _shown(change: Change) -> dict[str, Any]:
    row, before = change.row, change.before
    was = before.name if isinstance(before, Unit) else ""
    return {"code": row.code, "name": row.name, "before": was, "parent": row.parent, "until": row.valid_until}


def _agreed() -> bool:
    try:
        answer = input(phrase("units.confirm"))
    except EOFError:
        return False
    return answer.strip().casefold() in words()["broadcast"]["accept"]


def _refuse(texts: Texts, path: Path, problems: list[Problem], report: Path | None) -> NoReturn:
    lines = [phrase("units.refused", count=len({p.line for p in problems}), path=path)]
    for problem in problems[:SHOWN]:
        what, repair = unit_import.sentence(texts, problem), unit_import.repair(texts, problem)
        lines.append(phrase("units.line", line=problem.line, what=what, repair=repair))
    if len(problems) > SHOWN:
        lines.append(phrase("units.more", count=len(problems) - SHOWN))
    if report is not None:
        lines.append(phrase("units.reported", path=report))
    sys.stderr.write("\n".join(lines) + "\n")
    raise SystemExit(FAILED)


def export_units(path: Path | None) -> None:
    """Write the tree to a file that `units` reads again."""
    if path is None:
        give_up("units.one_of")
    settings = read_settings()
    federation = read_federation(settings)
    asyncio.run(_export(settings, Texts(federation_variables(federation)), federation, path))


async def _export(settings: Settings, texts: Texts, federation: Federation, path: Path) -> None:
    async with open_database(settings, SystemClock().now()) as db:
        content = await db.read(lambda tx: unit_import.export(tx, texts, federation, path.name))
        count = len(await db.read(units.every))
    _write_file(path, content)
    tell("units.exported", count=count, path=path)


def _write_file(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        give_up("units.unwritable", path=path, detail=error.strerror)

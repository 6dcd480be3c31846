"""`units FILE.csv`: the union tree, all of it or nothing."""

import asyncio
import sys
from pathlib import Path
from typing import Final, NoReturn

from bot.cli.ground import open_database, read_federation, read_settings
from bot.cli.progress import progress
from bot.cli.words import FAILED, give_up, phrase, tell
from bot.services import unit_import
from bot.services.unit_import import Problem, Row
from bot.settings import Settings
from bot.storage import installation
from bot.storage.database import Transaction
from content.federation import Federation
from scheduler.clock import SystemClock

SHOWN: Final = 100


def import_units(path: Path) -> None:
    """Check the file, then write it in one transaction; every bad line is named and nothing is written."""
    settings = read_settings()
    federation = read_federation(settings)
    try:
        raw = path.read_bytes()
    except OSError as error:
        give_up("units.unreadable", path=path, detail=error.strerror)
    rows, problems = unit_import.read(raw)
    asyncio.run(_import(settings, federation, path, rows, problems))


async def _import(
    settings: Settings, federation: Federation, path: Path, rows: list[Row], problems: list[Problem]
) -> None:
    now = SystemClock().now()
    async with open_database(settings, now) as db:
        found = sorted(
            [*problems, *await db.read(lambda tx: unit_import.check(tx, federation, rows))], key=lambda p: p.line
        )
        if found:
            _refuse(path, found)
        with progress(phrase("units.writing"), len(rows)) as advance:

            def write(tx: Transaction) -> tuple[int, int]:
                counts = unit_import.write(tx, rows, lambda: advance(1))
                installation.record_audit(tx, now, None, "units_imported", None, f"{counts[0]} + {counts[1]}")
                return counts

            new, changed = await db.write(write, bulk=True)
    tell("units.done", count=len(rows), new=new, changed=changed)


def _refuse(path: Path, problems: list[Problem]) -> NoReturn:
    lines = [phrase("units.refused", count=len({p.line for p in problems}), path=path)]
    for problem in problems[:SHOWN]:
        what = phrase(f"units.problems.{problem.rule}", **problem.params)
        lines.append(phrase("units.line", line=problem.line, what=what))
    if len(problems) > SHOWN:
        lines.append(phrase("units.more", count=len(problems) - SHOWN))
    sys.stderr.write("\n".join(lines) + "\n")
    raise SystemExit(FAILED)

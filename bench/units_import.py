"""A dirty file of 25,000 units: the whole dry run with its report against a bare read of the same file, in one run.

Then the writes by which a file sent in chat becomes the tree: how long each one keeps the others waiting.
"""

import csv
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.app import federation_variables
from bot.services import tables, unit_import, unit_rows
from bot.storage import unit_uploads
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from content.federation import Federation, load_federation
from content.texts import Texts
from scheduler.unit_files import SLICE

ROWS = 25_000
HEADER = [
    "mã",
    "đơn vị cấp trên",
    "loại",
    "tên chính thức",
    "tên thường gọi",
    "thứ tự",
    "tên cũ",
    "từ ngày",
    "đến ngày",
]
ROOT = Path(__file__).resolve().parents[1]


def dirty(rng: random.Random) -> list[list[str]]:
    """A tree of three levels; three rows in a hundred are spoiled, each kind of fault in turn."""
    rows = [["LD", "", "federation", "Liên đoàn Lao động tỉnh Ví dụ", "", "1", "", "", ""]]
    for number in range(1, ROWS):
        upper = number <= 200
        code = f"LC{number:03}" if upper else f"LC{number:06}"
        parent = "LD" if upper else f"LC{rng.randint(1, 200):03}"
        kind = "upper" if upper else "grassroots"
        rows.append([code, parent, kind, f"CĐCS Đơn vị thứ {number}", "", str(number % 90), "", "01/07/2025", ""])
    for index, at in enumerate(rng.sample(range(201, ROWS), ROWS * 3 // 100)):
        row = rows[at]
        match index % 8:
            case 0:
                row[1] += "X"
            case 1:
                row[1] = "Công đoàn không có " + str(at)
            case 2:
                row[2] = "grasroots"
            case 3:
                row[7] = "31/2/2025"
            case 4:
                row[0] = rows[at - 1][0]
            case 5:
                row[3] = ""
            case 6:
                row[0] = "=1+1#"
            case _:
                row[8] = "01/01/2020"
    return rows


def as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([HEADER, *rows])
    return out.getvalue().encode("utf-8-sig")


def as_workbook(rows: list[list[str]]) -> bytes:
    return tables.write("x.xlsx", HEADER, rows)


def bare(raw: bytes, name: str) -> int:
    if name.endswith(".xlsx"):
        sheet = openpyxl.load_workbook(io.BytesIO(raw), read_only=True).worksheets[0]
        return len(list(sheet.iter_rows(values_only=True)))
    return len(list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")))


async def by_chat(db: Database, texts: Texts, federation: Federation) -> None:
    """25,000 new units, then all of them renamed: every write of staging, switching and dropping what is over."""
    for what, name in (("new", "CĐCS Đơn vị thứ"), ("renamed", "CĐCS Đơn vị mới thứ")):
        clean = dirty(random.Random(4))[:201]
        clean += [[f"LC{n:06}", "LC001", "grassroots", f"{name} {n}", "", "", "", "", ""] for n in range(201, ROWS)]
        sheet = unit_rows.read(as_csv(clean), texts, federation)
        planned = await db.read(lambda tx, sheet=sheet: unit_import.plan(tx, sheet))
        rows, names = unit_import.staged(sheet, planned)
        steps: dict[str, list[float]] = {"stage": [], "switch": [], "drop": []}

        async def timed(step: str, job: Callable[[Transaction], Any], steps: dict[str, list[float]] = steps) -> Any:
            began = time.perf_counter()
            result = await db.write(job, bulk=True)
            steps[step].append((time.perf_counter() - began) * 1000)
            return result

        for first in range(0, len(rows), SLICE):
            part = rows[first : first + SLICE]
            await timed("stage", lambda tx, part=part: unit_uploads.stage(tx, part, ()))
        for first in range(0, len(names), SLICE):
            former = names[first : first + SLICE]
            await timed("stage", lambda tx, former=former: unit_uploads.stage(tx, (), former))
        await timed("switch", unit_uploads.switch)
        while await db.read(unit_uploads.leaves_staged):
            await timed("drop", lambda tx: unit_uploads.unstage(tx, SLICE))
        told = ", ".join(
            f"{step} {len(took)} × p50 {statistics.median(took):.1f} ms, max {max(took):.1f} ms"
            for step, took in steps.items()
        )
        sys.stdout.write(f"by chat, {len(planned.changes)} {what}: {told}\n")


async def measure() -> None:
    federation = load_federation(ROOT / "federation.yaml")
    levels = {kind.id: kind.level for kind in federation.unit_kinds}
    texts = Texts(federation_variables(federation))
    rows = dirty(random.Random(4))
    with tempfile.TemporaryDirectory() as folder:
        db = await Database.open(Path(folder) / "bot.db")
        await migrate(db, 0)
        for name, raw in (("dirty.csv", as_csv(rows)), ("dirty.xlsx", as_workbook(rows))):
            bare_seconds, dry_seconds, found = [], [], 0
            for _ in range(5):
                began = time.perf_counter()
                bare(raw, name)
                bare_seconds.append(time.perf_counter() - began)
                began = time.perf_counter()
                sheet = unit_rows.read(raw, texts, federation)
                problems = await db.read(lambda tx, sheet=sheet: unit_import.check(tx, levels, sheet))
                unit_import.report(texts, name, sheet, problems)
                dry_seconds.append(time.perf_counter() - began)
                found = len({problem.line for problem in problems})
            one, other = min(bare_seconds), min(dry_seconds)
            ratio = f"bare {one:.3f} s, dry run and report {other:.3f} s: {other / one:.1f} ×"
            sys.stdout.write(f"{name}: {found} bad rows; {ratio}\n")
        await by_chat(db, texts, federation)
        await db.close()


if __name__ == "__main__":
    import asyncio

    asyncio.run(measure())

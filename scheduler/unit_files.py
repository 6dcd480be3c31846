"""Files of the union tree sent in chat: read beside the event loop, checked, staged by slices, switched to at once."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from bot.domain.time import Clock
from bot.services import unit_import, unit_rows, unit_upload
from bot.services.turn import Installation, Turn
from bot.services.unit_import import Plan
from bot.services.unit_rows import Problem, Sheet
from bot.storage import unit_uploads, units
from bot.storage.database import Database, Transaction, is_trouble
from bot.storage.unit_uploads import Staged, Upload

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 2.0
"""After this long the sender is told that it takes a while."""
SLICE: Final = 250

Found = tuple[int, list[Problem], Plan]
"""The tree's revision, what is wrong with a file on it, and what it would change (nothing when it is wrong)."""


class UnitFiles:
    """Does what is to be done with every file that was sent. `wake` is called when somebody was written to."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        installation: Callable[[], Installation],
        wake: Callable[[], None],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._db = db
        self._clock = clock
        self._installation = installation
        self._wake = wake
        self._patience = patience
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            try:
                await self.work()
            except Exception:  # storage trouble, or a fault: how far a file is stands in the database
                log.exception("unit_file_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def work(self) -> bool:
        """Do all that can be done now; returns whether there was anything."""
        async with self._one_at_a_time:
            worked = False
            while uploads := await self._db.read(unit_uploads.to_do):
                worked = True
                await self._work_on(uploads[0])
            await self._unstage()
            return worked

    async def _work_on(self, upload: Upload) -> None:
        """Take a file one state on; one with a fault in it is set aside and its sender told."""
        try:
            await self._carry_on(upload)
        except Exception as error:
            if is_trouble(error):
                raise
            log.exception("unit_file_broken", file=upload.id)
            await self._say(upload, unit_upload.lost)

    async def _carry_on(self, upload: Upload) -> None:
        path = await self._db.read(lambda tx: unit_upload.path(self._turn(tx, upload), upload))
        raw = await asyncio.to_thread(_content, path) if path else None
        sha256 = hashlib.sha256(raw).hexdigest() if raw is not None else ""
        if raw is None or (upload.state == "agreed" and sha256 != upload.sha256):
            await self._say(upload, unit_upload.lost)
            return
        at = self._installation()
        reading = asyncio.ensure_future(self._read(at, raw))
        try:
            await asyncio.wait([reading], timeout=self._patience)
            if not reading.done():
                await self._say(upload, unit_upload.say_patience)
            sheet, (tree, problems, planned) = await reading
        finally:
            reading.cancel()
        if upload.state == "agreed":
            await self._write(upload, sheet, tree, planned)
        elif problems:
            report = b""
            if sheet.rows or sheet.lines:
                name = at.texts.words["units_report"].show
                report = await asyncio.to_thread(unit_import.report, at.texts, name, sheet, problems)
            await self._say(upload, unit_upload.refuse, problems, report)
        else:
            await self._say(upload, unit_upload.ask, sha256, tree, planned)

    async def _read(self, at: Installation, raw: bytes) -> tuple[Sheet, Found]:
        sheet = await asyncio.to_thread(unit_rows.read, raw, at.texts, at.federation)
        levels = {kind.id: kind.level for kind in at.federation.unit_kinds}

        def find(tx: Transaction) -> Found:
            problems = unit_import.check(tx, levels, sheet)
            return units.revision(tx), problems, Plan() if problems else unit_import.plan(tx, sheet)

        return sheet, await self._db.read(find)

    async def _write(self, upload: Upload, sheet: Sheet, tree: int, planned: Plan) -> None:
        """Write what was agreed to beside the tree that is shown, by slices; then one number shows it."""
        if tree != upload.tree:
            await self._say(upload, unit_upload.check_again)
            return
        await self._unstage()
        rows, names = await asyncio.to_thread(unit_import.staged, sheet, planned)
        await self._stage(rows, names)
        await self._say(upload, unit_upload.finish, planned)

    async def _stage(self, rows: list[Staged], names: list[tuple[str, str]]) -> None:
        for first in range(0, len(rows), SLICE):
            await self._bulk(partial(unit_uploads.stage, rows=rows[first : first + SLICE], names=()))
        for first in range(0, len(names), SLICE):
            await self._bulk(partial(unit_uploads.stage, rows=(), names=names[first : first + SLICE]))

    async def _unstage(self) -> None:
        """Drop what an earlier tree, or one that did not come to be, has left."""
        while await self._db.read(unit_uploads.leaves_staged):
            await self._bulk(lambda tx: unit_uploads.unstage(tx, SLICE))

    def _bulk(self, job: Callable[[Transaction], Any]) -> Awaitable[Any]:
        return self._db.write(job, bulk=True)

    async def _say(self, upload: Upload, act: Callable[..., None], *values: Any) -> None:
        await self._bulk(lambda tx: act(self._turn(tx, upload), upload, *values))
        self._wake()

    def _turn(self, tx: Transaction, upload: Upload) -> Turn:
        cause = f"unit_file:{upload.id}:{upload.state}"
        return unit_upload.sender(Turn(tx, self._installation(), self._clock.now(), cause), upload)


def _content(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None

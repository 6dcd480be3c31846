"""Every night a copy of everything, made beside the running bot; administrators hear of one that failed."""

import asyncio
import sqlite3
from collections.abc import Callable
from threading import Event
from typing import Final

import structlog

from bot.domain.prompts import text
from bot.domain.time import DAY, Clock
from bot.services import backups, roster
from bot.services.backups import Manifest
from bot.services.turn import Installation, Turn
from bot.storage import erasures, installation
from bot.storage.database import Database, Transaction
from scheduler.hours import next_at

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 30.0
MINUTE_OF_DAY: Final = 2 * 60 + 15
LIST_KEPT_DAYS: Final = 30
MARGIN_DAYS: Final = 7
"""The list of erasures outlives the oldest copy by so much, and is kept for LIST_KEPT_DAYS at least."""
_WANTED: Final = "backup"


class BackupDue:
    """A quarter past two; the copy itself is `Nightly`'s."""

    name = "backup"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every night."""
        return next_at(at, MINUTE_OF_DAY, after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next night."""
        return next_at(at, MINUTE_OF_DAY, due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Leave word that one is wanted."""
        installation.set_setting(turn.tx, _WANTED, "wanted")
        return None


class Nightly:
    """Makes the copy that is due. `keep_days` 0: none is made. `wake` is called when administrators were written to."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        installation: Callable[[], Installation],
        keep_days: int,
        wake: Callable[[], None],
    ) -> None:
        self._db = db
        self._clock = clock
        self._installation = installation
        self._keep_days = keep_days
        self._wake = wake

    async def run(self) -> None:
        """Look twice a minute, until cancelled; a copy under way is then given up."""
        while True:
            try:
                await self.work()
            except Exception:  # storage trouble: the word that one is wanted stays
                log.exception("backup_not_begun")
            await asyncio.sleep(LOOK_SECONDS)

    async def work(self) -> bool:
        """Make the copy if one is due; returns whether one was made."""
        if await self._db.read(lambda tx: installation.setting(tx, _WANTED)) is None:
            return False
        made = await self._make() if self._keep_days else None
        await self._db.write(lambda tx: self._done(tx, made), bulk=True)
        return made is not None

    async def _make(self) -> Manifest | None:
        at, now, stopped = self._installation(), self._clock.now(), Event()
        try:
            target = backups.default_folder(at.data_dir, now, at.zone)
            made = await asyncio.to_thread(backups.make, self._db.path, at.data_dir, target, now, stopped=stopped)
            await asyncio.to_thread(backups.prune, self._db.path, at.data_dir, self._keep_days, now, at.zone)
        except (OSError, sqlite3.Error) as error:
            log.critical("backup_failed", error=str(error))
            await self._db.write(lambda tx: self._tell(tx, "failed"))
            self._wake()
            return None
        finally:
            stopped.set()
        log.info("backup_made", folder=str(target), files=len(made.files))
        if made.missing:
            log.critical("backup_lacks_files", count=len(made.missing), first=made.missing[0])
            await self._db.write(lambda tx: self._tell(tx, "lacks_files", count=len(made.missing)))
            self._wake()
        return made

    def _done(self, tx: Transaction, made: Manifest | None) -> None:
        installation.drop_setting(tx, _WANTED)
        kept = max(self._keep_days, LIST_KEPT_DAYS) + MARGIN_DAYS
        oldest = self._clock.now() - kept * DAY if made is not None else 0  # without a new copy the old ones stay
        erasures.prune(tx, self._installation().data_dir, oldest)

    def _tell(self, tx: Transaction, what: str, **params: int) -> None:
        turn = Turn(tx, self._installation(), self._clock.now(), "backup")
        for member_id in roster.administrators(turn):
            roster.tell(turn, member_id, text(f"backup.{what}", **params), ("work", "work"), "backup:nightly")

"""Fetching what people sent, after the turn that wanted it: durable, limited, tried again with growing pauses."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from bot.channels.contract import Channel, Refusal
from bot.services.media import limit_of
from bot.storage import media
from bot.storage.database import Database
from bot.storage.media import Wanted

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 3.0
AT_ONCE: Final = 4
PAUSES: Final = (10.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds before the next try; after one more than these the file is given up."""


class Fetcher:
    """Brings wanted files in. `channels` are by account id; `pauses` as PAUSES."""

    def __init__(self, db: Database, channels: Mapping[int, Channel], pauses: Sequence[float] = PAUSES) -> None:
        self._db = db
        self._channels = channels
        self._pauses = pauses
        self._held: dict[int, float] = {}
        self._one_round = asyncio.Lock()

    async def run(self) -> None:
        """Look for wanted files until cancelled."""
        while True:
            try:
                await self.drain()
            except sqlite3.Error as error:  # a full disk: what is wanted stays wanted
                log.error("storage_error", error=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def drain(self) -> None:
        """Fetch everything that is due now."""
        async with self._one_round:
            while True:
                now = time.monotonic()
                self._held = {id: until for id, until in self._held.items() if until > now}
                look = partial(media.wanted, without=tuple(self._held), limit=AT_ONCE)
                found = await self._db.read(look)
                if not found:
                    return
                await asyncio.gather(*map(self._fetch, found))

    async def _fetch(self, file: Wanted) -> None:
        channel, limit = self._channels.get(file.account_id), limit_of(file.kind)
        content = await channel.fetch(file.ref, limit) if channel else Refusal.TRY_LATER
        if content is Refusal.TRY_LATER:
            await self._later(file)
        elif isinstance(content, Refusal):
            await self._db.write(lambda tx: media.mark(tx, file.id, content.value))
        else:
            await self._keep(file, content)

    async def _keep(self, file: Wanted, content: bytes) -> None:
        path = Path(file.path)
        try:
            await asyncio.to_thread(_write, path, content)
        except OSError as error:
            log.error("file_not_written", media=file.id, error=error.strerror)
            await self._later(file)
            return
        if not await self._db.write(lambda tx: media.mark(tx, file.id, "stored", len(content))):
            await asyncio.to_thread(path.unlink, missing_ok=True)  # erased meanwhile

    async def _later(self, file: Wanted) -> None:
        if file.attempts >= len(self._pauses):
            log.warning("file_given_up", media=file.id)
            await self._db.write(lambda tx: media.mark(tx, file.id, Refusal.GONE.value))
            return
        self._held[file.id] = time.monotonic() + self._pauses[file.attempts]
        await self._db.write(lambda tx: media.count_attempt(tx, file.id))


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by us alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(media.PART)
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(path)

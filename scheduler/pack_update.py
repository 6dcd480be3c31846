"""The changed pack is read and checked beside the event loop, and taken up between turns."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from bot.domain.time import Clock
from bot.services import pack_updates
from bot.services.pack_updates import Wanted
from bot.services.turn import Installation, Turn
from bot.storage import dialogs
from bot.storage.database import Database, Transaction
from content.loader import BrokenPack, Loaded, copies_in, load_copy, load_or_last_good, prune_copies
from content.models import Pack

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
TIDY_SECONDS: Final = 600.0


class PackUpdate:
    """Does what an administrator asked for. `use` makes a pack the one in use; `wake` is called when one was told."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        installation: Callable[[], Installation],
        source: Path,
        use: Callable[[Pack], None],
        wake: Callable[[], None],
    ) -> None:
        self._db = db
        self._clock = clock
        self._installation = installation
        self._source = source
        self._use = use
        self._wake = wake
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Look every second, until cancelled."""
        tidied = time.monotonic()
        while True:
            try:
                if await self.work() or time.monotonic() - tidied >= TIDY_SECONDS:
                    await self.tidy()
                    tidied = time.monotonic()
            except Exception:  # storage trouble, or a fault: the wish stays
                log.exception("pack_update_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def work(self) -> bool:
        """Read the files if that was asked for; returns whether it was."""
        async with self._one_at_a_time:
            asked = await self._db.read(pack_updates.wanted)
            if asked is None:
                return False
            try:
                loaded = await asyncio.to_thread(load_or_last_good, self._source, self._installation().data_dir)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                await self._tell(lambda turn: pack_updates.unreadable(turn, asked, reason))
            except BrokenPack as broken:  # and no good copy is left on the disk: what is in memory stays
                await self._answer(asked, Loaded(self._installation().pack, broken=broken))
            else:
                await self._answer(asked, loaded)
            self._wake()
            return True

    async def tidy(self) -> None:
        """Let go of what no conversation needs: from memory, and of the kept copies."""
        needed = await self._db.read(dialogs.packs)
        at = self._installation()
        at.shelf.keep(needed)
        await asyncio.to_thread(prune_copies, copies_in(at.data_dir), {*needed, at.pack.revision})

    async def _answer(self, asked: Wanted, loaded: Loaded) -> None:
        before = self._installation().pack
        if loaded.broken is not None:
            log.error("pack_refused", used=before.revision, findings=len(loaded.broken.findings))
        if loaded.pack.revision != before.revision and (loaded.broken is None or loaded.approved is not None):
            self._use(loaded.pack)
            log.info("pack_in_use", revision=loaded.pack.revision, before=before.revision)
        known = await self._asked_about(asked, before)
        await self._tell(lambda turn: pack_updates.took(turn, asked, known, loaded))

    async def _asked_about(self, asked: Wanted, before: Pack) -> Pack:
        """The pack in use when it was asked: a process that ended since may have taken the new one up already."""
        if asked.before in ("", before.revision):
            return before
        copies = copies_in(self._installation().data_dir)
        return await asyncio.to_thread(load_copy, copies, asked.before) or before

    async def _tell(self, act: Callable[[Turn], None]) -> None:
        def tell(tx: Transaction) -> None:
            act(Turn(tx, self._installation(), self._clock.now(), "pack_update"))

        await self._db.write(tell)

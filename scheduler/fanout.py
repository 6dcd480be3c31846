"""The fan-out: announcements become outbox rows in short writes, from wherever an earlier process left off."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from bot.domain.time import Clock
from bot.services import progress, sending
from bot.services.sending import Conclusion, Step
from bot.services.turn import Installation, Turn
from bot.storage import announcements
from bot.storage.database import Database, Transaction, is_trouble

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
WAKE_SECONDS: Final = 0.2
"""How often the outbox is looked at while rows are added to it: each look is a write."""
AIM_SECONDS: Final = 0.025
"""How long a slice should take: recipients cost more or less by what is done for them, and by the machine."""
FIRST: Final = 500
FEWEST: Final = 50
MOST: Final = 4_000
"""Recipients a slice begins with, and has at the fewest and the most."""
MOST_FOLLOWING: Final = 500
"""The most in what follows another announcement, where each of them costs several times as much."""
BROKEN_SECONDS: Final = 60.0
"""How long an announcement with a fault is left before it is tried again."""


class FanOut:
    """Does the work of every unfinished announcement. `wake` is called when rows were added to the outbox."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        installation: Callable[[], Installation],
        wake: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._clock = clock
        self._installation = installation
        self._wake = wake
        self._monotonic = monotonic
        self._sizes: dict[int, int] = {}
        """How many recipients the next slice of an announcement has."""
        self._broken: dict[int, float] = {}
        self._shown: dict[int, float] = {}
        """Announcements whose author reads how far they are, with the moment from which on it is brought up to date."""
        self._looked = False
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Look every second, until cancelled: the console writes announcements from another process."""
        while True:
            try:
                await self.work()
            except Exception:  # storage trouble: the place in the list is in the database, so trying again is safe
                log.exception("fan_out_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def work(self) -> bool:
        """Do all that can be done now; returns whether any announcement was unfinished."""
        async with self._one_at_a_time:
            if not self._looked:  # what rests since just before an earlier process ended may say that it goes out
                self._shown = dict.fromkeys(await self._db.read(announcements.resting), 0.0)
                self._looked = True
            unfinished = await self._db.read(self._unfinished)
            for id in unfinished:
                if self._broken.get(id, 0.0) <= self._monotonic():
                    over = await self._carry_on(id)
                    if not over and self._shown.get(id, 0.0) <= self._monotonic():
                        await self._show(id)
            if self._shown:
                for id in self._shown.keys() - set(await self._db.read(self._unfinished)):
                    await self._show(id)
                    del self._shown[id]
            return bool(unfinished)

    async def _show(self, id: int) -> None:
        """Tell its author how far an announcement is; counted on a reading connection, for that takes long."""
        begun = self._monotonic()
        status = await self._db.read(lambda tx: progress.counted(self._turn(tx, id), id))
        took = self._monotonic() - begun
        self._shown[id] = begun + max(progress.EVERY_SECONDS, took * progress.SLOWER)
        if status is not None:
            await self._db.write(lambda tx: progress.show(self._turn(tx, id), id, status))
            self._wake()

    def _unfinished(self, tx: Transaction) -> list[int]:
        return sending.unfinished(tx, self._clock.now())

    async def _carry_on(self, id: int) -> bool:
        """Do what can be done for one announcement; returns whether it is over.

        A fault in it is logged, and those after it do not wait.
        """
        over = False
        self._broken.pop(id, None)
        try:
            woken = 0.0
            while (step := await self._db.write(lambda tx: self._slice(tx, id), bulk=True, trusted=True)) is Step.MORE:
                if self._monotonic() - woken >= WAKE_SECONDS:
                    woken = self._monotonic()
                    self._wake()
            if step is Step.OVER:
                await self._finish(id)
                over = True
        except Exception as error:
            if is_trouble(error):
                raise
            log.exception("announcement_broken", announcement=id)
            self._broken[id] = self._monotonic() + BROKEN_SECONDS
        self._sizes.pop(id, None)
        self._wake()
        return over

    def _slice(self, tx: Transaction, id: int) -> Step:
        size = self._sizes.get(id, FIRST)
        begun = self._monotonic()
        step = sending.fan_out_slice(self._turn(tx, id), id, size)
        took = self._monotonic() - begun
        self._sizes[id] = next_size(size, took, MOST_FOLLOWING if sending.follows(tx, id) else MOST)
        return step

    async def _finish(self, id: int) -> None:
        """Tell how one ended; counted on a reading connection, for that takes long."""
        conclusion = await self._db.read(lambda tx: sending.conclude(self._turn(tx, id), id))
        if conclusion is not None:
            await self._db.write(lambda tx: self._end(tx, id, conclusion))
        self._shown.pop(id, None)

    def _end(self, tx: Transaction, id: int, conclusion: Conclusion) -> None:
        """In one write: no later start would bring the message about its progress up to date."""
        sending.finish(self._turn(tx, id), id, conclusion)
        progress.show(self._turn(tx, id), id, conclusion.result)

    def _turn(self, tx: Transaction, id: int) -> Turn:
        return Turn(tx, self._installation(), self._clock.now(), f"announcement:{id}")


def next_size(size: int, took: float, most: int) -> int:
    """How many recipients, at most `most`, a slice has after one of `size` that took so many seconds."""
    wanted = size * AIM_SECONDS / took if took > 0 else most
    return int(min(most, max(FEWEST, min(size * 2, max(size / 2, wanted)))))

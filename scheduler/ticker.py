"""The ticker: runs what has become due, each due instant once, in slices that survive a crash.

What is due lives in our tables: `due_done` has a row for each source and instant, with a cursor while it is under way.
APScheduler only wakes us every few seconds.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from bot.domain.time import Clock
from bot.services.turn import Installation, Turn
from bot.storage import announcements, schedule
from bot.storage.database import Database, Transaction
from content.models import Pack
from scheduler.clock import MovableClock

log = structlog.get_logger(__name__)

TICK_SECONDS: Final = 3
MISSED_AT_ONCE: Final = 500


class Source(Protocol):
    """Something that becomes due.

    Where it `sends`, people get messages from it: every instant counts, and one that comes too late is recorded as
    missed. Otherwise it is upkeep, of which only the latest instant matters.
    """

    @property
    def name(self) -> str:
        """Its key in `due_done`, for ever."""
        ...

    @property
    def sends(self) -> bool:
        """Whether people get messages from it."""
        ...

    def next_due(self, at: Installation, after: int) -> int | None:
        """The first due instant after epoch ms `after`."""

    def valid_until(self, at: Installation, due_at: int) -> int:
        """The last moment at which what was due at `due_at` may still be done."""

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Do at most 50 ms of it from `cursor` (0 at first) on; returns the next cursor, None at the end."""


def _latest(source: Source, at: Installation, due_at: int | None, now: int) -> int | None:
    """The first instant of upkeep from `due_at` on that still counts.

    What has come too late is not gone through one by one: after a year's pause that would be half a million minutes.
    """
    while due_at is not None and (until := source.valid_until(at, due_at)) < now:
        due_at = source.next_due(at, max(due_at, now - 2 * (until + 1 - due_at)))
    return due_at


@dataclass(frozen=True, slots=True)
class _Coming:
    """With this pack, the first instant after `after` at which a source is due."""

    pack: Pack
    after: int
    due_at: int | None


class Ticker:
    """Runs `sources`. `wake` is called when rows were added to the outbox or the clock was moved."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        installation: Callable[[], Installation],
        sources: Sequence[Source],
        wake: Callable[[], None],
    ) -> None:
        self._db = db
        self._clock = clock
        self._installation = installation
        self._sources = {source.name: source for source in sources}
        self._wake = wake
        self._after: dict[str, int] = {}
        self._coming: dict[str, _Coming] = {}
        self._one_at_a_time = asyncio.Lock()
        self._struck = asyncio.Event()

    async def run(self) -> None:
        """Tick now and every few seconds, until cancelled."""
        await self._try_to_tick()
        # The library takes a tenth of a second to import: not while the bot starts, and not on the loop.
        library = await asyncio.to_thread(importlib.import_module, "apscheduler.schedulers.asyncio")
        ticking = library.AsyncIOScheduler(timezone=self._installation().zone)
        ticking.add_job(self._strike, "interval", seconds=TICK_SECONDS, misfire_grace_time=None)
        ticking.start()
        try:
            while True:
                await self._struck.wait()
                self._struck.clear()
                await self._try_to_tick()
        finally:
            ticking.shutdown(wait=False)

    async def _strike(self) -> None:
        self._struck.set()

    async def _try_to_tick(self) -> None:
        try:
            await self.tick()
        except Exception:  # storage trouble: nothing was done, and it is tried again at the next strike
            log.exception("tick_failed")

    async def tick(self) -> None:
        """Run everything due now, the longest due first. What fails is logged and tried again at the next tick."""
        async with self._one_at_a_time:
            await self._remember()
            failed: set[str] = set()
            while (found := self._longest_due(failed)) is not None:
                due_at, name = found
                source = self._sources[name]
                try:
                    if source.valid_until(self._installation(), due_at) < self._clock.now():
                        due_at = await self._miss(source, due_at)
                    else:
                        await self._run(source, due_at)
                except Exception:  # one source's fault must not stop the others
                    log.exception("due_failed", source=name, due_at=due_at)
                    failed.add(name)
                else:
                    self._after[name] = due_at

    async def advance(self, clock: MovableClock, target: int, settle: Callable[[], Awaitable[None]]) -> None:
        """Move `clock`, the ticker's own, to epoch ms `target`, through every instant at which messages go out.

        At each everything due is run, and `settle` waits until it has gone out.
        """
        while True:
            await self.tick()
            self._wake()
            await settle()
            now = clock.now()
            if now >= target:
                return
            instant = await self._next_instant(now)
            clock.move_to(target if instant is None else min(instant, target))

    async def _next_instant(self, now: int) -> int | None:
        """The first instant after `now` at which a source that sends is due, or something that waits goes out."""
        at = self._installation()
        coming = [self._next_due(source, at, now) for source in self._sources.values() if source.sends]
        coming.append(await self._db.read(lambda tx: schedule.next_not_before(tx, now)))
        coming.append(await self._db.read(lambda tx: announcements.next_send_at(tx, now)))
        return min((instant for instant in coming if instant is not None), default=None)

    async def _remember(self) -> None:
        """At the first tick: where each source stands; one that is new starts now."""
        missing = [name for name in self._sources if name not in self._after]
        if missing:
            now = self._clock.now()
            self._after |= await self._db.write(lambda tx: {name: schedule.begin(tx, name, now) for name in missing})

    def _longest_due(self, failed: set[str]) -> tuple[int, str] | None:
        now, at = self._clock.now(), self._installation()
        due = []
        for name, source in self._sources.items():
            due_at = self._next_due(source, at, self._after[name])
            if not source.sends:
                due_at = _latest(source, at, due_at, now)
            if due_at is not None and due_at <= now and name not in failed:
                due.append((due_at, name))
        return min(due, default=None)

    def _next_due(self, source: Source, at: Installation, after: int) -> int | None:
        """`source.next_due`, looked for once: some search a year of days."""
        known = self._coming.get(source.name)
        if known is not None and known.pack is at.pack and known.after <= after and (known.due_at or after + 1) > after:
            return known.due_at
        due_at = source.next_due(at, after)
        self._coming[source.name] = _Coming(at.pack, after, due_at)
        return due_at

    async def _miss(self, source: Source, due_at: int) -> int:
        """Record an instant, and those after it that are too late as well, as missed; returns the last of them."""
        now, at = self._clock.now(), self._installation()
        late = [due_at]
        while len(late) < MISSED_AT_ONCE:
            later = source.next_due(at, late[-1])
            if later is None or source.valid_until(at, later) >= now:
                break
            late.append(later)
        await self._db.write(lambda tx: schedule.miss(tx, source.name, late), bulk=True)
        log.warning("due_missed", source=source.name, count=len(late), first=late[0], last=late[-1])
        return late[-1]

    async def _run(self, source: Source, due_at: int) -> None:
        more = True
        while more:
            more = await self._db.write(lambda tx: self._slice(tx, source, due_at), bulk=True)
            if source.sends:
                self._wake()

    def _slice(self, tx: Transaction, source: Source, due_at: int) -> bool:
        """One slice and where it ended, in one transaction; returns whether there is more."""
        cursor = schedule.take_up(tx, source.name, due_at)
        if cursor is None:
            return False
        now, at = self._clock.now(), self._installation()
        if source.valid_until(at, due_at) < now:
            schedule.miss(tx, source.name, [due_at])
            return False
        turn = Turn(tx, at, now, f"{source.name}:{due_at}:{cursor}")
        cursor = source.run_slice(turn, due_at, cursor)
        if cursor is None:
            schedule.finish(tx, source.name, due_at)
            if not source.sends:
                schedule.forget_earlier(tx, source.name, due_at)
            return False
        schedule.save_cursor(tx, source.name, due_at, cursor)
        return True

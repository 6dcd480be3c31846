"""Intake: stores what a channel received, then runs one turn per row, in order, each exactly once."""

import asyncio
import heapq
import sqlite3
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.channels.contract import Channel
from bot.dialog.errors import Stuck
from bot.domain.messages import Inbound, InboundKind
from bot.domain.prompts import text
from bot.domain.time import Clock
from bot.inbound.phrases import Phrases
from bot.inbound.registry import Registry
from bot.inbound.routing import Router
from bot.services import posting, quota
from bot.services.turn import Installation, Turn
from bot.storage import dialogs, inbox, members
from bot.storage.database import Database, Transaction, is_trouble
from content.shelf import NotRead

log = structlog.get_logger(__name__)

TURNS_AHEAD: Final = 128
PER_MINUTE: Final = 20
MINUTE_SECONDS: Final = 60.0
UNLIMITED: Final = frozenset({InboundKind.GROUP, InboundKind.BLOCKED, InboundKind.UNBLOCKED})
"""Nobody is told to slow down in a group, and what a platform reports is never ignored."""
FAULTS_BEFORE_PARKING: Final = 3
STORAGE_RETRY_SECONDS: Final = 0.5
STORAGE_RETRY_LONGEST: Final = 15.0
BEHIND_SECONDS: Final = 0.02
STOP_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, order=True)
class _Work:
    """A stored row. `arrived` counts the address's messages in the current minute, this one included."""

    row: int
    account_id: int = field(compare=False)
    inbound: Inbound = field(compare=False)
    arrived: int = field(default=1, compare=False)


class Behind(Exception):
    """An earlier update of the same chat has not had its turn: a fault of ours is being told, or storage failed."""


class Intake:
    """The way in for every channel. `on_turns` is called when turns that may add outbox rows were submitted."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        installation: Callable[[], Installation],
        registry: Registry,
        on_turns: Callable[[int], None],
        alert: Callable[[str, str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._clock = clock
        self._installation = installation
        self._router = Router(registry, Phrases(installation().texts, registry.flows.values()))
        self._on_turns = on_turns
        self._alert = alert
        self._monotonic = monotonic
        self._outstanding = 0
        self._room = asyncio.Event()
        self._room.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._minute_began = monotonic()
        self._arrivals: dict[tuple[int, str], int] = {}
        self._behind: list[_Work] = []
        self._reading: set[str] = set()
        self._storage_trouble = False
        self.handled = 0
        self.failed = 0

    async def receive(self, channel: Channel, account_id: int, batch: Sequence[Inbound]) -> None:
        """Store a batch durably and start its turns; returns when it may be acknowledged to the platform.

        Raises what the storage raised; the platform will deliver again.
        """
        await self._room.wait()
        now, at = self._clock.now(), self._installation()

        def store(tx: Transaction) -> list[tuple[int, Inbound]]:
            new = inbox.store(tx, account_id, batch, now, at.secret)
            quota.count_received(at, tx, account_id, len(new), now)
            return new

        new = await self._db.write(store)
        work = []
        for row, inbound in new:
            if inbound.kind is InboundKind.BUTTON:
                self._spawn(self._acknowledge(channel, inbound))
            work.append(_Work(row, account_id, inbound, self._arrived(account_id, inbound.chat)))
        self._submit(work)

    async def recover(self) -> int:
        """Run the turns an earlier process left undone; returns how many."""
        left = await self._db.read(inbox.pending)
        self._submit([_Work(row, account_id, inbound) for row, account_id, inbound in left])
        await self.settle()
        return len(left)

    async def settle(self) -> None:
        """Wait until every stored update has had its turn."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Finish the turns that were started."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.warning("turns_left_for_next_start", count=self._outstanding)
        for task in self._tasks:
            task.cancel()

    def _submit(self, work: list[_Work]) -> None:
        if not work:
            return
        self._count(len(work))
        if self._behind:
            self._hold_back(work)
            return
        for item in work:
            future = self._db.submit(lambda tx, item=item: self._turn(tx, item))  # type: ignore[misc]
            future.add_done_callback(lambda done, item=item: self._ended(done, item))  # type: ignore[misc]
        # Writes run in order: a claim made from now on comes after these turns, often in the same commit.
        self._on_turns(work[0].account_id)

    def _ended(self, done: "asyncio.Future[None]", item: _Work) -> None:
        error = done.exception()
        if error is None:
            self._count(-1)
            self.handled += 1
        elif self._must_wait(error, item):
            self._hold_back([item])
        else:
            self._spawn(self._fail_or_hold_back(item, error))

    # -- storage trouble

    def _must_wait(self, error: BaseException, item: _Work) -> bool:
        """Whether a turn failed for no fault of its own and is to be tried again."""
        if isinstance(error, Behind):
            return True
        if isinstance(error, NotRead):
            self._spawn(self._read(error.revision))
            return True
        if not is_trouble(error):
            return False
        log.error("storage_error", error=str(error), row=item.row)
        self._storage_trouble = True
        return True

    async def _read(self, revision: str) -> None:
        """Fetch the content that a conversation began with, beside the loop; its turn waits meanwhile."""
        if revision not in self._reading:
            self._reading.add(revision)
            try:
                await asyncio.to_thread(self._installation().shelf.read, revision)
            finally:
                self._reading.discard(revision)

    def _hold_back(self, work: list[_Work]) -> None:
        """The rows stay pending and are tried again, in order, until they commit.

        In storage trouble nothing more is taken in meanwhile.
        """
        if not self._behind:
            self._spawn(self._catch_up())
        for item in work:
            heapq.heappush(self._behind, item)
        self._count(0)

    async def _catch_up(self) -> None:
        wait = STORAGE_RETRY_SECONDS
        while self._behind:
            await asyncio.sleep(wait if self._storage_trouble else BEHIND_SECONDS)
            wait = min(wait * 2, STORAGE_RETRY_LONGEST)
            while self._behind and await self._settled(item := self._behind[0]):
                self._behind.remove(item)  # not the first any more, if an older one was held back meanwhile
                heapq.heapify(self._behind)
                wait = STORAGE_RETRY_SECONDS
                self._storage_trouble = False
                self._count(0)

    async def _settled(self, item: _Work) -> bool:
        """Run a turn by itself, or apologise for it; False when the storage was in the way."""
        try:
            await self._db.write(lambda tx: self._turn(tx, item))
        except Exception as error:  # told apart below
            return False if self._must_wait(error, item) else await self._fail(item, error)
        self._count(-1)
        self.handled += 1
        self._on_turns(item.account_id)
        return True

    # -- faults of ours

    async def _fail_or_hold_back(self, item: _Work, error: BaseException) -> None:
        if not await self._fail(item, error):
            self._hold_back([item])

    async def _fail(self, item: _Work, error: BaseException) -> bool:
        """The row is failed, the person gets a reference code and the question again; False in storage trouble."""
        reference = self._installation().digest("fault", str(item.row))[:3].hex().upper()
        log.error("turn_failed", reference=reference, row=item.row, exc_info=error)
        try:
            try:
                stuck = isinstance(error, Stuck)
                parked = await self._db.write(lambda tx: self._apologise(tx, item, reference, stuck))
            except Exception as second:  # told apart below
                if is_trouble(second):
                    raise
                log.exception("apology_failed", row=item.row)
                parked = False
                await self._db.write(lambda tx: inbox.fail(tx, item.row))
        except sqlite3.Error as trouble:
            self._must_wait(trouble, item)
            return False
        if parked:
            self._alert("dialog_parked", reference)
        self._count(-1)
        self.failed += 1
        self._on_turns(item.account_id)
        return True

    # -- in the transaction

    def _turn(self, tx: Transaction, item: _Work) -> None:
        if not inbox.take_first(tx, item.row):
            if not inbox.take(tx, item.row):
                return
            if inbox.earlier(tx, item.row, item.account_id, item.inbound.chat):
                raise Behind
        turn, arrival = self._open(tx, item)
        if item.arrived > PER_MINUTE and item.inbound.kind not in UNLIMITED:
            if item.arrived == PER_MINUTE + 1:
                posting.reply(turn, arrival.address, [turn.render(text("errors.too_fast"))])
            return
        self._router.handle(turn, arrival, item.inbound)

    def _open(self, tx: Transaction, item: _Work) -> tuple[Turn, members.Arrival]:
        now = self._clock.now()
        arrival = members.arrive(tx, item.account_id, item.inbound.chat, now)
        turn = Turn(tx, self._installation(), now, str(item.row), arrival.address, arrival.member)
        return turn, arrival

    def _apologise(self, tx: Transaction, item: _Work, reference: str, stuck: bool) -> bool:
        """Returns whether the dialog was parked for good."""
        if not inbox.fail(tx, item.row):
            return False
        turn, arrival = self._open(tx, item)
        stored = dialogs.waiting(tx, arrival.address.id)
        texts = [turn.render(text("errors.fault", code=reference, asking=stored is not None))]
        if stored is None:
            posting.reply(turn, arrival.address, texts)
            return False
        if stuck or dialogs.count_failure(tx, stored.id) >= FAULTS_BEFORE_PARKING:
            dialogs.set_state(tx, stored.id, "stuck", turn.now)
            posting.reply(turn, arrival.address, [turn.render(text("errors.fault_parked", code=reference))])
            return True
        self._router.ask_again(turn, arrival, stored, texts)
        return False

    def _arrived(self, account_id: int, chat: str) -> int:
        """How many messages of this address arrived in the current minute, this one included."""
        now = self._monotonic()
        if now - self._minute_began >= MINUTE_SECONDS:
            self._minute_began = now
            self._arrivals.clear()
        count = self._arrivals[account_id, chat] = self._arrivals.get((account_id, chat), 0) + 1
        return count

    async def _acknowledge(self, channel: Channel, inbound: Inbound) -> None:
        await channel.acknowledge(inbound)

    def _count(self, change: int) -> None:
        self._outstanding += change
        if self._outstanding:
            self._idle.clear()
        else:
            self._idle.set()
        if self._outstanding >= TURNS_AHEAD or self._storage_trouble:
            self._room.clear()
        else:
            self._room.set()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

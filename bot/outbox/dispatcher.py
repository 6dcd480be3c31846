"""The dispatcher of one account: claims rows that can start now, sends them, and marks what became of each.

One cycle is one write: the marks of finished calls, then the claims. A row is `sending` only while its call is on the
wire, so after a crash nothing else is in doubt.
"""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson
import structlog

from bot.channels.contract import Channel, Delivery, MediaFile, Operation, Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.domain.time import Clock
from bot.outbox.outcomes import judge
from bot.outbox.rates import Rates
from bot.storage import outbox
from bot.storage.database import Database, Transaction
from bot.storage.outbox import Claimed, Mark

log = structlog.get_logger(__name__)

REPLY_SLOTS: Final = 128
PUSH_SLOTS_UNLIMITED: Final = 128
FLUSH_SECONDS: Final = 0.010
FLUSH_MARKS: Final = 64
PUSH_LOOK_SECONDS: Final = 1.0
LONGEST_WAIT: Final = 60.0
STOP_SECONDS: Final = 8.0
ROUND_TRIPS_KEPT: Final = 100
PUSH_LANES: Final = (Lane.URGENT, Lane.ANNOUNCEMENT, Lane.MILESTONE, Lane.DAILY)

Compose = Callable[[Transaction, Claimed, int], Outbound | None]
"""Makes the text of a row that has none, from its origin; None when it must not go out any more."""


@dataclass(frozen=True, slots=True)
class _Start:
    row: Claimed
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class _Cycle:
    starts: list[_Start]
    replies_full: bool
    pushes_full: bool
    due: int | None
    held: int | None


class Dispatcher:
    """Sends one account's rows. `run` until `stop`; `wake` after every commit that may have added rows."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        channel: Channel,
        account_id: int,
        *,
        rate: float,
        chat_rate: float,
        compose: Compose,
        rng: random.Random,
        on_sent: Callable[[int, Outcome, float], None] | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._channel = channel
        self._account_id = account_id
        self._rate = rate
        self._rates = Rates(rate, chat_rate, time.monotonic())
        self._compose = compose
        self._rng = rng
        self._on_sent = on_sent
        self._wake = asyncio.Event()
        self._look_for_pushes = True
        self._look_for_pushes_at = 0.0
        self._marks: list[Mark] = []
        self._after: list[Callable[[Transaction, int], None]] = []
        self._flush_timer: asyncio.TimerHandle | None = None
        self._replies_out = 0
        self._pushes_out = 0
        self._calls: set[asyncio.Task[None]] = set()
        self._round_trips: deque[float] = deque(maxlen=ROUND_TRIPS_KEPT)
        self._stopping = False
        self._draining = False
        self._quiet = asyncio.Event()
        self.stopped_because = ""

    @property
    def in_flight(self) -> int:
        """Calls on the wire."""
        return self._replies_out + self._pushes_out

    @property
    def idle(self) -> bool:
        """Whether nothing is on the wire and every mark is written."""
        return self.in_flight == 0 and not self._marks and not self._after

    def wake(self, *, pushes: bool = False) -> None:
        """Look at the outbox now; `pushes` when rows of a push lane were added or the clock was moved."""
        if pushes:
            self._look_for_pushes = True
        self._wake.set()

    async def run(self) -> None:
        """Dispatch until `stop`; a storage error is retried with back-off."""
        failures = 0
        while not self._stopping:
            self._wake.clear()
            try:
                wait = await self._cycle()
                failures = 0
            except Exception:  # storage trouble: nothing was claimed or marked; both are tried again
                failures += 1
                wait = min(30.0, 0.2 * 2**failures)
                log.exception("outbox_cycle_failed", account=self._account_id)
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Claim no more, let what is on the wire finish, write every mark."""
        self._stopping = True
        self._wake.set()
        if self._calls:
            await asyncio.wait(self._calls, timeout=STOP_SECONDS)
        await self.flush()

    async def drain(self) -> None:
        """Wait until everything that may go out now has gone out and is marked."""
        self._quiet.clear()
        self._draining = True
        self._wake.set()
        await self._quiet.wait()

    async def flush(self) -> None:
        """Write the marks of finished calls."""
        marks, after = self._take_marks()
        if marks or after:
            await self._db.write(lambda tx: self._write_marks(tx, marks, after, self._clock.now()))

    async def _cycle(self) -> float:
        """Flush and claim once; returns the seconds to wait when nobody wakes us."""
        monotonic = time.monotonic()
        replies = int(max(0, min(self._rates.replies(monotonic), REPLY_SLOTS - self._replies_out)))
        pushes = 0
        if self._look_for_pushes or self._draining or monotonic >= self._look_for_pushes_at:
            self._look_for_pushes = False
            self._look_for_pushes_at = 0.0
            pushes = int(max(0, min(self._rates.pushes(monotonic), self._push_slots() - self._pushes_out)))
        if self.stopped_because or self._stopping:
            replies = pushes = 0
        marks, after = self._take_marks()
        now = self._clock.now()
        try:
            cycle = await self._db.write(lambda tx: self._work(tx, marks, after, replies, pushes, now, monotonic))
        except BaseException:
            self._marks[:0] = marks
            self._after[:0] = after
            raise
        for start in cycle.starts:
            self._start(start)
        if replies and pushes and not cycle.starts and self.idle:
            self._draining = False
            self._quiet.set()
        if pushes and not cycle.pushes_full:
            self._look_for_pushes_at = monotonic + PUSH_LOOK_SECONDS
        return self._wait(cycle, replies, pushes, now, monotonic)

    def _wait(self, cycle: _Cycle, replies: int, pushes: int, now: int, monotonic: float) -> float:
        wait = LONGEST_WAIT
        if cycle.due is not None:
            wait = min(wait, max(0.0, (cycle.due - now) / 1000))
        if cycle.held is not None:
            wait = min(wait, max(0.0, cycle.held / 1000 - monotonic))
        if cycle.replies_full or (replies == 0 and self._replies_out < REPLY_SLOTS):
            wait = min(wait, self._rates.next_token(monotonic, pushes=False) + 0.001)
        if cycle.pushes_full or (pushes == 0 and monotonic >= self._look_for_pushes_at):
            if self._pushes_out < self._push_slots():
                wait = min(wait, max(0.001, self._rates.next_token(monotonic, pushes=True)))
        else:
            wait = min(wait, max(0.001, self._look_for_pushes_at - monotonic))
        return wait

    def _work(
        self,
        tx: Transaction,
        marks: list[Mark],
        after: list[Callable[[Transaction, int], None]],
        replies: int,
        pushes: int,
        now: int,
        monotonic: float,
    ) -> _Cycle:
        self._write_marks(tx, marks, after, now)
        milliseconds = int(monotonic * 1000)
        claimed = outbox.claim(tx, self._account_id, Lane.REPLY, replies, now, milliseconds) if replies else []
        replies_full = bool(replies) and len(claimed) == replies
        left = pushes - (len(claimed) if self._rate else 0)
        for lane in PUSH_LANES:
            if left <= 0:
                break
            found = outbox.claim(tx, self._account_id, lane, left, now, milliseconds)
            claimed += found
            left -= len(found)
        starts = [start for row in claimed if (start := self._prepare(tx, row, now)) is not None]
        due, held = outbox.next_due(tx, self._account_id, now, milliseconds)
        return _Cycle(starts, replies_full, pushes > 0 and left <= 0, due, held)

    def _write_marks(
        self, tx: Transaction, marks: list[Mark], after: list[Callable[[Transaction, int], None]], now: int
    ) -> None:
        outbox.mark(tx, marks, now)
        for job in after:
            job(tx, now)

    def _prepare(self, tx: Transaction, row: Claimed, now: int) -> _Start | None:
        """What goes on the wire for a claimed row; None when it must not go out, and then it is marked here."""
        if row.valid_until is not None and row.valid_until < now:
            outbox.mark(tx, [Mark(row.id, "expired")], now)
            return None
        operation = Operation(row.operation)
        if row.target_id is not None and not row.target:
            if operation is not Operation.EDIT:
                outbox.mark(tx, [Mark(row.id, "cancelled")], now)
                return None
            outbox.turn_into_send(tx, row.id)
            operation = Operation.SEND
        if row.body is not None:
            outbound = Outbound.from_json(orjson.loads(row.body))
        elif row.origin:
            composed = self._compose(tx, row, now)
            if composed is None:
                outbox.mark(tx, [Mark(row.id, "cancelled")], now)
                return None
            outbound = composed
            outbox.set_body(tx, row.id, outbound)
        else:
            outbound = Outbound("")
        media: tuple[MediaFile, ...] = ()
        if outbound.media:
            refs = outbox.media_refs(tx, self._account_id, [m.media_id for m in outbound.media])
            media = tuple(
                MediaFile(m.media_id, m.kind, refs[m.media_id][3], refs[m.media_id][1], m.name or refs[m.media_id][2])
                for m in outbound.media
                if m.media_id in refs
            )
        return _Start(row, Delivery(row.id, row.chat, operation, outbound, row.target or "", media))

    def _start(self, start: _Start) -> None:
        now = time.monotonic()
        row = start.row
        self._rates.take(1, now)
        wait = self._rates.chat_wait(row.address_id, now)
        if wait > 0:
            self._rates.give_back(1, now)
            held = int((now + wait) * 1000) + 1
            self._after.append(lambda tx, _now: outbox.release(tx, row.id, held))
            self._flush_soon()
            return
        if row.lane == Lane.REPLY:
            self._replies_out += 1
        else:
            self._pushes_out += 1
        call = asyncio.get_running_loop().create_task(self._call(start))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, start: _Start) -> None:
        began = time.monotonic()
        try:
            outcome = await self._channel.deliver(start.delivery)
        except Exception as error:  # a fault in a channel must not lose the row, nor send it for ever
            log.exception("deliver_failed", row=start.row.id)
            outcome = Outcome(OutcomeKind.AMBIGUOUS, detail=type(error).__name__)
        ended = time.monotonic()
        if start.row.lane == Lane.REPLY:
            self._replies_out -= 1
        else:
            self._pushes_out -= 1
            self._round_trips.append(ended - began)
        self._settle(start.row, outcome, ended)
        if self._on_sent is not None:
            self._on_sent(start.row.lane, outcome, ended - began)

    def _settle(self, row: Claimed, outcome: Outcome, monotonic: float) -> None:
        self._marks.append(judge(row, outcome, monotonic, self._rng))
        kind = outcome.kind
        if kind is OutcomeKind.THROTTLED:
            self._rates.throttled(row.address_id, outcome.retry_after, monotonic)
            log.warning("throttled", row=row.id, retry_after=outcome.retry_after)
        elif kind is OutcomeKind.UNREACHABLE:
            self._after.append(lambda tx, now: outbox.unreachable(tx, row.address_id, now))
        elif kind is OutcomeKind.MOVED:
            self._after.append(lambda tx, _now: outbox.move(tx, row.address_id, outcome.moved_to))
        elif kind is OutcomeKind.FATAL and not self.stopped_because:
            self.stopped_because = outcome.detail
            log.critical("sender_stopped", account=self._account_id, detail=outcome.detail)
        elif kind is OutcomeKind.REJECTED:
            log.warning("rejected", row=row.id, detail=outcome.detail)
        for media_id, ref in outcome.media_refs:
            self._after.append(
                lambda tx, _now, media_id=media_id, ref=ref: outbox.keep_media_ref(  # type: ignore[misc]
                    tx, self._account_id, media_id, ref
                )
            )
        self._flush_soon()

    def _flush_soon(self) -> None:
        if len(self._marks) >= FLUSH_MARKS:
            self._wake.set()
        elif self._flush_timer is None:
            self._flush_timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._wake.set)

    def _take_marks(self) -> tuple[list[Mark], list[Callable[[Transaction, int], None]]]:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        marks, after = self._marks, self._after
        self._marks, self._after = [], []
        return marks, after

    def _push_slots(self) -> int:
        if self._rate == 0:
            return PUSH_SLOTS_UNLIMITED
        if not self._round_trips:
            return math.ceil(self._rate) + 2
        ordered = sorted(self._round_trips)
        return math.ceil(self._rate * ordered[int(len(ordered) * 0.95)]) + 2

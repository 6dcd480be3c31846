"""The dispatcher of one account: claims rows that can start now, sends them, and marks what became of each.

One cycle is one write: the marks of finished calls, then the claims. A row is `sending` only while its call is on the
wire, so after a crash nothing else is in doubt.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from bot.channels.contract import Channel, Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.domain.time import Clock
from bot.outbox.outcomes import judge
from bot.outbox.pacing import LONGEST_WAIT, NOTHING, Allowance, Pace
from bot.outbox.preparing import Compose, MediaUrl, Start, prepare
from bot.outbox.rates import Chats
from bot.storage import outbox
from bot.storage.database import Database, Transaction
from bot.storage.outbox import Claimed, Mark

log = structlog.get_logger(__name__)
T = TypeVar("T")

FLUSH_SECONDS: Final = 0.010
FLUSH_MARKS: Final = 64
FIRST_RETRY: Final = 0.4
LONGEST_RETRY: Final = 30.0
STOP_SECONDS: Final = 7.0
COUNTED: Final = (OutcomeKind.SENT, OutcomeKind.AMBIGUOUS)
"""What uses up a plan's messages: whatever was sent, and whatever may have been."""
PUSH_LANES: Final = (Lane.URGENT, Lane.ANNOUNCEMENT, Lane.MILESTONE, Lane.DAILY)

After = Callable[[Transaction, int], None]
"""What a finished call changes besides its row; the second argument is people's time."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """What one cycle claimed. `due` and `held` are when the next row that waits may start (people's, monotonic ms)."""

    starts: list[Start]
    replies: int
    pushes: int
    due: int | None
    held: int | None


class Dispatcher:
    """Sends one account's rows. `run` until `stop`; `wake` after every commit that may have added rows.

    `count_sent` counts a message of an account with a quota, in the commit that marks it.
    """

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
        media_url: MediaUrl,
        rng: random.Random,
        on_sent: Callable[[int, Outcome, float], None] | None = None,
        count_sent: After | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._clock = clock
        self._channel = channel
        self._account_id = account_id
        self._pace = Pace(rate, monotonic())
        self._chats = Chats(chat_rate)
        self._compose = compose
        self._media_url = media_url
        self._rng = rng
        self._on_sent = on_sent
        self._count_sent = count_sent if channel.capabilities.quota is not None else None
        self._monotonic = monotonic
        self._marks: list[Mark] = []
        self._after: list[After] = []
        self._flush_timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._left = asyncio.Event()
        self._left.set()
        self._draining = False
        self._quiet = asyncio.Event()
        self.stopped_because = ""

    @property
    def in_flight(self) -> int:
        """Calls on the wire."""
        return self._pace.in_flight

    @property
    def idle(self) -> bool:
        """Whether nothing is on the wire and every mark is written."""
        return self.in_flight == 0 and not self._marks and not self._after

    def wake(self, *, pushes: bool = False) -> None:
        """Look at the outbox now; `pushes` when rows of a push lane were added or the clock was moved."""
        if pushes:
            self._pace.look_for_pushes()
        self._wake.set()

    def give_up(self, reason: str) -> None:
        """Send no more until the process is started anew; what waits goes on waiting."""
        if not self.stopped_because:
            self.stopped_because = reason
            log.critical("sender_stopped", channel=self._channel.name, detail=reason)

    async def run(self) -> None:
        """Dispatch until `stop`; a storage error is retried with back-off."""
        failures = 0
        self._left.clear()
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                try:
                    wait = await self._cycle()
                    failures = 0
                except Exception:  # storage trouble: nothing was claimed or marked; both are tried again
                    log.exception("outbox_cycle_failed", account=self._account_id)
                    wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(failures, 10))
                    failures += 1
                await _wait_for(self._stopping if failures else self._wake, wait)
        finally:
            self._left.set()

    async def stop(self) -> None:
        """Claim no more, let what is on the wire finish, write every mark.

        A call that does not end in time is as one without an answer: no row stays `sending`.
        """
        self._stopping.set()
        self._wake.set()
        await self._left.wait()
        if self._calls:
            _, late = await asyncio.wait(self._calls, timeout=STOP_SECONDS)
            for call in late:
                call.cancel()
            await asyncio.gather(*late)
        await self._commit(lambda tx: None)

    async def drain(self) -> None:
        """Wait until everything that may go out now has gone out and is marked."""
        self._quiet.clear()
        self._draining = True
        self.wake(pushes=True)
        await self._quiet.wait()

    async def _cycle(self) -> float:
        """Write marks and claim once; returns the seconds to wait when nobody wakes us."""
        monotonic, now = self._monotonic(), self._clock.now()
        if self._draining:
            self._pace.look_for_pushes()
        allowed = NOTHING if self.stopped_because else self._pace.allow(monotonic)
        try:
            claims = await self._commit(lambda tx: self._claim(tx, allowed, now, monotonic))
        except BaseException:
            self._pace.look_for_pushes()
            raise
        for start in claims.starts:
            self._start(start)
        self._end_drain(allowed, claims)
        if self.stopped_because:
            return LONGEST_WAIT
        if len(claims.starts) < claims.replies + claims.pushes:
            return 0.0  # a row ended here: what it held back may start now
        wait = self._pace.wait(allowed, claims.replies, claims.pushes, monotonic)
        if claims.due is not None:
            wait = min(wait, max(0.0, (claims.due - now) / 1000))
        if claims.held is not None:
            wait = min(wait, max(0.0, claims.held / 1000 - monotonic))
        return wait

    def _end_drain(self, allowed: Allowance, claims: _Claims) -> None:
        looked = (allowed.replies and allowed.pushes) or self.stopped_because
        if looked and self.idle and not claims.replies and not claims.pushes:
            self._draining = False
            self._quiet.set()

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        """Write the marks of finished calls and do `work` in one transaction; after an error the marks are kept."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        marks, after = self._marks, self._after
        self._marks, self._after = [], []

        def job(tx: Transaction) -> T:
            now = self._clock.now()
            outbox.mark(tx, marks, now)
            for change in after:
                change(tx, now)
            return work(tx)

        try:
            return await self._db.write(job)
        except BaseException:
            self._marks[:0] = marks
            self._after[:0] = after
            raise

    def _claim(self, tx: Transaction, allowed: Allowance, now: int, monotonic: float) -> _Claims:
        milliseconds = int(monotonic * 1000)
        rows: list[Claimed] = []
        if allowed.replies:
            rows = outbox.claim(tx, self._account_id, Lane.REPLY, allowed.replies, now, milliseconds)
        replies = len(rows)
        left = allowed.pushes - allowed.shared * replies
        for lane in PUSH_LANES:
            if left <= 0:
                break
            found = outbox.claim(tx, self._account_id, lane, left, now, milliseconds)
            rows += found
            left -= len(found)
        prepared = [prepare(tx, row, self._compose, self._media_url, self._chats, now, monotonic) for row in rows]
        starts = [start for start in prepared if start is not None]
        due, held = outbox.next_due(tx, self._account_id, now, milliseconds)
        return _Claims(starts, replies, len(rows) - replies, due, held)

    def _start(self, start: Start) -> None:
        self._pace.started(start.row.lane, self._monotonic())
        call = asyncio.get_running_loop().create_task(self._call(start))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, start: Start) -> None:
        began = self._monotonic()
        try:
            outcome = await self._channel.deliver(start.delivery)
        except asyncio.CancelledError:  # only `stop` cancels a call
            outcome = Outcome(OutcomeKind.AMBIGUOUS, detail="stopped before an answer came")
        except Exception as error:  # a fault in a channel must not lose the row, nor send it for ever
            log.exception("deliver_failed", row=start.row.id)
            outcome = Outcome(OutcomeKind.AMBIGUOUS, detail=type(error).__name__)
        ended = self._monotonic()
        self._pace.ended(start.row.lane, ended - began)
        self._settle(start.row, outcome, ended)
        if self._on_sent is not None:
            self._on_sent(start.row.lane, outcome, ended - began)

    def _settle(self, row: Claimed, outcome: Outcome, monotonic: float) -> None:
        self._marks.append(judge(row, outcome, monotonic, self._rng))
        if outcome.kind is not OutcomeKind.SENT:
            self._react(row, outcome, monotonic)
        if self._count_sent is not None and row.operation == "send" and outcome.kind in COUNTED:
            self._after.append(self._count_sent)
        if outcome.media_refs:
            self._after.append(lambda tx, _now: outbox.keep_media_refs(tx, self._account_id, outcome.media_refs))
        self._flush_soon()

    def _react(self, row: Claimed, outcome: Outcome, monotonic: float) -> None:
        """What follows from a call that did not simply succeed, besides its mark."""
        kind = outcome.kind
        if kind is OutcomeKind.THROTTLED:
            self._chats.pause(row.address_id, monotonic + outcome.retry_after)
            self._pace.rates.throttled(row.address_id, outcome.retry_after, monotonic)
            log.warning("throttled", row=row.id, retry_after=outcome.retry_after)
        elif kind is OutcomeKind.UNREACHABLE:
            self._after.append(lambda tx, now: outbox.unreachable(tx, row.address_id, now))
        elif kind is OutcomeKind.MOVED:
            self._after.append(lambda tx, now: outbox.move(tx, row.address_id, outcome.moved_to, now))
        elif kind is OutcomeKind.FATAL:
            self.give_up(outcome.detail)
        elif kind is OutcomeKind.REJECTED:
            log.warning("rejected", row=row.id, detail=outcome.detail)

    def _flush_soon(self) -> None:
        if len(self._marks) >= FLUSH_MARKS:
            self._wake.set()
        elif self._flush_timer is None:
            self._flush_timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._wake.set)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return

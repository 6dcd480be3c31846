"""The dispatcher of one account: claims rows that can start now, sends them, and marks what became of each.

One cycle is one write: the marks of finished calls, then the claims. A row is `sending` only while its call is on the
wire, so after a crash nothing else is in doubt.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from bot.channels.contract import Channel, Outcome, OutcomeKind
from bot.domain.messages import Outbound
from bot.domain.sending import Sending
from bot.domain.time import Clock
from bot.outbox.breaker import Breaker, State
from bot.outbox.claiming import Claimer, Claims
from bot.outbox.numbers import Numbers
from bot.outbox.outcomes import judge, may_repeat, patience
from bot.outbox.pacing import LONGEST_WAIT, NOTHING, Allowance, Pace
from bot.outbox.preparing import Composing, MediaUrl, Preparing, Start
from bot.outbox.rates import Chats
from bot.outbox.unwritten import After, Unwritten
from bot.storage import outbox, rests
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


@dataclass(frozen=True, slots=True)
class Outages:
    """What is written down when the platform has been down for a while, and when sends flow again."""

    began: After
    ended: After


class Dispatcher:
    """Sends one account's rows. `run` until `stop`; `wake` after every commit that may have added rows.

    `count_sent` counts a message of an account with a quota, in the commit that marks it. `outages` is told once of an
    outage and once of its end, however often the process is started between.
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
        composing: Composing,
        media_url: MediaUrl,
        rng: random.Random,
        on_sent: Callable[[int, Outcome, float], None] | None = None,
        count_sent: After | None = None,
        outages: Outages | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._clock = clock
        self._channel = channel
        self._account_id = account_id
        self._pace = Pace(rate, monotonic())
        self._chats = Chats(chat_rate)
        self._claimer = Claimer(
            account_id, Preparing(composing, media_url, self._chats, channel.capabilities.edits), rng
        )
        self._rng = rng
        self._on_sent = on_sent
        self._count_sent = count_sent if channel.capabilities.quota is not None else None
        self._outages = outages
        self._told = False
        self._unsure = True  # an earlier process may have told of an outage that is over
        self._breaker = Breaker(rng)
        self._probe: asyncio.Task[None] | None = None
        self._monotonic = monotonic
        self._numbers = Numbers()
        self._unwritten = Unwritten()
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

    def sending(self) -> Sending:
        """How the sender stands."""
        now = self._monotonic()
        paused, rate = self._pace.rates.state(now)
        return Sending(
            self._channel.name,
            self.in_flight,
            bool(self.stopped_because),
            self._breaker.state.value,
            self._breaker.opened,
            paused,
            rate,
            self._chats.paused(now),
            dict(self._numbers.ended),
            self._numbers.faults,
            self._numbers.set_aside,
        )

    @property
    def idle(self) -> bool:
        """Whether nothing is on the wire and every mark is written."""
        return self.in_flight == 0 and not self._unwritten

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
        if self._probe is not None:
            self._probe.cancel()
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
        draining = self._draining
        if draining:
            self._pace.look_for_pushes()
        allowed = self._allow(monotonic)
        try:
            claims = await self._commit(lambda tx: self._claimer.claim(tx, allowed, now, monotonic))
        except BaseException:
            self._pace.look_for_pushes()
            raise
        self._count(claims)
        for start in claims.starts:
            self._start(start)
        if draining:
            self._end_drain(allowed, claims)
        if self.stopped_because:
            return LONGEST_WAIT
        if not self._breaker.closed and (self._breaker.state is State.OPEN or self.in_flight):
            # A probe and a call wake the dispatcher when they end.
            return LONGEST_WAIT if self._probe or self.in_flight else max(0.0, self._breaker.probe_at - monotonic)
        if len(claims.starts) < claims.replies + claims.pushes:
            self._pace.look_for_pushes()
            return 0.0  # a row ended here: what it held back may start now
        wait = self._pace.wait(allowed, claims.replies, claims.pushes, monotonic)
        if claims.due is not None:
            wait = min(wait, max(0.0, (claims.due - now) / 1000))
        if claims.held is not None:
            wait = min(wait, max(0.0, claims.held / 1000 - monotonic))
        return wait

    def _allow(self, monotonic: float) -> Allowance:
        """What may be claimed now; with the breaker not closed nothing, or one row while none is on the wire."""
        breaker = self._breaker
        if self.stopped_because:
            return NOTHING
        if breaker.closed:
            return self._pace.allow(monotonic)
        if not self._told and self._outages is not None and breaker.long(monotonic):
            self._told = True
            self._unwritten.then(self._outages.began)
        if breaker.state is State.OPEN:
            if self._probe is None and monotonic >= breaker.probe_at:
                self._probe = asyncio.get_running_loop().create_task(self._ask())
            return NOTHING
        if self.in_flight:
            return NOTHING
        allowed = self._pace.allow(monotonic)
        return Allowance(min(1, allowed.replies), min(1, allowed.pushes), 1)

    async def _ask(self) -> None:
        """Ask the platform whether it answers."""
        try:
            answers = await self._channel.answers()
        except Exception:  # a fault in a channel must not keep it closed for ever
            log.exception("probe_failed", channel=self._channel.name)
            answers = True
        self._probe = None
        self._breaker.probed(answers, self._monotonic())
        log.info("platform_probed", channel=self._channel.name, answers=answers)
        self.wake(pushes=True)

    def _count(self, claims: Claims) -> None:
        """What the claim itself brought to an end, once it is committed."""
        for ended in claims.ended:
            self._numbers.end(ended.row.lane, ended.state)
        for row, mark in claims.faulty:
            self._count_fault(row, mark)

    def _count_fault(self, row: Claimed, mark: Mark) -> None:
        self._numbers.faults += 1
        if mark.state == "failed":
            self._numbers.set_aside += 1
            self._numbers.end(row.lane, mark.state)
            log.error("row_set_aside", row=row.id, origin=row.origin, detail=mark.detail)

    def _end_drain(self, allowed: Allowance, claims: Claims) -> None:
        resting = self._breaker.state is State.OPEN and self._probe is None
        looked = (allowed.replies and allowed.pushes) or self.stopped_because or resting
        if looked and self.idle and not claims.replies and not claims.pushes:
            self._draining = False
            self._quiet.set()

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        """Write down what calls left behind and do `work`, in one transaction."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        return await self._unwritten.commit(self._db, self._clock, work)

    def _start(self, start: Start) -> None:
        self._pace.started(start.row.lane, self._monotonic())
        call = asyncio.get_running_loop().create_task(self._call(start))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, start: Start) -> None:
        began = self._monotonic()
        by_platform = True
        try:
            outcome = await self._channel.deliver(start.delivery)
        except asyncio.CancelledError:  # only `stop` cancels a call
            outcome = Outcome(OutcomeKind.AMBIGUOUS, detail="stopped before an answer came")
        except Exception as error:  # a fault in a channel must not lose the row, nor send it for ever
            log.exception("deliver_failed", row=start.row.id)
            # What nobody must get twice may be on its way.
            fault = OutcomeKind.FAULT if may_repeat(start.row) else OutcomeKind.AMBIGUOUS
            outcome = Outcome(fault, detail=f"not delivered: {type(error).__name__}")
            by_platform = False
        ended = self._monotonic()
        self._pace.ended(start.row.lane, ended - began)
        tried = self._breaker.state is State.TRYING
        if by_platform:
            self._hear(start.row, outcome, ended)
        self._settle(start, outcome, ended, tried and not self._breaker.closed)
        if self._on_sent is not None:
            self._on_sent(start.row.lane, outcome, ended - began)

    def _hear(self, row: Claimed, outcome: Outcome, monotonic: float) -> None:
        """What a call says about the platform itself."""
        breaker = self._breaker
        if breaker.heard(row.address_id, outcome, monotonic):
            if breaker.closed:
                self._unwritten.then(lambda tx, _now: outbox.let_go(tx, self._account_id))
                self.wake(pushes=True)
                log.warning("platform_is_back", channel=self._channel.name)
            else:
                log.error("platform_is_down", channel=self._channel.name, detail=outcome.detail)
        if outcome.kind is OutcomeKind.SENT and (self._told or self._unsure):
            self._told = self._unsure = False
            if self._outages is not None:
                self._unwritten.then(self._outages.ended)

    def _settle(self, start: Start, outcome: Outcome, monotonic: float, tried_in_vain: bool) -> None:
        row = start.row
        if not self._breaker.closed:
            row = row._replace(retry_since=None)  # a platform that is down does not use up anybody's patience
        mark = judge(row, outcome, monotonic, self._rng)
        if tried_in_vain and mark.state == "pending":
            mark = mark._replace(held_until=max(mark.held_until, int(self._breaker.next_turn * 1000)))
        self._unwritten.mark(mark)
        if outcome.kind is OutcomeKind.FAULT:
            self._count_fault(row, mark)
        elif mark.state != "pending":
            self._numbers.end(row.lane, mark.state)
        if outcome.kind is not OutcomeKind.SENT:
            self._react(row, outcome, monotonic)
        elif row.operation == "send":
            self._follow(row, start.delivery.outbound.then, outcome.external_id)
        if self._count_sent is not None and row.operation == "send" and outcome.kind in COUNTED:
            self._unwritten.then(self._count_sent)
        if outcome.media_refs:
            self._unwritten.then(lambda tx, _now: outbox.keep_media_refs(tx, self._account_id, outcome.media_refs))
        self._flush_soon()

    def _follow(self, row: Claimed, then: Sequence[Outbound], external_id: str) -> None:
        """A message arrived: the rest of it is added, or it is itself the rest of another."""
        if then:
            self._unwritten.then(lambda tx, now: rests.follow(tx, row, then, now))
            self._pace.look_for_pushes()
        if row.target_id is not None:
            target = row.target_id
            self._unwritten.then(lambda tx, _now: rests.followed(tx, target, external_id))

    def _react(self, row: Claimed, outcome: Outcome, monotonic: float) -> None:
        """What follows from a call that did not simply succeed, besides its mark."""
        kind = outcome.kind
        if kind is OutcomeKind.THROTTLED:
            seconds = patience(outcome)
            self._chats.pause(row.address_id, monotonic + seconds)
            self._pace.rates.throttled(row.address_id, seconds, monotonic)
            log.warning("throttled", row=row.id, retry_after=outcome.retry_after)
        elif kind is OutcomeKind.UNREACHABLE:
            self._unwritten.then(lambda tx, now: outbox.unreachable(tx, row.address_id, now))
        elif kind is OutcomeKind.MOVED:
            self._unwritten.then(lambda tx, now: outbox.move(tx, row.address_id, outcome.moved_to, now))
        elif kind is OutcomeKind.FATAL:
            self.give_up(outcome.detail)
        elif kind is OutcomeKind.REJECTED:
            log.warning("rejected", row=row.id, detail=outcome.detail)

    def _flush_soon(self) -> None:
        if len(self._unwritten.marks) >= FLUSH_MARKS:
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

"""The ticker: each due instant once, in slices, whatever happens to the process and the clock."""

import asyncio
from typing import Any

import pytest

from bot.channels.contract import Delivery
from bot.domain.people import Slot
from bot.domain.time import DAY, HOUR, MINUTE
from bot.services.turn import Installation, Turn
from bot.storage.database import Transaction
from scheduler.clock import MovableClock
from scheduler.daily import Daily
from scheduler.ticker import Ticker
from tests.support.clock import FakeClock
from tests.support.house import House

Rows = list[tuple[Any, ...]]


class Bell:
    """Due every full hour, for an hour; each slice writes down one of `slices` marks. Fails at the cursor `breaks_at`."""

    def __init__(self, name: str = "bell", *, sends: bool = True, slices: int = 3, every: int = HOUR) -> None:
        self.name = name
        self.sends = sends
        self.slices = slices
        self.every = every
        self.breaks_at = -1

    def next_due(self, at: Installation, after: int) -> int | None:
        return after - after % self.every + self.every

    def valid_until(self, at: Installation, due_at: int) -> int:
        return due_at + self.every - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        turn.tx.run(
            "INSERT INTO mark (source, due_at, cursor, now) VALUES (?, ?, ?, ?)", (self.name, due_at, cursor, turn.now)
        )
        if cursor == self.breaks_at:
            raise RuntimeError("the bell is broken")
        return cursor + 1 if cursor + 1 < self.slices else None


class WatchedClock(FakeClock):
    """Tells when somebody looks at it."""

    looked: asyncio.Event | None = None

    def now(self) -> int:
        if self.looked is not None:
            self.looked.set()
        return super().now()


@pytest.fixture
async def tower(plain_house: House) -> House:
    """A house with a table in which bells leave marks."""
    await plain_house.running.db.write(
        lambda tx: tx.run("CREATE TABLE mark (source TEXT, due_at BIGINT, cursor INTEGER, now BIGINT)")
    )
    return plain_house


def ticker(house: House, *bells: Bell, woken: list[int] | None = None) -> Ticker:
    app = house.running
    wake = (lambda: None) if woken is None else lambda: woken.append(1)
    return Ticker(app.db, house.clock, lambda: app.installation, bells, wake)


async def rows(house: House, sql: str) -> Rows:
    def read(tx: Transaction) -> Rows:
        return tx.all(sql)

    return await house.running.db.read(read)


async def marks(house: House) -> Rows:
    return await rows(house, "SELECT source, due_at % 86400000 / 3600000 + 7, cursor FROM mark ORDER BY rowid")


async def test_only_what_becomes_due_from_now_on(tower: House) -> None:
    """A new source starts now: nothing of the past is due."""
    clock = ticker(tower, Bell())
    await clock.tick()
    assert await marks(tower) == []
    tower.clock.at("2025-05-01T08:00")
    await clock.tick()
    await clock.tick()
    assert await marks(tower) == [("bell", 8, 0), ("bell", 8, 1), ("bell", 8, 2)]


async def test_sends_wake_the_dispatcher(tower: House) -> None:
    woken: list[int] = []
    clock = ticker(tower, Bell(slices=2), Bell("upkeep", sends=False), woken=woken)
    await clock.tick()
    tower.clock.at("2025-05-01T08:00")
    await clock.tick()
    assert len(woken) == 2


async def test_late_is_done_and_too_late_is_recorded(tower: House) -> None:
    """Down from before eight until half past ten: eight and nine are missed, ten is done."""
    await ticker(tower, Bell(slices=1)).tick()
    tower.clock.at("2025-05-01T10:30")
    await ticker(tower, Bell(slices=1)).tick()
    assert await marks(tower) == [("bell", 10, 0)]
    states = await rows(tower, "SELECT state FROM due_done ORDER BY due_at")
    assert states == [("done",), ("missed",), ("missed",), ("done",)]


async def test_of_upkeep_only_the_latest(tower: House) -> None:
    """After a month only the last instant of upkeep is run, and only it is remembered."""
    await ticker(tower, Bell(sends=False)).tick()
    tower.clock.at("2025-06-01T10:30")
    await ticker(tower, Bell(sends=False)).tick()
    assert [cursor for _, _, cursor in await marks(tower)] == [0, 1, 2]
    assert await rows(tower, "SELECT COUNT(*), MIN(state) FROM due_done") == [(1, "done")]


async def test_upkeep_after_a_years_pause_is_found_at_once(tower: House) -> None:
    """Of half a million minutes the last one is done; the others are not even looked at."""
    asked: list[int] = []

    class Minutes(Bell):
        def next_due(self, at: Installation, after: int) -> int | None:
            asked.append(after)
            return super().next_due(at, after)

    bells = ticker(tower, Minutes(sends=False, slices=1, every=MINUTE))
    await bells.tick()
    tower.clock.at("2026-05-01T08:00:30")
    await bells.tick()
    assert len(asked) < 10
    assert await rows(tower, "SELECT due_at FROM mark") == [(tower.clock.now() - 30_000,)]


async def test_the_longest_due_first(tower: House) -> None:
    """Sources take turns by their due instants."""
    noon, hours = Bell("noon", slices=1, every=12 * HOUR), Bell("hours", slices=1, every=HOUR)
    hours.valid_until = lambda at, due_at: due_at + DAY  # type: ignore[method-assign]
    clock = ticker(tower, noon, hours)
    tower.clock.at("2025-05-01T16:30")
    await clock.tick()
    tower.clock.at("2025-05-01T20:00")
    await clock.tick()
    # 19:00 here is noon in UTC, where this bell counts from.
    assert [(s, h) for s, h, _ in await marks(tower)] == [
        ("hours", 17),
        ("hours", 18),
        ("hours", 19),
        ("noon", 19),
        ("hours", 20),
    ]


async def test_a_fault_stops_neither_the_others_nor_the_next_try(tower: House) -> None:
    """What fails rolls back its slice alone, and goes on from there at the next tick."""
    broken, sound = Bell("broken"), Bell("sound", slices=1)
    broken.breaks_at = 1
    clock = ticker(tower, broken, sound)
    await clock.tick()
    tower.clock.at("2025-05-01T08:00")
    await clock.tick()
    assert await marks(tower) == [("broken", 8, 0), ("sound", 8, 0)]
    broken.breaks_at = -1
    await clock.tick()
    assert await marks(tower) == [("broken", 8, 0), ("sound", 8, 0), ("broken", 8, 1), ("broken", 8, 2)]


async def test_another_process_goes_on_from_the_cursor(tower: House) -> None:
    """A process that died between slices leaves a cursor; the next one repeats nothing."""
    dying = Bell()
    dying.breaks_at = 2
    clock = ticker(tower, dying)
    await clock.tick()
    tower.clock.at("2025-05-01T08:00")
    await clock.tick()
    await ticker(tower, Bell()).tick()
    assert await marks(tower) == [("bell", 8, 0), ("bell", 8, 1), ("bell", 8, 2)]


async def test_a_run_that_went_on_too_long_is_missed(tower: House) -> None:
    """Half done and then too late: the rest is not sent, and it says so."""
    dying = Bell()
    dying.breaks_at = 1
    clock = ticker(tower, dying)
    await clock.tick()
    tower.clock.at("2025-05-01T08:00")
    await clock.tick()
    tower.clock.at("2025-05-01T09:00")
    await ticker(tower, Bell()).tick()
    assert [(h, c) for _, h, c in await marks(tower)] == [(8, 0), (9, 0), (9, 1), (9, 2)]
    assert ("missed", 1) in await rows(tower, "SELECT state, cursor FROM due_done")


async def test_a_clock_that_was_wrong_once(tower: House) -> None:
    """After a start in 2026 the source works in 2025, and repeats nothing it did before."""
    clock = ticker(tower, Bell(slices=1))
    await clock.tick()
    tower.clock.at("2025-05-01T08:00")
    await clock.tick()
    tower.clock.at("2026-01-01T00:30")
    await ticker(tower, Bell(slices=1)).tick()
    tower.clock.at("2025-05-01T08:30")
    after = ticker(tower, Bell(slices=1))
    await after.tick()
    tower.clock.at("2025-05-01T09:00")
    await after.tick()
    assert [h for _, h, _ in await marks(tower)][-1] == 9
    assert [h for _, h, _ in await marks(tower)].count(8) == 1


async def test_advancing_goes_through_every_instant_in_order(tower: House) -> None:
    """The clock stands at each instant while it is run, upkeep does not slow it, and `settle` follows each."""
    start = FakeClock("2025-05-01T07:55").now()
    clock = MovableClock(start)
    app = tower.running
    settled: list[int] = []

    async def settle() -> None:
        settled.append(clock.now())

    bells = (
        Bell("late", slices=1),
        Bell("early", slices=1, every=20 * MINUTE),
        Bell("upkeep", sends=False, every=MINUTE),
    )
    await Ticker(app.db, clock, lambda: app.installation, bells, lambda: None).advance(
        clock, start + 70 * MINUTE, settle
    )
    sent = await rows(tower, "SELECT source, due_at, now FROM mark WHERE source <> 'upkeep' ORDER BY rowid")
    assert [(source, (due_at - start) // MINUTE) for source, due_at, _ in sent] == [
        ("early", 5),
        ("late", 5),
        ("early", 25),
        ("early", 45),
        ("early", 65),
        ("late", 65),
    ]
    assert all(due_at <= now < due_at + MINUTE for _, due_at, now in sent)
    assert clock.now() >= start + 70 * MINUTE
    assert len(settled) == 6
    [(upkeep,)] = await rows(tower, "SELECT COUNT(DISTINCT due_at) FROM mark WHERE source = 'upkeep'")
    assert 4 <= upkeep <= 6


async def test_advancing_past_a_broken_source_ends(tower: House) -> None:
    """A source that always fails does not hold the clock."""
    broken = Bell()
    broken.breaks_at = 0
    start = FakeClock("2025-05-01T07:55").now()
    clock = MovableClock(start)
    app = tower.running

    async def settle() -> None:
        pass

    await Ticker(app.db, clock, lambda: app.installation, [broken], lambda: None).advance(
        clock, start + 3 * HOUR, settle
    )
    assert clock.now() >= start + 3 * HOUR


async def test_a_clock_moves_forward_only() -> None:
    clock = MovableClock(1_000_000)
    clock.move_to(2_000_000)
    assert 2_000_000 <= clock.now() < 2_060_000
    clock.move_to(1_000_000)
    assert clock.now() >= 2_000_000


async def test_it_ticks_by_itself(plain_house: House) -> None:
    """After the tick at its start it goes on ticking, and writes when the hour comes."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    app, clock, looked, arrived = plain_house.running, WatchedClock(), asyncio.Event(), asyncio.Event()
    clock.looked = looked
    sources = [Daily(Slot.MORNING)]
    ticker = Ticker(app.db, clock, lambda: app.installation, sources, lambda: app.wake(pushes=True))

    def notice(delivery: Delivery) -> None:
        arrived.set()

    plain_house.channel.outcome_for = notice
    running = asyncio.ensure_future(ticker.run())
    await looked.wait()
    await ticker.tick()  # waits for the first one to end
    for both in (clock, plain_house.clock):
        both.at("2025-05-02T06:30")
    await arrived.wait()
    await plain_house.settle()
    running.cancel()
    assert "Bài 2/" in phone.last.text

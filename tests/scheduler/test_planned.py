"""Announcements that go out at a time, while the demo's clock is sent far ahead."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.time import DAY, HOUR, MINUTE
from scheduler.clock import MovableClock
from tests.support.clock import FakeClock
from tests.support.house import House
from tests.support.officers import officer_of, sends, times
from tests.support.people import settled


class Demo(House):
    """A house whose clock runs and moves as the demo's does."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.clock = MovableClock(FakeClock().now())  # type: ignore[assignment]

    async def goes_to(self, target: int) -> None:
        assert isinstance(self.clock, MovableClock)
        await self.running.ticker.advance(self.clock, target, self.running.settle)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    house = Demo(tmp_path)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


async def started(demo: Demo) -> list[tuple[str, int]]:
    return await demo.running.db.read(lambda tx: tx.all("SELECT state, started_at FROM announcement ORDER BY id"))


async def test_the_clock_stops_at_each(demo: Demo) -> None:
    """Two at odd minutes, one of no use ten minutes later, within one journey of two days: each at its own minute."""
    an = await officer_of(demo, "LC0421")
    binh = await settled(demo, "802", "Lê Thị Bình")
    start = demo.clock.now() // MINUTE * MINUTE
    first, second = start + 7 * HOUR + 3 * MINUTE, start + DAY + 2 * HOUR + 17 * MINUTE
    await sends(demo, an, body="Tin một.", send_at=first, valid_until=first + 10 * MINUTE)
    await sends(demo, an, body="Tin hai.", send_at=second)
    await sends(demo, an, body="Tin ba.", send_at=start + 9 * DAY)
    await demo.goes_to(start + 2 * DAY)
    assert [times(binh, body) for body in ("Tin một.", "Tin hai.", "Tin ba.")] == [1, 1, 0]
    (one, one_at), (two, two_at), (three, three_at) = await started(demo)
    assert (one, two, three, three_at) == ("done", "done", "scheduled", None)
    assert 0 <= one_at - first < MINUTE
    assert 0 <= two_at - second < MINUTE
    sent = await demo.running.db.read(
        lambda tx: tx.all(
            "SELECT origin, MIN(finished_at) FROM outbox WHERE origin LIKE 'announcement:%' GROUP BY origin"
        )
    )
    assert [0 <= at - wanted < MINUTE for (_, at), wanted in zip(sorted(sent), (first, second), strict=True)] == [
        True
    ] * 2


async def test_a_journey_to_just_before_it(demo: Demo) -> None:
    """Nothing goes out early."""
    an, binh = await officer_of(demo, "LC0421"), await settled(demo, "802", "Lê Thị Bình")
    at = demo.clock.now() // MINUTE * MINUTE + 5 * HOUR
    await sends(demo, an, body="Tin một.", send_at=at)
    await demo.goes_to(at - MINUTE)
    assert times(binh, "Tin một.") == 0
    await demo.goes_to(at)
    assert times(binh, "Tin một.") == 1

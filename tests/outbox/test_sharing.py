"""Fair share: nobody's announcement waits for the end of another unit's, and what is paused is not in the way."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lanes import Lane
from bot.outbox.sharing import Shares
from bot.storage import outbox, units
from bot.storage.database import Transaction
from bot.storage.outbox import Queue
from tests.outbox.desk import Desk, open_desk

UNITS = {10: "A", 20: "B", 30: "C"}


async def announce(
    desk: Desk,
    id: int,
    unit: int | None,
    count: int,
    *,
    state: str = "sending",
    first: int = 0,
    lane: Lane = Lane.ANNOUNCEMENT,
) -> None:
    """An announcement (0: news) with a row for each of `count` people from number `first` on."""

    def put(tx: Transaction) -> None:
        if unit is not None:
            tx.run("INSERT INTO unit_number (id, code) VALUES (?, ?) ON CONFLICT DO NOTHING", (unit, f"U{unit}"))
            units.put(tx, f"U{unit}", None, "grassroots", UNITS[unit], None, None)
        if id:
            tx.run(
                "INSERT INTO announcement (id, unit_id, unit_name, speaker, title, kind, reason, body, state, high_water,"
                " created_at, valid_until) VALUES (?, ?, '', '', '', 'information', '', '', ?, 0, 0, 0)",
                (id, unit, state),
            )
        tx.run_many(
            "INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (?, ?, 0, 0)"
            " ON CONFLICT (account_id, external_id) DO NOTHING",
            [(desk.account, f"{number:06}") for number in range(first, first + count)],
        )
        tx.run(
            "INSERT INTO outbox (account_id, address_id, lane, queue, origin, body, created_at)"
            " SELECT account_id, id, ?, ?, ?, ?, 0 FROM address WHERE external_id >= ? AND external_id < ? ORDER BY id",
            (int(lane), id, f"announcement:{id}", f'{{"h": "{id}"}}', f"{first:06}", f"{first + count:06}"),
        )

    await desk.db.write(put)


async def set_state(desk: Desk, id: int, state: str) -> None:
    await desk.db.write(lambda tx: tx.run("UPDATE announcement SET state = ? WHERE id = ?", (state, id)))


def spoken(desk: Desk) -> list[int]:
    """Which announcement each call was for, in order."""
    return [int(call.outbound.html) for call in desk.wire.calls]


def last_of(calls: Sequence[int], id: int) -> int:
    return len(calls) - 1 - list(reversed(calls)).index(id)


async def goes_on(desk: Desk, calls: int) -> None:
    """Let time pass step by step until there were so many calls."""
    if desk.running is None:
        desk.start()
    while len(desk.wire.calls) < calls:
        desk.forward(0.1)
        await desk.look()


async def test_a_small_one_is_not_held_up_by_a_large_one(tmp_path: Path) -> None:
    """Twenty thousand recipients first, then thirty of another unit: these are through after about sixty sends."""
    async with open_desk(tmp_path, rate=20) as desk:
        await announce(desk, 1, 10, 20_000)
        await goes_on(desk, 20)
        await announce(desk, 2, 20, 30, first=50_000)
        before = len(desk.wire.calls)
        await goes_on(desk, before + 70)
        assert last_of(spoken(desk), 2) - before <= 62
        assert Counter(spoken(desk))[2] == 30


async def test_units_take_turns_then_their_announcements(tmp_path: Path) -> None:
    """A unit does not get more by speaking more often; news share like a unit."""
    async with open_desk(tmp_path, rate=20) as desk:
        for id, unit in ((1, 10), (2, 10), (3, 10), (4, 20), (0, None)):
            await announce(desk, id, unit, 200, first=1000 * id)
        await goes_on(desk, 90)
        shares = Counter(spoken(desk)[:90])
        assert abs(shares[4] - 30) <= 3
        assert abs(shares[0] - 30) <= 3
        assert all(abs(shares[id] - 10) <= 2 for id in (1, 2, 3))


async def test_one_person_gets_what_another_unit_says_while_the_first_is_paused(desk: Desk) -> None:
    """Order is kept within an announcement, not between them."""
    await announce(desk, 1, 10, 50)
    await set_state(desk, 1, "paused")
    await announce(desk, 2, 20, 50)
    await desk.work()
    assert set(spoken(desk)) == {2}
    assert await desk.states() == {"pending": 50, "sent": 50}
    await set_state(desk, 1, "sending")
    await desk.work()
    assert await desk.states() == {"sent": 100}


@pytest.mark.parametrize("state", ["paused", "held", "stopping", "stopped"])
async def test_what_may_not_go_out_stays_where_it_is(desk: Desk, state: str) -> None:
    await announce(desk, 1, 10, 20, state=state)
    await announce(desk, 2, None, 5, first=100)
    await desk.work()
    assert set(spoken(desk)) == {2}
    rows = await desk.db.read(lambda tx: tx.all("SELECT DISTINCT state, attempts FROM outbox WHERE queue = 1"))
    assert rows == [("pending", 0)]


async def test_a_pause_holds_from_the_next_claim(tmp_path: Path) -> None:
    """Nothing of a million rows is touched; what is on the wire arrives."""
    async with open_desk(tmp_path, rate=20) as desk:
        await announce(desk, 1, 10, 300)
        await goes_on(desk, 40)
        await set_state(desk, 1, "paused")
        await desk.look()
        on_their_way = len(desk.wire.calls)
        for _ in range(50):
            desk.forward(0.1)
            await desk.look()
        assert len(desk.wire.calls) == on_their_way
        await set_state(desk, 1, "queueing")
        await goes_on(desk, on_their_way + 20)


async def test_a_long_one_that_is_paused_costs_a_claim_nothing(desk: Desk) -> None:
    """However many rows stand before: the database does about as much work as for a single one."""
    await announce(desk, 2, 20, 10, first=90_000)
    await announce(desk, 3, 30, 10, first=91_000)

    async def work(id: int) -> int:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        await desk.db.write(lambda tx: tx._connection.set_progress_handler(count, 100))
        before = len(desk.wire.calls)
        await set_state(desk, id, "sending")
        await desk.work()
        assert len(desk.wire.calls) == before + 10
        await desk.db.write(lambda tx: tx._connection.set_progress_handler(None, 0))
        return steps

    await set_state(desk, 2, "paused")
    await set_state(desk, 3, "paused")
    alone = await work(2)
    await announce(desk, 1, 10, 20_000, state="paused")
    assert await work(3) <= alone * 1.5 + 20


@given(
    units=st.lists(st.integers(1, 4), min_size=1, max_size=8),
    counts=st.lists(st.integers(1, 5), min_size=20, max_size=60),
)
def test_no_unit_falls_behind_by_more_than_one_turn(units: list[int], counts: list[int]) -> None:
    queues = [Queue(id, unit) for id, unit in enumerate(units, 1)]
    shares = Shares()
    given_: Counter[int] = Counter()
    for count in counts:
        split = shares.split(queues, count)
        assert sum(split.values()) == count
        for queue in queues:
            given_[queue.unit_id or 0] += split[queue.id]
    assert max(given_.values()) - min(given_[unit] for unit in set(units)) <= 1


def test_who_was_silent_saves_nothing_up() -> None:
    shares = Shares()
    old, new = Queue(1, 10), Queue(2, 20)
    for _ in range(100):
        shares.split([old], 1)
    split = shares.split([old, new], 10)
    assert split == {1: 5, 2: 5}


def test_starts_that_found_no_row_are_given_back() -> None:
    shares = Shares()
    waiting, ready = Queue(1, 10), Queue(2, 20)
    for _ in range(50):
        split = shares.split([waiting, ready], 2)
        shares.unused(waiting, split[1])
    assert shares.split([waiting, ready], 2)[2] <= 1


async def test_the_oldest_row_is_one_that_may_go_out(desk: Desk) -> None:
    await announce(desk, 1, 10, 5, state="paused")
    await announce(desk, 2, 20, 5)
    later = {"not_before": desk.clock.now() + 60_000}
    await desk.put("x", lane=Lane.DAILY, **later)
    now = desk.clock.now()
    assert await desk.db.read(lambda tx: outbox.oldest(tx, now)) == {"announcement": 0}
    assert await desk.db.read(lambda tx: outbox.oldest(tx, now + 90_000)) == {"announcement": 0, "daily": now + 60_000}
    await set_state(desk, 2, "paused")
    assert await desk.db.read(lambda tx: outbox.oldest(tx, now)) == {}

"""A platform that is down: a growing pause, single tries, nothing failed for it, and its end told."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from bot.channels.contract import OutcomeKind
from bot.domain.lanes import Lane
from bot.outbox.breaker import LONGEST_PAUSE, STREAK, TELL_AFTER, State
from bot.outbox.pacing import PUSHES_AT_ONCE
from bot.storage import outbox
from tests.outbox.desk import Desk, open_desk, outcome

MANY = 300


async def breaks(desk: Desk, kind: OutcomeKind, lane: Lane = Lane.ANNOUNCEMENT) -> list[int]:
    """Rows for many people, and a platform that goes down after the first ten."""
    rows = [await desk.put(str(chat), lane=lane) for chat in range(MANY)]
    desk.wire.answer = lambda d: outcome(kind, detail="502") if d.row > rows[9] else None
    desk.wire.up = False
    await desk.work()
    return rows


async def passes(desk: Desk, seconds: float, step: float = 1.0) -> None:
    for _ in range(int(seconds / step)):
        desk.forward(step)
        await desk.until(lambda: desk.dispatcher._probe is None)
        await desk.work()


@pytest.mark.parametrize("kind", [OutcomeKind.NOT_DELIVERED, OutcomeKind.AMBIGUOUS])
async def test_an_outage_costs_no_row_beyond_those_on_the_wire(desk: Desk, kind: OutcomeKind) -> None:
    await breaks(desk, kind)
    on_wire = len(desk.wire.calls) - 10
    assert STREAK <= on_wire <= 128
    assert desk.dispatcher.sending().breaker == State.OPEN
    await passes(desk, 900, 10)
    assert len(desk.wire.calls) == 10 + on_wire
    states = await desk.states()
    unsure = on_wire if kind is OutcomeKind.AMBIGUOUS else 0
    assert states == {"sent": 10, "pending": MANY - 10 - unsure} | ({"uncertain": unsure} if unsure else {})
    desk.wire.up, desk.wire.answer = True, lambda d: None
    await passes(desk, LONGEST_PAUSE + 1, 10)
    assert await desk.states() == {"sent": MANY - unsure} | ({"uncertain": unsure} if unsure else {})
    assert desk.dispatcher.sending().breaker == State.CLOSED


async def test_pauses_grow_and_one_row_at_a_time_is_tried(desk: Desk) -> None:
    """The platform says that it is there, and still refuses what is sent."""
    await breaks(desk, OutcomeKind.NOT_DELIVERED)
    desk.wire.up = True
    desk.wire.calls.clear()
    desk.wire.most_at_once = 0
    tried: list[float] = []
    for second in range(600):
        before = len(desk.wire.calls)
        await passes(desk, 1)
        assert len(desk.wire.calls) - before <= 1
        if len(desk.wire.calls) > before:
            tried.append(second)
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert 6 <= len(tried) <= 14
    assert max(pauses[:2]) < 10
    assert 0.7 * LONGEST_PAUSE <= pauses[-1] <= LONGEST_PAUSE + 2
    assert desk.wire.most_at_once == 1
    assert await desk.states() == {"sent": 10, "pending": MANY - 10}


async def test_replies_wait_too_and_are_not_given_up(desk: Desk) -> None:
    await breaks(desk, OutcomeKind.AMBIGUOUS, Lane.REPLY)
    await passes(desk, 600, 10)
    assert await desk.states() == {"sent": 10, "pending": MANY - 10}
    desk.wire.up, desk.wire.answer = True, lambda d: None
    await passes(desk, LONGEST_PAUSE + 1, 10)
    assert await desk.states() == {"sent": MANY}


async def test_a_reply_is_what_is_tried_first(desk: Desk) -> None:
    await breaks(desk, OutcomeKind.NOT_DELIVERED)
    reply = await desk.put("somebody")
    desk.wire.calls.clear()
    desk.wire.up = True
    await passes(desk, 3)
    assert desk.wire.rows[0] == reply


async def test_a_reply_that_never_arrives_keeps_no_other_waiting(desk: Desk) -> None:
    """The platform is back and answers all but one: that one is not what is tried each time."""
    stuck = await desk.put("stuck")
    rows = await breaks(desk, OutcomeKind.AMBIGUOUS, Lane.REPLY)
    desk.wire.up = True
    desk.wire.answer = lambda d: outcome(OutcomeKind.AMBIGUOUS) if d.row == stuck else None
    await desk.db.write(
        lambda tx: tx.run("UPDATE outbox SET state = 'pending', external_id = NULL WHERE id = ?", (stuck,))
    )
    await passes(desk, 60)
    assert {await desk.state(id) for id in rows} == {"sent"}
    await passes(desk, 120, 5)
    assert await desk.state(stuck) == "failed"
    assert desk.dispatcher.sending().breaker == State.CLOSED


async def test_a_platform_that_answers_while_nothing_waits_is_not_called_down(desk: Desk) -> None:
    """Pushes of which nobody knows whether they arrived are not tried again: no send can close the breaker."""
    await desk.put("first")
    await desk.work()
    desk.told.clear()
    for chat in range(STREAK):
        await desk.put(str(chat), lane=Lane.DAILY)
    desk.wire.answer = lambda d: outcome(OutcomeKind.AMBIGUOUS)
    await desk.work()
    assert desk.dispatcher.sending().breaker == State.OPEN
    await passes(desk, TELL_AFTER + 30, 5)
    assert desk.told == []


async def test_one_persons_trouble_is_not_the_platforms(desk: Desk) -> None:
    bad = [await desk.put("1", lane=Lane.DAILY) for _ in range(20)]
    desk.wire.answer = lambda d: outcome(OutcomeKind.AMBIGUOUS) if d.chat == "1" else None
    await desk.work()
    assert {await desk.state(id) for id in bad} == {"uncertain"}
    assert desk.dispatcher.sending().breaker == State.CLOSED


@pytest.mark.parametrize("kind", [OutcomeKind.THROTTLED, OutcomeKind.UNREACHABLE, OutcomeKind.REJECTED])
async def test_refusals_are_answers(desk: Desk, kind: OutcomeKind) -> None:
    for chat in range(PUSHES_AT_ONCE):
        await desk.put(str(chat), lane=Lane.DAILY)
    desk.wire.answer = lambda d: outcome(kind, retry_after=1)
    desk.start()
    await desk.until(lambda: len(desk.wire.calls) == PUSHES_AT_ONCE and desk.dispatcher.idle)
    assert desk.dispatcher.sending().breaker_opened == 0


async def test_a_long_outage_is_told_once_and_its_end_once(desk: Desk) -> None:
    await desk.put("first")
    await desk.work()
    desk.told.clear()
    await breaks(desk, OutcomeKind.NOT_DELIVERED)
    await passes(desk, TELL_AFTER - 5)
    assert desk.told == []
    await passes(desk, 300, 5)
    assert desk.told == ["began"]
    desk.wire.up, desk.wire.answer = True, lambda d: None
    await passes(desk, LONGEST_PAUSE + 1, 10)
    assert desk.told == ["began", "ended"]


async def test_a_short_outage_is_not_told(desk: Desk) -> None:
    await desk.put("first")
    await desk.work()
    desk.told.clear()
    await breaks(desk, OutcomeKind.NOT_DELIVERED)
    await passes(desk, 10)
    desk.wire.up, desk.wire.answer = True, lambda d: None
    await passes(desk, 20)
    assert set(await desk.states()) == {"sent"}
    assert desk.told == []


async def test_a_process_that_starts_after_an_outage_tells_its_end(desk: Desk) -> None:
    """Whether there was one stands in the database, where the one who is told looks."""
    await desk.put("1")
    await desk.work()
    await desk.put("2")
    await desk.work()
    assert desk.told == ["ended"]


async def test_a_stop_during_an_outage_leaves_nothing_sending(desk: Desk) -> None:
    await breaks(desk, OutcomeKind.NOT_DELIVERED)
    await desk.dispatcher.stop()
    assert set(await desk.states()) == {"sent", "pending"}
    assert await desk.db.write(lambda tx: outbox.recover(tx, 0)) == []


async def test_an_open_breaker_sleeps(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=500, real_time=True) as desk:
        await breaks(desk, OutcomeKind.NOT_DELIVERED)
        looks = desk.clock.asked
        await asyncio.sleep(0.25)
        assert desk.clock.asked - looks < 8

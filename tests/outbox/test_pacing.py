"""Rates, pauses after 429s, and a dispatcher that sleeps when there is nothing to do."""

import asyncio
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.outbox.pacing import Pace
from bot.outbox.rates import CHAT_BURST, HALVED_SECONDS, PUSH_BURST, PUSH_BURST_SECONDS, RESERVE, Chats, Rates
from tests.outbox.desk import Desk, open_desk, outcome
from tests.support.faults import disk_full, faulty_sqlite

EVER = 1e-6
steps = st.lists(
    st.tuples(st.floats(0, 3), st.integers(0, 50), st.integers(0, 50), st.floats(0, 2)), min_size=1, max_size=60
)


@given(rate=st.sampled_from([0.5, 1.0, 25.0, 30.0, 1000.0]), steps=steps)
@settings(deadline=None)
def test_never_more_than_the_rate_and_a_burst(rate: float, steps: list[tuple[float, int, int, float]]) -> None:
    """In every window, whatever is asked for and however long calls take."""
    now = 500.0
    pace = Pace(rate, now)
    started: list[tuple[float, bool]] = []
    ends: deque[tuple[float, int]] = deque()
    for pause, replies, pushes, length in steps:
        now += pause
        while ends and ends[0][0] <= now:
            pace.ended(ends.popleft()[1], length)
        pace.look_for_pushes()
        allowed = pace.allow(now)
        got = min(replies, allowed.replies)
        pushed = max(0, min(pushes, allowed.pushes - allowed.shared * got))
        for lane, count in ((Lane.REPLY, got), (Lane.DAILY, pushed)):
            for _ in range(count):
                pace.started(lane, now)
                started.append((now, lane is Lane.REPLY))
                ends.append((now + length, lane))
        assert pace.wait(allowed, got, pushed, now) > 0
        ends = deque(sorted(ends))
    burst = max(PUSH_BURST, rate * PUSH_BURST_SECONDS)
    for index, (begin, _) in enumerate(started):
        for later in range(index, len(started)):
            end = started[later][0]
            assert later - index + 1 <= rate * (end - begin) + RESERVE + burst + EVER
        pushed_since = [at for at, reply in started[index:] if not reply]
        for number, at in enumerate(pushed_since, 1):
            assert number <= rate * (at - begin) + burst + EVER


@given(rate=st.sampled_from([0.5, 1.0]), pauses=st.lists(st.floats(0, 5), max_size=200))
def test_never_more_to_a_chat_than_its_rate_and_burst(rate: float, pauses: list[float]) -> None:
    now, chats, at = 0.0, Chats(rate), []
    for pause in pauses:
        now += pause
        if chats.wait(1, now) == 0:
            at.append(now)
    for index, begin in enumerate(at):
        for later in range(index, len(at)):
            assert later - index + 1 <= rate * (at[later] - begin) + CHAT_BURST + EVER


@given(rate=st.sampled_from([1.0, 25.0]), pushes=st.integers(0, 30))
def test_three_tokens_are_the_replies_alone(rate: float, pushes: int) -> None:
    rates = Rates(rate, 0.0)
    taken = 0
    while rates.pushes(0.0) and taken < pushes:
        rates.take(1, 0.0)
        taken += 1
    assert taken <= PUSH_BURST
    assert rates.replies(0.0) >= RESERVE


def test_a_paused_or_empty_account_says_how_long_to_wait() -> None:
    rates = Rates(25.0, 0.0)
    rates.take(6, 0.0)
    assert rates.replies(0.0) == 0
    assert rates.next_token(0.0, pushes=False) == pytest.approx(1 / 25)
    assert rates.next_token(0.0, pushes=True) == pytest.approx(4 / 25)


def test_429s_of_two_chats_pause_the_account_then_halve_it_for_a_minute() -> None:
    rates = Rates(20.0, 0.0)
    rates.throttled(1, 30.0, 100.0)
    assert rates.replies(100.0) > 0
    rates.throttled(2, 10.0, 104.9)
    assert rates.replies(129.9) == 0
    assert rates.pushes(129.9) == 0
    assert rates.next_token(129.0, pushes=True) == pytest.approx(1.0)
    assert rates.replies(130.0) > 0
    rates.take(int(rates.replies(130.0)), 130.0)
    assert rates.next_token(130.0, pushes=False) == pytest.approx(1 / 10)
    after = 130.0 + HALVED_SECONDS
    rates.take(int(rates.replies(after)), after)
    assert rates.next_token(after, pushes=False) == pytest.approx(1 / 20)


def test_429s_of_one_chat_or_far_apart_do_not_pause_the_account() -> None:
    rates = Rates(20.0, 0.0)
    rates.throttled(1, 30.0, 100.0)
    rates.throttled(1, 30.0, 101.0)
    rates.throttled(2, 30.0, 106.1)
    assert rates.replies(106.2) > 0


def test_the_many_chats_are_not_all_remembered() -> None:
    chats = Chats(1.0)
    for address in range(25_000):
        assert chats.wait(address, float(address)) == 0
    assert chats.wait(24_999, 25_000.0) == 0


# -- through the dispatcher


async def test_a_429_pauses_its_chat_in_every_lane_and_no_other(desk: Desk) -> None:
    first = await desk.put("1", lane=Lane.DAILY)
    desk.wire.once(outcome(OutcomeKind.THROTTLED, retry_after=10))
    await desk.work()
    reply, other = await desk.put("1"), await desk.put("2")
    await desk.work()
    assert desk.wire.rows == [first, other]
    assert await desk.states() == {"pending": 2, "sent": 1}
    desk.forward(10.1)
    await desk.work()
    assert desk.wire.rows == [first, other, reply, first]


async def test_retry_after_is_kept_to_the_second_and_costs_no_attempt(desk: Desk) -> None:
    """No request to the chat before 37 s have passed, in any lane; everybody else gets theirs meanwhile."""
    pushes = [await desk.put(str(chat), lane=Lane.ANNOUNCEMENT) for chat in range(50)]
    began = desk.monotonic
    at: list[float] = []

    def answer(delivery: Delivery) -> Outcome | None:
        if delivery.chat != "7":
            return None
        at.append(desk.monotonic - began)
        return outcome(OutcomeKind.THROTTLED, retry_after=37) if len(at) == 1 else None

    desk.wire.answer = answer
    await desk.work()
    reply = await desk.put("7")
    assert (await desk.row(pushes[7]))["attempts"] == 0
    for _ in range(369):
        desk.forward(0.1)
        await desk.look()
    assert at == [0]
    assert await desk.states() == {"sent": 49, "pending": 2}
    desk.forward(0.2)
    await desk.work()
    assert len(at) == 3
    assert min(at[1:]) >= 37
    assert await desk.states() == {"sent": 51}
    assert [(await desk.row(row))["attempts"] for row in (pushes[7], reply)] == [1, 1]


async def test_two_chats_429s_hold_the_account_then_halve_its_rate(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=20) as desk:
        for chat in range(400):
            await desk.put(str(chat), lane=Lane.ANNOUNCEMENT)
        throttled = {"0": 37.0, "1": 12.0}
        began = desk.monotonic
        at: list[float] = []

        def answer(delivery: Delivery) -> Outcome | None:
            at.append(desk.monotonic - began)
            seconds = throttled.pop(delivery.chat, None)
            return None if seconds is None else outcome(OutcomeKind.THROTTLED, retry_after=seconds)

        desk.wire.answer = answer
        desk.start()
        await desk.until(lambda: not throttled and desk.dispatcher.idle)
        while await desk.states() != {"sent": 400}:
            desk.forward(0.25)
            await desk.look()
        assert not [when for when in at if 0.25 < when < 37]
        halved = [when for when in at if 37 <= when < 37 + HALVED_SECONDS - 0.5]
        assert len(halved) <= 10 * HALVED_SECONDS + RESERVE + PUSH_BURST
        first_ten = [when for when in halved if when < 47]
        assert 90 <= len(first_ten) <= 110
        assert set(await desk.states()) == {"sent"}


async def test_two_chats_429s_pause_everything(desk: Desk) -> None:
    rows = [await desk.put("1"), await desk.put("2")]
    desk.wire.answer = lambda d: outcome(OutcomeKind.THROTTLED, retry_after=10) if d.row in rows else None
    desk.start()
    await desk.until(lambda: len(desk.wire.calls) == 2 and desk.dispatcher.idle)
    later = await desk.put("3")
    await desk.look()
    assert desk.wire.rows == rows
    desk.wire.answer = lambda d: None
    desk.forward(10.1)
    await desk.work()
    assert sorted(desk.wire.rows[2:]) == sorted([*rows, later])


async def test_a_row_that_must_wait_for_its_chat_is_never_sending(tmp_path: Path) -> None:
    """`sending` means on the wire: a crash must not make a push uncertain that was only waiting."""
    async with open_desk(tmp_path, chat_rate=1) as desk:
        for number in range(CHAT_BURST + 5):
            await desk.put("1", f"{number}", Lane.ANNOUNCEMENT)
        await desk.work()
        assert len(desk.wire.calls) == CHAT_BURST
        held = await desk.db.read(lambda tx: tx.all("SELECT state, attempts FROM outbox WHERE state <> 'sent'"))
        assert held == [("pending", 0)] * 5
        desk.forward(1.01)
        await desk.work()
        assert len(desk.wire.calls) == CHAT_BURST + 1
        desk.forward(100)
        await desk.work()
        assert [call.outbound.html for call in desk.wire.calls] == [str(n) for n in range(CHAT_BURST + 5)]


async def test_replies_take_their_share_before_pushes(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=1) as desk:
        for number in range(20):
            await desk.put(f"p{number}", lane=Lane.ANNOUNCEMENT)
        desk.start()
        await desk.until(lambda: len(desk.wire.calls) == PUSH_BURST and desk.dispatcher.idle)
        replies = [await desk.put(f"r{number}") for number in range(RESERVE)]
        await desk.look()
        await desk.until(lambda: set(replies) <= set(desk.wire.rows))
        assert len(desk.wire.calls) == PUSH_BURST + RESERVE


async def test_a_broadcast_at_a_rate_is_sent_whole(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=1000, chat_rate=1, real_time=True) as desk:
        await desk.db.write(
            lambda tx: [
                tx.run(
                    "INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (?, ?, 0, 0)",
                    (desk.account, str(n)),
                )
                for n in range(400)
            ]
        )
        await desk.db.write(
            lambda tx: tx.run(
                "INSERT INTO outbox (account_id, address_id, lane, body, created_at)"
                ' SELECT account_id, id, 2, \'{"h": "x"}\', 0 FROM address'
            )
        )
        await desk.work()
        assert await desk.states() == {"sent": 400}


# -- no cycle storms, no lost wake-ups


async def cycles(desk: Desk, seconds: float = 0.25) -> float:
    """How often the dispatcher looked while nothing happened."""
    before = desk.clock.asked
    await asyncio.sleep(seconds)
    return (desk.clock.asked - before) / 2


MANY = 8


async def test_nothing_due_means_sleep(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=25, chat_rate=1, real_time=True) as desk:
        await desk.put("1")
        await desk.put("1", lane=Lane.DAILY, not_before=desk.clock.now() + 3_600_000)
        await desk.work()
        assert await cycles(desk) < MANY


async def test_a_stopped_sender_sleeps(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=25, real_time=True) as desk:
        for chat in range(10):
            await desk.put(str(chat))
        desk.wire.answer = lambda d: outcome(OutcomeKind.FATAL, detail="401")
        await desk.work()
        assert await cycles(desk) < MANY


@pytest.mark.parametrize("rate", [0, 500])
async def test_full_slots_mean_sleep(tmp_path: Path, rate: float) -> None:
    async with open_desk(tmp_path, rate=rate, real_time=True) as desk:
        chats = [str(number) for number in range(400)]
        for chat in chats:
            await desk.put(chat, lane=Lane.REPLY if int(chat) % 2 else Lane.DAILY)
        desk.wire.slow = set(chats)
        desk.start()
        full = 128 + (200 if rate else 128)  # before a round trip is known a rate of 500 has 502 slots for pushes
        await desk.until(lambda: len(desk.wire.calls) == full)
        await desk.look()
        assert await cycles(desk) < MANY
        for chat in chats:
            desk.wire.let_go(chat)
        await desk.work()
        assert await desk.states() == {"sent": 400}


async def test_a_paused_account_sleeps(tmp_path: Path) -> None:
    async with open_desk(tmp_path, rate=25, real_time=True) as desk:
        for chat in range(2):
            await desk.put(str(chat))
        desk.wire.answer = lambda d: outcome(OutcomeKind.THROTTLED, retry_after=3600)
        desk.start()
        await desk.until(lambda: len(desk.wire.calls) == 2 and desk.dispatcher.idle)
        await desk.put("3")
        await desk.put("4", lane=Lane.DAILY)
        await desk.look()
        assert await cycles(desk) < MANY


async def test_rows_of_every_lane_are_found_without_a_wake(tmp_path: Path) -> None:
    """A push that nobody announced is found by the look once a second; held rows at their moment."""
    async with open_desk(tmp_path, rate=25, real_time=True) as desk:
        await desk.work()
        push = await desk.put("1", lane=Lane.DAILY)
        await desk.until(lambda: push in desk.wire.rows)
        reply = await desk.put("2")
        desk.wire.once(outcome(OutcomeKind.THROTTLED, retry_after=0.2))
        desk.dispatcher.wake()
        await desk.until(lambda: desk.wire.rows.count(reply) == 2)


async def test_storage_trouble_is_waited_out_and_every_mark_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox.dispatcher.FIRST_RETRY", 0.01)
    with faulty_sqlite() as faults:
        async with open_desk(tmp_path, real_time=True) as desk:
            rows = [await desk.put(str(chat), lane=Lane.DAILY) for chat in range(3)]
            desk.wire.slow = {"0", "1", "2"}
            desk.start()
            await desk.until(lambda: len(desk.wire.calls) == 3)
            faults.always(disk_full, at="UPDATE outbox")
            for chat in range(3):
                desk.wire.let_go(str(chat))
            await desk.until(lambda: sum(s.startswith("UPDATE outbox") for s in faults.statements) > 6)
            assert await desk.states() == {"sending": 3}
            faults.end()
            await desk.work()
            assert [await desk.state(id) for id in rows] == ["sent"] * 3
            assert len(desk.wire.calls) == 3


async def test_what_came_too_late_is_set_aside_at_once(tmp_path: Path) -> None:
    """After a day's outage thousands of rows are over; those that are not do not wait behind them."""
    async with open_desk(tmp_path, rate=25) as desk:
        late = [await desk.put(str(chat), lane=Lane.DAILY, valid_until=1) for chat in range(40)]
        good = await desk.put("good", lane=Lane.DAILY)
        desk.start()
        await desk.until(lambda: good in desk.wire.rows)
        assert {await desk.state(id) for id in late} == {"expired"}

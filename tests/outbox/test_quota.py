"""What goes out on an account with a plan is counted in the commit that marks it, if it was sent or may have been."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.contract import Outcome, OutcomeKind, Quota
from bot.domain.lanes import Lane
from bot.outbox.dispatcher import Dispatcher
from bot.storage import quota
from bot.storage.database import Transaction
from tests.outbox.desk import Desk
from tests.support.faults import Faults, disk_full, faulty_sqlite


def count(desk: Desk, plan: Quota | None) -> None:
    """Let the desk's dispatcher count for an account with this plan."""
    desk.wire.capabilities = replace(desk.wire.capabilities, quota=plan)
    desk.dispatcher = Dispatcher(
        desk.db,
        desk.clock,
        desk.wire,
        desk.account,
        rate=0,
        chat_rate=0,
        composing=lambda tx, now: lambda row: None,
        media_url=lambda media_id, name, now: "",
        rng=random.Random(7),
        count_sent=lambda tx, now: quota.add(tx, desk.account, "2025-05", sent=1),
        monotonic=lambda: desk.monotonic,
    )


async def counted(desk: Desk) -> int:
    return (await desk.db.read(lambda tx: quota.use(tx, desk.account, "2025-05"))).sent


@pytest.fixture
async def faults() -> AsyncIterator[Faults]:
    """What statements on the writing connection meet; asked for before `desk`."""
    with faulty_sqlite() as faults:
        yield faults


@pytest.mark.parametrize(
    ("kind", "lane", "counts"),
    [
        (OutcomeKind.SENT, Lane.REPLY, 1),
        (OutcomeKind.SENT, Lane.DAILY, 1),
        (OutcomeKind.AMBIGUOUS, Lane.DAILY, 1),
        (OutcomeKind.NO_OP, Lane.DAILY, 0),
        (OutcomeKind.REJECTED, Lane.DAILY, 0),
        (OutcomeKind.UNREACHABLE, Lane.DAILY, 0),
    ],
)
async def test_what_is_counted(desk: Desk, kind: OutcomeKind, lane: Lane, counts: int) -> None:
    """What the platform refused uses nothing up."""
    count(desk, Quota(50, 3000))
    await desk.put("501", lane=lane)
    desk.wire.once(Outcome(kind, external_id="1"))
    await desk.work()
    assert await counted(desk) == counts


async def test_a_reply_without_an_answer_counts_each_time(desk: Desk) -> None:
    """It may have arrived, and is sent again."""
    count(desk, Quota(50, 3000))
    id = await desk.put("501")
    desk.wire.once(Outcome(OutcomeKind.AMBIGUOUS))
    await desk.work()
    assert await desk.state(id) == "pending"
    assert await counted(desk) == 1
    desk.forward(10)
    await desk.work()
    assert await desk.state(id) == "sent"
    assert await counted(desk) == 2


@pytest.mark.parametrize("kind", [OutcomeKind.NOT_DELIVERED, OutcomeKind.THROTTLED])
async def test_what_is_tried_again_counts_when_it_went_out(desk: Desk, kind: OutcomeKind) -> None:
    """Refused connections and 429s are no messages."""
    count(desk, Quota(50, 3000))
    await desk.put("501")
    desk.wire.once(Outcome(kind, retry_after=1))
    await desk.work()
    assert await counted(desk) == 0
    desk.forward(10)
    await desk.work()
    assert await counted(desk) == 1


async def test_an_edit_is_no_message(desk: Desk) -> None:
    """Taking the buttons off a question, say."""
    count(desk, Quota(50, 3000))
    target = await desk.sent_before("501")
    await desk.put("501", None, operation="edit_keyboard", target_id=target)
    await desk.work()
    assert len(desk.wire.calls) == 1
    assert await counted(desk) == 0


async def test_the_count_and_the_mark_commit_together(faults: Faults, desk: Desk) -> None:
    """Where the count cannot be written the mark is not either; both are, once, afterwards."""
    count(desk, Quota(50, 3000))
    failed = []

    def fail_once(tx: Transaction, now: int) -> None:
        if not failed:
            failed.append(now)
            raise disk_full()
        quota.add(tx, desk.account, "2025-05", sent=1)

    desk.dispatcher._count_sent = fail_once
    id = await desk.put("501")
    await desk.work()
    assert failed
    assert await desk.state(id) == "sent"
    assert await counted(desk) == 1
    assert len(desk.wire.calls) == 1


async def test_no_statement_without_a_plan(faults: Faults, desk: Desk) -> None:
    """The way of a message on an account without limits is no longer by it."""
    count(desk, None)
    faults.statements.clear()
    await desk.put("501")
    await desk.work()
    assert len(desk.wire.calls) == 1
    assert not [sql for sql in faults.statements if "quota" in sql]

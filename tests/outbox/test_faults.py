"""Faults of ours: a row that cannot be sent is tried again, then set aside, and never in anybody's way."""

from collections.abc import Callable

import pytest

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.outbox.outcomes import TRIES
from tests.outbox.desk import Desk, outcome

COMPOSED = "announcement:1"


def spoils(column: str, value: str) -> Callable[[Desk, int], object]:
    def spoil(desk: Desk, row: int) -> object:
        return desk.db.write(lambda tx: tx.run(f"UPDATE outbox SET {column} = ? WHERE id = ?", (value, row)))

    return spoil


async def composing(desk: Desk, row: int) -> None:
    def broken(claimed: object) -> Outbound:
        raise KeyError("no such template")

    desk.composed = broken
    await desk.db.write(lambda tx: tx.run("UPDATE outbox SET body = NULL WHERE id = ?", (row,)))


async def encoding(desk: Desk, row: int) -> None:
    desk.wire.answer = lambda d: outcome(OutcomeKind.FAULT, detail="not encoded: ValueError") if d.row == row else None


FAULTS = {
    "composing": (composing, "not prepared: KeyError"),
    "encoding": (encoding, "not encoded: ValueError"),
    "a body that is none": (spoils("body", "{broken"), "not prepared: JSONDecodeError"),
    "an operation nobody knows": (spoils("operation", "sing"), "not prepared: ValueError"),
}


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.ANNOUNCEMENT])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_row_that_cannot_be_sent_is_set_aside(desk: Desk, fault: str, lane: Lane) -> None:
    spoil, detail = FAULTS[fault]
    bad = await desk.put("1", lane=lane, origin=COMPOSED)
    behind = await desk.put("1", lane=lane)
    others = [await desk.put(str(chat), lane=lane) for chat in range(2, 6)]
    found = spoil(desk, bad)
    assert hasattr(found, "__await__")
    await found
    await desk.work()
    assert {await desk.state(id) for id in others} == {"sent"}
    assert await desk.state(bad) == "pending"
    for _ in range(TRIES):
        desk.forward(60)
        await desk.work()
    stored = await desk.row(bad)
    assert (stored["state"], stored["detail"], stored["attempts"]) == ("failed", detail, TRIES)
    assert await desk.state(behind) == "sent"
    sending = desk.dispatcher.sending()
    assert (sending.faults, sending.set_aside) == (TRIES, 1)
    assert sending.ended[lane, "failed"] == 1
    looks = desk.clock.asked
    desk.forward(600)
    await desk.work()
    assert desk.clock.asked - looks < 12


async def test_a_fault_that_passes_costs_nothing(desk: Desk) -> None:
    row = await desk.put("1", lane=Lane.ANNOUNCEMENT)
    desk.wire.once(outcome(OutcomeKind.FAULT))
    await desk.work()
    desk.forward(60)
    await desk.work()
    assert await desk.state(row) == "sent"
    assert desk.dispatcher.sending().set_aside == 0


async def test_a_channel_that_raises_may_have_sent(desk: Desk) -> None:
    """What nobody must get twice is uncertain at once; a reply is tried as often as any fault, then set aside."""

    def broken(delivery: Delivery) -> Outcome | None:
        raise RuntimeError("a fault in the channel")

    push = await desk.put("1", lane=Lane.DAILY)
    reply = await desk.put("2")
    desk.wire.answer = broken
    await desk.work()
    assert (await desk.state(push), await desk.state(reply)) == ("uncertain", "pending")
    for _ in range(TRIES):
        desk.forward(60)
        await desk.work()
    assert await desk.state(reply) == "failed"
    assert desk.wire.rows.count(push) == 1
    assert desk.wire.rows.count(reply) == TRIES
    assert desk.dispatcher.sending().breaker_opened == 0


async def test_a_fault_in_what_follows_a_call_loses_no_mark(desk: Desk) -> None:
    rows = [await desk.put(str(chat)) for chat in range(3)]
    await desk.db.write(lambda tx: tx.run("DROP TABLE media_ref"))
    desk.wire.answer = lambda d: outcome(OutcomeKind.SENT, external_id="x", media_refs=((1, "ref"),))
    await desk.work()
    assert {await desk.state(id) for id in rows} == {"sent"}

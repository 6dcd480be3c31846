"""The closed table: outcome × lane × operation → what becomes of the row (DESIGN, "The outbox")."""

import pytest

from bot.channels.contract import OutcomeKind
from bot.domain.lanes import Lane
from bot.outbox.backoff import SHORTEST_SECONDS
from bot.storage import members
from tests.outbox.desk import Desk, outcome

OPERATIONS = ("send", "edit", "edit_keyboard", "delete")
RETRY_AFTER = 7.0

# kind: the state after one such call of what nobody must get twice, and of everything else
TABLE = {
    OutcomeKind.SENT: ("sent", "sent"),
    OutcomeKind.NO_OP: ("sent", "sent"),
    OutcomeKind.NOT_DELIVERED: ("pending", "pending"),
    OutcomeKind.THROTTLED: ("pending", "pending"),
    OutcomeKind.UNREACHABLE: ("unreachable", "unreachable"),
    OutcomeKind.MOVED: ("sent", "sent"),
    OutcomeKind.REJECTED: ("failed", "failed"),
    OutcomeKind.FATAL: ("pending", "pending"),
    OutcomeKind.AMBIGUOUS: ("uncertain", "pending"),
    OutcomeKind.FAULT: ("pending", "pending"),
}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(OutcomeKind)


@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize("kind", TABLE)
async def test_every_outcome(desk: Desk, kind: OutcomeKind, lane: Lane) -> None:
    for operation in OPERATIONS:
        chat = f"chat-{operation}"
        target = await desk.sent_before(chat)
        fields = {} if operation == "send" else {"operation": operation, "target_id": target}
        row = await desk.put(chat, "text", lane, **fields)
        desk.wire.calls.clear()
        desk.wire.once(
            outcome(kind, retry_after=RETRY_AFTER, moved_to=f"new-{operation}", detail="why", external_id="x")
        )
        await desk.work()
        never_twice = lane is not Lane.REPLY and operation == "send"
        expected = TABLE[kind][0 if never_twice else 1]
        stored = await desk.row(row)
        assert stored["state"] == expected
        assert len(desk.wire.calls) == (2 if kind is OutcomeKind.MOVED else 1)
        assert desk.wire.calls[0].target == ("" if operation == "send" else f"x{target}")
        if expected == "pending":
            assert stored["detail"] == "why"
            assert bool(desk.dispatcher.stopped_because) is (kind is OutcomeKind.FATAL)
            desk.dispatcher.stopped_because = ""
            desk.forward(RETRY_AFTER + 1)
            await desk.work()
            assert await desk.state(row) == "sent"
            assert len(desk.wire.calls) == 2


async def test_throttled_for_no_time_at_all_is_no_spinning(desk: Desk) -> None:
    """A platform that answers 429 with `retry_after` 0 is asked again after the shortest back-off, not at once."""
    await desk.put("1")
    desk.wire.answer = lambda d: outcome(OutcomeKind.THROTTLED, retry_after=0)
    await desk.work()
    for _ in range(5):
        await desk.look()
    assert len(desk.wire.calls) == 1
    desk.forward(SHORTEST_SECONDS + 0.001)
    await desk.work()
    assert len(desk.wire.calls) == 2


async def test_a_throttled_row_waits_as_long_as_told(desk: Desk) -> None:
    row = await desk.put("1")
    desk.wire.once(outcome(OutcomeKind.THROTTLED, retry_after=30))
    await desk.work()
    desk.forward(29.9)
    await desk.work()
    assert len(desk.wire.calls) == 1
    desk.forward(0.2)
    await desk.work()
    assert await desk.state(row) == "sent"


async def test_an_unreachable_address_loses_all_it_waits_for_until_it_writes(desk: Desk) -> None:
    first = await desk.put("1", lane=Lane.DAILY)
    waiting = [await desk.put("1", lane=lane) for lane in (Lane.DAILY, Lane.MILESTONE, Lane.REPLY)]
    other = await desk.put("2")
    desk.wire.answer = lambda d: outcome(OutcomeKind.UNREACHABLE) if d.chat == "1" else None
    desk.wire.slow = {"1"}
    desk.start()
    await desk.until(lambda: "1" in desk.wire.on_wire)
    desk.wire.let_go("1")
    await desk.work()
    assert [await desk.state(id) for id in (first, *waiting)] == ["unreachable"] * 4
    assert await desk.state(other) == "sent"
    reachable = await desk.db.read(lambda tx: tx.all("SELECT external_id, reachable FROM address ORDER BY id"))
    assert reachable == [("1", 0), ("2", 1)]
    # Nobody counts as having got it, and whatever they write makes them reachable for what comes next.
    ended = desk.dispatcher.sending().ended
    assert sum(count for (_, state), count in ended.items() if state == "sent") == 1
    arrived = await desk.db.write(lambda tx: members.arrive(tx, desk.account, "1", 10**13))
    assert arrived.address.reachable
    desk.wire.answer = lambda d: None
    back = await desk.put("1", lane=Lane.ANNOUNCEMENT)
    await desk.work()
    assert await desk.state(back) == "sent"
    assert await desk.state(first) == "unreachable"


async def test_a_moved_chat_gets_its_message_at_the_new_address(desk: Desk) -> None:
    row = await desk.put("1")
    later = await desk.put("1")
    desk.wire.once(outcome(OutcomeKind.MOVED, moved_to="99"))
    await desk.work()
    assert [call.chat for call in desk.wire.calls] == ["1", "99", "99"]
    assert [await desk.state(row), await desk.state(later)] == ["sent", "sent"]


async def test_a_chat_that_moved_to_a_known_one_is_at_its_end(desk: Desk) -> None:
    """The unique address must not stop the sending of all others."""
    await desk.address("99")
    row = await desk.put("1")
    desk.wire.once(outcome(OutcomeKind.MOVED, moved_to="99"))
    await desk.work()
    other = await desk.put("2")
    await desk.work()
    assert (await desk.state(row), await desk.state(other)) == ("unreachable", "sent")


async def test_a_fatal_answer_stops_the_sender_and_loses_nothing(desk: Desk) -> None:
    rows = [await desk.put(str(chat), lane=Lane.ANNOUNCEMENT) for chat in range(300)]
    desk.wire.answer = lambda d: outcome(OutcomeKind.FATAL, detail="401 Unauthorized") if d.row > rows[39] else None
    await desk.work()
    assert desk.dispatcher.stopped_because == "401 Unauthorized"
    states = await desk.states()
    assert set(states) == {"sent", "pending"}
    assert (states["sent"], states["pending"]) == (40, 260)
    calls = len(desk.wire.calls)
    await desk.put("late")
    await desk.look()
    assert len(desk.wire.calls) == calls


async def test_a_reply_is_given_up_after_a_minute_of_retries(desk: Desk) -> None:
    row = await desk.put("1")
    following = await desk.put("1")
    desk.wire.answer = lambda d: outcome(OutcomeKind.NOT_DELIVERED, detail="no route") if d.row == row else None
    await desk.work()
    for _ in range(8):
        assert await desk.state(row) == "pending"
        assert await desk.state(following) == "pending"
        desk.forward(7.4)
        await desk.work()
    desk.forward(31)
    await desk.work()
    assert (await desk.row(row))["state"] == "failed"
    assert await desk.state(following) == "sent"


async def test_a_push_is_tried_until_it_is_too_late(desk: Desk) -> None:
    row = await desk.put("1", lane=Lane.DAILY, valid_until=desk.clock.now() + 3_600_000)
    desk.wire.answer = lambda d: outcome(OutcomeKind.NOT_DELIVERED)
    for _ in range(5):
        await desk.work()
        desk.forward(600)
    await desk.work()
    assert await desk.state(row) == "pending"
    desk.clock.forward(hours=1, seconds=1)
    desk.forward(600)
    await desk.work()
    assert await desk.state(row) == "expired"


async def test_uploads_are_remembered_and_those_of_an_erased_file_forgotten(desk: Desk) -> None:
    kept = await desk.db.write(
        lambda tx: tx.scalar("INSERT INTO media (kind, state, created_at) VALUES ('photo', 'stored', 0) RETURNING id")
    )
    await desk.put("1")
    desk.wire.once(outcome(OutcomeKind.SENT, external_id="x", media_refs=((kept, "ref"), (kept + 1, "gone"))))
    await desk.work()
    assert await desk.db.read(lambda tx: tx.all("SELECT media_id, ref FROM media_ref")) == [(kept, "ref")]
    assert await desk.states() == {"sent": 1}

"""Order, lanes, targets, expiry: which row goes out, when, and which never does."""

import asyncio
from pathlib import Path

import pytest

from bot.channels.contract import Operation, OutcomeKind
from bot.domain.lanes import Lane
from bot.domain.messages import Button, Outbound, OutboundMedia
from bot.storage import outbox
from bot.storage.database import Transaction
from bot.storage.outbox import Mark
from tests.outbox.desk import Desk, open_desk, outcome


async def test_order_is_kept_in_a_lane_and_one_call_is_in_flight_per_chat(desk: Desk) -> None:
    """The wire itself fails the test when two calls to a chat meet."""
    rows: dict[str, list[int]] = {"1": [], "2": [], "3": []}
    for number in range(30):
        for chat in rows:
            rows[chat].append(await desk.put(chat, f"{number}", lane=Lane.DAILY if number % 3 else Lane.REPLY))
    await desk.work()
    for chat, ids in rows.items():
        for lane in (0, 4):
            of_lane = [id for number, id in enumerate(ids) if (4 if number % 3 else 0) == lane]
            assert [call.row for call in desk.wire.calls if call.chat == chat and call.row in of_lane] == of_lane
    assert desk.wire.most_at_once > 1


async def test_chats_do_not_wait_for_each_other(desk: Desk) -> None:
    slow = await desk.put("slow")
    behind = await desk.put("slow")
    quick = [await desk.put(str(chat)) for chat in range(5)]
    desk.wire.slow = {"slow"}
    desk.start()
    await desk.until(lambda: len(desk.wire.calls) == 6)
    await desk.look()
    assert set(desk.wire.rows) == {slow, *quick}
    desk.wire.let_go("slow")
    await desk.work()
    assert desk.wire.rows[-1] == behind


@pytest.mark.parametrize("lower", [Lane.URGENT, Lane.ANNOUNCEMENT, Lane.MILESTONE, Lane.DAILY])
async def test_a_higher_lane_goes_first(desk: Desk, lower: Lane) -> None:
    pushes = [await desk.put("1", lane=lower) for _ in range(3)]
    higher = await desk.put("1", lane=Lane(lower - 1))
    await desk.work()
    assert desk.wire.rows == [higher, *pushes]


async def test_a_reply_waits_for_the_call_on_the_wire_and_for_no_push_behind_it(desk: Desk) -> None:
    pushes = [await desk.put("1", lane=Lane.DAILY) for _ in range(3)]
    desk.wire.slow = {"1"}
    desk.start()
    await desk.until(lambda: desk.wire.calls)
    reply = await desk.put("1")
    desk.wire.let_go("1")
    await desk.work()
    assert desk.wire.rows == [pushes[0], reply, *pushes[1:]]


async def test_full_push_slots_leave_the_replies_theirs(desk: Desk) -> None:
    chats = [f"p{number}" for number in range(200)]
    for chat in chats:
        await desk.put(chat, lane=Lane.ANNOUNCEMENT)
    desk.wire.slow = set(chats)
    desk.start()
    await desk.until(lambda: len(desk.wire.calls) == 128)
    reply = await desk.put("r")
    desk.dispatcher.wake()
    await desk.until(lambda: desk.wire.rows[-1] == reply)
    assert desk.dispatcher.in_flight >= 128
    for chat in chats:
        desk.wire.let_go(chat)
    await desk.work()
    assert await desk.states() == {"sent": 201}


async def test_what_is_uncertain_failed_or_expired_does_not_block(desk: Desk) -> None:
    late = await desk.put("1", lane=Lane.DAILY, valid_until=desk.clock.now() - 1)
    refused = await desk.put("1", lane=Lane.DAILY)
    unsure = await desk.put("1", lane=Lane.DAILY)
    fine = await desk.put("1", lane=Lane.DAILY)
    desk.wire.answer = lambda d: {
        refused: outcome(OutcomeKind.REJECTED),
        unsure: outcome(OutcomeKind.AMBIGUOUS),
    }.get(d.row)
    await desk.work()
    assert [await desk.state(id) for id in (late, refused, unsure, fine)] == ["expired", "failed", "uncertain", "sent"]


async def test_a_row_is_valid_to_its_last_moment(desk: Desk) -> None:
    row = await desk.put("1", lane=Lane.DAILY, valid_until=desk.clock.now())
    await desk.work()
    assert await desk.state(row) == "sent"


async def test_hundreds_of_expired_rows_do_not_end_a_drain_early(desk: Desk) -> None:
    for number in range(300):
        await desk.put(str(number), lane=Lane.DAILY, valid_until=0)
    fine = await desk.put("x", lane=Lane.DAILY)
    await desk.work()
    assert await desk.state(fine) == "sent"


async def test_nothing_goes_out_before_its_time(desk: Desk) -> None:
    row = await desk.put("1", lane=Lane.MILESTONE, not_before=desk.clock.now() + 60_000)
    await desk.work()
    assert await desk.state(row) == "pending"
    desk.clock.forward(minutes=1)
    await desk.work()
    assert await desk.state(row) == "sent"


async def test_a_newer_row_of_a_replace_key_takes_the_place_of_the_older(desk: Desk) -> None:
    older = await desk.put("1", "3 ảnh", replace_key="album")
    other = await desk.put("2", "khác", replace_key="album")
    newer = await desk.put("1", "4 ảnh", replace_key="album")
    await desk.work()
    assert [await desk.state(id) for id in (older, other, newer)] == ["cancelled", "sent", "sent"]


async def test_a_row_on_the_wire_is_not_replaced(desk: Desk) -> None:
    first = await desk.put("1", replace_key="album")
    desk.wire.slow = {"1"}
    desk.start()
    await desk.until(lambda: desk.wire.calls)
    second = await desk.put("1", replace_key="album")
    desk.wire.let_go("1")
    await desk.work()
    assert [await desk.state(first), await desk.state(second)] == ["sent", "sent"]


# -- edits and deletes of another row


async def test_an_edit_is_about_what_the_platform_called_its_target(desk: Desk) -> None:
    prompt = await desk.put("1", "question")
    edit = await desk.put("1", None, operation="edit_keyboard", target_id=prompt)
    await desk.work()
    assert [(c.row, c.operation, c.target) for c in desk.wire.calls] == [
        (prompt, Operation.SEND, ""),
        (edit, Operation.EDIT_KEYBOARD, f"x{prompt}"),
    ]


@pytest.mark.parametrize("operation", ["edit_keyboard", "delete"])
async def test_without_a_target_a_keyboard_edit_is_dropped(desk: Desk, operation: str) -> None:
    prompt = await desk.put("1")
    edit = await desk.put("1", None, operation=operation, target_id=prompt)
    desk.wire.answer = lambda d: outcome(OutcomeKind.REJECTED)
    await desk.work()
    assert await desk.state(edit) == "cancelled"
    assert desk.wire.rows == [prompt]


async def test_without_a_target_an_edit_of_content_is_sent(desk: Desk) -> None:
    progress = await desk.put("1", "10 %")
    edit = await desk.put("1", "20 %", operation="edit", target_id=progress)
    desk.wire.answer = lambda d: outcome(OutcomeKind.REJECTED) if d.row == progress else None
    await desk.work()
    assert await desk.state(edit) == "sent"
    assert desk.wire.calls[-1].operation is Operation.SEND
    assert desk.wire.calls[-1].outbound.html == "20 %"
    assert (await desk.row(edit))["operation"] == "send"


async def test_an_edit_that_became_a_push_is_not_sent_twice(desk: Desk) -> None:
    unsure = await desk.put("1", "10 %", Lane.ANNOUNCEMENT)
    edit = await desk.put("1", "20 %", Lane.ANNOUNCEMENT, operation="edit", target_id=unsure)
    desk.wire.answer = lambda d: outcome(OutcomeKind.AMBIGUOUS)
    await desk.work()
    assert [await desk.state(unsure), await desk.state(edit)] == ["uncertain", "uncertain"]
    desk.forward(60)
    await desk.work()
    assert len(desk.wire.calls) == 2


# -- what a row without a body says


async def test_a_text_is_composed_when_its_row_is_claimed_and_kept(desk: Desk) -> None:
    row = await desk.put("1", None, Lane.ANNOUNCEMENT, origin="announcement:1")
    desk.composed = lambda row: Outbound(f"for {row.chat}", ((Button("Đã đọc", "a:1:read"),),))
    desk.wire.once(outcome(OutcomeKind.NOT_DELIVERED))
    await desk.work()
    desk.composed = lambda row: Outbound("another")
    desk.forward(60)
    await desk.work()
    assert [call.outbound.html for call in desk.wire.calls] == ["for 1", "for 1"]
    kept = await desk.db.read(lambda tx: outbox.body(tx, row))
    assert kept is not None
    assert kept.buttons[0][0].label == "Đã đọc"


async def test_what_was_stopped_is_cancelled(desk: Desk) -> None:
    row = await desk.put("1", None, Lane.ANNOUNCEMENT, origin="announcement:1")
    desk.composed = lambda row: None
    await desk.work()
    assert await desk.state(row) == "cancelled"
    assert desk.wire.calls == []


async def test_files_go_by_the_platforms_id_where_it_has_one(desk: Desk) -> None:
    photo = await desk.db.write(
        lambda tx: tx.scalar(
            "INSERT INTO media (kind, state, path, name, created_at) VALUES ('photo', 'stored', '/p.jpg', 'p', 0) RETURNING id"
        )
    )
    address = await desk.address("1")
    album = Outbound("", media=(OutboundMedia("photo", photo), OutboundMedia("photo", photo + 1)))
    for _ in range(2):
        await desk.db.write(lambda tx: outbox.enqueue(tx, desk.account, address, album, 0))
    desk.wire.once(outcome(OutcomeKind.SENT, external_id="x", media_refs=((photo, "ref"),)))
    await desk.work()
    assert [[(m.media_id, m.ref, m.path) for m in call.media] for call in desk.wire.calls] == [
        [(photo, "", "/p.jpg")],
        [(photo, "ref", "/p.jpg")],
    ]


# -- two accounts, stops and starts


async def test_another_accounts_rows_are_left_alone(desk: Desk) -> None:
    other = await desk.db.write(
        lambda tx: tx.scalar("INSERT INTO account (channel, external_id) VALUES ('web', '2') RETURNING id")
    )
    address = await desk.address("1", account=other)
    await desk.db.write(lambda tx: outbox.enqueue(tx, other, address, Outbound("x"), 0))
    await desk.work()
    assert await desk.states() == {"pending": 1}


async def test_a_graceful_stop_waits_for_the_wire_and_marks_it(desk: Desk) -> None:
    rows = [await desk.put(str(chat)) for chat in range(5)]
    desk.wire.slow = {str(chat) for chat in range(5)}
    desk.start()
    await desk.until(lambda: len(desk.wire.calls) == 5)
    stopping = asyncio.ensure_future(desk.dispatcher.stop())
    late = await desk.put("late")
    for chat in range(5):
        desk.wire.let_go(str(chat))
    await stopping
    assert [await desk.state(id) for id in rows] == ["sent"] * 5
    assert await desk.state(late) == "pending"


async def test_a_graceful_stop_in_the_middle_of_a_claim_leaves_nothing_sending(desk: Desk) -> None:
    """However many steps of the event loop lie between: the stop meets every stage of a cycle."""
    for steps in range(12):
        await desk.db.write(lambda tx: tx.run("DELETE FROM outbox"))
        for chat in range(3):
            await desk.put(str(chat))
        async with asyncio.timeout(10):
            other = Desk(desk.db, desk.account, 0, 0, real_time=True)
            other.start()
            for _ in range(steps):
                await asyncio.sleep(0)
            await other.dispatcher.stop()
            assert other.running is not None
            await other.running
        assert "sending" not in await desk.states()
        assert not other.wire.on_wire


async def test_a_call_that_does_not_end_is_given_up_at_a_stop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbox.dispatcher.STOP_SECONDS", 0.01)
    reply = await desk.put("1")
    push = await desk.put("2", lane=Lane.DAILY)
    desk.wire.slow = {"1", "2"}
    desk.start()
    await desk.until(lambda: len(desk.wire.calls) == 2)
    await desk.dispatcher.stop()
    assert [await desk.state(reply), await desk.state(push)] == ["pending", "uncertain"]


async def test_what_a_dead_process_left_sending_is_recovered(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        target = await desk.sent_before("4")
        reply, push = await desk.put("1"), await desk.put("2", lane=Lane.DAILY)
        held = await desk.put("3")
        edit = await desk.put("4", "text", Lane.DAILY, operation="edit", target_id=target)
        in_flight = (reply, push, edit)

        def die(tx: Transaction) -> None:
            tx.run(f"UPDATE outbox SET state = 'sending' WHERE id IN ({reply}, {push}, {edit})")
            outbox.mark(tx, [Mark(held, "pending", held_until=10**15, retry_since=5)], 0)

        await desk.db.write(die)
        assert sorted(await desk.db.write(lambda tx: outbox.recover(tx, 5))) == sorted(in_flight)
        assert await desk.state(push) == "uncertain"
        await desk.work()
        assert [await desk.state(id) for id in (reply, held, edit, push)] == ["sent", "sent", "sent", "uncertain"]
        assert push not in desk.wire.rows


async def test_what_a_dropped_row_held_back_starts_at_once(tmp_path: Path) -> None:
    """Not at the next look for pushes, a second later."""
    async with open_desk(tmp_path, real_time=True) as desk:
        never_sent = await desk.put("2", not_before=desk.clock.now() + 10**9)
        await desk.work()
        dropped = await desk.put("1", None, operation="edit_keyboard", target_id=never_sent)
        reply = await desk.put("1")
        looks = desk.clock.asked
        desk.dispatcher.wake()
        await desk.until(lambda: reply in desk.wire.rows)
        assert await desk.state(dropped) == "cancelled"
        assert desk.clock.asked - looks <= 8

"""After *Tạm dừng*, *Dừng hẳn*, *Dừng tất cả* nothing begins any more: only what was on the wire goes through."""

import pytest

from bot.domain.lanes import Lane
from bot.storage import announcements
from bot.storage.database import Transaction
from tests.outbox.desk import Desk

PEOPLE = 400


async def announced(desk: Desk, id: int) -> None:
    """An announcement on its way to many people, none of whom is answered for yet."""

    def put(tx: Transaction) -> None:
        columns = "id, unit_name, speaker, title, body, created_at, valid_until, high_water, state, kind, reason"
        tx.run(
            f"INSERT INTO announcement ({columns}) VALUES (?, '', '', '', 'Họp.', 0, ?, 0, 'sending', 'task', '')",
            (id, desk.clock.now() + 9_000_000),
        )
        for number in range(PEOPLE):
            chat = f"{id}-{number}"
            address = tx.insert(
                "INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (?, ?, 0, 0)",
                (desk.account, chat),
            )
            tx.run(
                "INSERT INTO outbox (account_id, address_id, lane, queue, origin, created_at) VALUES (?, ?, ?, ?, ?, 0)",
                (desk.account, address, int(Lane.ANNOUNCEMENT), id, f"announcement:{id}"),
            )
            desk.wire.slow.add(chat)

    await desk.db.write(put)


@pytest.mark.parametrize(("state", "ids"), [("paused", [1]), ("stopping", [1]), ("stopping", [1, 2])])
async def test_nothing_begins_after_the_press(desk: Desk, state: str, ids: list[int]) -> None:
    """Two seconds and more later by the clock of rates, with every slot free again."""
    await announced(desk, 1)
    await announced(desk, 2)
    desk.start()
    await desk.look()
    await desk.until(lambda: len(desk.wire.on_wire) > 0)
    await desk.db.write(lambda tx: [announcements.move(tx, id, ("sending",), state) for id in ids])
    await desk.look()  # a claim that was committed before the press has started by now
    begun = [call.chat for call in desk.wire.calls if int(call.chat[0]) in ids]
    on_wire = [chat for chat in desk.wire.on_wire if int(chat[0]) in ids]
    assert len(begun) == len(on_wire)
    assert 0 < len(on_wire) < PEOPLE
    for chat in list(desk.wire.slow):
        desk.wire.let_go(chat)
    for _ in range(4):
        desk.forward(0.5)
        await desk.work()
    assert [call.chat for call in desk.wire.calls if int(call.chat[0]) in ids] == begun
    others = {1, 2} - set(ids)
    assert sum(int(call.chat[0]) in others for call in desk.wire.calls) == PEOPLE * len(others)

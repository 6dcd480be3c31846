"""No daily piece is claimed once the mode is solemn where it would go, however many wait."""

from bot.domain.lanes import Lane
from bot.storage import members, solemn, units
from bot.storage.database import Transaction
from tests.outbox.desk import Desk


async def test_no_daily_piece_is_claimed_after_the_press(desk: Desk) -> None:
    """Those inside are cancelled at the claim, those outside and everything else go; ended, they go again."""
    rows: dict[str, int] = {}
    for chat, unit in (("inside", 2), ("beside", 3), ("nowhere", None)):
        rows[chat] = await desk.put(chat, "piece", Lane.DAILY)
        rows[f"{chat} news"] = await desk.put(chat, "news", Lane.ANNOUNCEMENT)
        await settle(desk, chat, unit)
    await desk.db.write(lambda tx: solemn.start(tx, 1, "Lũ quét", 1, 0))
    await desk.work()
    assert {name: await desk.state(row) for name, row in rows.items()} == {
        "inside": "cancelled",
        "inside news": "sent",
        "beside": "sent",
        "beside news": "sent",
        "nowhere": "sent",
        "nowhere news": "sent",
    }
    milestone = await desk.put("inside", "step", Lane.MILESTONE)
    await desk.db.write(lambda tx: solemn.start(tx, None, "Quốc tang", 1, 0))
    everywhere = [milestone, *[await desk.put(chat, "piece", Lane.DAILY) for chat in ("beside", "nowhere")]]
    await desk.work()
    assert [await desk.state(row) for row in everywhere] == ["cancelled"] * 3
    for id in (1, 2):
        await desk.db.write(lambda tx, id=id: solemn.end(tx, id, 1, 0))  # type: ignore[misc]
    after = await desk.put("inside", "piece", Lane.DAILY)
    await desk.work()
    assert await desk.state(after) == "sent"


async def settle(desk: Desk, chat: str, unit: int | None) -> None:
    """A member behind a chat, in a unit of a small tree: 2 lies under 1, 3 beside it."""
    address = await desk.address(chat)

    def plant(tx: Transaction) -> None:
        for id, parent in ((1, None), (2, 1), (3, None)):
            assert units.put(tx, f"U{id}", parent, "upper", "A", None, None) == id
        member = members.create(tx, address, "2025-1", 0, 0, 0)
        members.set_fields(tx, member.id, unit_id=unit)

    await desk.db.write(plant)

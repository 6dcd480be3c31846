"""Channels whose plan allows only so much."""

from dataclasses import replace

from bot.channels.contract import Quota
from bot.storage import quota
from bot.storage.database import Row, Transaction
from tests.support.house import House

MAY = "2025-05"


async def allow(house: House, *, users: int = 0, messages: int = 0, counts_received: bool = True) -> None:
    """Let the house's first channel have this plan from now on."""
    plan = Quota(users, messages, counts_received)
    house.channel.capabilities = replace(house.channel.capabilities, quota=plan)
    await house.restart()


def account(house: House) -> int:
    """The first channel's account."""
    return house.running.accounts[house.channel.name]


async def spend(house: House, *, sent: int = 0, received: int = 0, month: str = MAY) -> None:
    """Let so many messages of a month have been used."""
    await house.running.db.write(lambda tx: quota.add(tx, account(house), month, sent=sent, received=received))


async def used(house: House, month: str = MAY) -> tuple[int, int]:
    """What was counted in a month: sent, received."""
    use = await house.running.db.read(lambda tx: quota.use(tx, account(house), month))
    return use.sent, use.received


async def waiting(house: House) -> list[tuple[str, bool]]:
    """The waiting list: (chat, whether they were told of a place)."""

    def read(tx: Transaction) -> list[Row]:
        return tx.all(
            "SELECT a.external_id, w.told_at IS NOT NULL FROM waiting w JOIN address a ON a.id = w.address_id"
            " ORDER BY w.since, w.address_id"
        )

    return [(chat, bool(told)) for chat, told in await house.running.db.read(read)]

"""Codes that join two phones: read on one, typed on the other."""

import re

from bot.storage.database import Transaction
from tests.support.house import House, Phone

CODE = re.compile(r"Mã: (\d{3} \d{3})")


async def code_on(phone: Phone, asked: str = "nối máy") -> str:
    """Ask for a code, and read it."""
    found = CODE.search(await phone.says(asked))
    assert found is not None
    return found[1]


async def links(house: House, first: Phone, second: Phone) -> None:
    """Make a second phone the same person's, without restarts, repeats or crashes."""
    variant, house.variant = house.variant, "plain"
    code = await code_on(first)
    house.clock.forward(minutes=1)
    await second.says(code)
    assert "Đã nối" in await second.says("đúng")
    house.variant = variant


async def owner(house: House, phone: Phone) -> int | None:
    """The member an address belongs to."""

    def read(tx: Transaction) -> int | None:
        id: int | None = tx.scalar(
            "SELECT a.member_id FROM address a JOIN account c ON c.id = a.account_id"
            " WHERE a.external_id = ? AND c.channel = ?",
            (phone.chat, phone.channel.name),
        )
        return id

    return await house.running.db.read(read)


async def value(house: House, sql: str, *values: object) -> object:
    """One value from the database."""
    return await house.running.db.read(lambda tx: tx.scalar(sql, values))

"""`seed`: invented Telegram members on a test installation."""

import asyncio
from typing import Final

from bot.cli.ground import open_database, read_federation, read_settings
from bot.cli.progress import progress
from bot.cli.words import give_up, phrase, tell
from bot.settings import Settings
from bot.storage import installation, seeding, units
from bot.storage.database import Transaction
from content.federation import Federation
from scheduler.clock import SystemClock

SLICE: Final = 500


def seed(members: int, unit_count: int, first_id: int) -> None:
    """Add members with the Telegram ids `first_id` and up, spread over `unit_count` units."""
    settings = read_settings()
    if not settings.token:
        give_up("seed.no_token")
    if settings.official:
        give_up("seed.official")
    asyncio.run(_seed(settings, read_federation(settings), members, unit_count, first_id))


async def _seed(settings: Settings, federation: Federation, members: int, unit_count: int, first_id: int) -> None:
    now = SystemClock().now()
    account = settings.token.partition(":")[0]
    added = 0
    async with open_database(settings, now) as db:
        account_id = await db.write(lambda tx: installation.account_id(tx, "telegram", account))
        unit_ids = await db.write(lambda tx: _plant(tx, federation, unit_count), bulk=True)
        with progress(phrase("seed.adding"), members) as advance:
            for start in range(first_id, first_id + members, SLICE):
                ids = [str(id) for id in range(start, min(start + SLICE, first_id + members))]

                def add(tx: Transaction, ids: list[str] = ids) -> int:
                    return seeding.add_members(tx, account_id, ids, unit_ids, federation.consent_version, now)

                added += await db.write(add, bulk=True)
                advance(len(ids))
    tell("seed.done", members=added, units=unit_count)


def _plant(tx: Transaction, federation: Federation, count: int) -> list[int]:
    """A root and `count` units under it, of the federation's highest and lowest kinds."""
    kinds = sorted(federation.unit_kinds, key=lambda kind: kind.level)
    root = units.put(tx, "TAI0", None, kinds[0].id, phrase("seed.root"), None, None)
    return [
        units.put(tx, f"TAI{number}", root, kinds[-1].id, phrase("seed.unit", number=number), None, None)
        for number in range(1, count + 1)
    ]

"""`migrate`: bring the database up to date without starting the bot."""

import asyncio

from bot.cli.ground import alone, finish_restore, read_settings
from bot.cli.words import give_up, tell
from bot.settings import Settings
from bot.storage.database import Database, DatabaseUnusable
from bot.storage.migrate import migrate
from scheduler.clock import SystemClock


def migrate_now() -> None:
    """Apply what is missing and say what it was."""
    settings = read_settings()
    with alone(settings.database):
        finish_restore(settings)
        asyncio.run(_migrate(settings))


async def _migrate(settings: Settings) -> None:
    try:
        db = await Database.open(settings.database)
        try:
            applied = await migrate(db, SystemClock().now())
        finally:
            await db.close()
    except DatabaseUnusable as unusable:
        give_up("start.database", detail=unusable)
    if applied:
        names = ", ".join(f"{m.version:04} {m.name}" for m in applied)
        tell("migrate.done", path=settings.database, names=names)
    else:
        tell("migrate.none", path=settings.database)

"""Uploaded files that nothing needs any more: fetched, given up, or their sender is erased."""

import asyncio
from typing import Final

import structlog

from bot.channels.webchat import WebChat
from bot.storage import webchat as rows
from bot.storage.database import Database

SWEEP_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


async def sweep_uploads(db: Database, channel: WebChat, account_id: int) -> None:
    """Delete, until cancelled, files found unneeded twice: between upload and turn nothing names a file yet."""
    idle: set[str] = set()
    while True:
        try:
            idle = await sweep(db, channel, account_id, idle)
        except Exception:  # storage or disk trouble: the files stay until the next round
            log.exception("uploads_not_swept")
        await asyncio.sleep(SWEEP_SECONDS)


async def sweep(db: Database, channel: WebChat, account_id: int, idle: set[str]) -> set[str]:
    """One round: deletes what is unneeded and was so in `idle`; returns what is unneeded now."""
    refs = await asyncio.to_thread(channel.uploads.refs)
    unneeded = {
        ref
        for ref in refs
        if not await db.read(lambda tx, ref=ref: rows.needed(tx, account_id, ref))  # type: ignore[misc]
    }
    for ref in unneeded & idle:
        await asyncio.to_thread(channel.uploads.drop, ref)
    return unneeded - idle

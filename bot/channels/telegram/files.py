"""Fetching what people sent, within a limit."""

from typing import Final

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.contract import Refusal
from bot.channels.telegram.transport import Transport

MAX_DOWNLOAD: Final = 20 * 1024 * 1024
_DOWNLOAD_SECONDS: Final = 120.0


async def fetch(bot: Bot, transport: Transport, ref: str, limit: int) -> bytes | Refusal:
    """The file behind the file_id `ref`, unless it is over `limit` bytes, gone, or out of reach for now."""
    try:
        file = await bot.get_file(ref)
        if not file.file_path:
            return Refusal.TOO_BIG
        if (file.file_size or 0) > limit:
            return Refusal.TOO_BIG
        status, content = await transport.download(file.file_path, limit, _DOWNLOAD_SECONDS)
    except BadRequest as refused:
        return _refusal(refused.message.casefold())
    except TelegramError:
        return Refusal.TRY_LATER
    if status == 200:
        return content if len(content) <= limit else Refusal.TOO_BIG
    return Refusal.GONE if status == 404 else Refusal.TRY_LATER


def _refusal(description: str) -> Refusal:
    if "file is too big" in description:
        return Refusal.TOO_BIG
    return Refusal.TRY_LATER if "temporarily unavailable" in description else Refusal.GONE

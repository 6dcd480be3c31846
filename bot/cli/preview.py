"""`preview`: everything the bot says, as each channel shows it, on a page of this machine."""

import asyncio
import socket

from bot import logging
from bot.channels.webchat import WebChat
from bot.channels.zalo_bot import Quirks
from bot.cli.ground import read_federation, read_settings, until_told
from bot.cli.words import give_up, tell
from bot.preview import HOST, UNREADABLE, Studio, serve_preview
from bot.settings import Settings
from bot.web.listening import AddressInUse, listen
from content.checks import check_templates, findings_report
from content.texts import Texts
from scheduler.clock import SystemClock


def preview(port: int) -> None:
    """Serve the preview until SIGTERM or SIGINT."""
    settings = read_settings()
    logging.configure(settings.log_level, settings.log_format, settings.secrets)
    if not settings.content_pack.is_dir():
        give_up("check_content.missing", path=settings.content_pack)
    broken = check_templates()
    if broken:
        give_up("preview.texts", detail=findings_report(broken))
    try:
        Texts({})
    except UNREADABLE as error:
        give_up("preview.texts", detail=error)
    studio = studio_of(settings)
    try:
        listening = listen(HOST, port)
    except AddressInUse as error:
        give_up("preview.port", host=HOST, port=port, detail=error.__cause__)
    with listening:
        asyncio.run(_preview(studio, listening))


def studio_of(settings: Settings) -> Studio:
    """What the settings make of it: their pack, federation and Zalo's limits."""
    with logging.LibrariesHidden():
        from bot.channels.telegram import TelegramChannel

    zalo = Quirks(max_text=settings.zalo_max_text).capabilities
    return Studio(
        settings.content_pack.resolve(),
        settings.data_dir,
        read_federation(settings),
        settings.zone,
        SystemClock(),
        {"telegram": TelegramChannel.capabilities, "zalo_bot": zalo, "webchat": WebChat.capabilities},
        settings.zalo_styles == "on",
        settings.public_url,
    )


async def _preview(studio: Studio, listening: socket.socket) -> None:
    def ready(url: str) -> None:
        tell("preview.ready", url=url)

    serving = asyncio.create_task(serve_preview(studio, listening, ready))
    until_told(serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return

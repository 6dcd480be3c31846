"""From settings to the plan of an application."""

import sys

import structlog

from bot import logging
from bot.app import Line, Plan
from bot.channels.contract import Channel
from bot.cli.ground import read_federation
from bot.cli.words import give_up
from bot.domain.time import Clock
from bot.settings import Settings
from content.loader import BrokenPack, load_or_last_good
from content.models import Pack

log = structlog.get_logger(__name__)


def read_plan(settings: Settings, clock: Clock) -> Plan:
    """What the settings ask for; ends the process with one sentence when a file of it is broken."""
    return Plan(
        settings.database,
        settings.data_dir,
        clock,
        read_federation(settings),
        read_pack(settings),
        settings.zone,
        lines(settings),
        settings.admins,
    )


def read_pack(settings: Settings) -> Pack:
    """The content pack, or the last good one with a loud warning; ends the process when there is neither."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        loaded = load_or_last_good(settings.content_pack, settings.data_dir)
    except BrokenPack as broken:
        give_up("start.pack", path=settings.content_pack, detail=broken)
    except OSError as error:
        give_up("start.disk", path=settings.data_dir, detail=error.strerror)
    if loaded.warning:
        sys.stderr.write(f"{loaded.warning}\n")
        log.critical("pack_broken", used=loaded.pack.revision)
    return loaded.pack


def lines(settings: Settings) -> list[Line]:
    """Every channel the settings ask for; a library is imported only for a channel in use."""
    found = []
    if settings.token:
        found.append(Line(_telegram(settings), settings.telegram_rate, settings.telegram_chat_rate))
    if settings.web_chat == "on":
        from bot.channels.webchat import Uploads, WebChat

        link = f"{settings.public_url}/chat" if settings.public_url else ""
        found.append(Line(WebChat(Uploads(settings.data_dir / "uploads"), link), 0, 0))
    return found


def _telegram(settings: Settings) -> Channel:
    with logging.LibrariesHidden():
        from bot.channels.telegram import TelegramChannel

    if settings.telegram_mode == "polling":
        return TelegramChannel(settings.token, settings.telegram_api_url, "polling")
    from bot.web.webhooks import telegram_path

    secret = settings.webhook_secret.get_secret_value()
    address = settings.public_url + telegram_path(secret)
    return TelegramChannel(settings.token, settings.telegram_api_url, "webhook", address, secret)

"""From settings to the plan of an application."""

import sys
from typing import Final

import structlog

from bot import logging
from bot.app import Line, Plan
from bot.channels.contract import Channel
from bot.cli.ground import read_federation
from bot.cli.words import give_up, phrase
from bot.domain.time import Clock, civil_date
from bot.settings import Settings
from content.loader import BrokenPack, Loaded, load_or_last_good

log = structlog.get_logger(__name__)

ZALO_CHAT_RATE: Final = 1.0
"""Sends a second to one chat. Zalo publishes no limit; this is what people can read."""


def read_plan(settings: Settings, clock: Clock) -> Plan:
    """What the settings ask for; ends the process with one sentence when a file of it is broken."""
    federation, chosen = read_federation(settings), read_pack(settings)
    return Plan(
        settings.database,
        settings.data_dir,
        clock,
        federation,
        chosen.pack,
        settings.zone,
        lines(settings),
        settings.admins,
        settings.public_url,
        backup_keep_days=settings.backup_keep_days,
        chosen=chosen,
        content_pack=settings.content_pack,
    )


def read_pack(settings: Settings) -> Loaded:
    """The pack to be sent, with a loud warning when it is not what the files say; ends the process without one."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        loaded = load_or_last_good(settings.content_pack, settings.data_dir)
    except BrokenPack as broken:
        give_up("start.pack", path=settings.content_pack, detail=broken)
    except OSError as error:
        give_up("start.disk", path=settings.data_dir, detail=error.strerror)
    if loaded.approved is not None and loaded.files != loaded.pack.revision:
        sys.stderr.write(phrase("start.approved", what=sending(settings, loaded)) + "\n")
        log.warning("pack_not_approved", used=loaded.pack.revision, files=loaded.files)
    elif loaded.warning:
        sys.stderr.write(f"{loaded.warning}\n")
        log.critical("pack_broken", used=loaded.pack.revision)
    return loaded


def sending(settings: Settings, loaded: Loaded) -> str:
    """Which approved pack is sent, by whom and when it was approved, and what the files say otherwise."""
    assert loaded.approved is not None
    day = civil_date(loaded.approved.at, settings.zone).strftime("%d/%m/%Y")
    said = phrase("sign_off.sending", day=day, by=loaded.approved.by)
    if loaded.files == loaded.pack.revision:
        return said
    files = "sign_off.files_broken" if loaded.warning else "sign_off.files_changed"
    return f"{said}; {phrase(files, count=len(loaded.changed))}"


def lines(settings: Settings) -> list[Line]:
    """Every channel the settings ask for; a library is imported only for a channel in use."""
    found = []
    if settings.token:
        found.append(Line(_telegram(settings), settings.telegram_rate, settings.telegram_chat_rate))
    if settings.zalo_token:
        found.append(Line(_zalo(settings), settings.zalo_rate, min(ZALO_CHAT_RATE, settings.zalo_rate)))
    if settings.web_chat == "on":
        from bot.channels.webchat import Uploads, WebChat

        link = f"{settings.public_url}/chat" if settings.public_url else ""
        found.append(Line(WebChat(Uploads(settings.data_dir / "uploads"), link), 0, 0))
    return found


def _telegram(settings: Settings) -> Channel:
    with logging.LibrariesHidden():
        from bot.channels.telegram import TelegramChannel

    address, secret = webhook(settings, "telegram")
    return TelegramChannel(settings.token, settings.telegram_api_url, settings.telegram_mode, address, secret)


def _zalo(settings: Settings) -> Channel:
    from bot.channels.zalo_bot import Quirks, ZaloBotChannel

    address, secret = webhook(settings, "zalo_bot")
    return ZaloBotChannel(
        settings.zalo_token,
        settings.zalo_api_url,
        settings.zalo_mode,
        webhook_url=address,
        webhook_secret=secret,
        link=settings.zalo_link,
        quirks=Quirks(
            max_text=settings.zalo_max_text,
            styles=settings.zalo_styles == "on",
            poll_floor=settings.zalo_poll_floor,
            throttle_seconds=settings.zalo_throttle_seconds,
            unreachable=settings.zalo_unreachable,
            quota_users=settings.zalo_quota_users,
            quota_messages=settings.zalo_quota_messages,
            quota_counts_received=settings.zalo_quota_counts == "both",
        ),
    )


def webhook(settings: Settings, channel: str) -> tuple[str, str]:
    """Where a channel's platform is to push to, and the secret between us; "" both for one that is asked."""
    secret = settings.webhook_secrets.get(channel, "")
    if not secret:
        return "", ""
    from bot.web.webhooks import webhook_path

    return settings.public_url + webhook_path(channel, secret), secret

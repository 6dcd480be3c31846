"""`doctor`: what the bot needs, one line each: ✔, or ✘ (⚠ where it works without) and the remedy."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit

from bot import logging
from bot.channels.contract import ChannelUnusable, TokenRefused
from bot.cli.ground import settings_report
from bot.cli.plan import webhook
from bot.cli.words import FAILED, phrase, tell
from bot.domain.time import civil_date
from bot.services import pack_updates
from bot.services.quota import is_near
from bot.settings import Settings, SettingsWrong
from bot.storage import diagnosis, pack_approvals, quota
from bot.storage.database import Database, DatabaseUnusable, Transaction
from content.checks import check_pack
from content.federation import BrokenFederation, load_federation
from scheduler.clock import SystemClock

MEGABYTE: Final = 1024 * 1024
FREE_MEGABYTES: Final = 500
DRIFT_SECONDS: Final = 30
PLACEHOLDER: Final = "("
"""What the sample's contact begins with until a person fills it in."""


class Trouble(Exception):
    """A check failed; `str()` is what was found. `remedy` names the sentence, when it is not the check's own.

    What is not `serious` keeps nothing from running.
    """

    def __init__(self, found: str, remedy: str = "", *, serious: bool = True) -> None:
        super().__init__(found)
        self.remedy = remedy
        self.serious = serious


T = TypeVar("T")
Check = Callable[[Settings], Awaitable[str]]


def doctor() -> None:
    """Check everything and say so; ends the process with status 1 when something is wrong."""
    logging.configure("error", "console")
    try:
        settings = Settings.read()
    except SettingsWrong as wrong:
        print(settings_report(wrong))  # noqa: T201
        raise SystemExit(FAILED) from None
    _good("settings", phrase("doctor.details.settings"))
    found = asyncio.run(_examine(settings))
    serious = sum(trouble.serious for trouble in found)
    if serious:
        tell("doctor.some_bad", count=serious)
        raise SystemExit(FAILED)
    tell("doctor.some_doubtful" if found else "doctor.all_good")


async def _examine(settings: Settings) -> list[Trouble]:
    found = []
    for name, check in _checks(settings).items():
        try:
            _good(name, await check(settings))
        except Trouble as trouble:
            found.append(trouble)
            remedy = phrase(f"doctor.remedies.{trouble.remedy or name}")
            line = "doctor.bad" if trouble.serious else "doctor.doubtful"
            tell(line, name=phrase(f"doctor.names.{name}"), detail=trouble, remedy=remedy)
    return found


def _checks(settings: Settings) -> dict[str, Check]:
    """What is to be looked at, of the channels those in use."""
    checks: dict[str, Check] = {"federation": _federation, "channels": _channels}
    if settings.token:
        checks |= {"token": _token, "address": _address}
    if settings.zalo_token:
        checks |= {"zalo": _zalo, "zalo_webhook": _zalo_webhook, "zalo_quota": _zalo_quota, "public_url": _public_url}
    return checks | {"clock": _clock, "disk": _disk, "database": _database, "content": _content, "approval": _approval}


def _good(name: str, detail: str) -> None:
    tell("doctor.good", name=phrase(f"doctor.names.{name}"), detail=detail)


async def _federation(settings: Settings) -> str:
    try:
        federation = load_federation(settings.federation_file)
    except BrokenFederation as broken:
        raise Trouble(str(broken)) from None
    contact = federation.contact
    if any(value.startswith(PLACEHOLDER) for value in (contact.name, contact.title, contact.phone)):
        found = phrase("doctor.details.placeholders", path=settings.federation_file)
        raise Trouble(found, "placeholders")
    return phrase("doctor.details.federation", name=federation.name)


async def _channels(settings: Settings) -> str:
    used = {"Telegram": settings.token, "Zalo": settings.zalo_token, "Web": settings.web_chat == "on"}
    if not any(used.values()):
        raise Trouble(phrase("doctor.details.channels_none"))
    return ", ".join(name for name, is_used in used.items() if is_used)


async def _token(settings: Settings) -> str:
    with logging.LibrariesHidden():
        from bot.channels.telegram import TelegramChannel

    channel = TelegramChannel(settings.token, settings.telegram_api_url, "polling")
    try:
        await channel.open()
        return phrase("doctor.details.token", username=channel.username)
    except ChannelUnusable as unusable:
        raise Trouble(str(unusable)) from None
    finally:
        await channel.close()


async def _address(settings: Settings) -> str:
    if await _server_time(settings.telegram_api_url) is None:
        raise Trouble(settings.telegram_api_url)
    return phrase("doctor.details.address", url=settings.telegram_api_url)


async def _zalo(settings: Settings) -> str:
    from bot.channels.zalo_bot import ZaloBotChannel

    channel = ZaloBotChannel(settings.zalo_token, settings.zalo_api_url, "polling")
    try:
        await channel.open()
    except ChannelUnusable as unusable:
        raise Trouble(str(unusable), "" if isinstance(unusable, TokenRefused) else "zalo_address") from None
    finally:
        await channel.close()
    return phrase("doctor.details.zalo", url=settings.zalo_api_url)


async def _zalo_webhook(settings: Settings) -> str:
    """Only its host is shown: nobody is to guess the rest."""
    there, ours = await _zalo_webhook_url(settings), webhook(settings, "zalo_bot")[0]
    host = urlsplit(there).netloc
    if not there:
        return phrase(f"doctor.details.zalo_webhook_none_{settings.zalo_mode}")
    if there != ours:
        raise Trouble(phrase("doctor.details.zalo_webhook_other", host=host), serious=False)
    return phrase("doctor.details.zalo_webhook", host=host)


async def _zalo_webhook_url(settings: Settings) -> str:
    """Where Zalo pushes to; "" for nowhere, which it answers with "not found"."""
    from bot.channels.http import HttpClient, NoAnswer, NotWritten
    from bot.channels.zalo_bot.api import NOT_FOUND, Api

    http = HttpClient(1)
    http.open()
    try:
        answer = await Api(http, settings.zalo_api_url, settings.zalo_token).call("getWebhookInfo", {})
    except (NotWritten, NoAnswer) as error:
        raise Trouble(str(error), "zalo_address") from None
    finally:
        await http.close()
    if answer.ok and isinstance(answer.result, dict):
        return str(answer.result.get("url") or "")
    if answer.code == NOT_FOUND:
        return ""
    raise Trouble(answer.told, "zalo")


async def _zalo_quota(settings: Settings) -> str:
    """By our own count, for Zalo tells none: 0 without a database that has counted. Nearly used is doubtful."""
    month = f"{civil_date(SystemClock().now(), settings.zone):%Y-%m}"

    def used(tx: Transaction) -> quota.Use:
        accounts = [id for id, channel in quota.channels(tx).items() if channel == "zalo_bot"]
        return quota.use(tx, max(accounts, default=0), month)

    try:
        use = await _read(settings, used) if settings.database.exists() else quota.Use(0, 0, False)
    except (DatabaseUnusable, sqlite3.Error):  # told by the database's own line, or of an older version
        use = quota.Use(0, 0, False)
    most = settings.zalo_quota_messages
    limit = most or phrase("doctor.details.no_limit")
    found = phrase("doctor.details.zalo_quota", sent=use.sent, received=use.received, limit=limit)
    counted = use.sent + (use.received if settings.zalo_quota_counts == "both" else 0)
    if is_near(counted, most):
        raise Trouble(found, serious=False)
    return found


async def _public_url(settings: Settings) -> str:
    if not settings.public_url:
        raise Trouble(phrase("doctor.details.public_url_none"), serious=False)
    return settings.public_url


async def _clock(settings: Settings) -> str:
    ours = SystemClock().now()
    platform = settings.telegram_api_url if settings.token else settings.zalo_api_url if settings.zalo_token else ""
    theirs = await _server_time(platform) if platform else None
    if theirs is None:
        return phrase("doctor.details.clock_local", today=civil_date(ours, settings.zone).strftime("%d/%m/%Y"))
    seconds = abs(ours - theirs) // 1000
    found = phrase("doctor.details.clock", seconds=seconds, host=urlsplit(platform).hostname)
    if seconds > DRIFT_SECONDS:
        raise Trouble(found)
    return found


async def _server_time(api_url: str) -> int | None:
    from bot.channels.telegram.server_time import server_time

    return await server_time(api_url)


async def _disk(settings: Settings) -> str:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir) as trial:
            trial.write(b"x")
        free = shutil.disk_usage(settings.data_dir).free // MEGABYTE
    except OSError as error:
        raise Trouble(f"{settings.data_dir}: {error.strerror}") from None
    found = phrase("doctor.details.disk", free=free, path=settings.data_dir)
    if free < FREE_MEGABYTES:
        raise Trouble(found)
    return found


async def _database(settings: Settings) -> str:
    path = settings.database
    if not path.exists():
        return phrase("doctor.details.database_new", path=path)
    try:
        faults = await _read(settings, diagnosis.faults)
    except DatabaseUnusable as unusable:
        raise Trouble(str(unusable)) from None
    if faults:
        raise Trouble(f"{path}: {faults[0]}")
    return phrase("doctor.details.database", path=path, size=path.stat().st_size // MEGABYTE)


async def _read(settings: Settings, look: Callable[[Transaction], T]) -> T:
    db = await Database.open(settings.database)
    try:
        return await db.read(look)
    finally:
        await db.close()


async def _content(settings: Settings) -> str:
    if not settings.content_pack.is_dir():
        raise Trouble(phrase("check_content.missing", path=settings.content_pack))
    findings = check_pack(settings.content_pack)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        detail = f"{errors[0].file}:{errors[0].line} {errors[0].message_vi}"
        used = await _used(settings)
        raise Trouble(phrase("doctor.details.content_refused", detail=detail, revision=used) if used else detail)
    from content.loader import load_pack

    pack = load_pack(settings.content_pack)
    if civil_date(SystemClock().now(), settings.zone).year > pack.year:
        found = phrase("doctor.details.pack_year", year=pack.year)
        raise Trouble(found, "pack_year", serious=False)
    cards, questions, used = len(pack.cards), len(pack.questions), await _used(settings)
    found = phrase("doctor.details.content", cards=cards, questions=questions, revision=pack.revision)
    if used not in ("", pack.revision):
        found += phrase("doctor.details.content_running", revision=used)
    return found


async def _used(settings: Settings) -> str:
    """The revision of the content that the bot used last, "" where it never ran, or that cannot be read."""
    try:
        return await _read(settings, pack_updates.in_use) if settings.database.exists() else ""
    except (DatabaseUnusable, sqlite3.Error):
        return ""


async def _approval(settings: Settings) -> str:
    """By the marks of the kept copies, and by what the database has of them."""
    from bot.cli.plan import sending
    from content.files import read_pack_files
    from content.loader import beside_approved

    loaded = beside_approved(read_pack_files(settings.content_pack), settings.data_dir)
    try:
        recorded = await _read(settings, pack_approvals.latest) if settings.database.exists() else ""
    except (DatabaseUnusable, sqlite3.Error):  # told by the database's own line, or of an older version
        recorded = ""
    if recorded and (loaded is None or loaded.approved is None or loaded.approved.copy != recorded):
        path = settings.data_dir / "packs" / recorded
        raise Trouble(phrase("doctor.details.approval_lost", path=path), "approval_lost")
    if loaded is None:
        return phrase("doctor.details.approval_none")
    if loaded.files != loaded.pack.revision:
        raise Trouble(sending(settings, loaded), serious=False)
    return sending(settings, loaded)

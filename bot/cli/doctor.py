"""`doctor`: what the bot needs, one line each: ✔, or ✘ and the remedy."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from typing import Final

from bot import logging
from bot.channels.contract import ChannelUnusable
from bot.cli.ground import settings_report
from bot.cli.words import FAILED, phrase, tell
from bot.domain.time import civil_date
from bot.settings import Settings, SettingsWrong
from bot.storage import diagnosis
from bot.storage.database import Database, DatabaseUnusable
from content.checks import check_pack
from content.federation import BrokenFederation, load_federation
from scheduler.clock import SystemClock

MEGABYTE: Final = 1024 * 1024
FREE_MEGABYTES: Final = 500
DRIFT_SECONDS: Final = 30
PLACEHOLDER: Final = "("
"""What the sample's contact begins with until a person fills it in."""


class Trouble(Exception):
    """A check failed; `str()` is what was found. `remedy` names the sentence, when it is not the check's own."""

    def __init__(self, found: str, remedy: str = "") -> None:
        super().__init__(found)
        self.remedy = remedy


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
    bad = asyncio.run(_examine(settings))
    if bad:
        tell("doctor.some_bad", count=bad)
        raise SystemExit(FAILED)
    tell("doctor.all_good")


async def _examine(settings: Settings) -> int:
    checks: dict[str, Check] = {
        "federation": _federation,
        "token": _token,
        "address": _address,
        "clock": _clock,
        "disk": _disk,
        "database": _database,
        "content": _content,
    }
    bad = 0
    for name, check in checks.items():
        try:
            _good(name, await check(settings))
        except Trouble as trouble:
            bad += 1
            remedy = phrase(f"doctor.remedies.{trouble.remedy or name}")
            tell("doctor.bad", name=phrase(f"doctor.names.{name}"), detail=trouble, remedy=remedy)
    return bad


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


async def _token(settings: Settings) -> str:
    if not settings.token:
        return phrase("doctor.details.token_none")
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
    if not settings.token:
        return phrase("doctor.details.token_none")
    if await _server_time(settings) is None:
        raise Trouble(settings.telegram_api_url)
    return phrase("doctor.details.address", url=settings.telegram_api_url)


async def _clock(settings: Settings) -> str:
    ours = SystemClock().now()
    theirs = await _server_time(settings) if settings.token else None
    if theirs is None:
        return phrase("doctor.details.clock_local", today=civil_date(ours, settings.zone).strftime("%d/%m/%Y"))
    seconds = abs(ours - theirs) // 1000
    found = phrase("doctor.details.clock", seconds=seconds)
    if seconds > DRIFT_SECONDS:
        raise Trouble(found)
    return found


async def _server_time(settings: Settings) -> int | None:
    from bot.channels.telegram.server_time import server_time

    return await server_time(settings.telegram_api_url)


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
        db = await Database.open(path)
        try:
            faults = await db.read(diagnosis.faults)
        finally:
            await db.close()
    except DatabaseUnusable as unusable:
        raise Trouble(str(unusable)) from None
    if faults:
        raise Trouble(f"{path}: {faults[0]}")
    return phrase("doctor.details.database", path=path, size=path.stat().st_size // MEGABYTE)


async def _content(settings: Settings) -> str:
    if not settings.content_pack.is_dir():
        raise Trouble(phrase("check_content.missing", path=settings.content_pack))
    findings = check_pack(settings.content_pack)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise Trouble(f"{errors[0].file}:{errors[0].line} {errors[0].message_vi}")
    from content.loader import load_pack

    pack = load_pack(settings.content_pack)
    return phrase("doctor.details.content", cards=len(pack.cards), questions=len(pack.questions))

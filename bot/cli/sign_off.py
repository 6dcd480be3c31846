"""`sign-off`: what a leader approves is printed, the approval is recorded, and what changed since is shown."""

import asyncio
from datetime import datetime
from typing import Final

from bot.cli.ground import open_database, read_settings
from bot.cli.words import give_up, phrase, tell, words
from bot.services import pack_approval
from bot.settings import Settings
from content import approval
from content.files import PackFiles, read_pack_files
from content.loader import BrokenPack, good_pack, keep
from content.models import Pack
from scheduler.clock import SystemClock

BY_LONGEST: Final = 120


def record(by: str, *, confirmed: bool) -> None:
    """Record that the files as they are were approved; from then on they are what is sent."""
    settings = read_settings()
    given_by = " ".join(by.split())
    if not given_by or len(given_by) > BY_LONGEST:
        give_up("sign_off.no_by", limit=BY_LONGEST)
    files, pack = read_good(settings)
    latest = approval.latest(settings.data_dir / "packs")
    if latest is not None and latest.revision == pack.revision:
        tell("sign_off.again", revision=pack.revision, day=_day(settings, latest.at), by=latest.by)
        return
    tell("sign_off.about", revision=pack.revision, cards=len(pack.cards), questions=len(pack.questions), by=given_by)
    if not confirmed and not _agreed():
        tell("sign_off.stopped")
        return
    asyncio.run(_record(settings, files, given_by))
    tell("sign_off.approved", revision=pack.revision)


def read_good(settings: Settings) -> tuple[PackFiles, Pack]:
    """The files of the pack and what they hold; ends the process when they are missing or broken."""
    if not settings.content_pack.is_dir():
        give_up("check_content.missing", path=settings.content_pack)
    files = read_pack_files(settings.content_pack)
    try:
        return files, good_pack(files)
    except BrokenPack as broken:
        errors = sum(finding.severity == "error" for finding in broken.findings)
        give_up("sign_off.broken", path=settings.content_pack, count=errors)


async def _record(settings: Settings, files: PackFiles, by: str) -> None:
    """The copy lies there before the record names it, and is marked, which puts it to use, last."""
    now = SystemClock().now()
    try:
        copy = keep(files, settings.data_dir)
        async with open_database(settings, now) as db:
            await db.write(lambda tx: pack_approval.record(tx, copy.name, by, now))
        approval.mark(copy, by, now)
    except OSError as error:
        give_up("start.disk", path=settings.data_dir, detail=error.strerror)


def _day(settings: Settings, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, settings.zone):%d/%m/%Y}"


def _agreed() -> bool:
    try:
        answer = input(phrase("sign_off.confirm"))
    except EOFError:
        return False
    return answer.strip().casefold() in words()["sign_off"]["accept"]

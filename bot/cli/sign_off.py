"""`sign-off`: what a leader approves is printed, the approval is recorded, and what changed since is shown."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from bot.app import Plan, install
from bot.cli.ground import open_database, read_federation, read_settings
from bot.cli.progress import progress
from bot.cli.words import give_up, phrase, tell, words
from bot.domain.time import civil_date
from bot.services import booklet, pack_approval, pack_updates
from bot.services.turn import Turn
from bot.settings import Settings
from bot.vietnamese import parse_date
from content import approval, printing
from content.files import PackFiles, read_pack_files
from content.loader import BrokenPack, beside_approved, copies_in, good_pack, keep
from content.models import Pack
from content.printing.signing import Booklet, ChangePage
from scheduler.clock import SystemClock

T = TypeVar("T")

BY_LONGEST: Final = 120
DAYS_AT_MOST: Final = 92
STEPS: Final = 3
"""Of printing: the pack is read and checked, put together, set."""


def make(first: str, days: int, to: Path | None) -> None:
    """Write the booklet of `days` days from `first` (a date as typed, "" for today) as a PDF."""
    settings = read_settings()
    today = civil_date(SystemClock().now(), settings.zone)
    begin = _date(first, today) if first else today
    if begin is None:
        give_up("sign_off.date", given=first)
    if not 1 <= days <= DAYS_AT_MOST:
        give_up("sign_off.days", given=days, most=DAYS_AT_MOST)
    path = to or Path(phrase("sign_off.file", first=begin))
    with progress(phrase("sign_off.making"), STEPS) as advance:
        files, pack = read_good(settings)
        advance(1)

        def gather(turn: Turn) -> Booklet:
            given = beside_approved(files, settings.data_dir)
            approved = given.approved if given is not None else None
            changed = given.changed if given is not None else ()
            since = booklet.since(turn, approved, changed) if approved is not None else None
            return booklet.booklet(turn, [begin + timedelta(day) for day in range(days)], since)

        content = asyncio.run(_with_turn(settings, pack, gather))
        advance(1)
        _write(path, printing.booklet(content))
        advance(1)
    tell("sign_off.made", path=path, revision=pack.revision, cards=len(pack.cards), questions=len(pack.questions))


def show_changes(to: Path | None) -> None:
    """Say what changed since the last approval, or write it as a PDF."""
    settings = read_settings()
    files, pack = read_good(settings)
    given = beside_approved(files, settings.data_dir)
    if given is None or given.approved is None:
        give_up("sign_off.none_approved")
    approved, changed = given.approved, given.changed

    def gather(turn: Turn) -> ChangePage:
        return booklet.change_page(turn, pack, booklet.since(turn, approved, changed))

    page = asyncio.run(_with_turn(settings, pack, gather))
    if to is not None:
        _write(to, printing.changed(page))
        tell("sign_off.changes_made", path=to, count=len(changed))
        return
    tell(
        "sign_off.changes" if changed else "sign_off.no_changes", count=len(changed), day=page.since.day, by=approved.by
    )
    for change in page.since.changes:
        tell("sign_off.change", **asdict(change))
        for part in change.fields:
            sort = "change_field" if part.old and part.new else "new_field" if part.new else "old_field"
            tell(f"sign_off.{sort}", label=part.label, old=_inside(part.old), new=_inside(part.new))


def refuse_together() -> NoReturn:
    """End the process because what was asked for does not go together."""
    give_up("sign_off.one_of")


def record(by: str, *, confirmed: bool) -> None:
    """Record that the files as they are were approved; from then on they are what is sent."""
    settings = read_settings()
    given_by = " ".join(by.split())
    if not given_by or len(given_by) > BY_LONGEST:
        give_up("sign_off.no_by", limit=BY_LONGEST)
    files, pack = read_good(settings)
    latest = approval.latest(copies_in(settings.data_dir))
    if latest is not None and latest.revision == pack.revision:
        tell("sign_off.again", revision=pack.revision, day=_day(settings, latest.at), by=latest.by)
        return
    tell("sign_off.about", revision=pack.revision, cards=len(pack.cards), questions=len(pack.questions), by=given_by)
    given = beside_approved(files, settings.data_dir)
    if given is not None:
        tell("sign_off.since", count=len(given.changed))
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
    """The copy lies there before the record names it; its mark puts it to use, at once where the bot runs."""
    before = approval.latest(copies_in(settings.data_dir))
    # After the last one, though the machine's clock was put back.
    now = max(SystemClock().now(), before.at + 1 if before is not None else 0)
    try:
        copy = keep(files, settings.data_dir)
        async with open_database(settings, now) as db:
            await db.write(lambda tx: pack_approval.record(tx, copy.name, by, now))
            approval.mark(copy, by, now)
            await db.write(pack_updates.look_again)
    except OSError as error:
        give_up("start.disk", path=settings.data_dir, detail=error.strerror)


async def _with_turn(settings: Settings, pack: Pack, gather: Callable[[Turn], T]) -> T:
    clock = SystemClock()
    plan = Plan(settings.database, settings.data_dir, clock, read_federation(settings), pack, settings.zone, ())
    async with open_database(settings, clock.now()) as db:
        installation, _ = await install(plan, db)
        return await db.read(lambda tx: gather(Turn(tx, installation, clock.now(), "console")))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        give_up("sign_off.unwritable", path=path, detail=error.strerror)


def _inside(said: str) -> str:
    """A text of several lines below the first one."""
    return said.replace("\n", "\n        ")


def _date(typed: str, today: date) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(typed.strip())
    return parse_date(typed, today)


def _day(settings: Settings, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, settings.zone):%d/%m/%Y}"


def _agreed() -> bool:
    try:
        answer = input(phrase("sign_off.confirm"))
    except EOFError:
        return False
    return answer.strip().casefold() in words()["sign_off"]["accept"]

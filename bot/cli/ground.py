"""What every command stands on: settings, the federation, the database; each failure one sentence with its remedy."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from bot.cli.lock import Locked, only_process
from bot.cli.words import FAILED, give_up, phrase, words
from bot.services import restoring
from bot.settings import Settings, SettingsWrong
from bot.storage.database import Database, DatabaseUnusable
from bot.storage.migrate import migrate
from content.federation import BrokenFederation, Federation, load_federation


def settings_report(wrong: SettingsWrong) -> str:
    """Every problem with the settings, on one screen."""
    sentences = words()["settings"]
    lines = [phrase("settings.wrong", count=len(wrong.problems))]
    for name, reason in wrong.problems.items():
        general = sentences["general"]
        remedy = sentences["reasons"].get(reason) or general.get(name, general["other"])
        lines.append(phrase("settings.line", name=name, remedy=remedy))
    return "\n".join(lines)


def read_settings() -> Settings:
    """The settings; ends the process when they are wrong."""
    try:
        return Settings.read()
    except SettingsWrong as wrong:
        sys.stderr.write(settings_report(wrong) + "\n")
        raise SystemExit(FAILED) from None


def read_federation(settings: Settings) -> Federation:
    """The federation's data; ends the process when the file is broken."""
    try:
        return load_federation(settings.federation_file)
    except BrokenFederation as broken:
        give_up("start.federation", detail=broken)


@asynccontextmanager
async def open_database(settings: Settings, now: int) -> AsyncIterator[Database]:
    """The database, migrated; ends the process when it cannot be used."""
    if restoring.is_unfinished(settings.data_dir):
        give_up("restore.unfinished")
    try:
        db = await Database.open(settings.database)
        try:
            await migrate(db, now)
            yield db
        finally:
            await db.close()
    except DatabaseUnusable as unusable:
        give_up("start.database", detail=unusable)


def finish_restore(settings: Settings) -> None:
    """Under `alone`: lead a restore that was cut off to its end; ends the process when the disk refuses."""
    try:
        restoring.finish(settings.database, settings.data_dir)
    except OSError as error:
        give_up("restore.disk", path=settings.data_dir, detail=error.strerror)


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Be the only process on the database; ends this one when another was there first, or the disk refuses."""
    try:
        with only_process(database):
            yield
    except Locked as locked:
        give_up("start.locked", path=locked)
    except OSError as error:
        give_up("start.disk", path=database.parent, detail=error.strerror)


def until_told(stop: Callable[[], object]) -> None:
    """Call `stop` on SIGTERM and SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)

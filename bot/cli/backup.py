"""`backup [DIR]`: a copy of the database and of every file it names, while the bot runs."""

import sqlite3
from pathlib import Path

from bot.cli.ground import read_settings
from bot.cli.progress import progress
from bot.cli.words import FAILED, give_up, phrase, tell
from bot.services import backups, restoring
from bot.storage import copying
from scheduler.clock import SystemClock

MEGABYTE = 1024 * 1024


def backup(folder: Path | None) -> None:
    """Make the copy; in the usual place, copies older than BACKUP_KEEP_DAYS go afterwards."""
    settings, now = read_settings(), SystemClock().now()
    if not settings.database.is_file():
        give_up("backup.nothing", path=settings.database)
    if restoring.is_unfinished(settings.data_dir):
        give_up("restore.unfinished")
    target = folder or backups.default_folder(settings.data_dir, now, settings.zone)
    try:
        with copying.reading(settings.database) as tx:
            expected = settings.database.stat().st_size + sum(file.size or 0 for file in copying.files(tx, now))
        with progress(phrase("backup.copying"), expected) as advance:
            made = backups.make(settings.database, settings.data_dir, target, now, advance)
    except FileExistsError:
        give_up("backup.there", path=target)
    except OSError as error:
        give_up("backup.disk", path=target, detail=error.strerror)
    except sqlite3.Error as error:
        give_up("backup.database", detail=error)
    tell("backup.done", path=target, files=len(made.files) - 1, size=max(1, made.size // MEGABYTE))
    if folder is None and settings.backup_keep_days:
        gone = backups.prune(settings.database, settings.data_dir, settings.backup_keep_days, now, settings.zone)
        if gone:
            tell("backup.pruned", count=gone, days=settings.backup_keep_days)
    if made.missing:
        tell("backup.missing", count=len(made.missing), names="\n  ".join(made.missing[:10]))
        raise SystemExit(FAILED)

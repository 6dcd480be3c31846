"""`restore DIR`: put a copy back in place of what is there, and say on one screen what was set aside."""

import sys
from datetime import datetime
from pathlib import Path

from bot.cli.ground import alone, read_settings
from bot.cli.progress import progress
from bot.cli.words import give_up, phrase, tell, words
from bot.services import backups, restoring
from bot.services.backups import ASIDE, BadCopy, Manifest
from bot.settings import Settings
from bot.storage import erasures
from bot.storage.copying import SetAside
from bot.storage.database import DatabaseUnusable
from scheduler.clock import SystemClock

SHOWN = 10


def restore(folder: Path, *, confirmed: bool) -> None:
    """Verify, ask unless `confirmed`, swap; refused while another process of ours is on the database."""
    settings = read_settings()
    with alone(settings.database):
        try:
            restoring.finish(settings.database, settings.data_dir)
            manifest = backups.load(folder)
            with progress(phrase("restore.verifying"), manifest.size) as advance:
                backups.verify(folder, manifest, advance)
            _show(settings, folder, manifest)
            if not confirmed and not _agreed():
                tell("restore.stopped")
                return
            _restore(settings, folder, manifest)
        except BadCopy as bad:
            give_up("restore.bad", path=folder, detail=bad)
        except OSError as error:
            give_up("restore.disk", path=settings.data_dir, detail=error.strerror)


def _show(settings: Settings, folder: Path, manifest: Manifest) -> None:
    tell("restore.about", path=folder, at=_moment(settings, manifest.taken_at), members=manifest.members)
    listed = erasures.listed(settings.data_dir)
    if not (settings.data_dir / erasures.NAME).exists():
        tell("restore.no_list", path=settings.data_dir / erasures.NAME)
    elif listed:
        tell("restore.list", path=settings.data_dir / erasures.NAME, count=len(listed))


def _moment(settings: Settings, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, settings.zone):%H:%M %d/%m/%Y}"


def _agreed() -> bool:
    try:
        answer = input(phrase("restore.confirm"))
    except EOFError:
        return False
    return answer.strip().casefold() in words()["restore"]["accept"]


def _restore(settings: Settings, folder: Path, manifest: Manifest) -> None:
    now = SystemClock().now()
    stamp = backups.stamp(now, settings.zone)
    with progress(phrase("restore.copying"), manifest.size) as advance:
        try:
            result = restoring.restore(folder, manifest, settings.database, settings.data_dir, stamp, now, advance)
        except DatabaseUnusable as unusable:
            give_up("restore.database", detail=unusable)
    sys.stdout.write(screen(result) + "\n")
    tell("restore.aside", path=settings.data_dir.absolute() / f"{ASIDE}{stamp}")


def screen(result: SetAside) -> str:
    """What was set aside, line by line; lines of nothing are left out."""
    lines = [phrase("restore.done")]
    counts = {
        "pushes": result.pushes,
        "replies": result.replies,
        "updates": result.updates,
        "codes": result.codes,
        "erased": result.erased,
        "files": result.files,
        "announcements": len(result.announcements),
    }
    lines += [phrase(f"restore.set_aside.{name}", count=count) for name, count in counts.items() if count]
    if result.announcements:
        shown = ", ".join(str(id) for id in result.announcements[:SHOWN])
        lines.append(phrase("restore.which", ids=shown + (" …" if len(result.announcements) > SHOWN else "")))
    if len(lines) == 1:
        lines.append(phrase("restore.nothing"))
    return "\n".join(lines)

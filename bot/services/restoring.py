"""A copy put back: made ready beside what is there, then swapped in; a crash leaves the old state, or the new one."""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from bot.services import backups
from bot.services.backups import ASIDE, DATABASE, Manifest
from bot.storage import copying, erasures
from bot.storage.copying import Origin, SetAside
from bot.storage.database import Database
from bot.storage.migrate import migrate

MARK: Final = "restoring.json"
"""In DATA_DIR from the moment the new state is whole until it is in its place."""
_STAGE: Final = "restoring"
_PARTS: Final = ("media", "exports", *backups.BESIDE)


def restore(
    folder: Path,
    manifest: Manifest,
    database: Path,
    data_dir: Path,
    stamp: str,
    now: int,
    progress: Callable[[int], None],
) -> SetAside:
    """Put the verified copy in `folder` in the place of what is there, which goes to `before-restore-<stamp>`.

    Nobody else may be on the database. Blocks, outside any loop. Raises OSError, DatabaseUnusable; then everything is
    as it was.
    """
    data_dir, database = data_dir.absolute(), database.absolute()
    stage, stage_db = data_dir / _STAGE, database.parent / _STAGE / database.name
    discard(database, data_dir)
    if any((data_dir / name).is_mount() for name in _PARTS):  # no rename could move it aside
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
    try:
        for name, (size, _) in manifest.files.items():
            target = stage_db if name == DATABASE else stage / name
            backups.copy_file(folder / name, target, may_link=name.startswith("media/"))
            progress(size)
        result = asyncio.run(_ready(stage_db, manifest, data_dir, now))
    except BaseException:
        discard(database, data_dir)
        raise
    _mark(database, data_dir, stamp)
    finish(database, data_dir)
    return result


async def _ready(path: Path, manifest: Manifest, data_dir: Path, now: int) -> SetAside:
    """The database of the copy, brought up to date and settled. Raises DatabaseUnusable."""
    db = await Database.open(path)
    try:
        await migrate(db, now)
        listed = erasures.listed(data_dir)
        origin = Origin(manifest.taken_at, manifest.data_dir, manifest.files.keys())
        result = await copying.come_back(db, origin, data_dir, listed, now)
        await db.checkpoint()
    finally:
        await db.close()
    return result


def discard(database: Path, data_dir: Path) -> None:
    """Delete what a restore that never came to its mark had made ready."""
    for stage in {data_dir.absolute() / _STAGE, database.absolute().parent / _STAGE}:
        shutil.rmtree(stage, ignore_errors=True)


def _mark(database: Path, data_dir: Path, stamp: str) -> None:
    """Write down, durably, every rename that makes the new state; from now on it will be finished."""
    names = [(database.parent, name) for name in (f"{database.name}-wal", f"{database.name}-shm", database.name)]
    names += [(data_dir, name) for name in _PARTS]
    asides = [(here / name, here / f"{ASIDE}{stamp}" / name) for here, name in names]
    comings = [(here / _STAGE / name, here / name) for here, name in names]
    moves = [(str(source), str(target)) for source, target in (*asides, *comings) if source.exists()]
    part = data_dir / f"{MARK}.part"
    part.write_bytes(orjson.dumps(moves))
    for stage in {data_dir / _STAGE, database.parent / _STAGE}:
        for folder in (stage, *(path for path in stage.rglob("*") if path.is_dir())):
            if folder.exists():
                erasures.sync_directory(folder)
    with part.open("rb") as opened:
        os.fsync(opened.fileno())
    part.replace(data_dir / MARK)
    erasures.sync_directory(data_dir)


def is_unfinished(data_dir: Path) -> bool:
    """Whether a restore came to its mark and not to its end."""
    return (data_dir / MARK).exists()


def finish(database: Path, data_dir: Path) -> None:
    """Do the renames of a restore that are not done yet; nothing when there are none. Raises OSError."""
    mark = data_dir.absolute() / MARK
    if not mark.exists():
        return
    for source, target in (map(Path, move) for move in orjson.loads(mark.read_bytes())):
        if source.exists() and not target.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source.rename(target)
            erasures.sync_directory(source.parent)
            erasures.sync_directory(target.parent)
    mark.unlink()
    discard(database, data_dir)

"""Copies of everything: the database as it is at one instant, then every file it names; whole, or not there at all."""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.storage import copying
from bot.storage.copying import Named
from bot.storage.erasures import sync_directory

FOLDER: Final = "backups"
MANIFEST: Final = "manifest.json"
DATABASE: Final = "bot.db"
BESIDE: Final = ("uploads", "packs", "federation.yaml")
"""What of DATA_DIR belongs to a copy although no row names it."""
FORMAT: Final = 1
_STAMP: Final = "%Y-%m-%dT%H%M%S"
_NAMED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}")
ASIDE: Final = "before-restore-"
"""What begins the folder of what was there before a restore."""
_UNFINISHED: Final = ".making"
_CHUNK: Final = 1024 * 1024


class Stopped(Exception):
    """The copy was told to stop; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy says of itself. `files` maps a path inside it to (bytes, SHA-256); `erased` counts files that were
    erased while it was made, `missing` names those that are gone though they should be there."""

    format: int
    schema: int
    taken_at: int
    data_dir: str
    members: int
    dialogs: int
    announcements: int
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    erased: int = 0
    missing: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(size for size, _ in self.files.values())


def default_folder(data_dir: Path, now: int, zone: ZoneInfo) -> Path:
    """Where a copy of this moment lies."""
    return data_dir / FOLDER / stamp(now, zone)


def stamp(now: int, zone: ZoneInfo) -> str:
    """A moment as folders are named."""
    return datetime.fromtimestamp(now / 1000, zone).strftime(_STAMP)


def make(
    database: Path,
    data_dir: Path,
    target: Path,
    now: int,
    progress: Callable[[int], None] = lambda size: None,
    stopped: Event | None = None,
) -> Manifest:
    """Copy everything into the new folder `target`; `progress` is told of bytes. Blocks for as long as it takes.

    The database goes first: files that come later are not named in it, files that go meanwhile were erased. Raises
    Stopped, FileExistsError, OSError, sqlite3.Error; then nothing is left of it.
    """
    stopped = stopped or Event()
    if target.exists():
        raise FileExistsError(str(target))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _unfinished(target) as making:
        try:
            manifest = _fill(making, database, data_dir.absolute(), now, progress, stopped)
        except Exception:
            if stopped.is_set():
                raise Stopped from None
            raise
        making.rename(target)
    sync_directory(target.parent)
    return manifest


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A folder beside `target`, locked while we fill it; those that a dead process left are deleted."""
    for left in target.parent.glob(f".*{_UNFINISHED}"):
        with _locked(left) as is_ours:
            if is_ours:
                shutil.rmtree(left)
    making = target.with_name(f".{target.name}{_UNFINISHED}")
    making.mkdir(mode=0o700)
    with _locked(making):
        try:
            yield making
        finally:
            shutil.rmtree(making, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(opened)


def _fill(
    making: Path, database: Path, data_dir: Path, now: int, progress: Callable[[int], None], stopped: Event
) -> Manifest:
    copy = making / DATABASE
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copied = database.stat().st_ino
    copying.copy_database(database, copy, stopped)
    sync_directory(copy)
    progress(copy.stat().st_size)
    with copying.reading(copy) as tx:
        held, named = copying.facts(tx), copying.files(tx, now)
    manifest = Manifest(FORMAT, held.schema, now, str(data_dir), held.members, held.dialogs, held.announcements)
    manifest.files[DATABASE] = _seal(copy)
    erased = 0
    for file in named:
        if stopped.is_set():
            raise Stopped
        if not _take(data_dir, making, file, manifest) and file.stored:
            with copying.reading(database) as tx:
                lost = copying.is_stored(tx, file.id)
            if lost:
                manifest.missing.append(file.path)
            erased += not lost
        progress(file.size or 0)
    for path in _beside(data_dir):
        if _copy(path, making / path.relative_to(data_dir), may_link=False):
            manifest.files[str(path.relative_to(data_dir))] = _seal(making / path.relative_to(data_dir))
    if database.stat().st_ino != copied:  # a restore came between: these files are not those of that database
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    written = making / MANIFEST
    written.write_bytes(orjson.dumps({**asdict(manifest), "erased": erased}, option=orjson.OPT_INDENT_2))
    written.chmod(0o600)
    for folder in [written, *(path for path in making.rglob("*") if path.is_dir()), making]:
        sync_directory(folder)
    return load(making)


def _take(data_dir: Path, making: Path, file: Named, manifest: Manifest) -> bool:
    """Bring one file along; False when it is not there, or not whole."""
    path = Path(file.path)
    if not path.is_relative_to(data_dir):
        return False
    inside = str(path.relative_to(data_dir))
    if not _copy(path, making / inside, may_link=inside.startswith("media/")):
        return False
    sealed = _seal(making / inside)
    if file.stored and file.size is not None and sealed[0] != file.size:
        (making / inside).unlink()
        return False
    manifest.files[inside] = sealed
    return True


def _beside(data_dir: Path) -> Iterator[Path]:
    for name in BESIDE:
        path = data_dir / name
        yield from (
            (each for each in sorted(path.rglob("*")) if each.is_file())
            if path.is_dir()
            else ([path] if path.is_file() else [])
        )


def _copy(source: Path, target: Path, *, may_link: bool) -> bool:
    """A file of its own, or one more name for one that nothing ever changes; False when it is gone."""
    for folder in reversed(target.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700)
    try:
        if may_link:
            try:
                os.link(source, target)
            except FileNotFoundError:
                return False
            except OSError:  # another disk, or a file system without links
                may_link = False
        if not may_link:
            with source.open("rb") as read, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as write:
                shutil.copyfileobj(read, write, _CHUNK)
                write.flush()
                os.fsync(write.fileno())
    except FileNotFoundError:
        return False
    target.chmod(0o600)
    return True


def copy_file(source: Path, target: Path, *, may_link: bool) -> None:
    """Bring a file of a copy to another folder. Raises FileNotFoundError."""
    if not _copy(source, target, may_link=may_link):
        raise FileNotFoundError(str(source))


def _seal(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


# -- copies that are there


class BadCopy(Exception):
    """A folder is no whole copy; `str()` is the file at fault."""


def load(folder: Path) -> Manifest:
    """What a copy says of itself. Raises BadCopy."""
    try:
        stored: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
        manifest = Manifest(**{**stored, "files": {name: tuple(seal) for name, seal in stored["files"].items()}})
        outside = [name for name in manifest.files if not _is_inside(folder, name)]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise BadCopy(MANIFEST) from None
    if manifest.format != FORMAT or DATABASE not in manifest.files or outside:
        raise BadCopy(MANIFEST)
    return manifest


def _is_inside(folder: Path, name: str) -> bool:
    """Whether a name stays inside the copy, and inside any other folder it is taken to."""
    return ".." not in Path(name).parts and (folder / name).resolve().is_relative_to(folder.resolve())


def verify(folder: Path, manifest: Manifest, progress: Callable[[int], None]) -> None:
    """Look whether every file is as it was copied. Raises BadCopy."""
    for name, sealed in manifest.files.items():
        path = folder / name
        if not path.is_file() or _seal(path) != sealed:
            raise BadCopy(name)
        progress(sealed[0])


def prune(database: Path, data_dir: Path, keep_days: int, now: int, zone: ZoneInfo) -> int:
    """Delete copies, and what was set aside before a restore, older than so many days; returns how many."""
    oldest = datetime.fromtimestamp(now / 1000, zone) - timedelta(days=keep_days)
    aside = [path for here in {data_dir.absolute(), database.absolute().parent} for path in here.glob(f"{ASIDE}*")]
    gone = 0
    for path in [*data_dir.glob(f"{FOLDER}/*"), *aside]:
        named = path.name.removeprefix(ASIDE)
        if _NAMED.fullmatch(named) and datetime.strptime(named, _STAMP).replace(tzinfo=zone) < oldest:
            shutil.rmtree(path)
            gone += 1
    return gone

"""A copy of the database while it is written to, what the copy names, and how a copy comes back."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final

import orjson

from bot.domain.time import DAY
from bot.storage import erasures, installation, privacy, roles
from bot.storage.database import Database, Transaction
from bot.storage.roster import HeldRole

_STEPS: Final = 10_000
"""SQLite's steps between two looks whether to stop."""


@dataclass(frozen=True, slots=True)
class Named:
    """A file the database names: whether it is `stored` (else still wanted), its size if known."""

    id: int
    path: str
    stored: bool
    size: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database holds, in numbers; `schema` is the last migration."""

    schema: int
    members: int
    dialogs: int
    announcements: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was not taken over when a copy came back. `announcements` are their ids."""

    pushes: int
    replies: int
    updates: int
    codes: int
    announcements: list[int]
    erased: int
    files: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy comes from: when it was taken, the DATA_DIR of then, its files by their paths inside that."""

    taken_at: int
    data_dir: str
    files: Collection[str]


@contextmanager
def reading(path: Path) -> Iterator[Transaction]:
    """One consistent look at a database file, which nothing can change through it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        yield Transaction(connection)
    finally:
        connection.close()


def copy_database(source: Path, target: Path, stopped: Event | None = None) -> None:
    """Write the database as it is at one instant to `target`, an empty file. Raises sqlite3.Error when stopped too."""
    connection = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
    try:
        if stopped is not None:
            connection.set_progress_handler(stopped.is_set, _STEPS)
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def files(tx: Transaction, now: int) -> list[Named]:
    """Files that are there or will be, those left out whose time is over at epoch ms `now`."""
    rows = tx.all(
        "SELECT id, path, state = 'stored', size FROM media WHERE state IN ('stored', 'wanted') AND path <> ''"
        " AND (expires_at IS NULL OR expires_at > ?) ORDER BY id",
        (now,),
    )
    return [Named(id, path, bool(stored), size) for id, path, stored, size in rows]


def is_stored(tx: Transaction, id: int) -> bool:
    """Whether a file is named as being there."""
    return tx.one("SELECT 1 FROM media WHERE id = ? AND state = 'stored'", (id,)) is not None


def facts(tx: Transaction) -> Facts:
    """What the database holds."""
    return Facts(
        tx.scalar("SELECT MAX(version) FROM schema_migration") or 0,
        *(tx.scalar(f"SELECT COUNT(*) FROM {table}") for table in ("member", "dialog", "announcement")),
    )


async def come_back(db: Database, origin: Origin, data_dir: Path, listed: Collection[str], now: int) -> SetAside:
    """Make a copy into what may run again, in one transaction; its files lie in `data_dir` now.

    What happened since is not known: nobody is written to again of what may have gone out, nothing that was due is made
    up for, who is in `listed` is erased again.
    """
    return await db.write(lambda tx: _come_back(tx, origin, data_dir, listed, now), bulk=True)


def _come_back(tx: Transaction, origin: Origin, data_dir: Path, listed: Collection[str], now: int) -> SetAside:
    waiting = "state IN ('pending', 'sending')"
    over = f"finished_at = ?, detail = 'restored' WHERE {waiting}"
    pushes = tx.run(f"UPDATE outbox SET state = 'uncertain', {over} AND lane > 0", (now,))
    replies = tx.run(f"UPDATE outbox SET state = 'cancelled', {over} AND lane = 0", (now,))
    updates = tx.run("UPDATE inbox SET state = 'done', payload = NULL WHERE state = 'pending'")
    codes = tx.run("DELETE FROM code WHERE used_at IS NULL AND expires_at > ?", (now,))
    codes += tx.run("UPDATE link_code SET expires_at = ? WHERE expires_at > ?", (now, now))
    stopped = _stop_announcements(tx, now)
    _skip_what_was_due(tx, now)
    _give_no_number_again(tx, origin.taken_at, now)
    files = _move_files(tx, origin, data_dir)
    erased = _erase_again(tx, listed, now)
    result = SetAside(pushes, replies, updates, codes, stopped, erased, files)
    counts = {"pushes": pushes, "replies": replies, "announcements": stopped, "erased": erased, "files": files}
    installation.record_audit(tx, now, None, "restored", detail=orjson.dumps(counts).decode())
    return result


def _stop_announcements(tx: Transaction, now: int) -> list[int]:
    """Those on their way, and those whose hour came since the copy: the fan-out ends them and tells their officers."""
    rows = tx.all(
        "UPDATE announcement SET state = 'stopping' WHERE state IN ('queueing', 'sending', 'paused', 'stopping')"
        " OR state = 'scheduled' AND send_at <= ? RETURNING id",
        (now,),
    )
    return sorted(row[0] for row in rows)


def _skip_what_was_due(tx: Transaction, now: int) -> None:
    """Every source begins again at this moment."""
    tx.run("UPDATE due_done SET state = 'missed' WHERE state = 'running'")
    tx.run(
        "INSERT INTO due_done (source, due_at, state) SELECT DISTINCT source, ?, 'missed' FROM due_done WHERE true"
        " ON CONFLICT (source, due_at) DO NOTHING",
        (now,),
    )


_ENDED: Final = "ended_by_restore"
_GIVEN_A_DAY: Final = 1_000_000
"""More numbers than a day uses up; not many more: some upkeep goes through numbers step by step."""


def _give_no_number_again(tx: Transaction, taken_at: int, now: int) -> None:
    """Phones and browsers know numbers given since the copy: a tap of then must answer no question of now."""
    gap = _GIVEN_A_DAY * (1 + max(0, now - taken_at) // DAY)
    tx.run(
        "INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM sqlite_master WHERE type = 'table'"
        " AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)"
    )  # tables that were empty when the copy was taken
    tx.run("UPDATE sqlite_sequence SET seq = seq + ?", (gap,))
    tx.run("UPDATE dialog SET seq = seq + ?", (gap,))


def _move_files(tx: Transaction, origin: Origin, data_dir: Path) -> int:
    """Names of files as they lie here; what did not come along is gone, what came before its row said so is stored."""
    missing = 0
    for id, path, state in tx.all("SELECT id, path, state FROM media WHERE path <> ''"):
        inside = path.removeprefix(f"{origin.data_dir}/")
        tx.run("UPDATE media SET path = ? WHERE id = ?", (str(data_dir / inside) if inside != path else path, id))
        if state == "wanted" and inside in origin.files:
            tx.run("UPDATE media SET state = 'stored' WHERE id = ?", (id,))
        elif state == "stored" and inside not in origin.files:
            missing += 1
            tx.run("UPDATE media SET state = 'gone' WHERE id = ?", (id,))
    return missing


def _erase_again(tx: Transaction, listed: Collection[str], now: int) -> int:
    if not listed:
        return 0
    secret = installation.secret(tx)
    members = tx.all("SELECT id, created_at FROM member")
    found = [id for id, created_at in members if erasures.identity(secret, id, created_at) in listed]
    held = [role for id in found for role in roles.of_member(tx, id, now)]
    ended = {role.id: role for own in held for role in (own, *roles.deputies(tx, own.id, now))}
    for id in found:
        privacy.erase(tx, id, now)
    nameless = [asdict(replace(role, holder="")) for role in ended.values()]
    if nameless:
        installation.set_setting(tx, _ENDED, orjson.dumps(nameless).decode())
    return len(found)


def take_ended_roles(tx: Transaction) -> list[HeldRole]:
    """Roles that went with who was erased again, nobody named; given out once, to who looks after them."""
    kept = installation.setting(tx, _ENDED)
    installation.drop_setting(tx, _ENDED)
    return [HeldRole(**role) for role in orjson.loads(kept)] if kept else []

"""Forward-only migrations: numbered SQL files, each applied once in a transaction of its own, checked by hash."""

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.storage.database import Database, DatabaseUnusable, Transaction

DIRECTORY: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `migrations/`."""

    version: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load(directory: Path = DIRECTORY) -> list[Migration]:
    """Every migration, in order. Raises DatabaseUnusable when the numbers are not 1, 2, 3 …"""
    found = []
    for path in sorted(directory.glob("*.sql")):
        named = re.fullmatch(r"(\d{4})_(\w+)", path.stem)
        if named is None:
            raise DatabaseUnusable(f"{path.name}: not named NNNN_name.sql")
        found.append(Migration(int(named[1]), named[2], path.read_text("utf-8")))
    if [m.version for m in found] != list(range(1, len(found) + 1)):
        raise DatabaseUnusable(f"{directory.name}: the numbers must run 0001, 0002, … without a gap")
    return found


async def migrate(db: Database, now: int, directory: Path = DIRECTORY) -> list[Migration]:
    """Apply what is missing and return it; a copy of a database that holds data is made beside it first.

    `now` is epoch ms. Raises DatabaseUnusable when a migration fails, or one that was applied has since changed.
    """
    migrations = load(directory)
    try:
        applied = await db.write(_applied)
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"{db.path}: {error}") from error
    for migration in migrations:
        if applied.get(migration.version, migration.digest) != migration.digest:
            raise DatabaseUnusable(f"migration {migration.version:04} {migration.name} changed after it was applied")
    if applied and max(applied) > len(migrations):
        raise DatabaseUnusable("the database was made by a newer version of the bot")
    missing = [m for m in migrations if m.version not in applied]
    if missing and applied:
        await _back_up(db, max(applied))
    for migration in missing:
        try:
            await db.write(lambda tx, m=migration: _apply(tx, m, now), bulk=True)  # type: ignore[misc]
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"migration {migration.version:04} {migration.name}: {error}") from error
    return missing


def _applied(tx: Transaction) -> dict[int, str]:
    tx.run(
        "CREATE TABLE IF NOT EXISTS schema_migration"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)"
    )
    return dict(tx.all("SELECT version, sha256 FROM schema_migration"))


def _apply(tx: Transaction, migration: Migration, now: int) -> None:
    tx.run_script(migration.sql)
    tx.run(
        "INSERT INTO schema_migration (version, name, sha256, applied_at) VALUES (?, ?, ?, ?)",
        (migration.version, migration.name, migration.digest, now),
    )


async def _back_up(db: Database, version: int) -> None:
    target = db.path.with_name(f"{db.path.name}.before-{version + 1:04}")
    try:
        target.unlink(missing_ok=True)
        await db.copy_to(target)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnusable(f"{target}: the copy made before a migration failed: {error}") from error

"""Migrations: each once, in order, whole or not at all, and never against a database that does not fit."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage import migrate as migrations
from bot.storage.database import Database, DatabaseUnusable
from bot.storage.migrate import load, migrate
from tests.support.faults import disk_full, faulty_sqlite

ONE = "CREATE TABLE one (id INTEGER PRIMARY KEY, name TEXT);\n"
TWO = "-- a comment\nALTER TABLE one ADD COLUMN size INTEGER;\nCREATE TABLE two (id INTEGER);\n"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    db = await Database.open(tmp_path / "bot.db")
    yield db
    await db.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory of migrations: 0001 and 0002."""
    directory = tmp_path / "migrations"
    directory.mkdir()
    (directory / "0001_one.sql").write_text(ONE)
    (directory / "0002_two.sql").write_text(TWO)
    return directory


async def tables(db: Database) -> set[str]:
    return {row[0] for row in await db.read(lambda tx: tx.all("SELECT name FROM sqlite_master WHERE type = 'table'"))}


def copies(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if ".before-" in path.name)


async def test_from_nothing_to_the_head_and_then_nothing_more(db: Database, tmp_path: Path) -> None:
    applied = await migrate(db, 5)
    assert [m.version for m in applied] == [m.version for m in load()]
    assert {"member", "outbox", "inbox"} <= await tables(db)
    assert await migrate(db, 6) == []
    assert copies(tmp_path) == []


async def test_every_table_of_the_head_is_sound(db: Database) -> None:
    await migrate(db, 0)
    assert await db.read(lambda tx: tx.all("PRAGMA foreign_key_check")) == []
    assert await db.read(lambda tx: tx.scalar("PRAGMA integrity_check")) == "ok"


async def test_in_order_and_only_what_is_missing(db: Database, files: Path) -> None:
    (files / "0002_two.sql").unlink()
    assert [m.name for m in await migrate(db, 0, files)] == ["one"]
    (files / "0002_two.sql").write_text(TWO)
    assert [m.name for m in await migrate(db, 0, files)] == ["two"]


async def test_data_are_copied_before_they_are_changed(db: Database, files: Path, tmp_path: Path) -> None:
    (files / "0002_two.sql").unlink()
    await migrate(db, 0, files)
    await db.write(lambda tx: tx.run("INSERT INTO one (name) VALUES ('kept')"))
    (files / "0002_two.sql").write_text(TWO)
    await migrate(db, 0, files)
    assert copies(tmp_path) == ["bot.db.before-0002"]
    copy = sqlite3.connect(tmp_path / "bot.db.before-0002")
    assert copy.execute("SELECT * FROM one").fetchall() == [(1, "kept")]
    copy.close()


async def test_a_copy_that_cannot_be_made_stops_the_start(db: Database, files: Path, tmp_path: Path) -> None:
    (files / "0002_two.sql").unlink()
    await migrate(db, 0, files)
    (files / "0002_two.sql").write_text(TWO)
    (tmp_path / "bot.db.before-0002").mkdir()
    with pytest.raises(DatabaseUnusable, match="before-0002"):
        await migrate(db, 0, files)
    assert "two" not in await tables(db)


@pytest.mark.parametrize(
    "broken",
    [
        "CREATE TABLE three (id INTEGER);\nCREATE TABEL four (id INTEGER);\n",
        "CREATE TABLE three (id INTEGER);\nINSERT INTO nothing VALUES (1);\n",
        "CREATE TABLE three (id INTEGER);\nINSERT INTO one (name, name) VALUES (1);",
        "CREATE TABLE three (id INTEGER); CREATE TABLE four (id INTEGER);\n",
        "CREATE TABLE three (id INTEGER);\nCREATE TABLE four (id INTEGER\n",
    ],
    ids=["syntax", "no such table", "last without semicolon", "two on a line", "unfinished"],
)
async def test_a_broken_one_is_one_sentence_and_changes_nothing(db: Database, files: Path, broken: str) -> None:
    (files / "0003_three.sql").write_text(broken)
    with pytest.raises(DatabaseUnusable, match="migration 0003 three: ") as raised:
        await migrate(db, 0, files)
    assert "\n" not in str(raised.value)
    assert await tables(db) & {"one", "two", "three", "four"} == {"one", "two"}
    (files / "0003_three.sql").write_text("CREATE TABLE three (id INTEGER);\n")
    assert [m.name for m in await migrate(db, 0, files)] == ["three"]


async def test_a_last_statement_without_a_semicolon_is_not_forgotten(db: Database, files: Path) -> None:
    (files / "0003_three.sql").write_text("CREATE TABLE three (id INTEGER)\n-- the end\n")
    await migrate(db, 0, files)
    assert "three" in await tables(db)


async def test_one_that_changed_after_it_was_applied_is_refused(db: Database, files: Path) -> None:
    await migrate(db, 0, files)
    (files / "0001_one.sql").write_text(ONE + "-- harmless?\n")
    with pytest.raises(DatabaseUnusable, match="0001 one changed"):
        await migrate(db, 0, files)


async def test_a_newer_database_is_refused(db: Database, files: Path) -> None:
    await migrate(db, 0, files)
    (files / "0002_two.sql").unlink()
    with pytest.raises(DatabaseUnusable, match="newer version"):
        await migrate(db, 0, files)


@pytest.mark.parametrize("name", ["0004_gap.sql", "0002_again.sql", "3_short.sql", "0003-dash.sql", "0003_.sql"])
async def test_wrong_numbers_and_names_are_refused(db: Database, files: Path, name: str) -> None:
    (files / name).write_text("SELECT 1;")
    with pytest.raises(DatabaseUnusable):
        await migrate(db, 0, files)
    assert await tables(db) & {"one", "two"} == set()


async def test_a_full_disk_is_one_sentence_too(tmp_path: Path, files: Path) -> None:
    with faulty_sqlite() as faults:
        db = await Database.open(tmp_path / "full.db")
        faults.always(disk_full, at="CREATE")
        with pytest.raises(DatabaseUnusable, match="disk is full"):
            await migrate(db, 0, files)
        faults.end()
        await db.close()


def test_the_shipped_ones_have_no_gap_and_end_their_statements() -> None:
    for migration in load():
        lines = [line.partition("--")[0].strip() for line in migration.sql.splitlines()]
        assert [line for line in lines if line][-1].endswith(";"), migration.name
    assert migrations.DIRECTORY.is_dir()


async def test_what_hangs_on_files_outlives_their_new_table(db: Database, tmp_path: Path) -> None:
    """Refs, files of good deeds and of announcements stay; a number that was given is given to no other file."""
    before = tmp_path / "before"
    before.mkdir()
    for path in sorted(migrations.DIRECTORY.glob("*.sql"))[:14]:
        (before / path.name).write_text(path.read_text("utf-8"), "utf-8")
    await migrate(db, 0, before)
    file = "INSERT INTO media (kind, state, created_at) VALUES ('photo', 'stored', 0) RETURNING id"
    first = await db.write(lambda tx: tx.scalar(file))
    await db.write(lambda tx: tx.run("INSERT INTO account (id, channel, external_id) VALUES (1, 'telegram', '1')"))
    await db.write(lambda tx: tx.run("INSERT INTO media_ref (media_id, account_id, ref) VALUES (?, 1, 'r')", (first,)))
    await migrate(db, 0)
    assert await db.read(lambda tx: tx.all("SELECT media_id, ref FROM media_ref")) == [(first, "r")]
    last = await db.write(lambda tx: tx.scalar(file))
    await db.write(lambda tx: tx.run("DELETE FROM media WHERE id = ?", (last,)))
    assert await db.write(lambda tx: tx.scalar(file)) > last
    await db.write(lambda tx: tx.run("DELETE FROM media WHERE id = ?", (first,)))
    assert await db.read(lambda tx: tx.all("SELECT * FROM media_ref")) == []
    assert await db.read(lambda tx: tx.all("PRAGMA foreign_key_check")) == []


async def test_what_is_referred_to_is_a_table(db: Database) -> None:
    """Of a unit that is `unit_number`: `unit` is a view, and nothing can be written that refers to one."""
    await migrate(db, 0)
    sql = "SELECT m.name, f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
    there = await tables(db)
    assert [pair for pair in await db.read(lambda tx: tx.all(sql)) if pair[1] not in there] == []

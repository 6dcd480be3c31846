"""The one writer: commits that are shared, errors that are not, and what is acknowledged is there."""

import asyncio
import inspect
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from bot.storage import database
from bot.storage.database import Database, DatabaseUnusable, Transaction, is_trouble
from tests.support.faults import Faults, disk_full, locked


def insert(name: str) -> Callable[[Transaction], str]:
    def job(tx: Transaction) -> str:
        tx.run("INSERT INTO item (name) VALUES (?)", (name,))
        return name

    return job


def fails(name: str) -> Callable[[Transaction], str]:
    """Writes, then raises."""

    def job(tx: Transaction) -> str:
        tx.run("INSERT INTO item (name) VALUES (?)", (name,))
        raise LookupError(name)

    return job


async def names(db: Database) -> list[str]:
    return [row[0] for row in await db.read(lambda tx: tx.all("SELECT name FROM item ORDER BY id"))]


def commits(faults: Faults) -> int:
    return faults.statements.count("COMMIT")


async def test_sixty_four_jobs_share_a_commit(db: Database, faults: Faults) -> None:
    jobs = [db.submit(insert(f"{n:03}")) for n in range(128)]
    assert await asyncio.gather(*jobs) == [f"{n:03}" for n in range(128)]
    assert commits(faults) == 2
    assert await names(db) == [f"{n:03}" for n in range(128)]


async def test_a_long_group_is_cut_and_the_rest_keeps_its_order(
    db: Database, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "GROUP_SECONDS", -1.0)
    jobs = [db.submit(insert(f"{n}")) for n in range(5)]
    await asyncio.gather(*jobs)
    assert commits(faults) == 5
    assert await names(db) == [str(n) for n in range(5)]


async def test_nothing_is_acknowledged_before_its_commit(db: Database, faults: Faults) -> None:
    """The future of a write is still open while another connection cannot see it."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        tx.run("INSERT INTO item (name) VALUES ('slow')")
        begun.set()
        go_on.wait(10)

    first, second = db.submit(insert("quick")), db.submit(slow)
    await asyncio.to_thread(begun.wait, 10)
    assert not first.done()
    assert not second.done()
    assert await names(db) == []
    go_on.set()
    await asyncio.gather(first, second)
    assert await names(db) == ["quick", "slow"]


async def test_an_error_leaves_the_others_of_its_commit_alone(db: Database, faults: Faults) -> None:
    jobs = [db.submit(insert("a")), db.submit(fails("b")), db.submit(insert("c"))]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [str(result) for result in results] == ["a", "b", "c"]
    assert isinstance(results[1], LookupError)
    assert await names(db) == ["a", "c"]
    assert commits(faults) == 1


async def test_only_a_group_with_an_error_pays_for_savepoints(db: Database, faults: Faults) -> None:
    await asyncio.gather(db.submit(insert("a")), db.submit(insert("b")))
    assert "SAVEPOINT job" not in faults.statements
    await asyncio.gather(db.submit(insert("c")), db.submit(fails("d")), return_exceptions=True)
    assert faults.statements.count("SAVEPOINT job") == 2


async def test_trouble_while_an_error_is_told_from_the_others_costs_nobody_their_write(
    db: Database, faults: Faults
) -> None:
    faults.next(1, disk_full, at="SAVEPOINT")
    jobs = [db.submit(insert("a")), db.submit(fails("b")), db.submit(insert("c"))]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [str(result) for result in results] == ["a", "b", "c"]
    assert await names(db) == ["a", "c"]


@pytest.mark.parametrize(
    "broken",
    [
        lambda tx: tx.run("INSERT INTO item (name) VALUES ('a')"),
        lambda tx: tx.run("INSERT INTO item (name) VALUES (NULL)"),
        lambda tx: tx.run("NOT SQL"),
        lambda tx: tx.run("INSERT INTO item (name) VALUES (?)", ()),
        lambda tx: tx.run("INSERT INTO item (id, name) VALUES ('x', 'x')"),
    ],
)
async def test_sqlites_own_errors_too(db: Database, faults: Faults, broken: Callable[[Transaction], int]) -> None:
    jobs: list[asyncio.Future[Any]] = [db.submit(insert("a")), db.submit(broken), db.submit(insert("c"))]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(results[1], sqlite3.Error)
    assert not is_trouble(results[1])
    assert await names(db) == ["a", "c"]


async def test_a_commit_that_fails_is_made_again_for_each_job_alone(db: Database, faults: Faults) -> None:
    faults.next(1, disk_full, at="COMMIT")
    jobs = [db.submit(insert(f"{n}")) for n in range(3)]
    assert await asyncio.gather(*jobs) == ["0", "1", "2"]
    assert await names(db) == ["0", "1", "2"]
    assert commits(faults) == 4


async def test_when_each_alone_fails_too_each_is_told(db: Database, faults: Faults) -> None:
    faults.next(3, disk_full, at="COMMIT")
    jobs = [db.submit(insert(f"{n}")) for n in range(3)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(result, sqlite3.OperationalError) for result in results] == [True, True, False]
    assert is_trouble(results[0])  # type: ignore[arg-type]
    assert await names(db) == ["2"]


async def test_a_database_that_is_locked_says_so_and_recovers(db: Database, faults: Faults) -> None:
    faults.always(locked, at="BEGIN")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await db.write(insert("a"))
    faults.end()
    await db.write(insert("a"))
    assert await names(db) == ["a"]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_transaction_lost_in_the_middle_costs_nobody_their_write(
    db: Database, faults: Faults, place: int
) -> None:
    """Some errors end the whole transaction (SQLITE_FULL does): every job is run again alone."""
    faults.next(1, disk_full, at="INSERT INTO item (name) VALUES ('lost')", rolls_back=True)

    def lost(tx: Transaction) -> None:
        tx.run("INSERT INTO item (name) VALUES ('lost')")

    jobs: list[asyncio.Future[object]] = [db.submit(insert(f"{n}")) for n in range(2)]
    jobs.insert(place, db.submit(lost))
    expected = ["0", "1"]
    await asyncio.gather(*jobs)
    assert sorted(await names(db)) == sorted([*expected, "lost"])


async def test_a_job_that_hides_the_loss_of_its_transaction_hides_nothing(db: Database, faults: Faults) -> None:
    faults.next(1, disk_full, at="INSERT INTO item (name) VALUES ('lost')", rolls_back=True)

    def hides(tx: Transaction) -> str:
        try:
            tx.run("INSERT INTO item (name) VALUES ('lost')")
        except sqlite3.OperationalError:
            return "hidden"
        return "written"

    results = await asyncio.gather(db.submit(insert("a")), db.submit(hides), db.submit(insert("b")))
    assert list(results) == ["a", "written", "b"]
    assert sorted(await names(db)) == ["a", "b", "lost"]


async def test_a_lost_transaction_of_a_job_alone_is_an_error(db: Database, faults: Faults) -> None:
    faults.next(1, disk_full, at="INSERT", rolls_back=True)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await db.write(insert("a"))
    await db.write(insert("b"))
    assert await names(db) == ["b"]


async def test_a_rollback_that_fails_leaves_nobody_waiting(db: Database, faults: Faults) -> None:
    def judge(sql: str) -> sqlite3.Error | None:
        return disk_full() if sql.startswith(("ROLLBACK", "COMMIT")) else None

    faults.judge = judge
    jobs = [db.submit(insert("a")), db.submit(insert("b"))]
    async with asyncio.timeout(10):
        results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results] == [sqlite3.OperationalError] * 2
    faults.end()
    async with asyncio.timeout(10):
        await db.write(insert("c"))
    assert await names(db) == ["c"]


async def test_cancelling_the_waiter_does_not_cancel_the_write(db: Database) -> None:
    waiters = [asyncio.ensure_future(db.write(insert(f"{n}"))) for n in range(3)]
    await asyncio.sleep(0)
    waiters[1].cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    assert waiters[1].cancelled()
    await db.write(lambda tx: None)
    assert await names(db) == ["0", "1", "2"]


async def test_a_cancelled_waiter_of_a_failing_write_disturbs_nobody(db: Database) -> None:
    waiter = asyncio.ensure_future(db.write(fails("a")))
    await asyncio.sleep(0)
    waiter.cancel()
    await db.write(insert("b"))
    assert await names(db) == ["b"]


async def test_bulk_jobs_share_their_commit_with_nobody_and_go_last(db: Database, faults: Faults) -> None:
    jobs = [asyncio.ensure_future(db.write(insert(f"{n}"), bulk=n in (2, 3))) for n in range(6)]
    await asyncio.gather(*jobs)
    assert commits(faults) == 3
    assert await names(db) == ["0", "1", "4", "5", "2", "3"]
    begun = [s for s in faults.statements if s in ("BEGIN IMMEDIATE", "COMMIT")]
    assert begun == ["BEGIN IMMEDIATE", "COMMIT"] * 3


async def test_what_follows_a_write_goes_before_a_bulk_one(db: Database) -> None:
    """Three writes one after another, as those of a message; the bulk one has waited since before the second."""

    async def message() -> None:
        for name in ("stored", "turn", "claimed"):
            await db.write(insert(name))

    await asyncio.gather(message(), db.write(insert("bulk"), bulk=True))
    assert await names(db) == ["stored", "turn", "claimed", "bulk"]


async def test_a_bulk_job_waits_only_for_a_while(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BULK_WAITS_SECONDS", -1.0)

    async def others() -> None:
        for n in range(3):
            await db.write(insert(f"{n}"))

    await asyncio.gather(others(), db.write(insert("bulk"), bulk=True))
    assert (await names(db))[:2] == ["bulk", "0"]


async def test_a_trusted_job_looks_up_no_parents_and_everybody_after_it_does(db: Database) -> None:
    """Also where it fails, or its commit."""
    await db.write(lambda tx: tx.run("CREATE TABLE part (item_id INTEGER NOT NULL REFERENCES item (id))"))

    def orphan(tx: Transaction) -> int:
        return tx.run("INSERT INTO part (item_id) VALUES (99)")

    assert await db.write(orphan, bulk=True, trusted=True) == 1
    with pytest.raises(LookupError):
        await db.write(fails("a"), bulk=True, trusted=True)
    for bulk in (False, True):
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            await db.write(orphan, bulk=bulk)


async def test_keys_are_looked_up_again_after_a_trusted_job_that_could_not_be_rolled_back(
    db: Database, faults: Faults
) -> None:
    await db.write(lambda tx: tx.run("CREATE TABLE part (item_id INTEGER NOT NULL REFERENCES item (id))"))
    faults.next(1, disk_full, at="ROLLBACK")
    with pytest.raises(sqlite3.OperationalError):
        await db.write(fails("a"), bulk=True, trusted=True)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        await db.write(lambda tx: tx.run("INSERT INTO part (item_id) VALUES (99)"))
    assert await names(db) == []


async def test_jobs_that_come_while_others_run_keep_their_order(db: Database) -> None:
    order: list[int] = []

    async def writer(number: int) -> None:
        await db.write(lambda tx: order.append(number))

    tasks = []
    for number in range(200):
        tasks.append(asyncio.ensure_future(writer(number)))
        if number % 7 == 0:
            await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == list(range(200))


async def test_readers_see_only_what_is_committed_and_one_moment_of_it(db: Database) -> None:
    await db.write(insert("a"))
    reading, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> tuple[int, int]:
        before = tx.scalar("SELECT COUNT(*) FROM item")
        reading.set()
        go_on.wait(10)
        return before, tx.scalar("SELECT COUNT(*) FROM item")

    read = asyncio.ensure_future(db.read(slow))
    await asyncio.to_thread(reading.wait, 10)
    await db.write(insert("b"))
    assert await names(db) == ["a", "b"]
    go_on.set()
    assert await read == (1, 1)


async def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await db.read(lambda tx: tx.run("INSERT INTO item (name) VALUES ('x')"))
    assert await names(db) == []


async def test_a_reader_that_failed_or_was_left_reads_again(db: Database) -> None:
    for _ in range(5):
        with pytest.raises(sqlite3.OperationalError):
            await db.read(lambda tx: tx.all("SELECT nothing"))
        left = asyncio.ensure_future(db.read(lambda tx: tx.all("SELECT 1")))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
    async with asyncio.timeout(10):
        assert await db.read(lambda tx: tx.scalar("SELECT 1")) == 1


async def test_closing_waits_for_every_write(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "test.db")
    await db.write(lambda tx: tx.run("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"))
    jobs = [db.submit(insert(f"{n}")) for n in range(500)]
    await db.close()
    assert all(job.done() for job in jobs)
    again = await Database.open(tmp_path / "test.db")
    assert len(await names(again)) == 500
    await again.close()


async def test_a_write_after_the_close_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "test.db")
    await db.close()
    async with asyncio.timeout(10):
        with pytest.raises(ValueError, match="no active connection"):
            await db.write(insert("a"))


async def test_what_was_acknowledged_is_flushed_to_the_disk(db: Database) -> None:
    """`synchronous=FULL` (2) and a write-ahead log, foreign keys checked, erased text overwritten."""
    pragmas = ("synchronous", "journal_mode", "foreign_keys", "secure_delete")
    values = await db.write(lambda tx: [tx.scalar(f"PRAGMA {pragma}") for pragma in pragmas])
    assert values == [2, "wal", 1, 1]


async def test_a_copy_is_whole(db: Database, tmp_path: Path) -> None:
    await db.write(insert("a"))
    await db.copy_to(tmp_path / "copy.db")
    copy = await Database.open(tmp_path / "copy.db")
    assert await names(copy) == ["a"]
    await copy.close()


async def test_the_checkpoint_empties_the_log(db: Database, tmp_path: Path) -> None:
    await db.write(insert("a"))
    assert (tmp_path / "test.db-wal").stat().st_size > 0
    assert await db.checkpoint()
    assert (tmp_path / "test.db-wal").stat().st_size == 0


async def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """And no thread is left behind that would keep the process alive."""
    (tmp_path / "test.db").write_bytes(b"this is no database at all, only text" * 100)
    before = set(threading.enumerate())
    with pytest.raises(DatabaseUnusable, match="not a database"):
        await Database.open(tmp_path / "test.db")
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


async def test_a_directory_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable):
        await Database.open(tmp_path / "file" / "test.db")


def test_aiosqlite_still_has_what_we_use() -> None:
    """`_execute(fn, *args)` runs a function on the connection's thread; it is private, so it is pinned here."""
    execute = aiosqlite.Connection._execute
    assert inspect.iscoroutinefunction(execute)
    assert list(inspect.signature(execute).parameters) == ["self", "fn", "args", "kwargs"]
    assert isinstance(aiosqlite.Connection._conn, property)


async def test_a_job_runs_on_the_connections_own_thread(db: Database) -> None:
    threads = (
        await db.write(lambda tx: threading.current_thread()),
        await db.write(lambda tx: threading.current_thread()),
    )
    assert threads[0] is threads[1]
    assert threads[0] is not threading.current_thread()


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (disk_full(), True),
        (locked(), True),
        (sqlite3.OperationalError("no code"), True),
        (sqlite3.ProgrammingError("a fault of ours"), False),
        (ValueError("no storage at all"), False),
    ],
)
def test_trouble_is_told_from_our_faults(error: Exception, trouble: bool) -> None:
    assert is_trouble(error) is trouble

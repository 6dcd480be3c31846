"""The database: one writer in order, many readers, and commits shared by the writes that wait together.

Async code awaits `db.write(fn)` or `db.read(fn)`; `fn` is a plain function of a `Transaction` and runs on the
connection's own thread. Up to 64 waiting writes, or 5 ms of work, share one commit; a write's future is resolved only
after COMMIT, so what was acknowledged is on disk (`synchronous=FULL`). Work is the thread's own time: while it waits
for the interpreter, a commit shared by fewer writes would only cost everybody one more flush.
A bulk write waits until nobody else does, for a while: what one write leads to goes before it. A write may run more
than once: when another one of its commit fails, or the commit itself.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import aiosqlite

T = TypeVar("T")
Row = tuple[Any, ...]
Job = Callable[["Transaction"], Any]

GROUP_JOBS: Final = 64
GROUP_SECONDS: Final = 0.005
BULK_WAITS_SECONDS: Final = 0.02
BULK_WAITS_PASSES: Final = 3
"""A bulk write lets others go first for so long, and whoever was just answered has so many passes of the loop to write
what follows: the writes of one message come one after another."""
READERS: Final = 2
_CHECKS: Final = "PRAGMA foreign_keys={}"
_OUR_FAULTS: Final = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
    }
)


class Transaction:
    """What storage functions are given: statements on one open transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute and return the number of rows changed."""
        return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once for each of `rows`."""
        self._connection.executemany(sql, rows)

    def insert(self, sql: str, values: Sequence[Any]) -> int:
        """Execute an INSERT of one row and return its id; 0 when a conflict kept it out."""
        cursor = self._connection.execute(sql, values)  # RETURNING would cost SQLite a fifth more
        return cursor.lastrowid or 0 if cursor.rowcount else 0

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Every row."""
        return self._connection.execute(sql, values).fetchall()

    def scalar(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self._connection.execute(sql, values).fetchone()
        return row[0] if row else None

    def run_script(self, sql: str) -> None:
        """Execute several statements inside this transaction (migrations only)."""
        for statement in _statements(sql):
            self._connection.execute(statement)


class DatabaseUnusable(Exception):
    """The database cannot be opened or migrated; `str()` is one sentence with the remedy."""


def is_trouble(error: BaseException) -> bool:
    """Whether the storage failed (full, locked, unreadable) and trying again may help; False for a fault of ours."""
    if not isinstance(error, sqlite3.Error):
        return False
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return isinstance(error, sqlite3.OperationalError)
    return code & 0xFF not in _OUR_FAULTS


class Database:
    """An open SQLite database. Make one with `await Database.open(path)`."""

    def __init__(self, path: Path, writer: aiosqlite.Connection, readers: list[aiosqlite.Connection]) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._free: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for reader in readers:
            self._free.put_nowait(reader)
        self._waiting: deque[_Waiting] = deque()
        self._bulk: deque[_Waiting] = deque()
        self._drainer: asyncio.Task[None] | None = None
        self.commits = 0

    @staticmethod
    async def open(path: Path) -> "Database":
        """Open (and create) the file at `path`. Raises DatabaseUnusable."""
        opened: list[aiosqlite.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened.append(await aiosqlite.connect(path, isolation_level=None, cached_statements=512))
            await _on_thread(opened[0], _prepare_writer)
            for _ in range(READERS):
                opened.append(
                    await aiosqlite.connect(_read_only(path), uri=True, isolation_level=None, cached_statements=256)
                )
                await _on_thread(opened[-1], _prepare_reader)
        except (OSError, sqlite3.Error) as error:
            for connection in opened:
                await connection.close()
            raise DatabaseUnusable(f"{path}: {error}") from error
        return Database(path, opened[0], opened[1:])

    async def write(self, job: Callable[[Transaction], T], *, bulk: bool = False, trusted: bool = False) -> T:
        """Run `job` in a transaction and return its value after COMMIT; what `job` raises is raised here.

        A `bulk` job shares its commit with nobody and lets others go first; keep it under 50 ms. The rows a `trusted`
        bulk job adds point only to rows it has read itself, so that foreign keys are not looked up again. Cancelling
        the caller leaves the write be.
        """
        run = (_run_trusted if trusted else _run_alone) if bulk else None
        return await self._queue(job, run)

    def submit(self, job: Callable[[Transaction], T]) -> "asyncio.Future[T]":
        """Like `write` without waiting: the future resolves after COMMIT. For many writes at once."""
        return self._queue(job, None)

    async def read(self, job: Callable[[Transaction], T]) -> T:
        """Run `job` on a read-only connection."""
        reader = await self._free.get()
        try:
            return await _on_thread(reader, lambda connection: _run_read(connection, job))
        finally:
            self._free.put_nowait(reader)

    async def close(self) -> None:
        """Finish the waiting writes, then close every connection."""
        while self._drainer is not None:
            await asyncio.wait([self._drainer])
        for reader in self._readers:
            await reader.close()
        await self._writer.close()

    async def checkpoint(self) -> bool:
        """Move the write-ahead log into the database file and empty it, so that erased text is in neither.

        Returns False when a reader was in the way.
        """
        result: Row = await _on_thread(
            self._writer, lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        )
        return bool(result[0] == 0)

    async def copy_to(self, target: Path) -> None:
        """Write a compact copy of the database to `target`, which must not exist."""
        await _on_thread(
            self._writer, lambda connection: connection.execute("VACUUM INTO ?", (str(target),)).fetchall()
        )

    def _queue(self, job: Callable[[Transaction], T], run: "_Run | None") -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if run is None:
            self._waiting.append(_Waiting(job, future))
        else:
            self._bulk.append(_Waiting(job, future, run, time.monotonic()))
        if self._drainer is None:
            self._drainer = loop.create_task(self._drain())
        return future

    async def _drain(self) -> None:
        await asyncio.sleep(0)  # whoever was woken together with the first writer shares its commit
        try:
            while self._waiting or self._bulk:
                if self._waiting and not self._bulk_is_due():
                    await self._commit_group()
                    await self._let_follow()
                else:
                    await self._commit_bulk()
        finally:
            self._drainer = None

    def _bulk_is_due(self) -> bool:
        return bool(self._bulk) and time.monotonic() - self._bulk[0].since > BULK_WAITS_SECONDS

    async def _let_follow(self) -> None:
        """Give those who were answered time to write what follows, before a bulk write begins."""
        for _ in range(BULK_WAITS_PASSES):
            if self._waiting or not self._bulk:
                return
            await asyncio.sleep(0)

    async def _commit_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(GROUP_JOBS, len(self._waiting)))]
        jobs = [waiting.job for waiting in group]
        results = await self._on_writer(partial(_run_group, jobs=jobs), len(jobs))
        self._waiting.extendleft(reversed(group[len(results) :]))
        for waiting, result in zip(group, results, strict=False):
            waiting.resolve(result)

    async def _commit_bulk(self) -> None:
        waiting = self._bulk.popleft()
        (result,) = await self._on_writer(lambda connection: [waiting.run(connection, waiting.job)], 1)
        waiting.resolve(result)

    async def _on_writer(self, work: Callable[[sqlite3.Connection], list[Any]], jobs: int) -> list[Any]:
        """What came of the first of so many jobs that share a commit."""
        try:
            results = await _on_thread(self._writer, work)
        except Exception as error:  # not even a rollback worked, or the connection is closed
            results = [_Failed(error)] * jobs
        self.commits += 1
        return results


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"


async def _on_thread(owner: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` on the connection's own thread: one hop for a whole transaction (aiosqlite's `_execute`)."""
    value: T = await owner._execute(work, owner._conn)  # type: ignore[no-untyped-call]
    return value


class _Failed:
    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


_Run = Callable[[sqlite3.Connection, Job], Any]


def _run_alone(connection: sqlite3.Connection, job: Job) -> Any:
    try:
        _begin(connection)
        result = job(Transaction(connection))
        connection.execute("COMMIT")
    except Exception as error:  # handed to the job's own waiter
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return _Failed(error)
    return result


class _Waiting(NamedTuple):
    """A write that waits; a bulk one with how it runs and since when (monotonic) it waits."""

    job: Job
    future: "asyncio.Future[Any]"
    run: _Run = _run_alone
    since: float = 0.0

    def resolve(self, result: Any) -> None:
        """Hand its waiter what came of it."""
        if self.future.done():  # its waiter was cancelled
            return
        if isinstance(result, _Failed):
            self.future.set_exception(result.error)
        else:
            self.future.set_result(result)


class _OneFailed(Exception):
    """A job raised and has to be undone without the others."""


def _run_group(connection: sqlite3.Connection, jobs: list[Job]) -> list[Any]:
    """Run jobs under one commit; returns what came of the first ones, those that the time reached.

    As a rule none fails, and a savepoint for each is a tenth of a turn: only if one fails they all run again with them.
    """
    if len(jobs) == 1:
        return [_run_alone(connection, jobs[0])]
    try:
        try:
            return _run_together(connection, jobs, _run_plainly)
        except _OneFailed:
            connection.execute("ROLLBACK")
            return _run_together(connection, jobs, _run_undoably)
    except Exception:  # the shared transaction is gone: each job gets one of its own, and its own error
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [_run_alone(connection, job) for job in jobs]


def _run_together(
    connection: sqlite3.Connection, jobs: list[Job], run: Callable[[sqlite3.Connection, Transaction, Job], Any]
) -> list[Any]:
    transaction = Transaction(connection)
    results: list[Any] = []
    deadline = time.thread_time() + GROUP_SECONDS
    _begin(connection)
    for job in jobs:
        if results and time.thread_time() > deadline:
            break
        results.append(run(connection, transaction, job))
    connection.execute("COMMIT")
    return results


def _run_plainly(connection: sqlite3.Connection, transaction: Transaction, job: Job) -> Any:
    try:
        result = job(transaction)
    except Exception as error:
        if connection.in_transaction:
            raise _OneFailed from error
        raise
    if not connection.in_transaction:
        raise sqlite3.OperationalError("the transaction was lost")
    return result


def _run_undoably(connection: sqlite3.Connection, transaction: Transaction, job: Job) -> Any:
    connection.execute("SAVEPOINT job")
    try:
        result = job(transaction)
    except Exception as error:  # handed to the job's own waiter
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO job")
        result = _Failed(error)
    connection.execute("RELEASE job")
    return result


def _begin(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # the rollback of an earlier one failed
        connection.execute("ROLLBACK")
        connection.execute(_CHECKS.format("ON"))
    connection.execute("BEGIN IMMEDIATE")


def _run_trusted(connection: sqlite3.Connection, job: Job) -> Any:
    connection.execute(_CHECKS.format("OFF"))  # does nothing inside a transaction
    try:
        return _run_alone(connection, job)
    finally:
        connection.execute(_CHECKS.format("ON"))


def _run_read(connection: sqlite3.Connection, job: Callable[[Transaction], T]) -> T:
    connection.execute("BEGIN")
    try:
        return job(Transaction(connection))
    finally:
        connection.execute("COMMIT")


def _prepare_writer(connection: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "secure_delete=ON",  # erased members' words are overwritten, not only unlinked
        "temp_store=MEMORY",
        "cache_size=-8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=5000")


def _statements(sql: str) -> list[str]:
    """Split a script at the semicolons that end lines and statements; the last one may have none."""
    statements, current = [], ""
    for line in sql.splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return [*statements, current] if current.strip() else statements

"""SQLite that fails on demand: the connection itself, below everything of ours."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Judge = Callable[[str], sqlite3.Error | None]
"""Given a statement about to run on the writer, the error it meets, or None."""


def disk_full() -> sqlite3.OperationalError:
    """As SQLite raises it."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


def locked() -> sqlite3.OperationalError:
    """As SQLite raises it."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


class Faults:
    """What the next statements meet. `statements` are those that were judged, `raised` how many failed."""

    def __init__(self) -> None:
        self.judge: Judge = lambda sql: None
        self.rolls_back = False
        self.statements: list[str] = []
        self.raised = 0

    def next(
        self,
        count: int,
        error: Callable[[], sqlite3.Error],
        *,
        at: str = "",
        after: str = "",
        rolls_back: bool = False,
    ) -> None:
        """Let the next `count` statements that begin with `at` fail, once one that begins with `after` has run.

        Some errors also end the transaction.
        """
        left, begun = count, False

        def judge(sql: str) -> sqlite3.Error | None:
            nonlocal left, begun
            begun = begun or sql.lstrip().startswith(after)
            if left and begun and sql.lstrip().startswith(at):
                left -= 1
                return error()
            return None

        self.judge, self.rolls_back = judge, rolls_back

    def always(self, error: Callable[[], sqlite3.Error], *, at: str = "") -> None:
        """Let every statement that begins with `at` fail until `end`."""
        self.judge, self.rolls_back = lambda sql: error() if sql.lstrip().startswith(at) else None, False

    def end(self) -> None:
        """All is well again."""
        self.judge = lambda sql: None


@contextmanager
def faulty_sqlite() -> Iterator[Faults]:
    """Every database opened inside meets the faults, on its writing connection only."""
    faults = Faults()
    original = sqlite3.connect

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            self._judge(sql)
            return super().execute(sql, *values)

        def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
            self._judge(sql)
            return super().executemany(sql, *values)

        def _judge(self, sql: str) -> None:
            faults.statements.append(sql)
            error = faults.judge(sql)
            if error is None:
                return
            faults.raised += 1
            if faults.rolls_back and self.in_transaction:
                super().execute("ROLLBACK")
            raise error

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        reader = "mode=ro" in str(args[0]) or "mode=ro" in str(options.get("database", ""))
        if not reader:
            options["factory"] = Connection
        connection: sqlite3.Connection = original(*args, **options)
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]
    try:
        yield faults
    finally:
        sqlite3.connect = original

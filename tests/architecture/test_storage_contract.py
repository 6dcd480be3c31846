"""What we use of aiosqlite without its promise: one hop to the connection's own thread."""

import asyncio
import inspect
import sqlite3
import threading

import aiosqlite
import pytest


async def test_execute_runs_a_function_on_the_connections_thread_and_returns_its_value() -> None:
    """`Connection._execute(function, *args)`, `Connection._conn` (bot/storage/database.py)."""
    async with aiosqlite.connect(":memory:", isolation_level=None) as connection:
        threads = {await connection._execute(threading.get_ident) for _ in range(3)}
        assert len(threads) == 1
        assert threads != {threading.get_ident()}

        def whole_transaction(raw: sqlite3.Connection) -> int:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("CREATE TABLE t (x)")
            raw.execute("COMMIT")
            return raw.total_changes

        assert isinstance(connection._conn, sqlite3.Connection)
        assert await connection._execute(whole_transaction, connection._conn) == 0


async def test_what_the_function_raises_is_raised_here() -> None:
    async with aiosqlite.connect(":memory:") as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            await connection._execute(connection._conn.execute, "SELECT * FROM nowhere")


async def test_functions_run_in_the_order_given() -> None:
    async with aiosqlite.connect(":memory:") as connection:
        order: list[int] = []
        await asyncio.gather(*(connection._execute(order.append, number) for number in range(50)))
        assert order == list(range(50))


def test_its_shape() -> None:
    assert list(inspect.signature(aiosqlite.Connection._execute).parameters) == ["self", "fn", "args", "kwargs"]

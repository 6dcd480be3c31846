"""A real database file with one small table, and the faults its writer may meet."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.storage import database
from bot.storage.database import Database
from tests.support.faults import Faults, faulty_sqlite


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What statements on the writing connection meet."""
    with faulty_sqlite() as faults:
        yield faults


@pytest.fixture
async def db(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """An open database with table `item`; groups are not cut short on a slow machine."""
    monkeypatch.setattr(database, "GROUP_SECONDS", 60.0)
    db = await Database.open(tmp_path / "test.db")
    await db.write(lambda tx: tx.run("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"))
    faults.statements.clear()
    yield db
    faults.end()
    await db.close()

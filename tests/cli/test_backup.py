"""backup, restore, replay-check as they are typed."""

import asyncio
import os
import re
import sqlite3
from pathlib import Path

import pytest

from bot.cli.backup import backup
from bot.cli.lock import only_process
from bot.cli.replay_check import replay_check
from bot.cli.restore import restore
from bot.cli.seed import seed
from bot.storage.database import Database
from bot.storage.migrate import DIRECTORY, migrate
from tests.cli.conftest import Place

Out = pytest.CaptureFixture[str]


@pytest.fixture
def lived_in(place: Place, capsys: Out) -> Place:
    seed(3, 1, 1000)
    capsys.readouterr()
    return place


def only_copy(place: Place) -> Path:
    [folder] = (place.folder / "data" / "backups").iterdir()
    return folder


def test_there_and_back(lived_in: Place, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens before it is agreed to; then the copy is there and what was is kept."""
    backup(None)
    assert re.match(r"✔ Đã sao lưu vào .*/data/backups/\d{4}-\d\d-\d\dT\d{6}:", capsys.readouterr().out)
    folder = only_copy(lived_in)
    seed(2, 1, 2000)
    monkeypatch.setattr("builtins.input", lambda _: "không")
    restore(folder, confirmed=False)
    assert "không đổi gì" in capsys.readouterr().out
    assert lived_in.rows("SELECT COUNT(*) FROM member") == [(5,)]
    monkeypatch.setattr("builtins.input", lambda _: "co")
    restore(folder, confirmed=False)
    shown = capsys.readouterr().out
    assert "3 đoàn viên" in shown
    assert "không có danh sách xóa" in shown
    assert "✔ Đã phục hồi" in shown
    assert lived_in.rows("SELECT COUNT(*) FROM member") == [(3,)]
    [aside] = (lived_in.folder / "data").glob("before-restore-*")
    assert (aside / "bot.db").exists()


def test_refused(lived_in: Place, capsys: Out) -> None:
    """While something runs; what is no copy; a folder that is there."""
    folder = lived_in.folder / "copy"
    backup(folder)
    for command in (lambda: restore(lived_in.folder, confirmed=True), lambda: backup(folder)):
        with pytest.raises(SystemExit):
            command()
        assert capsys.readouterr().err.startswith("✘ ")
    with only_process(lived_in.database), pytest.raises(SystemExit):
        restore(folder, confirmed=True)
    assert "đang do một tiến trình khác" in capsys.readouterr().err


def test_old_copies_go_after_a_new_one(lived_in: Place, capsys: Out) -> None:
    old = lived_in.folder / "data" / "backups" / "2020-01-01T000000"
    old.mkdir(parents=True)
    os.utime(old)
    backup(None)
    assert "Đã xóa 1 bản cũ" in capsys.readouterr().out
    assert only_copy(lived_in) != old


def test_replay_check(lived_in: Place, capsys: Out) -> None:
    """A flow that is no more is named, and fails the check; the database and a copy alike, which stay as they are."""
    replay_check(None)
    assert "Không có cuộc trò chuyện" in capsys.readouterr().out
    insert = "INSERT INTO dialog (address_id, flow, state, journal, asked, created_at, updated_at) VALUES"
    lived_in.change(insert + " (1, 'quiz', 'waiting', '[{},[[\"commit\",\"draw\",[]]],[]]', 'x', 0, 0)")
    replay_check(None)
    assert "quiz: 0 đi tiếp, 0 ráp lại câu trả lời cũ, 1 sang bước mới" in capsys.readouterr().out
    lived_in.change(insert + " (2, 'bygone', 'parked', '[{},[],[]]', 'x', 0, 0)")
    before = lived_in.database.read_bytes()
    backup(lived_in.folder / "copy")
    for database in (None, lived_in.folder / "copy" / "bot.db"):
        with pytest.raises(SystemExit) as ended:
            replay_check(database)
        assert ended.value.code == 1
        assert "1 × không còn luồng này" in capsys.readouterr().out
    assert lived_in.database.read_bytes() == before


async def make_older(path: Path, migrations: Path) -> None:
    db = await Database.open(path)
    await migrate(db, 0, migrations)
    await db.close()


def test_replay_check_of_an_older_database(place: Place, capsys: Out) -> None:
    """A copy brought up to date is looked at; the database stays as it is, and nothing of the copy is left."""
    older, migrations = place.folder / "older.db", place.folder / "migrations"
    migrations.mkdir()
    for migration in sorted(DIRECTORY.glob("*.sql"))[:14]:
        (migrations / migration.name).write_text(migration.read_text("utf-8"), "utf-8")
    asyncio.run(make_older(older, migrations))
    connection = sqlite3.connect(older)
    connection.executescript(
        "INSERT INTO account (id, channel, external_id) VALUES (1, 'telegram', '1');"
        "INSERT INTO address (id, account_id, external_id, created_at, last_in_at) VALUES (1, 1, '501', 0, 0);"
        "INSERT INTO dialog (address_id, flow, state, journal, asked, created_at, updated_at)"
        " VALUES (1, 'bygone', 'waiting', '[{},[],[]]', 'x', 0, 0);"
    )
    connection.close()
    before = older.read_bytes()
    with pytest.raises(SystemExit) as ended:
        replay_check(older)
    assert ended.value.code == 1
    assert "1 × không còn luồng này" in capsys.readouterr().out
    assert older.read_bytes() == before
    assert not list((place.folder / "data").rglob("*.db*"))

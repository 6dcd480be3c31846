"""What goes on while a copy is made, what the list of erasures keeps, what a manifest may not name."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from bot.domain.time import DAY
from bot.services import backups, restoring
from bot.services.backups import BadCopy, Manifest
from bot.storage import erasures, installation
from bot.storage.database import Transaction
from scheduler.backups import Nightly
from tests.backup.test_drill import copy, erase, put_back, rows
from tests.support.clock import ZONE
from tests.support.house import House


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """One house, on one channel."""
    house = await House(tmp_path).open()
    await house.plant_units()
    yield house
    await house.close()


def two_rows(tx: Transaction) -> None:
    for _ in range(2):
        installation.record_audit(tx, 0, None, "written", detail="x" * 4000)


async def test_writes_go_on_and_the_copy_is_of_one_instant(home: House) -> None:
    db, going = home.running.db, True

    async def write() -> int:
        count = 0
        while going:
            await db.write(two_rows)
            count += 1
        return count

    for _ in range(200):
        await db.write(two_rows)
    writing = asyncio.create_task(write())
    folder = await copy(home)
    going = False
    assert await writing > 0
    [(count,)] = rows(folder / "bot.db", "SELECT COUNT(*) FROM audit WHERE act = 'written'")
    assert isinstance(count, int)
    assert count >= 400
    assert count % 2 == 0
    assert rows(folder / "bot.db", "PRAGMA integrity_check") == [("ok",)]


async def stored_file(home: House, name: str) -> Path:
    path = home.directory.absolute() / "media" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"whole")
    insert = "INSERT INTO media (kind, state, path, size, created_at) VALUES ('photo', 'stored', ?, 5, 0)"
    await home.running.db.write(lambda tx: tx.run(insert, (str(path),)))
    return path


async def test_a_file_erased_meanwhile_is_not_called_lost(home: House) -> None:
    path = await stored_file(home, "erased")
    database, folder = home.directory / "bot.db", home.directory / "backups" / "copy"

    def erase_it(size: int) -> None:
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(database)
        connection.execute("UPDATE media SET state = 'gone'")
        connection.commit()
        connection.close()

    manifest = await asyncio.to_thread(backups.make, database, home.directory, folder, 0, erase_it)
    assert (manifest.erased, manifest.missing) == (1, [])


async def test_a_stop_gives_the_nightly_copy_up(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    app = home.running
    nightly = Nightly(app.db, home.clock, lambda: app.installation, 30, lambda: None)
    await stored_file(home, "one")
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()
    seal, make = backups._seal, backups.make

    def slow(path: Path) -> tuple[int, str]:
        begun.set()
        go_on.wait(10)
        return seal(path)

    def made(*given: object, **named: object) -> Manifest:
        try:
            return make(*given, **named)  # type: ignore[arg-type]
        finally:
            over.set()

    monkeypatch.setattr(backups, "_seal", slow)
    monkeypatch.setattr(backups, "make", made)
    working = asyncio.create_task(nightly._make())
    await asyncio.to_thread(begun.wait, 10)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    go_on.set()
    await asyncio.to_thread(over.wait, 10)
    assert list((home.directory / "backups").iterdir()) == []


async def test_a_restore_in_the_middle_of_a_copy_spoils_it(home: House) -> None:
    """Files of one state with the database of another would look whole."""
    database, folder = home.directory / "bot.db", home.directory / "backups" / "mixed"

    def swap(size: int) -> None:
        other = database.with_name("other.db")
        other.write_bytes(database.read_bytes())
        other.replace(database)

    await stored_file(home, "one")
    with pytest.raises(OSError, match="Stale"):
        await asyncio.to_thread(backups.make, database, home.directory, folder, 0, swap)
    assert not folder.exists()


async def test_the_list_forgets_what_is_old_and_erasures_that_never_came_to_be(home: House) -> None:
    """A turn that failed after it had written its entry erased nobody: no restore may erase them later."""
    phone, now = home.phone("501"), home.clock.now()
    await phone.joins()
    await home.phone("502").joins()
    await erase(home, "502")
    [gone] = erasures.listed(home.directory)
    [stays] = await home.running.db.read(lambda tx: erasures.identities(tx, 1))
    erasures.write_down(home.directory, [stays], now)
    erasures.write_down(home.directory, ["0" * 32], now - 40 * DAY)
    await home.running.db.write(lambda tx: erasures.prune(tx, home.directory, now - 37 * DAY))
    assert erasures.listed(home.directory) == {gone: now}


async def test_who_came_back_by_a_restore_without_the_list_stays_on_it(home: House) -> None:
    """The list may be put there after the restore: another one must still find them."""
    await home.phone("501").joins()
    folder = await copy(home)
    await erase(home, "501")
    listed = (home.directory / erasures.NAME).read_bytes()
    (home.directory / erasures.NAME).unlink()
    home.clock.forward(seconds=1)
    result = await put_back(home, folder)
    await home.open()
    assert result.erased == 0
    (home.directory / erasures.NAME).write_bytes(listed)
    await home.running.db.write(lambda tx: erasures.prune(tx, home.directory, 0))
    assert (await put_back(home, folder)).erased == 1
    await home.open()


async def test_what_lies_beside_a_database_elsewhere_goes_too(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for here in (tmp_path / "data", elsewhere):
        (here / "before-restore-2025-03-01T120000").mkdir(parents=True)
    assert backups.prune(elsewhere / "bot.db", tmp_path / "data", 30, 1_750_000_000_000, ZONE) == 2
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["/etc/hostname", "../outside", "inside/../../outside", "deep/../../x", "a\0b"])
async def test_a_manifest_names_nothing_outside(home: House, name: str) -> None:
    folder = await copy(home)
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "deep").symlink_to(folder / "a" / "b" / "c")
    stored = orjson.loads((folder / "manifest.json").read_bytes())
    stored["files"][name] = [0, ""]
    (folder / "manifest.json").write_bytes(orjson.dumps(stored))
    with pytest.raises(BadCopy, match="manifest"):
        backups.load(folder)


async def test_only_what_is_ours_is_tidied_where_a_copy_is_put(home: House, tmp_path: Path) -> None:
    theirs = tmp_path / "usb" / "film.making"
    theirs.mkdir(parents=True)
    await asyncio.to_thread(backups.make, home.directory / "bot.db", home.directory, tmp_path / "usb" / "copy", 0)
    assert theirs.exists()


async def test_a_folder_that_cannot_be_moved_stops_a_restore_before_it_begins(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A volume of its own for `media`: found half-way it would keep the bot from starting."""
    folder = await copy(home)
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "media")
    with pytest.raises(OSError, match="busy"):
        await put_back(home, folder)
    assert not restoring.is_unfinished(home.directory)
    await home.open()


async def test_while_no_copy_is_made_nobody_is_taken_off_the_list(home: House) -> None:
    """With BACKUP_KEEP_DAYS=0 no copy is deleted: one of a year ago must not bring back who has erased since."""
    app, now = home.running, home.clock.now()
    for keep_days, left in ((0, 1), (30, 0)):
        erasures.write_down(home.directory, ["0" * 32], now - 400 * DAY)
        await app.db.write(lambda tx: installation.set_setting(tx, "backup", "wanted"))
        nightly = Nightly(app.db, home.clock, lambda: app.installation, keep_days, lambda: None)
        assert await nightly.work() is (keep_days > 0)
        assert len(erasures.listed(home.directory)) == left

"""A restore drill: people, a broadcast half-way, an erasure and more work after the copy; then the copy comes back."""

import asyncio
import re
import sqlite3
from pathlib import Path

import pytest

from bot.cli.restore import screen
from bot.domain.people import RoleKind
from bot.domain.time import DAY, HOUR
from bot.services import backups, console, restoring
from bot.services.backups import BadCopy, Manifest
from bot.services.turn import Turn
from bot.storage import erasures, linking, members, units
from bot.storage.copying import SetAside
from bot.storage.database import Transaction
from tests.conversations.test_recordings import CARD, planted, voices
from tests.conversations.test_recordings import rows as recorded
from tests.support.clock import ZONE
from tests.support.house import House
from tests.support.officers import granted, member_id, officer_of, times
from tests.support.people import settled

TEXT = "Họp toàn thể lúc 8 giờ."
STAMP = "2025-05-03T120000"


async def copy(house: House, name: str = "copy") -> Path:
    folder = house.directory / "backups" / name
    database = house.directory / "bot.db"
    await asyncio.to_thread(backups.make, database, house.directory, folder, house.clock.now())
    return folder


async def put_back(house: House, folder: Path) -> SetAside:
    """What `restore` does, with nobody on the database."""
    await house.close()
    manifest = backups.load(folder)
    backups.verify(folder, manifest, lambda size: None)
    database, now = house.directory / "bot.db", house.clock.now()
    return await asyncio.to_thread(
        restoring.restore, folder, manifest, database, house.directory, STAMP, now, lambda size: None
    )


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def announce(house: House) -> None:
    app = house.running
    await app.db.write(
        lambda tx: console.announce_from_console(Turn(tx, app.installation, house.clock.now(), "console"), "all", TEXT)
    )
    await house.settle()


async def erase(house: House, chat: str) -> None:
    phone = house.phone(chat)
    await phone.says("/xoadulieu")
    await phone.says("XÓA")


async def test_the_drill(plain_house: House) -> None:
    """Erased stays erased, nobody is written to twice, one screen says all."""
    house = plain_house
    kept, gone, awake = (house.phone(chat) for chat in ("501", "502", "503"))
    for phone in (kept, gone, awake):
        await phone.joins(name=f"Lò Thị {phone.chat}", hour="Không, tôi tự mở")
    await house.running.db.write(lambda tx: members.set_fields(tx, 3, quiet_from=0, quiet_to=0))
    await kept.says("chuyển đơn vị")
    house.clock.at("2025-05-01T23:30")
    await announce(house)
    assert [TEXT in phone.last.text for phone in (kept, gone, awake)] == [False, False, True]
    columns = [
        name for (name,) in rows(house.directory / "bot.db", "SELECT name FROM pragma_table_info('announcement')")
    ]
    later = {"id": "9", "state": "'scheduled'", "send_at": str(house.clock.now() + HOUR)}
    timed = f"INSERT INTO announcement SELECT {', '.join(later.get(str(name), str(name)) for name in columns)}"
    await house.running.db.write(lambda tx: tx.run(f"{timed} FROM announcement"))
    folder = await copy(house)
    await house.running.db.write(lambda tx: tx.run("DELETE FROM announcement WHERE id = 9"))

    await house.passes("2025-05-02T09:00")
    assert all(TEXT in phone.last.text for phone in (kept, gone, awake))
    await erase(house, "502")
    await house.phone("504").joins()
    house.clock.at("2025-05-02T10:00")
    result = await put_back(house, folder)
    await house.open()
    await house.passes("2025-05-03T09:00")

    assert (result.pushes, result.replies, result.announcements, result.erased) == (2, 0, [1, 9], 1)
    shown = screen(result)
    assert "2 tin chờ gửi" in shown
    assert "2 thông báo đang gửi dở" in shown
    assert "1 người đã xóa dữ liệu" in shown
    assert len(shown.splitlines()) < 24
    database = house.directory / "bot.db"
    assert rows(database, "SELECT name FROM member ORDER BY id") == [("Lò Thị 501",), ("Lò Thị 503",)]
    assert rows(database, "SELECT state FROM announcement") == [("stopped",), ("stopped",)]
    assert rows(database, "SELECT COUNT(*) FROM dialog WHERE state = 'waiting'") == [(1,)]
    for phone in (kept, gone, awake):
        assert sum(TEXT in message.text for message in phone.shown) == 1
    written = (house.directory / erasures.NAME).read_text()
    assert re.fullmatch("(\n[0-9]{13} [0-9a-f]{32})+", written)  # an instant and a keyed hash, and nobody's number
    aside = house.directory / f"before-restore-{STAMP}" / "bot.db"
    assert rows(aside, "SELECT state FROM announcement") == [("done",)]
    assert await kept.says("menu")


async def test_who_comes_after_an_erasure_is_not_erased(plain_house: House) -> None:
    """Somebody else is not, nor is who erased themselves and came back before the copy."""
    house = plain_house
    await house.phone("501").joins()
    await erase(house, "501")
    house.clock.at("2025-05-01T09:00")
    await house.phone("501").joins(name="Mùa A Páo")
    folder = await copy(house)
    result = await put_back(house, folder)
    await house.open()
    assert result.erased == 0
    assert rows(house.directory / "bot.db", "SELECT name FROM member") == [("Mùa A Páo",)]


async def test_who_was_made_one_with_somebody_erased_goes_too(plain_house: House) -> None:
    """The copy holds two members who were one when they erased."""
    house = plain_house
    await house.phone("501").joins(name="Vàng A Sình")
    await house.phone("502").joins(name="Vàng Sình")
    folder = await copy(house)
    db = house.running.db

    await db.write(lambda tx: linking.attach(tx, 2, 1))
    await db.write(lambda tx: linking.unite(tx, 1, 2, house.clock.now()))
    await erase(house, "501")
    result = await put_back(house, folder)
    await house.open()
    assert result.erased == 2


async def test_every_file_the_copy_names_is_in_it(plain_house: House) -> None:
    """A file erased meanwhile is counted; one that is lost is named, and gone after a restore."""
    house = plain_house
    await house.phone("501").joins()
    files = [house.directory / "media" / name for name in ("whole", "lost")]
    files[0].parent.mkdir(exist_ok=True)
    files[0].write_bytes(b"whole")
    insert = "INSERT INTO media (kind, state, path, size, created_at) VALUES ('photo', 'stored', ?, 5, 0)"
    await house.running.db.write(lambda tx: tx.run_many(insert, [(str(path),) for path in files]))
    folder = await copy(house)
    manifest = backups.load(folder)
    assert manifest.missing == [str(files[1])]
    assert {name for name in manifest.files if name.startswith("media/")} == {"media/whole"}
    assert (folder.stat().st_mode & 0o777, (folder / "bot.db").stat().st_mode & 0o777) == (0o700, 0o600)
    files[0].unlink()
    result = await put_back(house, folder)
    await house.open()
    assert result.files == 1
    assert files[0].read_bytes() == b"whole"
    assert rows(house.directory / "bot.db", "SELECT state FROM media ORDER BY id") == [("stored",), ("gone",)]


async def test_a_copy_that_was_touched_is_refused(plain_house: House) -> None:
    folder = await copy(plain_house)
    manifest = backups.load(folder)
    with (folder / "bot.db").open("ab") as opened:
        opened.write(b"x")
    with pytest.raises(BadCopy, match=r"bot\.db"):
        backups.verify(folder, manifest, lambda size: None)
    with pytest.raises(BadCopy, match="manifest"):
        backups.load(plain_house.directory)


class Killed(BaseException):
    """The process died here."""


async def test_killed_anywhere_a_restore_leaves_the_old_state_or_the_new(
    plain_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dying at each rename and each fsync of a folder; what starts next finishes or forgets."""
    house = plain_house
    await house.phone("501").joins(name="Sùng A Tủa")
    folder = await copy(house)
    database = house.directory / "bot.db"
    await house.running.db.write(lambda tx: members.set_fields(tx, 1, name="sau"))
    await house.close()
    manifest, now = backups.load(folder), house.clock.now()
    before = database.read_bytes()
    sync, outcomes = erasures.sync_directory, set()
    for moment in range(1, 60):
        left = [moment]

        def die(path: Path, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            sync(path)

        monkeypatch.setattr(erasures, "sync_directory", die)
        monkeypatch.setattr(restoring, "discard", lambda database, data_dir: None)
        stamp = f"2025-05-03T12{moment:02}00"
        try:
            await asyncio.to_thread(
                restoring.restore, folder, manifest, database, house.directory, stamp, now, lambda size: None
            )
        except Killed:
            pass
        else:
            break
        finally:
            monkeypatch.undo()
        restoring.finish(database, house.directory)
        restoring.discard(database, house.directory)
        assert not restoring.is_unfinished(house.directory)
        [(name,)] = rows(database, "SELECT name FROM member")
        outcomes.add(name)
        database.write_bytes(before)
    assert outcomes == {"sau", "Sùng A Tủa"}


async def test_a_backup_that_was_killed_leaves_nothing_that_looks_whole(
    plain_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(path: Path) -> Manifest:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(backups, "load", die)
        patch.setattr(backups.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            await copy(plain_house)
    there = plain_house.directory / "backups"
    assert [path.name for path in there.iterdir()] == [".copy.making"]
    await copy(plain_house)
    assert [path.name for path in there.iterdir()] == ["copy"]


async def test_every_night_a_copy_and_old_ones_go(plain_house: House) -> None:
    house = plain_house
    await house.phone("501").joins()
    house.running.nightly._keep_days = 30
    old = house.directory / "backups" / "2025-03-01T021500"
    old.mkdir(parents=True)
    await house.passes("2025-05-02T02:20")
    assert await house.running.nightly.work()
    assert not await house.running.nightly.work()
    assert [path.name for path in (house.directory / "backups").iterdir()] == [backups.stamp(house.clock.now(), ZONE)]


async def test_administrators_hear_of_a_night_without_a_copy(plain_house: House) -> None:
    house = plain_house
    phone = house.phone("501")
    await phone.joins()
    code = await house.running.first_admin_code()
    await phone.says(code)
    house.running.nightly._keep_days = 30
    (house.directory / "backups").write_text("in the way")
    await house.passes("2025-05-02T02:20")
    assert not await house.running.nightly.work()
    await house.passes("2025-05-02T09:00")
    assert any("Bản sao lưu đêm qua không làm được" in message.text for message in phone.shown)
    assert "quản trị viên" in await phone.taps("Vì sao tôi nhận tin này?")


async def test_a_number_given_after_the_copy_is_not_given_again(plain_house: House) -> None:
    """Also of a table that was empty then: buttons on phones carry offers' numbers."""
    folder = await copy(plain_house)
    await put_back(plain_house, folder)
    numbered = rows(plain_house.directory / "bot.db", "SELECT name FROM sqlite_sequence WHERE seq >= 1000000")
    assert {("outbox",), ("announcement",), ("role_offer",)} <= set(numbered)
    await plain_house.open()


async def test_an_officer_erased_again_leaves_a_vacancy(plain_house: House) -> None:
    """Administrators hear of it as when it happened, and who stood in that their role is over; nobody is named."""
    house = plain_house
    admin = await granted(house, await settled(house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title="")
    an, lan = await officer_of(house, "LC0421"), await settled(house, "701", "Lò Thị Lan")
    ids = [await member_id(house, phone) for phone in (an, lan)]

    def stand_in(tx: Transaction) -> None:
        unit, now = units.by_code(tx, "LC0422"), house.clock.now()
        assert unit is not None
        units.grant(tx, ids[0], unit.id, RoleKind.OFFICER, now, title="Chủ tịch")
        (_, own) = units.roles_of(tx, ids[0], now)
        units.grant(
            tx, ids[1], unit.id, RoleKind.OFFICER, now, title="thay", valid_until=now + 9 * DAY, deputy_of=own.id
        )

    await house.running.db.write(stand_in)
    folder = await copy(house)
    await erase(house, "801")
    house.clock.at("2025-05-02T10:00")
    assert (await put_back(house, folder)).erased == 1
    await house.open()
    before = [times(phone, "không còn cán bộ") for phone in (admin, lan)]
    await house.passes("2025-05-02T10:05")
    for unit in ("CĐCS Công ty Ví dụ A", "CĐCS Trường Ví dụ B"):
        assert times(admin, f"{unit} hiện không còn cán bộ công đoàn nào") >= 1
    assert times(admin, "không còn cán bộ") == before[0] + 2
    assert times(lan, "thay") >= 1
    kept = await house.running.db.read(lambda tx: tx.all("SELECT value FROM installation WHERE name LIKE 'ended%'"))
    assert kept == []
    await house.passes("2025-05-02T10:30")
    assert times(admin, "không còn cán bộ") == before[0] + 2


async def test_a_recording_comes_back_with_its_voice(tmp_path: Path) -> None:
    """It is played after the copy came back as before; one of who erased themselves since does not come back."""
    house = await House(tmp_path).open()
    await house.plant_units()
    an, mai = await planted(house, approved=True)
    await mai.says("ngôn ngữ nghe")
    await mai.says("thái")
    folder = await copy(house)
    for path in (house.directory / "media").iterdir():
        path.unlink()
    await put_back(house, folder)
    await house.open()
    await mai.says(f"bài {CARD.id}")
    await mai.says("nghe")
    assert len(voices(mai)) == 2, "once to be approved, once to be heard"
    [path] = (house.directory / "media").iterdir()
    assert path.read_bytes() == b"OggS a voice"
    await an.says("/xoadulieu")
    await an.says("XÓA")
    await put_back(house, folder)
    await house.open()
    assert await recorded(house) == []
    await house.close()

"""The union tree from a file sent in chat: checked, shown, written when its sender agrees, all or nothing."""

import asyncio
import sqlite3
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.channels.contract import Refusal
from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.services import tables
from bot.storage import members, privacy, unit_endings, unit_uploads, units
from bot.storage.database import Transaction
from scheduler import unit_files
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, member_id, times
from tests.support.people import settled

HEAD = "mã;cấp trên;loại;tên\n"
GOOD = HEAD + "LC0421;LC01;grassroots;CĐCS Công ty Ví dụ Mới\nLC0430;LC01;grassroots;CĐCS Hợp tác xã Ví dụ\n"
ANOTHER = HEAD + "LC0440;LC01;grassroots;CĐCS Chợ Ví dụ\n"
BAD = HEAD + "LC0430;XX99;grassroots;CĐCS Hợp tác xã Ví dụ\nLC0431;LC01;uper;CĐCS Xưởng Ví dụ\n"


async def admin_of(house: House, unit: str = "LD") -> Phone:
    return await granted(house, await settled(house, "700", "Quản Trị", "LD"), unit, RoleKind.ADMIN, title="")


async def gives(house: House, admin: Phone, content: str | bytes, ref: str = "tree") -> str:
    """Send a file; returns everything the bot answered."""
    house.channel.files[ref] = content.encode() if isinstance(content, str) else content
    house.running.intake._arrivals.clear()
    await admin.says("/capnhatcay")
    return await admin.sends(InboundKind.DOCUMENT, ref=ref)


async def tree(house: House) -> dict[str, str]:
    """Every unit's name by code."""
    return {unit.code: unit.name for unit in await house.running.db.read(units.every)}


async def left_over(house: House) -> int:
    """Rows of a tree that is not shown."""
    count = "SELECT (SELECT COUNT(*) FROM unit_version) - (SELECT COUNT(*) FROM unit)"
    found = await house.running.db.read(lambda tx: tx.scalar(count))
    assert isinstance(found, int)
    return found


async def test_a_file_is_shown_and_then_written(house: House) -> None:
    """On a channel that brings no documents a sentence says where to send it."""
    admin = await admin_of(house)
    before = await tree(house)
    house.channel.files["tree"] = GOOD.encode()
    said = await admin.says("cập nhật cây đơn vị")
    if house.channel.name == "zalo_bot":
        assert "gửi tệp ở web chat hoặc Telegram" in said
    await admin.sends(InboundKind.DOCUMENT, ref="tree")
    shown = admin.last
    assert "1 đơn vị mới, 1 đổi tên, 0 chuyển cấp trên" in shown.text
    assert "Đổi tên LC0421: CĐCS Công ty Ví dụ A → CĐCS Công ty Ví dụ Mới" in shown.text
    assert await tree(house) == before
    await admin.taps("Ghi")
    assert times(admin, "Đã ghi 2 thay đổi") == 1
    assert times(admin, "Ghi tệp này thì có") == 1
    after = await tree(house)
    assert after == before | {"LC0421": "CĐCS Công ty Ví dụ Mới", "LC0430": "CĐCS Hợp tác xã Ví dụ"}
    assert (await audited(house)).count("units_imported") == 1
    former = await house.running.db.read(lambda tx: tx.all("SELECT name FROM unit_former_name"))
    assert former == [("CĐCS Công ty Ví dụ A",)]
    assert await house.running.db.read(unit_uploads.leaves_staged) is False
    assert await left_over(house) == 0
    if house.channel.capabilities.buttons:
        assert "đã xong" in await admin.taps("Ghi")


async def test_what_is_wrong_comes_as_a_file(one_house: House) -> None:
    admin = await admin_of(one_house)
    before = await tree(one_house)
    said = await gives(one_house, admin, BAD)
    assert "Tệp có 2 dòng cần sửa, chưa ghi gì cả" in said
    assert "Dòng 2: không có đơn vị cấp trên “XX99”" in said
    (kind, path), *_ = [media for shown in admin.shown for media in shown.media]
    report = tables.read(await asyncio.to_thread(Path(path).read_bytes))
    assert kind == "document"
    assert isinstance(report, tables.Table)
    assert [cells[0] for _, cells in report.rows] == ["2", "3"]
    assert await tree(one_house) == before
    assert "Tệp có 1 dòng cần sửa" in await gives(one_house, admin, b"\xd0\xcf\x11\xe0", "old")


async def test_typed_and_not_written(one_house: House) -> None:
    admin = await admin_of(one_house)
    before = await tree(one_house)
    await gives(one_house, admin, GOOD)
    assert "không ghi gì" in await admin.says("khong ghi")
    assert await tree(one_house) == before
    await gives(one_house, admin, GOOD)
    assert "đang ghi" in await admin.says("ghi")
    assert "Đã ghi 2 thay đổi" in admin.last.text
    assert "không đổi gì: 2 đơn vị giữ nguyên" in await gives(one_house, admin, GOOD)


async def test_a_second_file_replaces_the_first(one_house: House) -> None:
    admin = await admin_of(one_house)
    await gives(one_house, admin, GOOD)
    first = admin.last
    await gives(one_house, admin, ANOTHER, "another")
    assert "đã có tệp khác thay" in await admin.presses(first, first.buttons[0].data)
    await admin.taps("Ghi")
    found = await tree(one_house)
    assert "LC0440" in found
    assert "LC0430" not in found


async def test_what_is_written_is_what_was_checked(one_house: House) -> None:
    """Another tree is checked against again and asked about again; another content is not written at all."""
    admin = await admin_of(one_house)
    await gives(one_house, admin, GOOD)

    def rename(tx: Transaction) -> None:
        units.put(tx, "LC0430", units.by_code(tx, "LC01").id, "grassroots", "Đã có", None, None)  # type: ignore[union-attr]
        units.revise(tx)

    await one_house.running.db.write(rename)
    said = await admin.taps("Ghi")
    assert "kiểm tra lại" in said
    assert "0 đơn vị mới, 2 đổi tên" in said
    assert (await tree(one_house))["LC0430"] == "Đã có"
    path = await one_house.running.db.read(lambda tx: tx.scalar("SELECT path FROM media ORDER BY id DESC LIMIT 1"))
    await asyncio.to_thread(Path(path).write_text, ANOTHER)
    assert "gửi lại" in await admin.taps("Ghi")
    found = await tree(one_house)
    assert found["LC0430"] == "Đã có"
    assert "LC0440" not in found


async def test_only_administrators_of_the_whole_tree(one_house: House) -> None:
    """At the command, at the press, and while it is written."""
    admin = await admin_of(one_house)
    part = await granted(one_house, await settled(one_house, "801", "Trần Văn An"), "LC01", RoleKind.ADMIN)
    assert "quản trị viên của cả cây" in await part.says("/capnhatcay")
    await gives(one_house, admin, GOOD)
    question = admin.last
    assert "đã xong" in await part.taps_data(question.buttons[0].data)
    assert "đã xong" in await admin.taps_data("ufile:1-000000000000:write")
    assert "đã xong" in await admin.taps_data("ufile:x:write")
    await one_house.running.db.write(lambda tx: tx.run("DELETE FROM role WHERE kind = 'admin'"))
    await admin.taps("Ghi")
    assert "LC0430" not in await tree(one_house)


async def test_long_lost_and_erased(one_house: House) -> None:
    """It takes long: said once. It cannot be fetched: said. Its sender is erased: nothing of it is left."""
    admin = await admin_of(one_house)
    one_house.running.unit_files._patience = 0
    assert "đợi thêm một lát" in await gives(one_house, admin, GOOD)
    await admin.taps("Ghi")
    assert times(admin, "đợi thêm") == 1

    async def gone(ref: str, limit: int) -> Refusal:
        return Refusal.TOO_BIG

    one_house.channel.fetch = gone  # type: ignore[assignment]
    assert "không lấy được tệp" in await gives(one_house, admin, GOOD)
    await admin.says("/capnhatcay")
    assert "lớn hơn 20 MB" in await admin.sends(InboundKind.DOCUMENT, size=30_000_000)
    id = await member_id(one_house, admin)
    await one_house.running.db.write(lambda tx: privacy.erase(tx, id, one_house.clock.now()))
    assert await one_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM unit_file")) == 0
    assert await one_house.running.db.read(lambda tx: members.by_id(tx, id)) is None


WHOLE = (
    "mã;cấp trên;loại;tên;tên cũ\nLC01;LD;upper;Công đoàn xã Mới;\nLC0421;LC01;grassroots;CĐCS A Mới;CĐCS A Xưa\n"
    "LC0430;LC02;grassroots;CĐCS Một;\nLC0431;LC02;grassroots;CĐCS Hai;\nLC02;LD;upper;Công đoàn xã Hai;\n"
)


async def test_nobody_sees_half_a_tree(one_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is written, a unit a write, everybody who looks sees the one tree or the other."""
    monkeypatch.setattr(unit_files, "SLICE", 1)
    admin = await admin_of(one_house)
    await gives(one_house, admin, WHOLE)
    seen: list[tuple[frozenset[str], int, int]] = []

    def look(tx: Transaction) -> tuple[frozenset[str], int, int]:
        under = units.by_code(tx, "LC02")
        children = units.children(tx, under.id, date(2025, 5, 1)) if under else []
        return frozenset(u.name for u in units.every(tx)), len(units.former_names(tx)), len(children)

    async def keep_looking() -> None:
        while True:
            now = await one_house.running.db.read(look)
            if seen[-1:] != [now]:
                seen.append(now)

    looking = asyncio.ensure_future(keep_looking())
    await admin.taps("Ghi")
    looking.cancel()
    seen += [now for now in [await one_house.running.db.read(look)] if now != seen[-1]]
    before, after = seen
    assert before[1:] == (0, 0)
    assert after[1:] == (2, 2)
    assert after[0] - before[0] == {"Công đoàn xã Mới", "CĐCS A Mới", "CĐCS Một", "CĐCS Hai", "Công đoàn xã Hai"}
    assert await left_over(one_house) == 0


async def test_killed_while_it_is_written(one_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each write: the old tree is whole, and after the start the new one is written, once."""
    monkeypatch.setattr(unit_files, "SLICE", 1)
    admin = await admin_of(one_house)
    before = await tree(one_house)
    await gives(one_house, admin, WHOLE)
    stage, staged = unit_uploads.stage, 0

    def die(tx: Transaction, **rows: Any) -> None:
        nonlocal staged
        staged += 1
        if staged in (2, 5, 9):
            raise sqlite3.OperationalError("killed")
        stage(tx, **rows)

    monkeypatch.setattr(unit_uploads, "stage", die)
    with suppress(sqlite3.OperationalError):
        await admin.taps("Ghi")
    while staged < 10:
        assert await tree(one_house) == before
        assert await one_house.running.db.read(units.former_names) == {}
        await one_house.close()
        await one_house.open()
        with suppress(sqlite3.OperationalError):
            await one_house.settle()
    assert (await tree(one_house))["LC0431"] == "CĐCS Hai"
    assert (await audited(one_house)).count("units_imported") == 1
    assert await left_over(one_house) == 0


async def test_an_end_decided_meanwhile_is_not_lost(one_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was staged before it is dropped, and the file is checked against the tree as it is now."""
    admin = await admin_of(one_house)
    await gives(one_house, admin, WHOLE)
    stage = unit_uploads.stage

    def end_first(tx: Transaction, **rows: Any) -> None:
        stage(tx, **rows)
        unit = units.by_code(tx, "LC0421")
        assert unit is not None
        if unit.valid_until is None:
            unit_endings.add(tx, unit.id, None, "2025-12-31", [unit.id], 1, 0)

    monkeypatch.setattr(unit_uploads, "stage", end_first)
    assert "kiểm tra lại" in await admin.taps("Ghi")
    unit = await one_house.running.db.read(lambda tx: units.by_code(tx, "LC0421"))
    assert unit is not None
    assert (unit.name, str(unit.valid_until)) == ("CĐCS Công ty Ví dụ A", "2025-12-31")
    assert await left_over(one_house) == 0
    await admin.taps("Ghi")
    unit = await one_house.running.db.read(lambda tx: units.by_code(tx, "LC0421"))
    assert unit is not None
    assert (unit.name, str(unit.valid_until)) == ("CĐCS A Mới", "2025-12-31")

"""Lists of units, wherever they come from, stand as official lists do."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.people import RoleKind, Unit
from bot.storage import roles, roster, units
from bot.storage.database import Database, Transaction
from bot.storage.migrate import DIRECTORY, load, migrate


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database of its own."""
    db = await Database.open(tmp_path / "test.db")
    await migrate(db, 0)
    yield db
    await db.close()


def tree(tx: Transaction) -> dict[str, int]:
    """Three levels, made in another order than the official one, codes in yet another; ids by code."""
    root = units.put(tx, "Z", None, "federation", "Liên đoàn", None, None)
    second = units.put(tx, "A", root, "upper", "Công đoàn phường Hai", None, None, position=2)
    first = units.put(tx, "B", root, "upper", "Công đoàn phường Một", None, None, position=1)
    return {
        "Z": root,
        "A": second,
        "B": first,
        "A2": units.put(tx, "A2", second, "grassroots", "CĐCS Đá", None, None),
        "A1": units.put(tx, "A1", second, "grassroots", "CĐCS Dệt", None, None),
        "B1": units.put(tx, "B1", first, "grassroots", "CĐCS Ăn uống", None, None, position=9),
        "B2": units.put(tx, "B2", first, "grassroots", "CĐCS Sữa", None, None, position=1),
    }


OFFICIAL = ["Z", "B", "B2", "B1", "A", "A1", "A2"]


async def test_units_of_anywhere(db: Database) -> None:
    """Those above first, neighbours by position, then by name; units that are not there left out."""
    ids = await db.write(tree)
    for codes in (sorted(OFFICIAL), OFFICIAL[::-1], ["A2", "B1", "A2"]):
        listed = await db.read(lambda tx, codes=codes: units.listed(tx, [99, *(ids[code] for code in codes)]))
        assert [unit.code for unit in listed] == [code for code in OFFICIAL if code in codes]


async def test_holders_of_roles(db: Database) -> None:
    """Unit by unit in official order, those of one unit in the order they were given."""

    def give(tx: Transaction) -> int:
        ids = tree(tx)
        for number, code in enumerate([*sorted(OFFICIAL), "B1"], 1):
            tx.run(
                "INSERT INTO member (id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
                " VALUES (?, 0, 0, '1', 0, 0)",
                (number,),
            )
            units.grant(tx, number, ids[code], RoleKind.OFFICER, 0, title=code)
        return ids["Z"]

    root = await db.write(give)
    held = await db.read(lambda tx: roster.roles_under(tx, [root], 1))
    assert [role.title for role in held] == ["Z", "B", "B2", "B1", "B1", "A", "A1", "A2"]
    assert [role.member_id for role in held if role.title == "B1"] == [5, 8]


async def test_what_one_person_holds(db: Database) -> None:
    """Their duties, as they are shown and handed over."""

    def give(tx: Transaction) -> None:
        ids = tree(tx)
        tx.run(
            "INSERT INTO member (id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
            " VALUES (1, 0, 0, '1', 0, 0)"
        )
        for code in ("A1", "B", "B2"):
            units.grant(tx, 1, ids[code], RoleKind.OFFICER, 0, title=code)

    await db.write(give)
    held = await db.read(lambda tx: roles.of_member(tx, 1, 1))
    assert [role.title for role in held] == ["B", "B2", "A1"]


async def migrated_before(tmp_path: Path, last: str) -> Database:
    """A database as it was before the migration of this name."""
    older = tmp_path / "older"
    older.mkdir()
    for migration in load():
        if migration.name == last:
            break
        name = f"{migration.version:04}_{migration.name}.sql"
        (older / name).write_bytes((DIRECTORY / name).read_bytes())
    db = await Database.open(tmp_path / "test.db")
    await migrate(db, 0, older)
    return db


async def test_a_tree_from_before_versions(tmp_path: Path) -> None:
    """Every unit, and everything that hangs on it, is there after the migration."""
    db = await migrated_before(tmp_path, "unit_versions")

    def fill(tx: Transaction) -> list[Unit]:
        tx.run("INSERT INTO unit (id, code, kind, name, position) VALUES (5, 'A', 'upper', 'Một', 3)")
        tx.run(
            "INSERT INTO unit (id, code, parent_id, kind, name, valid_until, short_name, successor_id)"
            " VALUES (7, 'B', 5, 'grassroots', 'Hai', '2025-03-31', 'H', 5)"
        )
        tx.run("INSERT INTO unit_former_name (unit_id, name) VALUES (7, 'Xưa')")
        tx.run(
            "INSERT INTO member (id, unit_id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
            " VALUES (1, 7, 0, 0, '1', 0, 0)"
        )
        return units.every(tx)

    before = await db.write(fill)
    await migrate(db, 0)
    assert await db.read(units.every) == before
    assert await db.read(units.former_names) == {7: ["Xưa"]}
    assert await db.read(lambda tx: tx.all("PRAGMA foreign_key_check")) == []
    found = await db.read(lambda tx: tx.all("SELECT m.id, u.name FROM member m JOIN unit u ON u.id = m.unit_id"))
    assert found == [(1, "Hai")]
    with pytest.raises(sqlite3.IntegrityError):
        await db.write(lambda tx: tx.run("UPDATE member SET unit_id = 99"))
    await db.close()


async def test_a_roles_number_is_never_given_again(db: Database) -> None:
    """Also where the newest has gone; and those there were before have theirs, with who stands in and what is offered."""

    def give(tx: Transaction) -> list[int]:
        ids = tree(tx)
        tx.run(
            "INSERT INTO member (id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
            " VALUES (1, 0, 0, '1', 0, 0)"
        )
        given = []
        for code in ("A", "B"):
            units.grant(tx, 1, ids[code], RoleKind.OFFICER, 0)
            (role,) = units.roles_of(tx, 1, 1)
            given.append(role.id)
            roster.revoke(tx, role.id)
        return given

    first, second = await db.write(give)
    assert first < second


async def test_roles_from_before(tmp_path: Path) -> None:
    db = await migrated_before(tmp_path, "role_numbers")

    def fill(tx: Transaction) -> None:
        id = units.put(tx, "A", None, "upper", "Một", None, None)
        for member in (1, 2):
            tx.run(
                "INSERT INTO member (id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
                " VALUES (?, 0, 0, '1', 0, 0)",
                (member,),
            )
        units.grant(tx, 1, id, RoleKind.OFFICER, 0, title="Chủ tịch", phone="0912", phone_shown=True, granted_by=2)
        units.grant(tx, 2, id, RoleKind.OFFICER, 0, title="thay", valid_until=9, deputy_of=1)
        roles.add_offer(tx, what="deputy", member_id=2, by_id=1, expires_at=9, role_id=1, unit_id=id)

    await db.write(fill)
    look = ["SELECT * FROM role ORDER BY id", "SELECT * FROM role_offer ORDER BY id"]
    before = [await db.read(lambda tx, sql=sql: tx.all(sql)) for sql in look]
    await migrate(db, 0)
    assert [await db.read(lambda tx, sql=sql: tx.all(sql)) for sql in look] == before
    assert await db.read(lambda tx: tx.all("PRAGMA foreign_key_check")) == []
    await db.write(lambda tx: roster.revoke(tx, 1))
    assert [await db.read(lambda tx, sql=sql: tx.all(sql)) for sql in look] == [[], []]
    await db.close()

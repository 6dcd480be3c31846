"""No statement on the way of a message reads a table that grows with people, messages or time from end to end."""

import re
from pathlib import Path

from bot.storage import outbox
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from tests.support.faults import faulty_sqlite
from tests.support.house import House
from tests.support.officers import officer_of, writes

SHORT = {
    "inbox USING INDEX inbox_pending": "rows a dead process left, once at start",
    "outbox USING INDEX outbox_sending": "what is on the wire, once at start",
    "tree_version": "one row",
    "schema_migration": "a row a migration, once at start",
    "solemn USING INDEX solemn_now": "where the mode is solemn now",
    "ancestor": "a unit's few ancestors",
    "w": "queues of a lane: announcements on their way",
    "CONSTANT ROW": "the first of them",
    "a": "the same",
    "r": "roles: a few hundred people",
}
PARAMETER = re.compile(r"\?(?=(?:[^']*'[^']*')*[^']*$)")


def plan(tx: Transaction, sql: str) -> list[str]:
    return [row[3] for row in tx.all(f"EXPLAIN QUERY PLAN {sql}", [None] * len(PARAMETER.findall(sql)))]


HALF_SCAN = re.compile(r"\((account_id=\?|state=\?)\)|outbox_address \(address_id=\?\)|inbox.*PRIMARY KEY \(rowid<\?\)")
"""Searches that find a whole account, or all that an address was ever sent."""


def full_scans(steps: list[str]) -> list[str]:
    scans = [step for step in steps if step.startswith("SCAN ") and step.removeprefix("SCAN ") not in SHORT]
    return scans + [step for step in steps if HALF_SCAN.search(step)]


async def test_a_members_day_scans_no_table(tmp_path: Path) -> None:
    """Joining, reading, answering, menus, nonsense; sends, edits of keyboards, marks."""
    with faulty_sqlite() as faults:
        house = await House(tmp_path).open()
        faults.statements.clear()
        await house.plant_units()
        phone = house.phone("501")
        await phone.joins(name="Lan")
        for text in (
            "menu",
            "bài hôm nay",
            "xin chào",
            "không hiểu gì",
            "trả lời câu hỏi",
            "1",
            "quay lại",
            "hủy",
            "9",
        ):
            await phone.says(text)
        statements = sorted(
            {sql for sql in faults.statements if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)", sql)}
        )
        plans = await house.running.db.read(lambda tx: {sql: plan(tx, sql) for sql in statements})
        await house.close()
    assert len(plans) > 30
    slow = {sql: scans for sql, steps in plans.items() if (scans := full_scans(steps))}
    assert slow == {}


async def test_erasing_an_officer_reads_what_was_said_piece_by_piece(tmp_path: Path) -> None:
    """They were named to anybody; still no statement reads every message or journal there is."""
    with faulty_sqlite() as faults:
        house = await House(tmp_path).open()
        await house.plant_units()
        chief = await officer_of(house, "LC0421")
        await writes(chief)
        await chief.says("gửi ngay")
        await chief.says("/xoadulieu")
        await house.tick()
        faults.statements.clear()
        await chief.says("XÓA")
        await house.passes("2025-05-01T07:57")
        statements = sorted({sql for sql in faults.statements if re.search(r"\b(outbox|dialog)\b", sql)})
        statements = [sql for sql in statements if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", sql)]
        plans = await house.running.db.read(lambda tx: {sql: plan(tx, sql) for sql in statements})
        await house.close()
    going = [sql for sql in plans if "state = 'sending' AND REPLACE(" in sql]
    assert [plans.pop(sql) for sql in going] == [["SCAN outbox USING INDEX outbox_sending"]]  # holds what is sent now
    looked = {sql: steps for sql, steps in plans.items() if "REPLACE(" in sql}
    assert len(looked) == 2
    assert {steps[0].partition(" USING ")[2] for steps in looked.values()} == {
        "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
    }
    assert not any(re.match(r"SCAN (outbox|dialog|o|d)\b", step) for steps in plans.values() for step in steps)


async def test_a_claim_searches_unfinished_rows_only(tmp_path: Path) -> None:
    """Both NOT EXISTS parts go through partial indexes: an address's history may be long."""
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)
    for sql, in_order in ((outbox._CLAIM_IN_ORDER, True), (outbox._CLAIM_ANNOUNCED, False)):
        steps = await db.read(lambda tx, sql=sql: plan(tx, sql))  # type: ignore[misc]
        by_alias = {found[1]: found[0] for step in steps if (found := re.match(r"SEARCH (\w) .*", step))}
        assert "outbox_ready (account_id=? AND lane=? AND queue=? AND not_before<?)" in by_alias["o"]
        assert ("outbox_order (address_id=? AND lane=? AND id<?)" in by_alias.get("p", "")) == in_order
        assert "outbox_sending (address_id=?)" in by_alias["s"]
        assert not any("TEMP B-TREE" in step for step in steps)
    await db.close()


async def test_queues_are_found_one_by_one_however_long_they_are(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)
    steps = await db.read(lambda tx: plan(tx, outbox._QUEUES))
    await db.close()
    over_rows = [step for step in steps if step.startswith("SEARCH o ")]
    assert [step.rpartition(" ")[2] for step in over_rows] == ["lane=?)", "queue>?)"]
    assert not any("TEMP B-TREE" in step for step in steps)

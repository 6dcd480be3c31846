"""Two members made one, row by row; and what goes out to one person once."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.people import Address
from bot.storage import installation, learning, linking, members, privacy, roles, schedule, units
from bot.storage.database import Database, Transaction
from bot.storage.learning import Missed
from bot.storage.migrate import migrate
from bot.storage.schedule import Occurrence

KEPT, GONE, OTHER = 1, 2, 3
DAY = date(2025, 5, 1)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Three members at one address each (their numbers are the same), on one account."""
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)

    def plant(tx: Transaction) -> None:
        account = installation.account_id(tx, "telegram", "1000")
        for id in (KEPT, GONE, OTHER):
            address = members.arrive(tx, account, f"chat {id}", id).address
            assert members.create(tx, address.id, "2025-1", 0, 0, id).id == id == address.id

    await db.write(plant)
    yield db
    await db.close()


def references(tx: Transaction) -> list[tuple[str, str]]:
    """Every (table, column) that holds a member's number."""
    tables = [row[0] for row in tx.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
    keys = [
        (table, row[0])
        for table in tables
        for row in tx.all('SELECT "from" FROM pragma_foreign_key_list(?) WHERE "table" = \'member\'', (table,))
    ]
    return sorted({*keys, ("media", "member_id"), ("role", "granted_by")})


def fill(tx: Transaction, table: str, column: str, value: int) -> None:
    """A row of a table whose only known value is one column's; the rest is whatever the schema takes."""
    given: dict[str, Any] = {column: value}
    for name, type, required, default, key in tx.all(
        'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', (table,)
    ):
        if name in given or not required or default is not None or (key and type == "INTEGER" and name == "id"):
            continue
        given[name] = {"BLOB": b"x", "TEXT": "x"}.get(type, 1)
    given |= CHOICES.get(table, {})
    names = ", ".join(given)
    tx.run(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(given))})", list(given.values()))


CHOICES: dict[str, dict[str, Any]] = {
    "announcement": {"kind": "urgent", "state": "done"},
    "link_code": {"purpose": "link"},
    "media": {"state": "stored"},
    "nomination": {"kind": "person"},
    "occurrence": {"state": "queued"},
    "recording": {"unit_id": 1, "state": "waiting"},
    "role": {"kind": "officer"},
    "role_offer": {"what": "handover", "state": "open"},
    "unit_ending": {"unit_id": 1, "state": "set"},
    "unit_ending_member": {"answer": "move"},
}


async def test_no_column_of_any_table_keeps_the_younger(db: Database) -> None:
    """A table that comes later and holds members fails here until it is thought of."""
    found = await db.read(references)
    assert ("recipient", "member_id") in found

    def check(tx: Transaction) -> None:
        assert units.put(tx, "LC01", None, "upper", "A", None, None) == 1
        fill(tx, "announcement", "author_id", OTHER)
        for table, column in found:
            if table != "address":
                fill(tx, table, column, GONE)
        linking.attach(tx, GONE, KEPT)
        linking.keep_unit_request(tx, KEPT, GONE, GONE)
        linking.unite(tx, KEPT, GONE, 10)

    await db.write(check)
    left = {(t, c): await count(db, t, c, GONE) for t, c in found}
    assert {where: rows for where, rows in left.items() if rows} == {}
    moved = {(t, c): await count(db, t, c, KEPT) for t, c in found}
    missed_as_well = [("question_right", "member_id")]
    assert [where for where, rows in moved.items() if not rows] == missed_as_well
    assert await db.read(lambda tx: tx.all("PRAGMA foreign_key_check")) == []


async def count(db: Database, table: str, column: str, member_id: int) -> int:
    """How many rows name a member."""
    found: int = await db.read(lambda tx: tx.scalar(f"SELECT COUNT(*) FROM {table} WHERE {column} = ?", (member_id,)))
    return found


@pytest.mark.parametrize(
    ("asked", "by", "holder", "stays"),
    [(GONE, KEPT, KEPT, False), (GONE, OTHER, KEPT, False), (KEPT, GONE, None, False), (GONE, OTHER, OTHER, True)],
)
async def test_nobody_is_asked_to_take_over_from_themselves(
    db: Database, asked: int, by: int, holder: int | None, stays: bool
) -> None:
    """Saying yes would end the roles that were handed over."""

    def unite(tx: Transaction) -> bool:
        id = roles.add_offer(tx, what="handover", member_id=asked, by_id=by, holder_id=holder, expires_at=1_000)
        linking.attach(tx, GONE, KEPT)
        linking.unite(tx, KEPT, GONE, 10)
        return roles.open_offer(tx, id, 10) is not None

    assert await db.write(unite) is stays


async def test_what_both_learned(db: Database) -> None:
    """The earlier reading and saving; a question either missed comes back, at the earlier day."""

    def unite(tx: Transaction) -> dict[str, Any]:
        for member, at in ((KEPT, 7), (GONE, 5)):
            learning.mark_read(tx, member, "both", "r1", at)
            learning.save(tx, member, "both", at)
            learning.put_missed(tx, member, Missed("both", date(2025, 5, at), at, 0.5, 6.0, at))
        learning.mark_read(tx, GONE, "his", "r1", 9)
        learning.save(tx, GONE, "his", 9)
        learning.mark_right(tx, KEPT, "missed by the other")
        learning.put_missed(tx, GONE, Missed("missed by the other", DAY, 1, 0.2, 6.4, 0))
        learning.mark_right(tx, GONE, "right")
        linking.attach(tx, GONE, KEPT)
        linking.unite(tx, KEPT, GONE, 10)
        return {
            "cards": privacy.held(tx, KEPT)["cards"],
            "saved": privacy.held(tx, KEPT)["saved"],
            "right": learning.answered_right(tx, KEPT),
            "missed": learning.missed(tx, KEPT),
        }

    assert await db.write(unite) == {
        "cards": [("both", 5), ("his", 9)],
        "saved": [("both", 5), ("his", 9)],
        "right": {"right"},
        "missed": [
            Missed("missed by the other", DAY, 1, 0.2, 6.4, 0),
            Missed("both", date(2025, 5, 5), 5, 0.5, 6.0, 5),
        ],
    }


async def test_who_was_told_of_an_erratum_is_told_no_more(db: Database) -> None:
    """Whichever of the two it was; of a message that was lost neither was."""

    def unite(tx: Transaction) -> tuple[set[str], set[str], set[str]]:
        states = {"sent": "sent", "lost": "expired"}
        rows = {
            name: tx.insert(
                "INSERT INTO outbox (account_id, address_id, lane, operation, state, created_at, valid_until)"
                " VALUES (1, ?, 4, 'send', ?, 1, 1)",
                (GONE, state),
            )
            for name, state in states.items()
        }
        for member, revision in ((KEPT, "right"), (GONE, "wrong")):
            learning.mark_read(tx, member, "both", revision, 1)
        learning.mark_corrected(tx, GONE, "told", rows["sent"], 1)
        learning.mark_corrected(tx, KEPT, "told", rows["lost"], 2)
        learning.mark_corrected(tx, GONE, "lost", rows["lost"], 3)
        linking.attach(tx, GONE, KEPT)
        linking.unite(tx, KEPT, GONE, 10)
        lost = ("expired",)
        return learning.saw(tx, KEPT, "both"), learning.corrected(tx, KEPT, lost), learning.corrected(tx, GONE, lost)

    assert await db.write(unite) == ({"right", "wrong"}, {"told"}, set())


@pytest.mark.parametrize(
    ("kept", "gone", "stays"), [(None, 5, "gone"), (5, None, "kept"), (7, 5, "kept"), (5, 7, "gone"), (5, 5, "kept")]
)
async def test_the_kind_of_work_chosen_last(db: Database, kept: int | None, gone: int | None, stays: str) -> None:
    """And how many questions returned on one day to both is one number."""

    def unite(tx: Transaction) -> tuple[str, int]:
        for member, at, work in ((KEPT, kept, "kept"), (GONE, gone, "gone")):
            if at is not None:
                learning.set_work(tx, member, work, at)
                learning.set_language(tx, member, work, at)
            learning.count_return(tx, member, DAY)
        linking.attach(tx, GONE, KEPT)
        linking.unite(tx, KEPT, GONE, 10)
        return learning.work(tx, KEPT), learning.returned(tx, KEPT, DAY)

    assert await db.write(unite) == (stays, 2)


@pytest.mark.parametrize(
    ("kept", "gone", "last"), [(None, None, None), (5, None, 5), (None, 5, 5), (7, 5, 7), (5, 7, 7)]
)
async def test_the_last_answer(db: Database, kept: int | None, gone: int | None, last: int | None) -> None:
    """Whichever side it was on."""

    def unite(tx: Transaction) -> list[Any]:
        fill(tx, "announcement", "author_id", OTHER)
        for member, at in ((KEPT, kept), (GONE, gone)):
            tx.run("INSERT INTO recipient (announcement_id, member_id, answered_at) VALUES (1, ?, ?)", (member, at))
        linking.attach(tx, GONE, KEPT)
        linking.unite(tx, KEPT, GONE, 10)
        return tx.all("SELECT member_id, answered_at FROM recipient")

    assert await db.write(unite) == [(KEPT, last)]


@pytest.mark.parametrize(
    ("kept", "gone", "stays"),
    [
        (("missed", None), ("queued", "sent"), "gone"),
        (("queued", "sent"), ("missed", None), "kept"),
        (("queued", "pending"), ("queued", "cancelled"), "kept"),
        (("queued", "cancelled"), ("queued", "pending"), "gone"),
        (("queued", "cancelled"), ("missed", None), "kept"),
    ],
)
async def test_one_message_a_day(
    db: Database, kept: tuple[str, str | None], gone: tuple[str, str | None], stays: str
) -> None:
    """The one that was queued and goes out is remembered; the card of a cancelled one was not read."""

    def unite(tx: Transaction) -> tuple[Occurrence | None, list[str]]:
        for member, (state, sent), name, at in ((KEPT, kept, "kept", 3), (GONE, gone, "gone", 4)):
            message = row(tx, member, sent, "daily:2025-05-01") if sent else None
            schedule.add_occurrence(tx, Occurrence(member, DAY, state, (name,)), message, at)
            if sent:
                learning.mark_read(tx, member, name, "r1", at)
        linking.attach(tx, GONE, KEPT)
        linking.unite(tx, KEPT, GONE, 10)
        return schedule.occurrence(tx, KEPT, DAY), sorted(learning.cards_read(tx, KEPT))

    found, read = await db.write(unite)
    assert found == Occurrence(KEPT, DAY, "queued", (stays,))
    assert read == [name for name, (_, sent) in (("gone", gone), ("kept", kept)) if sent not in (None, "cancelled")]


def row(tx: Transaction, address_id: int, state: str, origin: str, *, lane: int = 2, body: str | None = "{}") -> int:
    """An outbox row."""
    id: int = tx.scalar(
        "INSERT INTO outbox (account_id, address_id, lane, origin, body, state, created_at) VALUES (1, ?, ?, ?, ?, ?, 0)"
        " RETURNING id",
        (address_id, lane, origin, body, state),
    )
    return id


@pytest.mark.parametrize(
    ("kept", "gone", "then"),
    [
        (["sent"], ["pending"], (["sent"], [])),
        (["pending"], ["sent"], ([], ["sent"])),
        (["uncertain"], ["pending"], (["uncertain"], [])),
        (["sending"], ["pending"], (["sending"], [])),
        (["pending"], ["sending"], ([], ["sending"])),
        (["failed"], ["pending"], ([], ["pending"])),
        (["pending", "pending"], ["pending", "pending"], ([], ["pending", "pending"])),
        (["sent", "pending"], ["pending", "pending"], (["sent", "pending"], [])),
        (["sent"], ["sent"], ([], ["sent"])),
        (["pending"], [], (["pending"], [])),
    ],
)
@pytest.mark.parametrize("origin", ["announcement:1", "daily:2025-05-01"])
async def test_once_to_a_person(
    db: Database, kept: list[str], gone: list[str], then: tuple[list[str], list[str]], origin: str
) -> None:
    """What arrived stays before what waits; of equal ones the one at the address that is written to from now on."""

    def once(tx: Transaction) -> tuple[list[str], list[str]]:
        for address, states in ((KEPT, kept), (GONE, gone)):
            for state in states:
                row(tx, address, state, origin)
        linking.send_once(tx, ([KEPT], [GONE]), GONE, ("announcement", "daily"), 10)
        assert tx.scalar("SELECT COUNT(*) FROM outbox WHERE origin = '' AND state = 'pending'") == 0
        sides = [
            [
                s
                for (s,) in tx.all(
                    "SELECT state FROM outbox WHERE address_id = ? AND origin = ? ORDER BY id", (a, origin)
                )
            ]
            for a in (KEPT, GONE)
        ]
        return sides[0], sides[1]

    assert await db.write(once) == then


async def test_news_for_one_person_is_no_broadcast(db: Database) -> None:
    """Two that happen to have one origin are two pieces of news."""

    def once(tx: Transaction) -> int:
        row(tx, KEPT, "sent", "unit:away")
        row(tx, GONE, "pending", "unit:away")
        linking.send_once(tx, ([KEPT], [GONE]), KEPT, ("announcement", "daily"), 10)
        pending: int = tx.scalar("SELECT COUNT(*) FROM outbox WHERE state = 'pending'")
        return pending

    assert await db.write(once) == 1


async def test_what_is_handed_over(db: Database) -> None:
    """To another account only what speaks no channel's language yet; what was sent counts as sent; replies stay."""

    def hand_over(tx: Transaction) -> list[Any]:
        elsewhere = installation.account_id(tx, "zalo_bot", "2000")
        address = members.arrive(tx, elsewhere, "z", 1).address
        row(tx, GONE, "pending", "announcement:1", body=None)
        row(tx, GONE, "pending", "unit:1")
        row(tx, GONE, "sent", "announcement:2")
        row(tx, GONE, "pending", "", lane=0)
        linking.hand_over_pushes(tx, GONE, address, 10)
        return tx.all("SELECT address_id, state FROM outbox ORDER BY id")

    found = await db.write(hand_over)
    new = found[0][0]
    assert found == [(new, "pending"), (new, "cancelled"), (new, "sent"), (GONE, "pending")]


async def test_what_was_talked_about_is_handed_over_within_an_account(db: Database) -> None:
    """Parked there; on another account it ends, for its files could not be fetched."""

    def hand_over(tx: Transaction, account: int) -> list[Any]:
        tx.run("DELETE FROM dialog")
        tx.run(
            "INSERT INTO dialog (address_id, flow, state, journal, asked, created_at, updated_at)"
            " VALUES (?, 'nominate', 'waiting', '[]', '', 0, 0)",
            (GONE,),
        )
        linking.hand_over_dialogs(tx, GONE, Address(KEPT, account, "chat 1", KEPT), 10)
        return tx.all("SELECT address_id, state FROM dialog")

    assert await db.write(lambda tx: hand_over(tx, 1)) == [(KEPT, "parked")]
    assert await db.write(lambda tx: hand_over(tx, 2)) == []


async def test_where_a_push_goes(db: Database) -> None:
    """The preferred address while it can be reached and is theirs, else the one last written from."""

    def check(tx: Transaction) -> list[int | None]:
        linking.attach(tx, GONE, KEPT)
        linking.attach(tx, OTHER, KEPT)
        found = [_push(tx)]
        members.set_fields(tx, KEPT, preferred_address_id=KEPT)
        found.append(_push(tx))
        tx.run("UPDATE address SET reachable = 0 WHERE id = ?", (KEPT,))
        found.append(_push(tx))
        members.arrive(tx, 1, f"chat {GONE}", 50)
        found.append(_push(tx))
        members.set_fields(tx, KEPT, preferred_address_id=OTHER)
        linking.detach(tx, OTHER, 60)
        found.append(_push(tx))
        tx.run("UPDATE address SET reachable = 0")
        return [*found, _push(tx)]

    assert await db.write(check) == [OTHER, KEPT, OTHER, GONE, GONE, None]


def _push(tx: Transaction) -> int | None:
    address = members.push_address(tx, KEPT)
    return address.id if address is not None else None


async def test_codes_go_when_they_are_over(db: Database) -> None:
    """One that named its member to somebody else stays for as long as that may still be found."""

    def prune(tx: Transaction) -> list[bytes]:
        for digest, member in ((b"unused", KEPT), (b"named", GONE), (b"live", OTHER)):
            assert linking.add_code(tx, digest, member, member, "link", 0, 100)
        assert not linking.add_code(tx, b"live", KEPT, KEPT, "link", 0, 100)
        linking.take_code(tx, b"named", OTHER, 100)
        tx.run("UPDATE link_code SET expires_at = 900 WHERE hash = ?", (b"live",))
        linking.prune_codes(tx, 500, 50)
        first = [row[0] for row in tx.all("SELECT hash FROM link_code ORDER BY hash")]
        linking.prune_codes(tx, 500, 200)
        return [*first, *(row[0] for row in tx.all("SELECT hash FROM link_code"))]

    assert await db.write(prune) == [b"live", b"named", b"live"]

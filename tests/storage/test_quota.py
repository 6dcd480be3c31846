"""What is used of a plan, what is promised, who has a place and who waits for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.announcements import Audience
from bot.domain.messages import Outbound
from bot.storage import announcements, broadcasts, expiry, installation, members, outbox, quota, units
from bot.storage.announcements import Announcement
from bot.storage.broadcasts import Moment
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from bot.storage.quota import Use, Waiting


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Database]:
    """Units LD > LC01 > (LC0421, LC0422), accounts 1 (with a plan) and 2; see `plant`."""
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)
    await db.write(plant)
    yield db
    await db.close()


def plant(tx: Transaction) -> None:
    for channel in ("zalo_bot", "telegram"):
        installation.account_id(tx, channel, "1")
    root = units.put(tx, "LD", None, "federation", "Liên đoàn", None, None)
    upper = units.put(tx, "LC01", root, "upper", "Công đoàn xã", None, None)
    for code in ("LC0421", "LC0422"):
        units.put(tx, code, upper, "grassroots", code, None, None)


def member(tx: Transaction, chat: str, unit: str, account: int = 1, **fields: object) -> int:
    """A confirmed member of a unit, who writes from an account; returns their address."""
    address = members.arrive(tx, account, chat, 0).address.id
    created = members.create(tx, address, "1", 0, 0, 0)
    own = units.by_code(tx, unit)
    assert own is not None
    members.set_fields(tx, created.id, **{"unit_id": own.id, "unit_state": "confirmed", **fields})
    return address


def unit_id(tx: Transaction, code: str) -> int:
    unit = units.by_code(tx, code)
    assert unit is not None
    return unit.id


async def test_use_adds_up_by_month_and_account(place: Database) -> None:
    def count(tx: Transaction) -> tuple[Use, ...]:
        quota.add(tx, 1, "2025-05", sent=2)
        quota.add(tx, 1, "2025-05", received=3)
        quota.add(tx, 1, "2025-06", sent=1)
        quota.add(tx, 2, "2025-05", sent=9)
        quota.set_warned(tx, 1, "2025-05")
        quota.add(tx, 1, "2025-05", sent=1)
        return quota.use(tx, 1, "2025-05"), quota.use(tx, 1, "2025-06"), quota.use(tx, 1, "2025-07")

    assert await place.write(count) == (Use(3, 3, True), Use(1, 0, False), Use(0, 0, False))


async def test_users_are_addresses_of_members_who_take_part(place: Database) -> None:
    def count(tx: Transaction) -> int:
        member(tx, "1", "LC0421")
        member(tx, "2", "LC0421", state="left")
        member(tx, "3", "LC0421", account=2)
        members.arrive(tx, 1, "4", 0)
        return quota.users(tx, 1)

    assert await place.write(count) == 1


async def test_what_is_promised(place: Database) -> None:
    """Rows that wait on the account, without edits; and recipients an announcement has not added yet."""

    def promise(tx: Transaction) -> list[int]:
        address = member(tx, "1", "LC0421")
        other = member(tx, "2", "LC0421", account=2)
        for chat in ("3", "4"):
            member(tx, chat, "LC0422")
        member(tx, "5", "LC0422", unit_state="pending")
        found = [quota.promised(tx, 1, 0)]
        waits = outbox.enqueue(tx, 1, address, Outbound("a"), 0)
        outbox.enqueue(tx, 2, other, Outbound("b"), 0)
        outbox.enqueue(tx, 1, address, None, 0, operation="edit_keyboard", target_id=waits)
        found.append(quota.promised(tx, 1, 0))
        outbox.mark(tx, [outbox.Mark(waits, "sent")], 0)
        found.append(quota.promised(tx, 1, 0))
        text = Announcement(
            0, None, None, "", "", "", Audience(unit_id(tx, "LD")), "task", "", "x", 0, 1, state="queueing"
        )
        id = announcements.create(tx, text)
        found.append(quota.promised(tx, 1, 0))
        for _ in range(2):
            broadcasts.queue_slice(tx, id, 2, f"announcement:{id}", False, Moment(0, 0, 0, 0), 2)
            found.append(quota.promised(tx, 1, 0))
        return found

    assert await place.write(promise) == [0, 1, 0, 3, 3, 3]


async def test_what_each_unit_below_needs(place: Database) -> None:
    """Confirmed members of the whole subtree; those on other accounts need nothing of it."""

    def read(tx: Transaction) -> list[dict[int, int]]:
        member(tx, "1", "LC0421")
        member(tx, "2", "LC0421", account=2)
        member(tx, "3", "LC0422", account=2)
        member(tx, "4", "LC01")
        member(tx, "5", "LC0422", unit_state="pending")
        return [quota.needs_below(tx, parent, 1) for parent in (None, unit_id(tx, "LC01"), unit_id(tx, "LC0421"))]

    root, upper, leaf = await place.write(read)
    assert list(root.values()) == [2]
    assert sorted(upper.values()) == [0, 1]
    assert leaf == {}


async def test_the_waiting_list(place: Database) -> None:
    """In the order they came; off it who joined, who cannot be written to, and who was told long ago."""

    def keep(tx: Transaction) -> list[list[Waiting]]:
        ids = [members.arrive(tx, 1, str(number), 0).address.id for number in range(5)]
        for since, id in ((2, ids[1]), (1, ids[0]), (3, ids[2]), (4, ids[3]), (5, ids[4])):
            quota.put_waiting(tx, id, since)
        quota.put_waiting(tx, ids[0], 99)
        quota.put_waiting(tx, members.arrive(tx, 2, "9", 0).address.id, 0)
        found = [quota.waiting(tx, 1)]
        quota.set_told(tx, ids[0], 10)
        quota.set_told(tx, ids[4], 11)
        members.create(tx, ids[1], "1", 0, 0, 0)
        outbox.unreachable(tx, ids[2], 0)
        found.append(quota.waiting(tx, 1))
        quota.end_waiting(tx, 11)
        found.append(quota.waiting(tx, 1))
        quota.drop_waiting(tx, ids[3])
        found.append(quota.waiting(tx, 1))
        assert quota.waiting(tx, 2) == [Waiting(6, 0, None)]
        return found

    first, then, later, last = await place.write(keep)
    assert [each.address_id for each in first] == [1, 2, 3, 4, 5]
    assert [each.since for each in first] == [1, 2, 3, 4, 5]
    assert [(each.address_id, each.told_at) for each in then] == [(1, 10), (3, None), (4, None), (5, 11)]
    assert [(each.address_id, each.told_at) for each in later] == [(4, None), (5, 11)]
    assert [each.address_id for each in last] == [5]


async def test_who_waits_may_be_silent(place: Database) -> None:
    """A silent stranger is forgotten, one who waits is not; one who is to be forgotten is, with their place."""

    def forget(tx: Transaction) -> tuple[list[int], list[int], list[Waiting]]:
        silent, waiting = (members.arrive(tx, 1, chat, 0).address.id for chat in ("1", "2"))
        quota.put_waiting(tx, waiting, 0)
        first = expiry.unknown_addresses(tx, 100, 50, 10)
        members.forget_address(tx, waiting, 100)
        second = expiry.unknown_addresses(tx, 100, 50, 10)
        expiry.forget_address(tx, waiting)
        assert first == [silent]
        return first, second, quota.waiting(tx, 1)

    first, second, listed = await place.write(forget)
    assert (len(first), len(second), listed) == (1, 2, [])

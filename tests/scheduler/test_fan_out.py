"""Thirty thousand members: slices, a crash in the middle, a day that was slept through."""

import asyncio
import sqlite3

import pytest

from bot.services import console, daily
from bot.services.turn import Turn
from bot.storage.database import Transaction
from scheduler.fanout import FanOut
from tests.support.house import House

MEMBERS = 3_000


async def plant_members(house: House, count: int, slot: str) -> None:
    """`count` members of a slot, each with a chat."""
    account = next(iter(house.running.accounts.values()))
    base = house.clock.now()

    def plant(tx: Transaction) -> None:
        tx.run_many(
            "INSERT INTO member (id, slot, quiet_from, quiet_to, consent_version, consent_at, created_at)"
            " VALUES (?, ?, 1260, 360, '1', ?, ?)",
            [(id, slot, base, base) for id in range(1, count + 1)],
        )
        tx.run_many(
            "INSERT INTO address (account_id, external_id, member_id, created_at, last_in_at) VALUES (?, ?, ?, ?, ?)",
            [(account, str(1000 + id), id, base, base) for id in range(1, count + 1)],
        )

    await house.running.db.write(plant)


async def scalar(house: House, sql: str) -> object:
    return await house.running.db.read(lambda tx: tx.scalar(sql))


async def test_a_broken_announcement_holds_up_no_other(plain_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """It is logged and left for a minute; what comes after it goes out."""
    house = plain_house
    await plant_members(house, 3, "none")

    def announce(tx: Transaction) -> None:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        broken = console.announce_from_console(turn, "all", "Tin thứ nhất.")
        console.announce_from_console(turn, "all", "Tin thứ hai.")
        tx.run("UPDATE announcement SET result = '{' WHERE id = ?", (broken,))

    await house.running.db.write(announce)
    await house.settle()
    assert [message.text.split("\n\n")[1] for message in house.phone("1001").shown] == [
        "Tin thứ nhất.",
        "Tin thứ hai.",
    ]
    states = "SELECT state FROM announcement ORDER BY id"
    assert await house.running.db.read(lambda tx: tx.all(states)) == [("sending",), ("done",)]
    assert capsys.readouterr().out.count("announcement_broken") == 1
    moment = 0.0
    fan_out = FanOut(house.running.db, house.clock, lambda: house.running.installation, lambda: None, lambda: moment)
    await fan_out.work()
    await house.running.db.write(lambda tx: tx.run("UPDATE announcement SET result = '' WHERE state = 'sending'"))
    moment = 59.0
    await fan_out.work()
    assert await house.running.db.read(lambda tx: tx.all(states)) == [("sending",), ("done",)]
    moment = 60.0
    await fan_out.work()
    assert await house.running.db.read(lambda tx: tx.all(states)) == [("done",), ("done",)]


async def test_everyone_is_written_to_once(plain_house: House) -> None:
    """In slices, between which replies get their turn."""
    await plant_members(plain_house, MEMBERS, "none")
    plain_house.clock.at("2025-05-11T20:00")
    await plain_house.running.ticker.tick()
    commits = plain_house.running.db.commits
    plain_house.clock.at("2025-05-12T08:00")
    fan_out = asyncio.ensure_future(plain_house.running.ticker.tick())
    answer = await plain_house.running.db.write(lambda tx: tx.scalar("SELECT COUNT(*) FROM occurrence"))
    assert answer < MEMBERS
    await fan_out
    assert await scalar(plain_house, "SELECT COUNT(*) FROM occurrence WHERE state = 'queued'") == MEMBERS
    assert await scalar(plain_house, "SELECT COUNT(*) FROM outbox WHERE lane = 3") == MEMBERS
    assert await scalar(plain_house, "SELECT COUNT(DISTINCT address_id) FROM outbox WHERE lane = 3") == MEMBERS
    assert plain_house.running.db.commits - commits >= MEMBERS / daily.SLICE


async def test_killed_between_two_slices(plain_house: House) -> None:
    """The next process goes on where the dead one stopped; nobody is left out, nobody written to twice."""
    count = daily.SLICE * 5 + 7
    await plant_members(plain_house, count, "morning")
    await plain_house.running.ticker.tick()
    plain_house.clock.at("2025-05-12T06:30")
    await plain_house.with_crashes(plain_house.tick)
    rows = await plain_house.running.db.read(
        lambda tx: tx.all("SELECT address_id, COUNT(*) FROM outbox WHERE lane > 0 GROUP BY address_id")
    )
    assert len(rows) == count
    assert {number for _, number in rows} == {1}
    assert (
        await scalar(plain_house, "SELECT state FROM due_done WHERE source = 'daily:morning' ORDER BY due_at DESC")
        == "done"
    )


async def test_down_over_a_step(plain_house: House) -> None:
    """Down over the whole of T-3: recorded as missed, not sent later; T-1 comes as ever."""
    await plant_members(plain_house, 3, "none")
    plain_house.clock.at("2025-05-15T12:00")
    await plain_house.running.ticker.tick()
    await plain_house.close()
    plain_house.clock.at("2025-05-17T09:00")
    await plain_house.open()
    await plain_house.tick()
    assert await scalar(plain_house, "SELECT COUNT(*) FROM outbox WHERE lane > 0") == 0
    missed = await plain_house.running.db.read(
        lambda tx: tx.all("SELECT source FROM due_done WHERE state = 'missed' AND source = 'daily:none'")
    )
    assert len(missed) == 1
    await plain_house.passes("2025-05-18T08:00")
    assert await scalar(plain_house, "SELECT COUNT(*) FROM outbox WHERE origin = 'daily:2025-05-18'") == 3


async def test_down_over_the_hour(plain_house: House) -> None:
    """Down at eight, up at ten of the same day: sent at ten, once."""
    await plant_members(plain_house, 3, "none")
    plain_house.clock.at("2025-05-12T07:00")
    await plain_house.running.ticker.tick()
    await plain_house.close()
    plain_house.clock.at("2025-05-12T10:00")
    await plain_house.open()
    await plain_house.tick()
    await plain_house.tick()
    assert sorted(plain_house.channel.phones) == ["1001", "1002", "1003"]
    assert all(len(phone) == 1 for phone in plain_house.channel.phones.values())


async def test_the_key_forbids_a_second(plain_house: House) -> None:
    """Were the code wrong, the primary key would still not let a day have two."""
    await plant_members(plain_house, 1, "none")
    plain_house.clock.at("2025-05-12T07:00")
    await plain_house.passes("2025-05-12T08:00")
    insert = "INSERT INTO occurrence (member_id, day, state, created_at) VALUES (1, '2025-05-12', 'queued', 0)"
    with pytest.raises(sqlite3.IntegrityError, match="occurrence"):
        await plain_house.running.db.write(lambda tx: tx.run(insert))

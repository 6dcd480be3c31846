"""When missed questions return, by FSRS, and that what waited before keeps its day."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.services.spacing import LONG_KNOWN, MOST_RETURNS, again, first_miss
from bot.storage import learning
from bot.storage.database import Database, Transaction
from bot.storage.learning import Missed
from bot.storage.migrate import DIRECTORY, migrate

DAY = date(2025, 5, 1)


def intervals(answers: str) -> list[int | str]:
    """Days between returns, of a question missed and then answered right (r) or wrong (w) on the very day it is due."""
    day = DAY
    memory, days = first_miss(day)
    found: list[int | str] = [days]
    for answer in answers:
        day += timedelta(days)
        next_time = again(memory, answer == "r", day)
        if next_time is None:
            return [*found, "over"]
        memory, days = next_time
        found.append(days)
    return found


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ("rrr", [1, 2, 6, "over"]),
        ("wrrrr", [1, 1, 1, 2, 4, 8]),
        ("rrwrrrr", [1, 2, 6, 1, 2, 4, 8, "over"]),
        ("wwwwwwww", [1, 1, 1, 1, 1, 1, 1, 1, "over"]),
    ],
)
def test_how_the_days_grow(answers: str, found: list[int | str]) -> None:
    """Right answers draw the days apart, a wrong one brings the question back the next day; each ends by itself."""
    assert intervals(answers) == found


def test_the_same_answers_give_the_same_days() -> None:
    """Nothing is drawn by lot."""
    assert {tuple(intervals("rwrwr")) for _ in range(50)} == {tuple(intervals("rwrwr"))}


def test_every_course_of_answers_ends() -> None:
    """Whatever is answered, and however late, no question returns more than eight times or waits over two weeks."""
    for pattern in range(2**MOST_RETURNS):
        for late in (0, 3, 400):
            day = DAY
            memory, days = first_miss(day)
            for turn in range(MOST_RETURNS):
                assert 1 <= days <= LONG_KNOWN
                day += timedelta(days + late)
                next_time = again(memory, bool(pattern >> turn & 1), day)
                if next_time is None:
                    break
                memory, days = next_time
            else:
                pytest.fail(f"{pattern:b} goes on")


async def test_what_waited_before_is_carried_over(tmp_path: Path) -> None:
    """Both stages there were keep their day, and have the memory FSRS computes for just these answers."""
    before = tmp_path / "before"
    before.mkdir()
    for path in DIRECTORY.glob("*.sql"):
        if path.name < "0020":
            (before / path.name).write_bytes(path.read_bytes())
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0, before)

    def plant(tx: Transaction) -> None:
        tx.run(
            "INSERT INTO member (id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
            " VALUES (1, 0, 0, '1', 0, 0)"
        )
        tx.run("INSERT INTO missed_question VALUES (1, 'once', '2025-05-02', 1), (1, 'twice', '2025-05-04', 2)")

    await db.write(plant)
    await migrate(db, 0)
    once, days = first_miss(DAY)
    assert days == 1
    twice = again(once, True, date(2025, 5, 2))
    assert twice is not None
    assert twice[1] == 2
    assert await db.read(lambda tx: learning.missed(tx, 1)) == [
        Missed("once", date(2025, 5, 2), 1, once.stability, once.difficulty, 0),
        Missed("twice", date(2025, 5, 4), 2, twice[0].stability, twice[0].difficulty, 1),
    ]
    await db.close()

"""Slices of a fan-out, when what they go through changes between them."""

from pathlib import Path

import pytest

from bot.domain.announcements import Audience
from bot.domain.lanes import Lane
from bot.domain.time import DAY
from bot.storage import announcements, broadcasts, installation, linking, members, units
from bot.storage.announcements import Announcement
from bot.storage.broadcasts import Moment
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate

AT = Moment(0, 0, 0, 0)
PEOPLE = 9


def plant(tx: Transaction) -> int:
    """Members 1 to 9 with an address each, and an announcement to all of them."""
    account = installation.account_id(tx, "telegram", "1")
    for chat in range(PEOPLE):
        members.create(tx, members.arrive(tx, account, str(chat), 0).address.id, "1", 0, 0, 0)
    return announcements.create(
        tx,
        Announcement(0, None, None, "", "", "", Audience(), "information", "", "", 0, 1, state="queueing"),
    )


async def test_two_members_united_while_it_was_paused(tmp_path: Path) -> None:
    """The one who stays comes later in the list: gets nothing again, and nobody after them is left out."""
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)
    id = await db.write(plant)

    def slice(tx: Transaction) -> bool:
        return broadcasts.queue_slice(tx, id, int(Lane.ANNOUNCEMENT), "announcement:1", False, AT, 3)

    def unite(tx: Transaction) -> None:
        announcements.move(tx, id, ("queueing",), "paused")
        for address in members.addresses(tx, 2):
            linking.attach(tx, address.id, 5)
        linking.unite(tx, 5, 2, 0)
        announcements.move(tx, id, ("paused",), "queueing")

    assert await db.write(slice)
    await db.write(unite)
    while await db.write(slice):
        pass
    everyone = [(member,) for member in range(1, PEOPLE + 1) if member != 2]
    assert await db.read(lambda tx: tx.all("SELECT member_id FROM recipient ORDER BY member_id")) == everyone
    owners = "SELECT a.member_id FROM outbox o JOIN address a ON a.id = o.address_id ORDER BY a.member_id"
    assert await db.read(lambda tx: tx.all(owners)) == everyone
    await db.close()


SENT = {
    "one a day fits": (1, [(0, 1, 0), (1, 1, 1)]),
    "the second of a day goes out the next, whose own one the day after": (1, [(0, 1, 0), (0, 1, 1), (1, 1, 2)]),
    "three at once go out on three days": (1, [(0, 1, 0), (0, 1, 1), (0, 1, 2), (1, 1, 3), (2, 1, 4)]),
    "a day without one makes room again": (1, [(0, 1, 0), (0, 1, 1), (2, 1, 2)]),
    "what fits beside what was put off": (3, [*[(0, 1, 0)] * 3, (0, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 2)]),
    "only what oneself got": (1, [(0, 1, 0), (0, 2, 0), (0, 1, 1), (1, 2, 1), (1, 1, 2)]),
}
"""Limit a day; then day begun, member written to (two are in the audience's unit), day it goes out."""


@pytest.mark.parametrize("case", SENT)
async def test_what_was_put_off_fills_the_next_day(tmp_path: Path, case: str) -> None:
    """The morning after, and no more in a day than there is room for."""
    cap, sent = SENT[case]
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)

    def send(tx: Transaction) -> list[int]:
        account = installation.account_id(tx, "telegram", "1")
        for chat, code in ((1, "A"), (2, "B")):
            unit = units.put(tx, code, None, "upper", code, None, None)
            member = members.create(tx, members.arrive(tx, account, str(chat), 0).address.id, "1", 0, 0, 0)
            members.set_fields(tx, member.id, unit_id=unit, unit_state="confirmed")
        days = []
        for day, unit, _ in sent:
            midnight = (100 + day) * DAY
            id = announcements.create(
                tx,
                Announcement(
                    0, None, None, "", "", "", Audience(unit), "information", "", "", midnight, 1, state="queueing"
                ),
            )
            tx.run("UPDATE announcement SET started_at = ? WHERE id = ?", (midnight, id))
            at = Moment(midnight + 1, 8 * 60, midnight, midnight + DAY, 7 * 60)
            broadcasts.queue_slice(tx, id, int(Lane.ANNOUNCEMENT), f"announcement:{id}", True, at, 9, cap)
            [(not_before,)] = tx.all("SELECT not_before FROM outbox ORDER BY id DESC LIMIT 1")
            assert not not_before or not_before % DAY == 7 * 60 * 60_000
            days.append(not_before // DAY - 100 if not_before else day)
        return days

    found = await db.write(send)
    await db.close()
    assert found == [out for _, _, out in sent]

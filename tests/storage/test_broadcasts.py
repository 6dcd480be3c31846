"""Slices of a fan-out, when what they go through changes between them."""

from pathlib import Path

from bot.domain.announcements import Audience
from bot.domain.lanes import Lane
from bot.storage import announcements, broadcasts, installation, linking, members
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

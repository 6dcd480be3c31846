"""What is forgotten, what is pruned, what moves on by itself."""

import os

from bot.domain.messages import Inbound, InboundKind, Outbound
from bot.domain.time import DAY, HOUR
from bot.storage import installation, media, outbox, unnaming
from bot.storage.database import Transaction
from tests.support.house import House
from tests.support.officers import granted
from tests.support.people import settled


async def count(house: House, table: str, where: str = "1 = 1") -> int:
    found: int = await house.running.db.read(lambda tx: tx.scalar(f"SELECT COUNT(*) FROM {table} WHERE {where}"))
    return found


async def test_declining_leaves_no_trace(house: House) -> None:
    """A minute after *Để sau* there is no address, no message, no dialog; only the keyed hashes of the updates."""
    phone = house.phone("98765432")
    await phone.says("/start")
    assert "không lưu gì cả" in await phone.says("để sau")
    await house.passes("2025-05-01T07:57")
    for table in ("address", "outbox", "dialog", "member"):
        assert await count(house, table) == 0
    assert await count(house, "inbox", "payload IS NOT NULL") == 0
    await house.running.wipe()
    for path in house.directory.glob("bot.db*"):
        assert b"98765432" not in path.read_bytes()


async def test_an_erased_officers_name_is_taken_out_piece_by_piece(plain_house: House) -> None:
    """From thousands of messages, whatever dies on the way; what only contains the name as a part stays."""
    house = plain_house
    chief = await granted(house, await settled(house, "801", "Sùng Thị Nhìa"), "LC0421")
    lan = await settled(house, "802", "Lò Thị Lan")
    messages = unnaming.WINDOW * 2 + 100

    def plant(tx: Transaction) -> None:
        account, address = tx.all("SELECT account_id, id FROM address WHERE external_id = '802'")[0]
        for number in range(messages):
            shown = "Cán bộ: Sùng Thị Nhìa" if number % 10 == 0 else "Cán bộ: Sùng Thị Nhìann"
            id = outbox.enqueue(tx, account, address, Outbound(shown), house.clock.now())
            tx.run("UPDATE outbox SET state = 'sent', finished_at = ? WHERE id = ?", (house.clock.now(), id))

    await house.running.db.write(plant)
    await lan.says("/gapcanbo")
    await chief.says("/xoadulieu")
    await chief.says("XÓA")
    await house.tick()
    house.clock.at("2025-05-01T07:57")
    await house.with_crashes(house.tick)
    whole = "body LIKE '%Sùng Thị Nhìa\"%' OR body LIKE '%Sùng Thị Nhìa<%'"
    assert await count(house, "outbox", whole) == 0
    assert await count(house, "outbox", "body LIKE '%Sùng Thị Nhìann%'") == messages - len(range(0, messages, 10))
    assert await count(house, "unnaming") == 0


async def test_an_erased_name_is_in_nothing_that_still_goes_out(plain_house: House) -> None:
    """What waits goes out without it; what is on the wire loses it afterwards, as does what follows a file."""
    house = plain_house
    chief = await granted(house, await settled(house, "801", "b"), "LC0421")
    lan = await granted(house, await settled(house, "802", "Lò Thị Lan"), "LC0421")
    house.clock.at("2025-05-01T07:58")
    night = house.clock.now() + 3_600_000
    news = Outbound("<b>b</b>, tổ bb", then=(Outbound("Vẫn b nhé"),))

    def plant(tx: Transaction) -> None:
        account, address = tx.all("SELECT account_id, id FROM address WHERE external_id = '802'")[0]
        for origin, state in (("news:1", "pending"), ("news:2", "sending"), ("news:3", "sent")):
            shown = news if state == "pending" else Outbound("Xin chào", then=(Outbound("Vẫn b"),))
            id = outbox.enqueue(tx, account, address, shown, house.clock.now(), origin=origin, not_before=night)
            tx.run("UPDATE outbox SET state = ? WHERE id = ?", (state, id))

    await house.running.db.write(plant)
    await chief.says("/xoadulieu")
    await chief.says("XÓA")
    for _ in range(3):
        house.clock.forward(minutes=1)
        await house.running.ticker.tick()
    assert await count(house, "outbox", "body LIKE '%Vẫn b\"%'") == 1
    await house.running.db.write(lambda tx: tx.run("UPDATE outbox SET state = 'sent' WHERE origin = 'news:2'"))
    house.clock.forward(minutes=1)
    await house.running.ticker.tick()
    assert await count(house, "outbox", "body LIKE '%Vẫn b%'") == 0
    assert await count(house, "unnaming") == 0
    house.clock.forward(hours=2)
    await house.settle()
    assert (lan.shown[-2].html, lan.last.html) == ("<b>…</b>, tổ bb", "Vẫn … nhé")


async def test_a_fetch_that_was_cut_short_leaves_nothing_of_who_is_erased(plain_house: House) -> None:
    """Half a photo lies beside where it was to be: it goes with its sender."""
    house = plain_house
    lan = await settled(house, "802", "Lò Thị Lan")
    path = house.directory / "media" / "half.jpg"
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(media.PART)

    def want(tx: Transaction) -> None:
        account, member = tx.all("SELECT account_id, member_id FROM address WHERE external_id = '802'")[0]
        media.want(tx, member, account, "photo", "ref", str(path), "", house.clock.now())

    await house.running.db.write(want)
    await lan.says("/xoadulieu")
    await lan.says("XÓA")
    part.write_bytes(b"half a photo")
    await house.tick()
    house.clock.forward(minutes=2)
    await house.running.ticker.tick()
    assert not part.exists()


async def test_declined_and_back_at_once(plain_house: House) -> None:
    """Who writes again before being forgotten is not."""
    phone = plain_house.phone("501")
    await phone.says("/start")
    await phone.says("để sau")
    await phone.joins()
    await plain_house.passes("2025-05-01T07:57")
    assert await count(plain_house, "address") == 1
    assert await phone.says("menu")


async def test_silence_before_consent(plain_house: House) -> None:
    """Asked and never answered: kept for a day, gone after it."""
    await plain_house.phone("501").says("/start")
    await plain_house.passes("2025-05-02T07:54")
    assert await count(plain_house, "address") == 1
    await plain_house.passes("2025-05-02T07:57")
    assert (
        await count(plain_house, "address") + await count(plain_house, "dialog") + await count(plain_house, "outbox")
        == 0
    )
    assert "Để sau" in "".join((await plain_house.phone("501").says("chào"), *plain_house.phone("501").last.labels))


async def test_not_forgotten_while_the_answer_is_on_its_way(plain_house: House) -> None:
    """As long as something waits to go out, the address stays."""
    phone = plain_house.phone("501")
    await phone.says("/start")
    await phone.says("để sau")
    later = plain_house.clock.now() + HOUR

    def answer(tx: Transaction) -> None:
        address, account = tx.all("SELECT id, account_id FROM address")[0]
        outbox.enqueue(tx, account, address, Outbound("…"), plain_house.clock.now(), not_before=later)

    await plain_house.running.db.write(answer)
    await plain_house.passes("2025-05-01T08:00")
    assert await count(plain_house, "address") == 1
    await plain_house.passes("2025-05-01T08:56")
    await plain_house.passes("2025-05-01T08:58")
    assert await count(plain_house, "address") == 0


async def test_members_are_never_forgotten_for_silence(plain_house: House) -> None:
    """A year of silence ends a conversation, not a membership."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Không, tôi tự mở")
    await phone.says("chuyển đơn vị")
    assert await count(plain_house, "dialog") == 1
    await plain_house.passes("2025-10-25T04:00")
    assert await count(plain_house, "dialog") == 1
    await plain_house.passes("2025-10-29T04:00")
    assert await count(plain_house, "dialog") == 0
    await plain_house.passes("2026-05-01T04:00")
    assert await count(plain_house, "address", "member_id IS NOT NULL") == 1


async def test_files_go_with_their_time(plain_house: House) -> None:
    """An export is unlinked when it is over; a file that is already gone does not stop anything."""
    files = [plain_house.directory / name for name in ("kept", "over", "gone")]
    for path in files[:2]:
        path.write_text("x")
    now = plain_house.clock.now()
    rows = [(str(path), due) for path, due in zip(files, (now + DAY, now, now), strict=True)]
    insert = "INSERT INTO media (kind, state, path, created_at, expires_at) VALUES ('document', 'stored', ?, 0, ?)"
    await plain_house.running.db.write(lambda tx: tx.run_many(insert, rows))
    await plain_house.passes("2025-05-01T07:57")
    assert [path.exists() for path in files] == [True, False, False]
    assert await count(plain_house, "media") == 1


async def test_pruning(plain_house: House) -> None:
    """Messages after 30 days, updates after 7, old copies of the database after 7, codes once used; the rest stays.

    So does the last update: a platform may bring it again, and it must not be handled twice.
    """
    phone = plain_house.phone("501")
    await phone.joins(hour="Không, tôi tự mở")
    db, now = plain_house.running.db, plain_house.clock.now()
    await db.write(lambda tx: installation.add_code(tx, b"used", "admin", now, now + HOUR))
    await db.write(lambda tx: installation.use_code(tx, b"used", now))
    await db.write(lambda tx: installation.add_code(tx, b"open", "other", now, now + 100 * DAY))
    old, young = (plain_house.directory / f"bot.db.before-000{number}" for number in (2, 3))
    for path, age in ((old, -1), (young, 8)):
        path.write_text("x")
        os.utime(path, (now / 1000 + age * 86_400, now / 1000 + age * 86_400))
    await plain_house.passes("2025-05-09T03:00")
    assert not old.exists()
    assert young.exists()
    assert await count(plain_house, "inbox") == 1
    assert await count(plain_house, "code") == 1
    assert await count(plain_house, "outbox") > 0
    await phone.says("xin lỗi tôi gõ nhầm")
    await plain_house.passes("2025-06-01T03:00")
    assert 0 < await count(plain_house, "outbox") <= 2
    assert await count(plain_house, "inbox") == 1


async def test_the_last_update_is_known_however_long_nobody_wrote(plain_house: House) -> None:
    """Zalo may bring it again on every poll; each account has its own."""
    phone, other = plain_house.phone("501"), plain_house.phone("502")
    await phone.joins(hour="Không, tôi tự mở")
    last = Inbound("last", "501", InboundKind.TEXT, "menu")
    await plain_house.deliver(last)
    await plain_house.passes("2025-05-20T03:00")
    shown = len(phone.shown)
    await plain_house.restart()
    await plain_house.deliver(last)
    assert len(phone.shown) == shown
    assert await other.says("chào")


async def test_many_old_messages_go_in_slices(plain_house: House) -> None:
    """More than a slice of them, in one night."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Không, tôi tự mở")
    insert = (
        "INSERT INTO outbox (account_id, address_id, lane, body, state, created_at, finished_at)"
        " VALUES (1, 1, 0, '{}', 'sent', 0, 1)"
    )
    await plain_house.running.db.write(lambda tx: tx.run_many(insert, [()] * 2500))
    await plain_house.passes("2025-05-02T03:00")
    assert await count(plain_house, "outbox", "finished_at = 1") == 0


async def test_a_group_is_forgotten_too(plain_house: House) -> None:
    """One sentence, then nothing is kept of the group."""
    await plain_house.phone("-100").sends(InboundKind.GROUP)
    await plain_house.passes("2025-05-01T07:57")
    assert await count(plain_house, "address") == 0

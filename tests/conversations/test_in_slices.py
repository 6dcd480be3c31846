"""What follows an announcement is done in short writes, each with its place: nobody is left out by a kill between two."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.domain.announcements import Audience
from bot.domain.messages import InboundKind
from bot.domain.time import DAY
from bot.services import controls, corrections, sending
from bot.services.sending import Step
from bot.services.turn import Turn
from bot.storage import announcements, following, members, outbox, recipients
from bot.storage.database import Transaction
from scheduler import fanout
from tests.support.house import House, Phone
from tests.support.officers import IN_DOUBT, member_id, officer_of, opened, outcomes, sends, times
from tests.support.people import a_minute_later, settled, taps_pushed

PEOPLE = [f"81{number}" for number in range(5)]
GONE = Outcome(OutcomeKind.NO_OP, detail="Bad Request: message to edit not found")
REFUSED = Outcome(OutcomeKind.REJECTED, detail="Bad Request: strange")


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house on one channel whose fan-out takes two people at a time."""
    for name in ("FIRST", "FEWEST", "MOST", "MOST_FOLLOWING"):
        monkeypatch.setattr(fanout, name, 2)
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    yield house
    house.variant = "plain"
    await house.close()


async def became(house: House, id: int) -> list[str]:
    """What is written down of each recipient."""
    rows = await house.running.db.read(
        lambda tx: tx.all("SELECT outcome FROM recipient WHERE announcement_id = ? ORDER BY member_id", (id,))
    )
    return [row[0] for row in rows]


def listed(outcomes: list[str], shown: list[int]) -> None:
    """Everybody has it once, or stands on the list as uncertain: on the wire at a kill."""
    assert set(outcomes) <= IN_DOUBT
    assert set(shown) <= {0, 1}
    assert shown.count(0) <= outcomes.count("uncertain")
    assert 1 in shown


async def test_messages_in_place_of_edits(office: House) -> None:
    """Killed before and after every commit: who could not be corrected in place has the erratum, once."""
    an = await officer_of(office, "LC0421")
    for chat in PEOPLE:
        await settled(office, chat, f"Người {chat}")
    await sends(office, an, valid_until=office.clock.now() + 9 * DAY)
    office.channel.outcome_for = lambda sent: (
        GONE if sent.operation is Operation.EDIT and "15 giờ" in sent.outbound.html else None
    )
    await opened(office, an)
    await an.taps("Đính chính")
    await an.says("Mời {goi} {ten} họp 15 giờ.")
    office.variant = "crashes"
    await an.taps("Đồng ý")
    office.clock.forward(minutes=6)
    await office.with_crashes(office.settle)
    office.variant = "plain"
    await office.settle()
    listed(await became(office, 2), [times(office.phone(chat), "Đính chính tin trước") for chat in PEOPLE])


async def test_being_sent_again(office: House) -> None:
    """Killed before and after every commit: the announcement's own list says of each of them that they have it."""
    an = await officer_of(office, "LC0421")
    for chat in PEOPLE:
        await settled(office, chat, f"Người {chat}")
    office.channel.outcome_for = lambda sent: REFUSED if sent.chat in PEOPLE else None
    await sends(office, an, valid_until=office.clock.now() + 9 * DAY)
    assert sorted(await became(office, 1)) == ["failed"] * 5 + ["sent"]
    office.channel.outcome_for = lambda _: None
    await opened(office, an)
    await an.taps("Gửi lại người chưa nhận")
    office.variant = "crashes"
    await an.taps("Gửi lại người chưa nhận")
    office.variant = "plain"
    await office.settle()
    listed(await became(office, 1), [times(office.phone(chat), "họp 14 giờ") for chat in PEOPLE])


async def test_a_slice_changes_no_more_than_it_may(office: House) -> None:
    """Two people a write, from where the last one left off."""
    an = await officer_of(office, "LC0421")
    for chat in PEOPLE:
        await settled(office, chat, f"Người {chat}")
    office.channel.outcome_for = lambda _: REFUSED
    await sends(office, an)

    def again(tx: Transaction) -> int:
        parent = announcements.by_id(tx, 1)
        assert parent is not None
        id = announcements.create(
            tx, replace(parent, of_id=1, purpose="again", audience=Audience(None), state="sending")
        )
        tx.run(
            "INSERT INTO recipient (announcement_id, member_id, unit_id, outcome)"
            " SELECT ?, member_id, unit_id, 'sent' FROM recipient WHERE announcement_id = 1",
            (id,),
        )
        tx.run("UPDATE outbox SET operation = 'edit' WHERE origin = 'announcement:1'")
        return id

    db = office.running.db
    id = await db.write(again)
    counts = []
    while await db.write(lambda tx: following.arrived_slice(tx, 1, id, 2)):
        counts.append((await became(office, 1)).count("sent"))
    assert counts == [2, 4, 6]
    counts = []
    while await db.write(lambda tx: following.send_instead_slice(tx, 1, "announcement:1", 2)):
        counts.append((await outcomes(office, "announcement:1"))["pending"])
    assert counts == [2, 4, 6]


async def test_nothing_is_counted_in_a_write(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's outcomes and answers are counted for the result on a connection that cannot write."""
    an = await officer_of(office, "LC0421")
    for chat in PEOPLE:
        await settled(office, chat, f"Người {chat}")
    counted: list[int] = []

    def watched(count: Any) -> Any:
        def run(tx: Transaction, *args: Any) -> Any:
            counted.append(tx.scalar("PRAGMA query_only"))
            return count(tx, *args)

        return run

    for name in ("tally", "answers", "answered"):
        monkeypatch.setattr(recipients, name, watched(getattr(recipients, name)))
    await sends(office, an)
    assert await office.running.db.read(lambda tx: tx.scalar("SELECT state FROM announcement")) == "done"
    assert set(counted) == {1}


def test_a_slice_aims_at_its_time() -> None:
    """Shorter after a long one, longer after a short one, within bounds and by no more than twofold."""
    assert fanout.next_size(2_000, 0.050, fanout.MOST) == 1_000
    assert fanout.next_size(2_000, 0.500, fanout.MOST) == 1_000
    assert fanout.next_size(1_000, 0.020, fanout.MOST) == 1_250
    assert fanout.next_size(1_000, 0.001, fanout.MOST) == 2_000
    assert fanout.next_size(60, 1.0, fanout.MOST) == fanout.FEWEST
    assert fanout.next_size(3_000, 0.0, fanout.MOST) == fanout.MOST


async def test_a_slow_machine_gets_short_slices(tmp_path: Path) -> None:
    """On a clock by which every slice takes 50 ms they are halved until there are as few as there may be."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    an = await officer_of(house, "LC0421")
    columns = "unit_id, unit_state, slot, quiet_from, quiet_to, consent_version, consent_at, created_at"
    await house.running.db.write(
        lambda tx: tx.run_many(f"INSERT INTO member ({columns}) SELECT {columns} FROM member WHERE id = 1", [()] * 90)
    )
    fan_out, moments = house.running.fan_out, itertools.count()
    fan_out._monotonic = lambda: next(moments) * 0.05
    slices, added = sending.fan_out_slice, []

    def watched(turn: Turn, id: int, limit: int) -> Step:
        before = recipients.count(turn.tx, id)
        step = slices(turn, id, limit)
        added.append(recipients.count(turn.tx, id) - before)
        return step

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending, "fan_out_slice", watched)
        patched.setattr(fanout, "FIRST", 40)
        patched.setattr(fanout, "FEWEST", 5)
        await sends(house, an)
    assert added[:5] == [40, 20, 10, 5, 5]
    await house.close()


async def test_what_follows_has_shorter_slices(tmp_path: Path) -> None:
    """On a clock by which nothing takes any time they grow to the most there may be: less of what costs more."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    an = await officer_of(house, "LC0421")
    for chat in PEOPLE:
        await settled(house, chat, f"Người {chat}")
    house.running.fan_out._monotonic = lambda: 0.0
    slices, limits = sending.fan_out_slice, defaultdict[int, list[int]](list)

    def watched(turn: Turn, id: int, limit: int) -> Step:
        limits[id].append(limit)
        return slices(turn, id, limit)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending, "fan_out_slice", watched)
        for name, count in (("FIRST", 2), ("FEWEST", 1), ("MOST", 64), ("MOST_FOLLOWING", 3)):
            patched.setattr(fanout, name, count)
        await sends(house, an)
        await recalls(house, an)
        await house.settle()
    assert max(limits[1]) > max(limits[2]) == 3
    assert (await outcomes(house, "announcement:2"))["sent"] == len(PEOPLE) + 1
    await house.close()


async def reminded(house: House) -> tuple[Phone, Phone]:
    """An announcement to two people who were reminded of it the day after."""
    an = await officer_of(house)
    binh = await settled(house, "802", "Lê Thị Bình")
    await sends(house, an, unit="LC01", kind="task", valid_until=house.clock.now() + 9 * DAY)
    await house.passes("2025-05-02T09:00")
    await taps_pushed(house, an, "Nhắc lại")
    await house.passes("2025-05-02T09:10")
    assert times(binh, "Nhắc lại:") == 1
    return an, binh


async def recalls(house: House, an: Phone) -> None:
    await opened(house, an)
    await an.taps("Thu hồi")
    await an.taps("Thu hồi")


async def test_a_reminder_that_cannot_be_deleted_is_counted(office: House) -> None:
    """The announcement went, its reminder stayed: the recall's result says so."""
    an, binh = await reminded(office)
    row = await office.running.db.read(
        lambda tx: tx.scalar(
            "SELECT o.external_id FROM outbox o JOIN address a ON a.id = o.address_id"
            " WHERE o.origin = 'announcement:2' AND a.external_id = '802'"
        )
    )
    office.channel.outcome_for = lambda sent: (
        REFUSED if sent.operation is Operation.DELETE and sent.target == row else None
    )
    await recalls(office, an)
    office.clock.forward(minutes=6)
    await office.settle()
    assert (times(binh, "họp 14 giờ"), times(binh, "Nhắc lại:")) == (1, 1)
    assert times(an, "Đã xóa: 2.") == 1
    assert times(an, "Tin nhắc lại, đính chính không xóa được: 1.") == 1


async def test_a_reminder_too_old_to_be_deleted_is_counted(office: House) -> None:
    """What the channel deletes no more is not tried, and stands in the result."""
    an, binh = await reminded(office)
    await office.running.db.write(
        lambda tx: tx.run("UPDATE outbox SET finished_at = finished_at - ? WHERE origin = 'announcement:2'", (9 * DAY,))
    )
    await recalls(office, an)
    office.clock.forward(minutes=6)
    await office.settle()
    assert times(binh, "Nhắc lại:") == 1
    assert times(an, "Tin nhắc lại, đính chính không xóa được: 2.") == 1


def acting(house: House, tx: Transaction, member: int) -> Turn:
    return Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, member))


def recalls_and(press: Callable[[Turn, int], bool], house: House, member: int, tx: Transaction) -> int:
    """The member takes the announcement back, and presses before anything is deleted; the recall's id."""
    turn = acting(house, tx, member)
    id = corrections.recall(turn, 1, tell=False)
    assert id is not None
    while sending.fan_out_slice(turn, id, 100) is Step.MORE:
        pass
    assert press(turn, id)
    return id


async def test_a_paused_recall_deletes_nothing(office: House) -> None:
    """Neither the announcement nor its reminders, until it goes on; what lies before a person is deleted one by one."""
    an, binh = await reminded(office)
    officer = await member_id(office, an)
    id = await office.running.db.write(partial(recalls_and, controls.pause, office, officer))
    await office.settle()
    assert (times(binh, "họp 14 giờ"), times(binh, "Nhắc lại:")) == (2, 1)
    assert await office.running.db.write(lambda tx: controls.resume(acting(office, tx, officer), id))
    await office.settle()
    assert [times(binh, words) for words in ("họp 14 giờ", "Nhắc lại:")] == [0, 0]
    assert (await outcomes(office, "beside:%")) == {"sent": 2}


async def test_a_stopped_recall_deletes_no_more(office: House) -> None:
    """What it had not deleted stays, and is counted."""
    an, binh = await reminded(office)
    officer = await member_id(office, an)
    await office.running.db.write(partial(recalls_and, controls.stop, office, officer))
    await office.settle()
    assert (times(binh, "họp 14 giờ"), times(binh, "Nhắc lại:")) == (2, 1)
    assert (await outcomes(office, "beside:%")) == {"cancelled": 2}


async def test_a_pause_holds_the_text_of_an_album(office: House) -> None:
    """Also of one that was on the wire when it was paused; nothing else waits for it, and it comes when it goes on."""
    an = await officer_of(office, "LC0421")
    binh = await settled(office, "802", "Lê Thị Bình")
    officer = await member_id(office, an)
    pressed: list[asyncio.Future[bool]] = []

    def pause_meanwhile(sent: Delivery) -> None:
        if sent.chat == "802" and sent.outbound.media and not pressed:
            pressed.append(office.running.db.submit(lambda tx: controls.pause(acting(office, tx, officer), 1)))

    office.channel.outcome_for = pause_meanwhile
    await an.says("/thongbao_moi")
    for number in range(3):
        office.channel.files[f"photo-{number}"] = b"picture"
        await an.sends(InboundKind.PHOTO, ref=f"photo-{number}", album="a", text="" if number else "Ảnh lễ phát động")
    await an.taps("Xong")
    await an.says("thông tin")
    await an.says("cả đơn vị")
    a_minute_later(office)
    await an.says("gửi ngay")
    office.clock.forward(minutes=6)
    await office.settle()
    assert [await press for press in pressed] == [True]
    assert sum(len(message.media) for message in binh.shown) == 3
    assert times(binh, "Ảnh lễ phát động") == 0
    until = office.clock.now() + DAY
    await sends(office, an, kind="urgent", body="Bão vào đêm nay.", reason="bão", valid_until=until)
    assert times(binh, "Bão vào đêm nay.") == 1
    assert await office.running.db.write(lambda tx: controls.resume(acting(office, tx, officer), 1))
    await office.settle()
    assert times(binh, "Ảnh lễ phát động") == 1
    assert await office.running.db.read(lambda tx: tx.scalar("SELECT state FROM announcement WHERE id = 1")) == "done"


async def test_what_belongs_to_a_message_is_kept_until_it_is_counted(office: House) -> None:
    """However long its announcement stands still."""
    an = await officer_of(office, "LC0421")
    await settled(office, "802", "Lê Thị Bình")
    await sends(office, an)

    def rest(tx: Transaction) -> tuple[int, int]:
        first = tx.scalar("SELECT MIN(id) FROM outbox WHERE origin = 'announcement:1'")
        tx.run("UPDATE announcement SET state = 'paused'")
        tx.run(
            "INSERT INTO outbox (account_id, address_id, lane, target_id, origin, state, created_at, finished_at)"
            " SELECT account_id, address_id, 1, id, 'then:announcement:1', 'failed', 1, 1 FROM outbox WHERE id = ?",
            (first,),
        )
        kept = outbox.prune(tx, 2, 100)
        tx.run("UPDATE announcement SET state = 'done'")
        return kept, outbox.prune(tx, 2, 100)

    assert await office.running.db.write(rest) == (0, 1)

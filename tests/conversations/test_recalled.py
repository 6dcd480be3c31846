"""Taking back an announcement with what had followed it, and putting right who had the wrong text, slice by slice."""

from dataclasses import replace

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.domain.time import DAY
from bot.storage import announcements, following, solemn
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import officer_of, opened, outcomes, sends, set_member, times
from tests.support.people import settled, taps_pushed

ORIGINAL, REMINDER, ERRATUM = "họp 14 giờ", "Nhắc lại:", "Đính chính tin trước"


async def reminded(house: House) -> tuple[Phone, Phone]:
    """An announcement to two people who were reminded of it the day after."""
    an = await officer_of(house)
    binh = await settled(house, "802", "Lê Thị Bình")
    await sends(house, an, unit="LC01", kind="task", valid_until=house.clock.now() + 9 * DAY)
    await house.passes("2025-05-02T09:00")
    await taps_pushed(house, an, "Nhắc lại")
    await house.passes("2025-05-02T09:10")
    assert times(binh, REMINDER) == 1
    return an, binh


async def recalled(house: House, an: Phone, how: str = "Thu hồi") -> str:
    """Take the newest announcement back; returns what it was said to come to."""
    await opened(house, an)
    plan = await an.taps("Thu hồi")
    await an.taps(how)
    house.clock.forward(minutes=6)
    await house.settle()
    return plan


async def test_what_followed_is_taken_back_too(one_house: House) -> None:
    """The reminder, and an erratum that had to be a message of its own, go with the announcement."""
    an, binh = await reminded(one_house)
    gone = Outcome(OutcomeKind.NO_OP, detail="Bad Request: message to edit not found")
    one_house.channel.outcome_for = lambda sent: (
        gone if sent.operation is Operation.EDIT and "15 giờ" in sent.outbound.html else None
    )
    await opened(one_house, an)
    await an.taps("Đính chính")
    await an.says("Mời {goi} {ten} họp 15 giờ.")
    await an.taps("Đồng ý")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, ERRATUM) == 1
    one_house.channel.outcome_for = lambda _: None
    plan = await recalled(one_house, an)
    assert "Tin nhắc lại, đính chính của tin ấy cũng được xóa" in plan
    assert [times(binh, words) for words in (ORIGINAL, REMINDER, ERRATUM, "15 giờ")] == [0, 0, 0, 0]
    assert times(an, "Đã xóa: 2.") == 1
    assert times(an, "Đã nhắn bỏ qua") == 0


async def test_what_is_too_old_stays_and_the_rest_goes(one_house: House) -> None:
    """Who keeps the announcement is asked to ignore it and its reminder; the reminder that can be deleted is."""
    an, binh = await reminded(one_house)
    await one_house.passes("2025-05-03T12:00")
    await recalled(one_house, an, "Thu hồi và nhắn bỏ qua")
    assert times(binh, REMINDER) == 0
    assert times(binh, "Xin bỏ qua tin ngày 1/5/2025") == 1
    assert times(binh, "cùng tin nhắc lại, đính chính của tin ấy") == 1
    assert times(an, "Đã xóa: 0. Đã nhắn bỏ qua: 2.") == 1


async def test_deleted_and_written_to_are_two_numbers(one_house: House) -> None:
    """Where a deletion is refused its person is written to, and counted so."""
    an = await officer_of(one_house)
    for chat in ("802", "803"):
        await settled(one_house, chat, f"Người {chat}")
    await sends(one_house, an, unit="LC01", valid_until=one_house.clock.now() + 9 * DAY)
    await one_house.passes("2025-05-03T06:00")
    moved = "UPDATE outbox SET finished_at = finished_at - ? WHERE origin = 'announcement:1' AND address_id IN"
    await one_house.running.db.write(
        lambda tx: tx.run(f"{moved} (SELECT id FROM address WHERE external_id = '803')", (9 * DAY,))
    )
    await recalled(one_house, an, "Thu hồi và nhắn bỏ qua")
    assert times(an, "Đã xóa: 2. Đã nhắn bỏ qua: 1.") == 1
    assert times(one_house.phone("803"), "Xin bỏ qua") == 1


async def test_one_that_was_stopped_can_be_taken_up_again(one_house: House) -> None:
    """Stopped before it was through, by whoever stopped everything: what is left can still be taken back."""
    an = await officer_of(one_house)
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01", valid_until=one_house.clock.now() + 9 * DAY)
    one_house.channel.outcome_for = lambda delivery: (
        Outcome(OutcomeKind.NOT_DELIVERED) if delivery.operation is Operation.DELETE else None
    )
    await recalled(one_house, an)
    assert times(binh, ORIGINAL) == 1
    await one_house.running.db.write(lambda tx: announcements.move(tx, 2, ("queueing", "sending"), "stopping"))
    await one_house.settle()
    one_house.channel.outcome_for = lambda _: None
    assert "Xóa được: 2 tin" in await recalled(one_house, an)
    assert times(binh, ORIGINAL) == 0
    assert await one_house.running.db.read(lambda tx: tx.all("SELECT state FROM announcement ORDER BY id")) == [
        ("done",),
        ("stopped",),
        ("done",),
    ]


async def test_what_waits_is_cancelled(one_house: House) -> None:
    """Nobody gets a reminder or an erratum of what was recalled meanwhile."""
    an = await officer_of(one_house)
    awake, asleep = await settled(one_house, "802", "Lê Thị Bình"), await settled(one_house, "803", "Hoàng Dũng")
    await sends(one_house, an, unit="LC01", kind="task", valid_until=one_house.clock.now() + 9 * DAY)
    await set_member(one_house, asleep, quiet_from=0, quiet_to=23 * 60)
    await one_house.passes("2025-05-02T09:00")
    await taps_pushed(one_house, an, "Nhắc lại")
    await one_house.passes("2025-05-02T09:10")
    assert (times(awake, REMINDER), times(asleep, REMINDER)) == (1, 0)
    await recalled(one_house, an)
    await one_house.passes("2025-05-02T23:30")
    assert [times(phone, words) for phone in (awake, asleep) for words in (ORIGINAL, REMINDER)] == [0] * 4
    assert (await outcomes(one_house, "announcement:2"))["cancelled"] == 1


async def test_who_had_the_wrong_text_is_written_down_in_slices(one_house: House) -> None:
    """A few recipients a write, from where the last one left off; only whose message went out before."""
    an = await officer_of(one_house)
    for number in range(5):
        await settled(one_house, f"81{number}", f"Người {number}")
    one_house.channel.outcome_for = late
    await sends(one_house, an, unit="LC01")
    corrected_at = one_house.clock.now()

    def begin(tx: Transaction) -> int:
        tx.run("UPDATE recipient SET outcome = ''")
        parent = announcements.by_id(tx, 1)
        assert parent is not None
        return announcements.create(tx, replace(parent, of_id=1, purpose="erratum", state="queueing"))

    def counted(tx: Transaction) -> list[tuple[str, int]]:
        return tx.all("SELECT outcome, COUNT(*) FROM recipient GROUP BY outcome ORDER BY outcome")

    erratum = await one_house.running.db.write(begin)

    def settle(tx: Transaction) -> bool:
        return following.settle_wrong_slice(tx, erratum, 1, ["announcement:1"], corrected_at, 2)

    found = []
    while await one_house.running.db.write(settle):
        found.append(await one_house.running.db.read(counted))
    assert found[0] == [("", 4), ("sent", 2)]
    assert await one_house.running.db.read(counted) == [("", 1), ("sent", 4), ("uncertain", 1)]
    assert not await one_house.running.db.write(settle)


def late(delivery: Delivery) -> Outcome | None:
    """Nobody knows of one message, another was refused."""
    kinds = {"813": OutcomeKind.AMBIGUOUS, "814": OutcomeKind.REJECTED}
    return Outcome(kinds[delivery.chat]) if delivery.chat in kinds else None


async def test_taking_back_does_not_wait_for_the_solemn_mode(one_house: House) -> None:
    """Congratulations that went out before it can be recalled while it holds."""
    an = await officer_of(one_house)
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01", kind="congratulation", body="Mừng tổ trưởng mới.", question="none")
    assert times(binh, "Mừng tổ trưởng") == 1
    await one_house.running.db.write(lambda tx: solemn.start(tx, None, "Quốc tang", 1, one_house.clock.now()))
    await recalled(one_house, an)
    assert times(binh, "Mừng tổ trưởng") == 0

"""What is left after sending, on one channel: too old to delete, albums, four eyes, uncertain ones, own words."""

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.domain.time import DAY
from tests.support.house import House
from tests.support.officers import granted, member_id, officer_of, outcomes, sends, set_member, times, writes
from tests.support.people import a_minute_later, settled


async def test_too_old_to_delete(one_house: House) -> None:
    """After 48 hours nothing is deleted, nor said to be: the plan counts it, and those who have it are asked."""
    an = await officer_of(one_house)
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01", valid_until=one_house.clock.now() + 9 * DAY)
    await one_house.passes("2025-05-03T12:00")
    await an.says("thông báo đã gửi")
    await an.says("1")
    plan = await an.taps("Thu hồi")
    assert "Không xóa được vì đã quá 48 giờ: 2 tin." in plan
    assert "Xóa được:" not in plan
    await an.taps("Thu hồi và nhắn bỏ qua")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, "Xin bỏ qua tin ngày") == 1
    assert times(binh, "họp 14 giờ") == 2  # what was sent, and the quote of it


async def test_too_old_to_delete_and_nobody_told(one_house: House) -> None:
    """A recall that nobody is told of counts what it could not delete as not deleted."""
    an = await officer_of(one_house)
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01", valid_until=one_house.clock.now() + 9 * DAY)
    await one_house.passes("2025-05-03T12:00")
    await an.says("thông báo đã gửi")
    await an.says("1")
    await an.taps("Thu hồi")
    await an.taps("Thu hồi")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, "họp 14 giờ") == 1
    assert times(an, "Đã xóa: 0.") == times(an, "Không xóa được: 2.") == 1


async def test_all_uncertain_together(one_house: House) -> None:
    """What is uncertain is sent again only when an officer says so, to all of them and nobody else."""
    an = await officer_of(one_house)
    phones = [await settled(one_house, f"81{number}", f"Người {number}") for number in range(3)]
    lost = {"811", "812"}

    def answer(delivery: Delivery) -> Outcome | None:
        return Outcome(OutcomeKind.AMBIGUOUS, detail="read timed out") if delivery.chat in lost else None

    one_house.channel.outcome_for = answer
    await writes(an)
    await an.says("gửi ngay")
    one_house.channel.outcome_for = lambda _: None
    a_minute_later(one_house)
    await an.says("thông báo đã gửi")
    await an.says("1")
    await an.taps("Tin chưa chắc đã tới")
    shown = await an.taps("Gửi lại hết")
    assert "Đã ghi là chưa nhận: 2 người" in shown
    assert "Chưa nhận được: 2 người" in shown
    await an.says("đồng ý")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert await outcomes(one_house, "announcement:2") == {"sent": 2}
    assert times(phones[0], "họp 14 giờ") == 1


async def test_album_is_recalled_whole(one_house: House) -> None:
    """Every message of an album is named to the channel."""
    an = await officer_of(one_house)
    await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01")
    await one_house.running.db.write(
        lambda tx: tx.run("UPDATE outbox SET external_id = '70,71,72' WHERE origin = 'announcement:1'")
    )
    deleted: list[str] = []

    def answer(delivery: Delivery) -> Outcome | None:
        if delivery.operation is Operation.DELETE:
            deleted.append(delivery.target)
        return None

    one_house.channel.outcome_for = answer
    a_minute_later(one_house)
    await an.says("thông báo đã gửi")
    await an.says("1")
    await an.taps("Thu hồi")
    await an.taps("Thu hồi")
    await one_house.settle()
    assert deleted == ["70,71,72"] * 2


async def test_a_correction_waits_for_a_second_person(one_house: House) -> None:
    """Until somebody else approves the right text the wrong one stands on the phone."""
    an = await officer_of(one_house)
    hoa = await granted(one_house, await settled(one_house, "809", "Lê Thị Hòa", "LC01"), "LC01")
    binh = await settled(one_house, "802", "Lê Thị Bình")
    await sends(one_house, an, unit="LC01", kind="urgent", reason="bão số 3")
    await hoa.taps("Duyệt gửi")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, "họp 14 giờ") == 1
    await an.says("menu")
    await an.says("thông báo đã gửi")
    await an.says("1")
    await an.taps("Đính chính")
    await an.says("Họp 15 giờ.")
    await an.taps("Đồng ý")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, "14 giờ") == 1
    assert times(binh, "15 giờ") == 0
    await hoa.taps("Duyệt gửi")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, "14 giờ") == 0
    assert times(binh, "Họp 15 giờ.") == 1


async def test_own_words_are_read_at_any_time(one_house: House) -> None:
    """The officer of an asked unit reads what its people wrote under the announcement, in pages that fit."""
    an = await officer_of(one_house)
    own = await granted(one_house, await settled(one_house, "802", "Lê Thị Bình", "LC0421"), "LC0421")
    others = [await settled(one_house, f"8{number}", f"Người {number}", "LC0421") for number in range(20, 32)]
    await settled(one_house, "840", "Người nơi khác", "LC0422")
    await sends(one_house, an, unit="LC01", kind="task", question="words")
    await one_house.running.db.write(
        lambda tx: tx.run("UPDATE recipient SET words = ?, answer = 'words'", ("ý" * 299,))
    )
    await own.says("thông báo")
    await own.says("1")
    pages = [await own.taps("Xem ý kiến")]
    while any("Xem thêm" in label for label in own.last.labels):
        pages.append(await own.says("xem tiếp"))
    assert len(pages) > 1
    assert max(map(len, pages)) < 4096
    assert sum("\n".join(pages).count(f"Người {number}: ") for number in range(20, 32)) == 12
    assert "Người nơi khác" not in "".join(pages)
    await others[0].says("thông báo")
    assert "Xem ý kiến" not in str([await others[0].says("1"), others[0].last.labels])


async def test_who_was_stopped_gets_it_when_asked_for(one_house: House) -> None:
    """Those whose message was stopped get it only by the choice that names them."""
    an = await officer_of(one_house)
    phones = [await settled(one_house, f"81{number}", f"Người {number}") for number in range(2)]
    one_house.channel.outcome_for = lambda sent: Outcome(OutcomeKind.REJECTED) if sent.chat == "811" else None
    await sends(one_house, an, unit="LC01")
    one_house.channel.outcome_for = lambda _: None
    await one_house.running.db.write(
        lambda tx: tx.run("UPDATE recipient SET outcome = 'cancelled', reason = '' WHERE outcome = 'failed'")
    )
    a_minute_later(one_house)
    await an.says("thông báo đã gửi")
    await an.says("1")
    assert "Bị dừng giữa chừng: 1 người." in await an.taps("Gửi lại người chưa nhận")
    await an.taps("Gửi cả người bị dừng")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(phones[0], "họp 14 giờ") == times(phones[1], "họp 14 giờ") == 1


async def test_the_result_message_hides_what_the_result_hides(one_house: House) -> None:
    """Neither below five nor, from a total beside the parts, by difference; the same words in both places."""
    an = await officer_of(one_house)
    for number in range(6):
        await settled(one_house, f"81{number}", f"Người {number}", "LC0421")
    await settled(one_house, "820", "Lê Thị Bình", "LC0422")
    asleep = await settled(one_house, "821", "Hoàng Dũng", "LC0422")
    await set_member(one_house, asleep, quiet_from=6 * 60, quiet_to=10 * 60)
    units = await one_house.running.db.read(
        lambda tx: [row[0] for row in tx.all("SELECT id FROM unit WHERE code IN ('LC0421', 'LC0422')")]
    )
    until = one_house.clock.now() + 3 * DAY
    await sends(one_house, an, unit="LC01", audience={"units": units}, valid_until=until)
    asleep_id = await member_id(one_house, asleep)
    await one_house.running.db.write(
        lambda tx: tx.run(
            "UPDATE recipient SET answer = 'received', answered_at = 1 WHERE member_id <> ?", (asleep_id,)
        )
    )
    await one_house.passes("2025-05-01T10:01")
    await one_house.settle()
    assert times(an, "Đã tới: 8. Đã trả lời: từ 6 đến 8.") == 1
    await an.says("thông báo đã gửi")
    assert "Đã tới: 8. Đã trả lời: từ 6 đến 8." in await an.says("1")


async def test_fewer_than_five_answers_are_below_five(one_house: House) -> None:
    """And where nothing was asked nothing is said of answers."""
    an = await officer_of(one_house)
    await sends(one_house, an, unit="LC01")
    await sends(one_house, an, unit="LC01", body="Kính viếng.", kind="condolence", question="none")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(an, "Đã trả lời: dưới 5.") == times(an, "Đã trả lời") == 1

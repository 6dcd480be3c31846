"""What may not be approved, put off or sent: one sentence each, and nothing goes out."""

from dataclasses import replace

import pytest

from bot.domain.messages import Inbound, InboundKind
from bot.domain.people import RoleKind
from bot.services import controls, deciding, media, sending
from bot.services.drafts import begun
from bot.services.turn import Turn
from bot.storage import announcements, members, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, member_id, officer_of, outcomes, times, writes
from tests.support.people import settled


async def two(house: House) -> tuple[Phone, Phone]:
    """The author of an urgent announcement that waits, and who may approve it."""
    an = await officer_of(house)
    hoa = await granted(house, await settled(house, "805", "Phạm Thị Hoa", "LC01", form="chị"), "LC01")
    await writes_urgent(house, an)
    return an, hoa


async def writes_urgent(house: House, author: Phone) -> None:
    id = await member_id(house, author)

    def send(tx: Transaction) -> None:
        unit = units.by_code(tx, "LC01")
        assert unit is not None
        sent = sending.send(turn_of(house, tx, id), begun(unit.id, unit.id, "Bão gần bờ.", "urgent", "bão số 3"))
        assert sent is not None
        assert sent["state"] == "waiting"

    await house.running.db.write(send)
    await house.settle()


def turn_of(house: House, tx: Transaction, id: int) -> Turn:
    member = members.by_id(tx, id)
    return Turn(tx, house.running.installation, house.clock.now(), "test", member=member)


def button(phone: Phone, label: str) -> str:
    return next(b.data for message in reversed(phone.shown) for b in message.buttons if b.label == label)


async def nothing_sent(house: House) -> bool:
    return (await outcomes(house, "announcement:%")).total() == 0


async def test_nobody_approves_their_own_and_nobody_else_may(one_house: House) -> None:
    """The author, a member, an officer beside or below: a sentence each."""
    an, hoa = await two(one_house)
    data = button(hoa, "Duyệt gửi")
    below = await officer_of(one_house, "LC0421", "806")
    member = await settled(one_house, "807", "Đoàn Viên")
    assert "cần người khác duyệt" in await an.taps_data(data)
    assert "dành cho người được giao" in await below.taps_data(data)
    assert "dành cho người được giao" in await member.taps_data(data)
    assert await nothing_sent(one_house)


@pytest.mark.parametrize(
    "forged", ["apr:1.:y", "apr:1.00ff:y", "apr:99.00ff:y", "apr:x:y", "apr:1.00ff:z", "drf:1:open"]
)
async def test_forged(one_house: House, forged: str) -> None:
    _, hoa = await two(one_house)
    assert len(await hoa.taps_data(forged)) < 250
    assert await nothing_sent(one_house)


async def test_late_changed_and_twice(one_house: House) -> None:
    """Pressed by two at once it is one send; after a change, after the end, after a decision it is refused."""
    an, hoa = await two(one_house)
    first = button(hoa, "Duyệt gửi")
    await an.says("tin hẹn giờ")
    await an.says("1")
    await an.says("đổi giờ gửi")
    await an.says("20 giờ")
    assert "đã đổi sau khi gửi chị xem" in await hoa.taps_data(first)
    second = button(hoa, "Duyệt gửi")
    assert second != first
    assert "Hẹn gửi lúc 20:00" in await hoa.taps_data(second)
    admin = await granted(one_house, await settled(one_house, "809", "Lò Văn Quản", "LD"), "LD", RoleKind.ADMIN)
    assert "Phạm Thị Hoa, Chủ tịch giải quyết rồi" in await admin.taps_data(second)
    await writes_urgent(one_house, an)
    late = button(hoa, "Duyệt gửi")
    one_house.clock.forward(days=3)
    assert "quá hạn" in await hoa.taps_data(late)


async def test_two_approve_at_once(one_house: House) -> None:
    """Both presses come in before either is worked on: one send, and the other is told who was first."""
    an, hoa = await two(one_house)
    son = await granted(
        one_house, await settled(one_house, "810", "Đinh Văn Sơn", "LC01"), "LC01", title="Phó Chủ tịch"
    )
    data = button(hoa, "Duyệt gửi")
    presses = [
        Inbound(
            one_house.next_key(),
            phone.chat,
            InboundKind.BUTTON,
            data=data,
            press_ref="p",
            sent_at=one_house.clock.now(),
        )
        for phone in (hoa, son)
    ]
    await one_house.running.receive(one_house.channel, presses)
    await one_house.settle()
    said = [times(phone, "Đã duyệt. Đang gửi.") for phone in (hoa, son)]
    assert sorted(said) == [0, 1]
    first, second, name = (hoa, son, "Phạm Thị Hoa") if said[0] else (son, hoa, "Đinh Văn Sơn")
    assert times(first, "giải quyết rồi") == 0
    assert times(second, f"Tin này đã có {name}") == 1
    assert (await outcomes(one_house, "announcement:%")).total() == 3
    assert times(an, "đã duyệt") == 1
    assert (await audited(one_house)).count("announcement_approved") == 1


async def test_a_decision_is_written_down_once(one_house: House) -> None:
    """Of two decisions about what both read as waiting the second changes nothing and hears so."""
    await two(one_house)

    def decide(tx: Transaction) -> list[bool]:
        read = announcements.by_id(tx, 1)
        assert read is not None
        wanted = [replace(read, state=state, decided_at=1, approver_title=state) for state in ("scheduled", "returned")]
        return [announcements.decide(tx, one) for one in wanted]

    assert await one_house.running.db.write(decide) == [True, False]
    kept = await one_house.running.db.read(lambda tx: announcements.by_id(tx, 1))
    assert kept is not None
    assert (kept.state, kept.approver_title) == ("scheduled", "scheduled")


async def test_a_text_changed_behind_the_approval_is_not_sent(one_house: House) -> None:
    """Whatever changed the stored text: at its time it does not go out, and author and administrators hear of it."""
    an, hoa = await two(one_house)
    admin = await granted(one_house, await settled(one_house, "809", "Lò Văn Quản", "LD"), "LD", RoleKind.ADMIN)
    await an.says("tin hẹn giờ")
    await an.says("1")
    await an.says("đổi giờ gửi")
    await an.says("20 giờ")
    await hoa.says("tin chờ duyệt")
    await hoa.says("1")
    await hoa.says("duyệt gửi")
    await one_house.running.db.write(lambda tx: tx.run("UPDATE announcement SET body = 'Khác.'"))
    await one_house.passes("2025-05-01T20:00")
    assert await nothing_sent(one_house)
    assert times(an, "chưa gửi cho ai") == 1
    assert times(admin, "chưa gửi cho ai") == 1


@pytest.mark.parametrize("ends", ["role", "unit"])
async def test_a_role_or_a_unit_that_ended_before(one_house: House, ends: str) -> None:
    """Of the author: not approved any more, and not sent at its time."""
    an, hoa = await two(one_house)
    await an.says("tin hẹn giờ")
    await an.says("1")
    await an.says("đổi giờ gửi")
    await an.says("20 giờ")
    await hoa.says("tin chờ duyệt")
    await hoa.says("1")
    await hoa.says("duyệt gửi")
    await writes_urgent(one_house, an)
    waits = button(hoa, "Duyệt gửi")
    author = await member_id(one_house, an)
    if ends == "role":
        await one_house.running.db.write(lambda tx: tx.run("DELETE FROM role WHERE member_id = ?", (author,)))
        assert "không còn giữ việc" in await hoa.taps_data(waits)
    else:
        await one_house.running.db.write(
            lambda tx: tx.run("UPDATE unit_version SET valid_until = '2025-04-30' WHERE code = 'LC01'")
        )
        assert "đơn vị không còn hoạt động" in await hoa.taps_data(waits)
        assert "dành cho người được giao" in await hoa.taps_data(waits[:-4] + waits[-2:])
    await one_house.passes("2025-05-01T20:00")
    assert await nothing_sent(one_house)
    assert times(an, "chưa gửi cho ai") == 2  # the one that waited too


async def test_what_waits_for_a_unit_that_ended(one_house: House) -> None:
    """Within minutes its author and an administrator hear that it cannot go out; the approver is not asked again."""
    an, hoa = await two(one_house)
    admin = await granted(one_house, await settled(one_house, "809", "Lò Văn Quản", "LD"), "LD", RoleKind.ADMIN)
    data = button(hoa, "Duyệt gửi")
    await one_house.running.db.write(
        lambda tx: tx.run("UPDATE unit_version SET valid_until = '2025-04-30' WHERE code = 'LC01'")
    )
    await one_house.passes("2025-05-01T08:05")
    assert times(an, "chưa gửi cho ai") == times(admin, "chưa gửi cho ai") == 1
    assert "Bão gần bờ." in await an.taps("Mở lại để sửa")
    await one_house.passes("2025-05-01T20:00")
    assert times(hoa, "vẫn chờ chị duyệt") == 0
    assert "đơn vị không còn hoạt động" in await hoa.taps_data(data)
    assert await nothing_sent(one_house)
    assert (await audited(one_house)).count("announcement_not_sent") == 1


async def test_reminded_once_and_lapsed(one_house: House) -> None:
    """After an hour an urgent one is asked about again, once; not approved in time, its author can open it again."""
    an, hoa = await two(one_house)
    await one_house.passes("2025-05-01T07:59")
    assert times(hoa, "vẫn chờ chị duyệt") == 0
    await one_house.passes("2025-05-01T20:00")
    await one_house.passes("2025-05-01T20:05")
    assert times(hoa, "vẫn chờ chị duyệt") == 1
    await one_house.passes("2025-05-08T08:00")
    assert times(an, "không được duyệt kịp hạn") == 1
    assert "Bão gần bờ." in await an.taps("Mở lại để sửa")
    assert await nothing_sent(one_house)


async def test_the_files_are_shown(one_house: House) -> None:
    """Who decides gets them before deciding."""
    an, hoa = await two(one_house)
    id = await member_id(one_house, an)

    def send(tx: Transaction) -> None:
        turn = turn_of(one_house, tx, id)
        turn.address = members.addresses(tx, id)[0]
        unit = units.by_code(tx, "LC01")
        assert unit is not None
        draft = begun(unit.id, unit.id, "Bão gần bờ.", "urgent", "bão số 3")
        draft["files"] = [media.keep(turn, media.Sent(kind="document", ref="file", name="cong-van.pdf"))]
        assert sending.send(turn, draft) is not None

    await one_house.running.db.write(send)
    await one_house.settle()
    assert "Kèm tệp: cong-van.pdf" in hoa.last.text
    await hoa.taps("Xem tệp")
    assert times(hoa, "Trên đây là tệp kèm tin") == 1
    assert (await outcomes(one_house, "announcement:%")).total() == 0


async def test_who_asks_whom(one_house: House) -> None:
    """The unit's other officer, else the nearest above, else administrators; a small unit on its own nobody."""
    an = await officer_of(one_house, "LC0421")
    await settled(one_house, "802", "Lê Thị Bình")
    id = await member_id(one_house, an)

    def send(tx: Transaction, kind: str = "urgent") -> tuple[str, int]:
        unit = units.by_code(tx, "LC0421")
        assert unit is not None
        sent = sending.send(turn_of(one_house, tx, id), begun(unit.id, unit.id, "Bão.", kind, "bão"))
        assert sent is not None
        return sent["state"], sent["asked"]

    assert await one_house.running.db.write(send) == ("queueing", 0)
    federation = one_house.running.installation.federation
    one_house.running.installation.federation = federation.model_copy(update={"approval_over": 1})
    assert await one_house.running.db.write(lambda tx: send(tx, "information")) == ("queueing", 0)
    for number in range(50):
        await settled(one_house, f"9{number:02}", f"Người {number}")
    assert await one_house.running.db.write(lambda tx: send(tx, "information")) == ("waiting", 0)
    admin = await granted(one_house, await settled(one_house, "809", "Lò Văn Quản", "LD"), "LD", RoleKind.ADMIN)
    assert await one_house.running.db.write(lambda tx: send(tx, "information")) == ("waiting", 1)
    await one_house.settle()
    assert times(admin, "chờ anh duyệt") == 1
    above = await officer_of(one_house, "LC01", "803")
    assert await one_house.running.db.write(send) == ("waiting", 1)
    await one_house.settle()
    assert times(above, "chờ anh duyệt") == 1
    assert times(admin, "chờ anh duyệt") == 1


async def test_a_time_that_cannot_be(one_house: House) -> None:
    """In the past, after its end, of somebody else's announcement: nothing changes."""
    an, _ = await two(one_house)
    id = await member_id(one_house, an)
    other = await member_id(one_house, await officer_of(one_house, "LC0421", "806"))

    def put_off(tx: Transaction) -> None:
        for who, day, minute in ((id, "2025-05-01", 0), (id, "2025-06-01", 600), (other, "2025-05-02", 600)):
            assert controls.put_off(turn_of(one_house, tx, who), 1, day, minute) is None
        assert not controls.cancel(turn_of(one_house, tx, other), 1)
        assert controls.put_off(turn_of(one_house, tx, id), 99, "2025-05-02", 600) is None
        assert deciding.reopened(turn_of(one_house, tx, other), 1) is None

    await one_house.running.db.write(put_off)


async def test_a_day_has_room_for_three(one_house: House) -> None:
    """The fourth piece of information of a day comes the next morning; what has to be done comes at once."""
    one_house.clock.at("2025-05-01T09:00")
    an = await officer_of(one_house, "LC0421")
    binh = await settled(one_house, "802", "Lê Thị Bình")
    for number in range(4):
        await writes(an, f"Tin số {number}.")
        await an.says("gửi ngay")
        one_house.running.intake._arrivals.clear()
    await writes(an, "Nộp danh sách.", "việc phải làm")
    await an.says("gửi ngay")
    assert [times(binh, f"Tin số {number}.") for number in range(4)] == [1, 1, 1, 0]
    assert times(binh, "Nộp danh sách.") == 1
    await one_house.passes("2025-05-02T07:59")
    assert times(binh, "Tin số 3.") == 0
    await one_house.passes("2025-05-02T08:00")
    assert times(binh, "Tin số 3.") == 1

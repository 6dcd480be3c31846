"""The life of an announcement after it was sent: results, again, uncertain, corrected, answered, recalled."""

import io
from pathlib import Path

from openpyxl import load_workbook

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from bot.domain.time import DAY
from bot.services import corrections, results
from bot.services.results import Known, single, together
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import (
    MEETING,
    audited,
    granted,
    may_be_lost,
    member_id,
    officer_of,
    outcomes,
    sends,
    set_member,
    times,
    writes,
)
from tests.support.people import a_minute_later, pushed, settled, taps_pushed

FAILING = {
    "803": Outcome(OutcomeKind.UNREACHABLE, detail="Forbidden: bot was blocked by the user"),
    "804": Outcome(OutcomeKind.REJECTED, detail="Bad Request: something new"),
    "805": Outcome(OutcomeKind.AMBIGUOUS, detail="read timed out"),
}


def fail(house: House, chats: set[str]) -> None:
    """Let pushes to these chats come to what FAILING says."""

    def answer(delivery: Delivery) -> Outcome | None:
        return FAILING.get(delivery.chat) if delivery.chat in chats else None

    house.channel.outcome_for = answer


async def opened(an: Phone) -> str:
    """The newest announcement's result."""
    await an.says("menu")
    await an.says("thông báo đã gửi")
    return await an.says("1")


async def sent_to_some(house: House) -> Phone:
    """An announcement of LC01 to five people of two units, of whom 802 and the officer got it."""
    an = await officer_of(house)
    for chat, name, unit in (
        ("802", "Lê Thị Bình", "LC0421"),
        ("803", "Hoàng Dũng", "LC0421"),
        ("804", "Phạm Hà", "LC0422"),
        ("805", "Vũ Lan", "LC0422"),
    ):
        await settled(house, chat, name, unit)
    variant, house.variant = house.variant, "plain"
    fail(house, set(FAILING))
    await writes(an)
    await an.says("gửi ngay")
    house.variant = variant
    fail(house, set())
    return an


async def test_life_after_sending(house: House) -> None:
    """Unit by unit with reasons; again to exactly who missed it; uncertain decided; corrected; recalled."""
    an = await sent_to_some(house)
    status = await opened(an)
    assert "Đã tới: 2." in status
    assert "Chưa chắc đã tới: 1." in status
    report = await an.taps("Theo đơn vị")
    assert "5 người: đã tới 2, không liên lạc được 1, không gửi được 1, chưa chắc đã tới 1." in report
    assert "CĐCS Công ty Ví dụ A – 2 người: đã tới 1, không liên lạc được 1." in report
    assert "CĐCS Trường Ví dụ B – 2 người: đã tới 0, không gửi được 1, chưa chắc đã tới 1." in report
    assert "đã chặn trợ lý 1" in report
    assert "lý do khác 1" in report
    assert "something new" not in report

    a_minute_later(house)
    await an.taps("Về kết quả")
    asked = await an.taps("Gửi lại người chưa nhận")
    assert "Chưa nhận được: 2 người" in asked
    await an.taps("Gửi lại người chưa nhận")
    # 803 blocked us, and is reachable again only when they write.
    assert (await outcomes(house, "announcement:2")).total() == 1
    assert times(house.phone("804"), "họp 14 giờ") == (0 if may_be_lost(house) and not house.phone("804").shown else 1)
    assert times(house.phone("802"), "họp 14 giờ") == 1

    a_minute_later(house)
    await an.taps("Tin chưa chắc đã tới")
    listed = await an.taps("Xem từng người")
    assert "Vũ Lan – CĐCS Trường Ví dụ B" in listed
    await an.taps("Vũ Lan")
    assert "Đã ghi là đã nhận: 1 người" in await an.taps("Coi như đã nhận")

    a_minute_later(house)
    await opened(an)
    await an.taps("Đính chính")
    plan = await an.says("Mời {goi} {ten} họp 15 giờ thứ Bảy.")
    edits = house.channel.capabilities.edits
    assert ("Sửa ngay trong tin đã gửi" in plan) == edits
    await an.taps("Đồng ý")
    binh = house.phone("802")
    seen = " ".join(message.text for message in binh.shown)
    assert "15 giờ thứ Bảy" in seen
    assert ("14 giờ" in seen) == (not edits)
    assert ("Bản đã đính chính." if edits else "Đính chính tin trước") in seen
    first = next(message.row for message in binh.shown if "15 giờ thứ Bảy" in message.text)
    assert "15 giờ thứ Bảy" in await binh.says("thông báo") + await binh.says("1")

    a_minute_later(house)
    await opened(an)
    plan = await an.taps("Thu hồi")
    assert "không lấy lại được" in plan
    await an.taps("Thu hồi" if edits else "Thu hồi và nhắn bỏ qua")
    house.clock.forward(minutes=6)  # a message of its own does not come into the middle of a conversation
    await house.settle()
    seen = " ".join(message.text for message in binh.shown)
    if edits:
        assert first not in [message.row for message in binh.shown]
    else:
        assert "Xin bỏ qua tin ngày 1/5/2025" in seen
    acts = await audited(house)
    for act in ("announcement_again", "uncertain_received", "announcement_erratum", "announcement_recall"):
        assert acts.count(act) == 1


async def test_as_a_workbook(plain_house: House) -> None:
    """Subtotals of each level, reasons in plain words, and a unit's name that begins with = is no formula."""
    house = plain_house
    await house.running.db.write(
        lambda tx: tx.run("UPDATE unit_version SET name = '=1+1', position = 1 WHERE code = 'LC0422'")
    )
    await house.running.db.write(lambda tx: tx.run("UPDATE unit_version SET position = 2 WHERE code = 'LC0421'"))
    an = await sent_to_some(house)
    await opened(an)
    await an.taps("Theo đơn vị")
    said = await an.taps("Tải tệp Excel")
    assert "Đã gửi tệp kết quả" in said
    path = max((house.directory / "exports").glob("*.xlsx"))
    book = load_workbook(io.BytesIO(path.read_bytes()))
    rows = [[cell.value for cell in row] for row in book["Theo đơn vị"].rows]
    by_name = {str(row[0]).strip(): row for row in rows}
    assert by_name["Công đoàn xã Ví dụ"][2:8] == [5, 2, 1, 1, 1, 0]
    assert by_name["Trực thuộc thẳng"][2:4] == [1, 1]
    assert by_name["CĐCS Công ty Ví dụ A"][1:5] == ["LC0421", 2, 1, 1]
    assert by_name["=1+1"][2:4] == [2, 0]
    assert list(by_name).index("=1+1") < list(by_name).index("CĐCS Công ty Ví dụ A")
    assert by_name["Cộng"][2] == 5
    assert by_name["CĐCS Công ty Ví dụ A"][-1] == "dưới 5"
    assert by_name["Cộng"][-1] == "từ 0 đến 5"
    reasons = {row[0].value: row[1].value for row in book["Lý do"].rows}
    assert reasons["đã chặn trợ lý"] == 1
    assert all(cell.data_type != "f" for sheet in book for row in sheet.rows for cell in row)


async def test_only_who_got_the_wrong_text(house: House) -> None:
    """Those for whom it still waits get the right text, and no erratum; a message that is gone is sent anew."""
    an = await officer_of(house)
    binh = await settled(house, "802", "Lê Thị Bình")
    asleep = await settled(house, "803", "Hoàng Dũng")
    await set_member(house, asleep, quiet_from=6 * 60, quiet_to=10 * 60)
    variant, house.variant = house.variant, "plain"
    await writes(an)
    await an.says("gửi ngay")
    await opened(an)
    plan = "Chưa gửi, sẽ nhận luôn nội dung đúng: 1 người"
    await an.taps("Đính chính")
    assert plan in await an.says("Họp 15 giờ.")
    if house.channel.capabilities.edits:
        house.channel.phones["802"].clear()
    house.variant = variant
    await an.taps("Đồng ý")
    await house.settle()
    if not may_be_lost(house):
        assert "Đính chính tin trước, nội dung đúng là:" in binh.last.text
    assert not asleep.shown
    await house.passes("2025-05-01T10:01")
    await house.passes("2025-05-01T10:08")
    await house.settle()
    assert times(asleep, "Họp 15 giờ.") <= 1
    assert times(asleep, "đính chính") == times(asleep, "Đính chính") == times(asleep, "14 giờ") == 0
    if not may_be_lost(house):
        assert times(asleep, "Họp 15 giờ.") == 1
    kept = await house.running.db.read(lambda tx: tx.one("SELECT was FROM announcement WHERE purpose = 'erratum'"))
    assert kept == (MEETING,)


async def test_who_has_not_answered(house: House) -> None:
    """The officer hears how many on the second day and reminds once; who, the unit's own officer on the fourth."""
    an = await officer_of(house)
    own = await granted(house, await settled(house, "802", "Lê Thị Bình"), "LC0421")
    for number in range(5):
        await settled(house, f"81{number}", f"Người {number}")
    await settled(house, "820", "Người nơi khác", "LC0422")
    variant, house.variant = house.variant, "plain"
    await sends(house, an, unit="LC01", kind="task", valid_until=house.clock.now() + 3 * DAY)
    await taps_pushed(house, house.phone("810"), "Đã làm xong")
    house.variant = variant
    await house.passes("2025-05-02T09:00")
    asked = await pushed(house, an)
    assert "vẫn còn người đã nhận tin mà chưa trả lời" in asked.text
    if house.channel.capabilities.buttons:
        remind = next(button.data for button in asked.buttons if button.label == "Nhắc lại")
        assert "Đã nhắc những người chưa trả lời" in await an.presses(asked, remind)
        await house.passes("2025-05-02T09:10")
        if not may_be_lost(house):
            assert times(house.phone("811"), "Nhắc lại:") == 1
        assert times(house.phone("810"), "Nhắc lại:") == 0
        if not may_be_lost(house):
            assert "Không hiện số người, để không lộ ai trả lời thế nào." in (await pushed(house, an)).text
        assert "đã nhắc một lần rồi" in await an.presses(asked, remind)
        assert "Đã ghi" in await taps_pushed(house, house.phone("811"), "Đã làm xong")
    await house.passes("2025-05-03T09:00")
    await house.passes("2025-05-04T09:00")
    named = (await pushed(house, own)).text
    assert "CĐCS Công ty Ví dụ A còn" in named
    assert "Người 2" in named
    assert "Người 0" not in named
    assert "Người nơi khác" not in named
    assert times(an, "Người 2") == 0
    told = await outcomes(house, "unanswered:%") + await outcomes(house, "names:%")
    assert told.total() == 3  # the count, and names of two units


async def test_names_are_for_tasks_and_the_units_own_officer(plain_house: House) -> None:
    """Of information nobody is named; a forged button names nobody; few answers are no number."""
    an = await officer_of(plain_house)
    own = await granted(plain_house, await settled(plain_house, "802", "Lê Thị Bình"), "LC0421")
    await settled(plain_house, "803", "Hoàng Dũng")
    await sends(plain_house, an, unit="LC01", valid_until=plain_house.clock.now() + 5 * DAY)
    await sends(plain_house, an, unit="LC01", kind="task", body="Nộp báo cáo.")
    for day in (2, 3, 4):
        await plain_house.passes(f"2025-05-0{day}T09:00")
    assert times(own, "chưa trả lời:") == 1
    if plain_house.channel.capabilities.buttons:
        unit = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT id FROM unit WHERE code = 'LC0421'"))
        assert "Hoàng Dũng" in await own.taps_data(f"una:2.{unit}:list")
        for forged in (f"una:1.{unit}:list", "una:x.y:list", "una:99.1:words"):
            assert "Hoàng Dũng" not in await own.taps_data(forged)
        assert "Hoàng Dũng" not in await an.taps_data(f"una:2.{unit}:list")
        assert "Hoàng Dũng" not in await house_member(plain_house).taps_data("rem:1:send")
    await opened(an)
    assert "đã làm xong dưới 5" in await an.taps("Xem trả lời")


def house_member(house: House) -> Phone:
    """Somebody without a role."""
    return house.phone("803")


async def test_who_got_it_tells_no_unnamed_answer(tmp_path: Path) -> None:
    """To those who answered without being named: nobody is named whose message is uncertain, no unit is counted."""
    house = await House(tmp_path).open()
    try:
        await house.plant_units()
        an = await officer_of(house)
        binh = await settled(house, "802", "Lê Thị Bình", "LC0421")
        first = await sends(house, an, "LC01")
        await binh.taps("Đã nhận")
        house.channel.outcome_for = lambda delivery: Outcome(OutcomeKind.AMBIGUOUS) if delivery.chat == "802" else None
        second = await sends(house, an, "LC01", "Cảm ơn.", audience={"asked": first, "answer": "*"}, question="none")
        officer, member = await member_id(house, an), await member_id(house, binh)

        def look(tx: Transaction) -> None:
            turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, officer))
            assert corrections.uncertain(turn, second, 0) == {"people": [], "count": 1, "untold": True}
            assert corrections.decide(turn, second, [member], True) == 0
            announced = results.mine(turn, second)
            assert announced is not None
            tree = results.by_unit(turn, announced)
            assert [unit.code for unit in tree.roots] == ["LC01"]
            assert not tree.children
            assert corrections.decide(turn, second, [], True) == 1

        await house.running.db.write(look)
    finally:
        await house.close()


def test_a_total_gives_no_hidden_number_away() -> None:
    """Beside a total and the parts that are shown a hidden part may always be more than one number."""
    nine, below = single(9, 20), together([single(9, 20), single(3, 20)])
    assert together([nine, single(7, 20)]) == Known(16, 16, 16)
    assert below == Known(9, 13, 12)
    assert together([nine, single(3, 20), single(1, 20)]) == Known(13, 13, 13)
    assert together([nine, single(0, 20), single(0, 20)]) == Known(9, 17, 9)
    assert together([nine, single(4, 20), single(4, 20)]) == Known(9, 17, 17)
    assert together([nine, single(1, 1), single(1, 1)]) == Known(9, 11, 11)
    assert together([single(20, 20), below]) == Known(29, 33, 32)
    assert together([below, together([single(8, 20), single(2, 20)])]) == Known(22, 22, 22)

"""The life of an announcement after it was sent: results, again, uncertain, corrected, answered, recalled."""

import io

from openpyxl import load_workbook

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from tests.support.house import House, Phone
from tests.support.officers import audited, may_be_lost, officer_of, outcomes, times, writes
from tests.support.people import a_minute_later, settled

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
    assert "CĐCS Công ty Ví dụ A: 2 người: đã tới 1, không liên lạc được 1." in report
    assert "CĐCS Trường Ví dụ B: 2 người: đã tới 0, không gửi được 1, chưa chắc đã tới 1." in report
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
    await house.running.db.write(lambda tx: tx.run("UPDATE unit SET name = '=1+1' WHERE code = 'LC0422'"))
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
    assert by_name["Cộng"][2] == 5
    assert by_name["Cộng"][-1] == "dưới 5"
    reasons = {row[0].value: row[1].value for row in book["Lý do"].rows}
    assert reasons["đã chặn trợ lý"] == 1
    assert all(cell.data_type != "f" for sheet in book for row in sheet.rows for cell in row)

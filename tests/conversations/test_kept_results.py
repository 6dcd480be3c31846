"""What became of an announcement is known after its messages are not kept any more."""

import io

from openpyxl import load_workbook

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from bot.domain.time import DAY
from tests.support.house import House, Phone
from tests.support.officers import officer_of, outcomes, sends, times
from tests.support.people import a_minute_later, settled, taps_pushed

KINDS = {"812": OutcomeKind.REJECTED, "813": OutcomeKind.AMBIGUOUS, "814": OutcomeKind.UNREACHABLE}


async def sent_to_six(house: House) -> Phone:
    """An announcement of which each thing became of somebody's; six of seven people answered nothing."""
    an = await officer_of(house, "LC0421")
    phones = [await settled(house, f"81{number}", f"Người {number}") for number in range(5)]

    def answer(delivery: Delivery) -> Outcome | None:
        kind = KINDS.get(delivery.chat)
        return Outcome(kind, detail="Bad Request: strange") if kind else None

    house.channel.outcome_for = answer
    await sends(house, an, question="attend")
    house.channel.outcome_for = lambda _: None
    await taps_pushed(house, phones[0], "Sẽ dự")
    return an


async def report(house: House, an: Phone) -> tuple[str, str, list[list[object]]]:
    """The result, by unit, and as a workbook."""
    a_minute_later(house)
    await an.says("menu")
    await an.says("thông báo đã gửi")
    shown = await an.says("1")
    by_unit = await an.taps("Theo đơn vị")
    await an.taps("Tải tệp Excel")
    path = max((house.directory / "exports").glob("*.xlsx"), key=lambda path: path.stat().st_mtime_ns)
    book = load_workbook(io.BytesIO(path.read_bytes()))
    return shown, by_unit, [[cell.value for cell in row] for sheet in book for row in sheet.rows]


async def test_the_report_is_the_same(one_house: House) -> None:
    """A day later and, with nothing left in the outbox, six weeks later: every number, every reason."""
    an = await sent_to_six(one_house)
    before = await report(one_house, an)
    assert "Đã tới: 3." in before[0]
    assert "lý do khác" in before[1]
    one_house.clock.at("2025-06-20T02:59")
    await one_house.tick()
    await one_house.passes("2025-06-21T03:00")
    assert (await outcomes(one_house, "announcement:1")).total() == 0
    assert await report(one_house, an) == before


async def test_what_stood_still_for_long(one_house: House) -> None:
    """Paused over a month with some of it sent: these count as received when it is stopped."""
    an = await officer_of(one_house, "LC0421")
    day = [await settled(one_house, f"81{number}", f"Người {number}") for number in range(2)]
    asleep = await settled(one_house, "820", "Người ngủ sớm")
    one_house.clock.at("2025-05-01T19:00")
    await one_house.running.db.write(
        lambda tx: tx.run(
            "UPDATE member SET quiet_from = 1080, quiet_to = 420 WHERE id ="
            " (SELECT member_id FROM address WHERE external_id = '820')"
        )
    )
    await sends(one_house, an, valid_until=one_house.clock.now() + 90 * DAY)
    assert [times(phone, "họp 14 giờ") for phone in (*day, asleep)] == [1, 1, 0]
    await an.says("tin đang gửi")
    await an.says("1")
    await an.taps("Tạm dừng")
    one_house.clock.at("2025-06-20T02:59")
    await one_house.tick()
    await one_house.passes("2025-06-21T03:00")
    a_minute_later(one_house)
    await an.says("menu")
    await an.says("tin đang gửi")
    await an.says("1")
    await an.taps("Dừng hẳn")
    await an.taps("Dừng hẳn")
    await one_house.settle()
    await one_house.settle()
    a_minute_later(one_house)
    await an.says("menu")
    await an.says("thông báo đã gửi")
    shown = await an.says("1")
    assert "Đã tới: 3." in shown
    assert "Không liên lạc được" not in shown

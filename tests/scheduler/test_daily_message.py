"""The day's one unasked message, as phones see it."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.channels.contract import Outcome, OutcomeKind
from bot.storage.database import Transaction
from tests.support.house import FEDERATION, House, Phone


async def pushes(house: House) -> list[tuple[str, str, str]]:
    """Every unasked row: (chat, origin, state)."""

    def read(tx: Transaction) -> list[tuple[str, str, str]]:
        return tx.all(
            "SELECT a.external_id, o.origin, o.state FROM outbox o JOIN address a ON a.id = o.address_id"
            " WHERE o.lane > 0 ORDER BY o.id"
        )

    return await house.running.db.read(read)


async def change(house: House, **fields: object) -> None:
    """Set columns of the only member."""
    names = ", ".join(f"{name} = ?" for name in fields)
    await house.running.db.write(lambda tx: tx.run(f"UPDATE member SET {names}", tuple(fields.values())))


async def occurrences(house: House) -> list[tuple[str, str]]:
    """The only member's days: (day, state)."""
    return await house.running.db.read(lambda tx: tx.all("SELECT day, state FROM occurrence ORDER BY day"))


async def test_at_the_chosen_hour_once_a_day(house: House) -> None:
    """Whatever happens to the process, each day makes one row, which arrives unless it was in flight at a crash."""
    lan = house.phone("501")
    await lan.joins(form="Chị", name="Lan", hour="Tối")
    assert lan.new
    await house.passes("2025-05-02T19:29:59")
    assert await pushes(house) == []
    await house.passes("2025-05-02T19:30")
    await house.passes("2025-05-02T23:00")
    [(chat, origin, state)] = await pushes(house)
    assert (chat, origin) == ("501", "daily:2025-05-02")
    arrived = lan.new
    if house.variant == "crashes" and not arrived:
        assert state == "uncertain"
    else:
        [message] = arrived
        assert "Bài 2/" in message.text
        assert "Nguồn:" in message.text
        assert message.labels == [
            "Đọc tiếp",
            "Trả lời câu hỏi",
            "Lưu bài",
            "Chia sẻ bài",
            "Vì sao tôi nhận tin này?",
        ]
    await house.passes("2025-05-03T19:30")
    assert [origin for _, origin, _ in await pushes(house)] == ["daily:2025-05-02", "daily:2025-05-03"]


@pytest.mark.parametrize("outcome", [OutcomeKind.UNREACHABLE, OutcomeKind.REJECTED, OutcomeKind.AMBIGUOUS])
async def test_a_card_that_did_not_arrive_comes_again(plain_house: House, outcome: OutcomeKind) -> None:
    """The next day, or perhaps: whoever reads on has had it."""
    lan = plain_house.phone("501")
    await lan.joins(form="Chị", hour="Trưa")
    plain_house.channel.outcome_for = lambda delivery: Outcome(outcome)
    await plain_house.passes("2025-05-02T11:30")
    plain_house.channel.outcome_for = lambda delivery: None
    await lan.says("cảm ơn")
    await plain_house.passes("2025-05-03T11:30")
    assert "Bài 2/" in lan.last.text
    await plain_house.passes("2025-05-04T11:30")
    assert "Bài 3/" in lan.last.text


@pytest.mark.parametrize(
    ("outcome", "asked", "later"),
    [(OutcomeKind.REJECTED, "Bài 2/", "Bài 3/"), (OutcomeKind.AMBIGUOUS, "Bài 3/", "Bài 4/")],
)
async def test_who_asks_for_more_after_one_that_was_lost(
    plain_house: House, outcome: OutcomeKind, asked: str, later: str
) -> None:
    """One that certainly did not arrive is the next; after one that perhaps did, asking means that it did."""
    lan = plain_house.phone("501")
    await lan.joins(form="Chị", hour="Trưa")
    plain_house.channel.outcome_for = lambda delivery: Outcome(outcome)
    await plain_house.passes("2025-05-02T11:30")
    plain_house.channel.outcome_for = lambda delivery: None
    plain_house.clock.forward(minutes=1)
    assert asked in await lan.says("bài hôm nay")
    await plain_house.passes("2025-05-03T11:30")
    assert later in lan.last.text


async def test_a_card_that_expired_while_we_were_down_comes_again(plain_house: House) -> None:
    """It waited for the end of quiet hours, and the process was not there."""
    lan = plain_house.phone("501")
    await lan.joins(form="Chị", hour="Trưa")
    await change(plain_house, quiet_from=11 * 60, quiet_to=13 * 60)
    await plain_house.passes("2025-05-02T11:30")
    await plain_house.close()
    plain_house.clock.at("2025-05-03T08:00")
    await plain_house.open()
    await plain_house.passes("2025-05-03T11:30")
    await plain_house.passes("2025-05-03T13:00")
    assert [state for _, _, state in await pushes(plain_house)] == ["expired", "sent"]
    assert "Bài 2/" in lan.last.text


async def test_no_piece_on_a_day_off(plain_house: House) -> None:
    """The federation's days off bring a countdown at most."""
    app = plain_house.running
    off = frozenset({date(2025, 5, 2), date(2025, 5, 12)})
    app.installation = replace(app.installation, federation=FEDERATION.model_copy(update={"days_off": off}))
    lan = plain_house.phone("501")
    await lan.joins(form="Chị", hour="Trưa")
    await plain_house.passes("2025-05-02T11:30")
    assert await pushes(plain_house) == []
    await plain_house.passes("2025-05-03T11:30")
    assert "Bài 2/" in lan.last.text
    await plain_house.passes("2025-05-12T11:30")
    assert "Còn 7 ngày" in lan.last.text
    assert "Bài 3/" not in lan.last.text


async def test_why_and_reading_on(house: House) -> None:
    """A push says why it came and how to change it; its buttons lead on."""
    lan = house.phone("501")
    await lan.joins(form="Chị", hour="Trưa")
    await house.passes("2025-05-12T11:30")
    why = await lan.taps_data("why:daily.2025-05-12:why_this")
    assert "Chị đã chọn nhận bài: Trưa (11:30)." in why
    assert "Ngày sinh Chủ tịch Hồ Chí Minh: tôi nhắc trước 7 ngày, 3 ngày, 1 ngày và đúng ngày." in why
    assert "nhiều nhất một tin, không gửi từ 21:00–06:00" in why
    assert lan.last.labels == ["Cài đặt"]
    typed = await lan.says("vi sao toi nhan tin nay")
    if house.variant != "crashes":
        assert typed == why
    assert "Bài 3/" in await lan.taps_data("m:today")


@pytest.mark.parametrize("typed", ["Đọc tiếp", "doc tiep ạ"])
async def test_a_pushs_button_by_its_words(house: House, typed: str) -> None:
    """What stands on a button may be typed, as long as nothing else was pushed since."""
    lan = house.phone("501")
    await lan.joins(form="Chị", hour="Trưa")
    await house.passes("2025-05-02T11:30")
    answer = await lan.says(typed)
    if house.variant != "crashes":
        assert "Bài 3/" in answer


@pytest.mark.parametrize(
    "data", ["why:::", "why:daily.x:y", "why:daily.2025-05-12", "why:what.9:a", "why:daily.2031-01-01:z"]
)
async def test_forged_whys(plain_house: House, data: str) -> None:
    """Any id gets a sentence that tells nothing of anybody else."""
    phone = plain_house.phone("501")
    await phone.joins()
    answer = await phone.taps_data(data)
    assert answer
    assert "Ngày sinh" not in answer


async def countdown(house: House, phone: Phone, hour: str) -> list[str]:
    """What arrives at `hour` from 10/5 to 20/5, as "day: first line"."""
    seen = []
    for day in range(10, 21):
        phone.new  # noqa: B018 - what came before does not count
        await house.passes(f"2025-05-{day}T{hour}")
        seen += [f"{day}: {line}" for message in phone.new for line in message.text.splitlines()[:1]]
    return seen


async def test_the_countdown_to_19_may(plain_house: House) -> None:
    """Those who wanted no piece get the four steps, at the hour of the milestones, and nothing else."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Không, tôi tự mở")
    born = "kỷ niệm 135 năm Ngày sinh Chủ tịch Hồ Chí Minh (19/5/1890 - 19/5/2025)."
    assert await countdown(plain_house, phone, "08:00") == [
        f"12: Còn 7 ngày nữa là {born}",
        f"16: Còn 3 ngày nữa là {born}",
        f"18: Còn 1 ngày nữa là {born}",
        f"19: Hôm nay {born}",
    ]
    assert "!" not in "".join(message.text for message in phone.shown[-4:])


async def test_one_message_holds_all_of_a_day(plain_house: House) -> None:
    """The step comes first, then the piece, then the day's other milestones in one line."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    phone.new  # noqa: B018
    await plain_house.passes("2025-05-18T06:30")
    [message] = phone.new
    step = message.text.index("Còn 1 ngày nữa là")
    assert step < message.text.index("Nguồn: Báo Điện tử Đảng Cộng sản Việt Nam") < message.text.index("Bài 2/")
    card = message.text.index("Bài 2/")
    others = message.text.index("Ngày 18/5: Ngày ban hành Kết luận số 01-KL/TW; Khai mạc triển lãm")
    assert step < card < others
    lanes = await plain_house.running.db.read(lambda tx: tx.all("SELECT lane FROM outbox WHERE lane > 0"))
    assert lanes == [(3,)]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2025-01-29", "Ngày 29/1: Tết Nguyên đán (1/1 âm lịch)."),
        ("2025-04-07", "Ngày 7/4: Giỗ Tổ Hùng Vương (10/3 âm lịch)."),
        ("2026-02-17", "Tết Nguyên đán (1/1 âm lịch)"),
        ("2026-04-26", "Giỗ Tổ Hùng Vương (10/3 âm lịch)"),
    ],
)
async def test_a_lunar_day_stands_under_the_piece(tmp_path: Path, day: str, said: str) -> None:
    """On its solar day of the year, and not the day before."""
    house = House(tmp_path)
    before = date.fromisoformat(day) - timedelta(days=1)
    house.clock.at(f"{before}T05:00")
    await house.open()
    try:
        await house.plant_units()
        phone = house.phone("501")
        await phone.joins(hour="Sáng sớm")
        phone.new  # noqa: B018
        for hour, expected in ((f"{before}T06:30", False), (f"{day}T06:30", True)):
            await house.passes(hour)
            [message] = phone.new
            assert (said in message.text) is expected
    finally:
        await house.close()


async def test_missed_questions_return_with_it(plain_house: House) -> None:
    """Questions answered wrong are announced the next day, without saying so on the lock screen."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await plain_house.running.db.write(
        lambda tx: tx.run(
            "INSERT INTO missed_question VALUES (1, ?, '2025-05-02', 1, 0.2, 6.4, 0)",
            (plain_house.running.installation.pack.questions[0].id,),
        )
    )
    phone.new  # noqa: B018
    await plain_house.passes("2025-05-02T06:30")
    [message] = phone.new
    assert "Hôm nay có 1 câu đến lượt hỏi lại, anh muốn trả lời thì chọn Trả lời câu hỏi." in message.text
    assert "Câu nào trả lời chưa đúng" in await phone.taps("Vì sao tôi nhận tin này?")


async def test_nothing_left_to_read(plain_house: House) -> None:
    """Without a piece, a step or a question there is no message: another milestone alone is none."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await plain_house.running.db.write(
        lambda tx: tx.run_many(
            "INSERT INTO card_read (member_id, card_id, at) VALUES (1, ?, 0) ON CONFLICT DO NOTHING",
            [(card.id,) for card in plain_house.running.installation.pack.cards],
        )
    )
    await plain_house.passes("2025-05-07T06:30")
    assert await pushes(plain_house) == []
    await plain_house.passes("2025-05-12T06:30")
    assert [origin for _, origin, _ in await pushes(plain_house)] == ["daily:2025-05-12"]


@pytest.mark.parametrize(
    "fields", [{"paused_until": "2025-05-12"}, {"state": "left"}, {"slot": "none", "paused_until": "2025-06-01"}]
)
async def test_those_who_want_nothing_get_nothing(plain_house: House, fields: dict[str, object]) -> None:
    """Paused to this very day, or gone: no row."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await change(plain_house, **fields)
    await plain_house.passes("2025-05-12T09:00")
    assert await pushes(plain_house) == []
    assert await occurrences(plain_house) == []


async def test_after_a_pause(plain_house: House) -> None:
    """The day after the pause it comes again."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await change(plain_house, paused_until="2025-05-12")
    await plain_house.passes("2025-05-12T09:00")
    await plain_house.passes("2025-05-13T06:30")
    assert [origin for _, origin, _ in await pushes(plain_house)] == ["daily:2025-05-13"]


async def test_a_blocked_phone(plain_house: House) -> None:
    """Nobody is written to where nothing arrives."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await plain_house.running.db.write(lambda tx: tx.run("UPDATE address SET reachable = 0"))
    await plain_house.passes("2025-05-12T09:00")
    assert await pushes(plain_house) == []


async def test_changing_the_hour_makes_no_second_message(plain_house: House) -> None:
    """Written in the morning, moved to the evening: the day's message was had."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await plain_house.passes("2025-05-12T06:30")
    await change(plain_house, slot="evening")
    await plain_house.passes("2025-05-12T19:30")
    await change(plain_house, slot="none")
    await plain_house.passes("2025-05-12T23:59")
    assert await occurrences(plain_house) == [("2025-05-12", "queued")]
    assert len(await pushes(plain_house)) == 1


async def test_quiet_hours_shift_it(plain_house: House) -> None:
    """Quiet until seven: it waits until seven, and replies do not."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Sáng sớm")
    await change(plain_house, quiet_from=22 * 60, quiet_to=7 * 60)
    phone.new  # noqa: B018
    await plain_house.passes("2025-05-12T06:59:59")
    assert phone.new == []
    assert await phone.says("menu")
    phone.new  # noqa: B018
    await plain_house.passes("2025-05-12T07:00")
    [message] = phone.new
    assert "Còn 7 ngày" in message.text


async def test_quiet_hours_that_leave_no_time(plain_house: House) -> None:
    """Quiet from before the hour until after midnight: recorded as missed, the piece is kept for later."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Tối")
    await change(plain_house, quiet_from=18 * 60, quiet_to=6 * 60)
    await plain_house.passes("2025-05-12T19:30")
    await plain_house.passes("2025-05-13T06:30")
    assert await pushes(plain_house) == []
    assert await occurrences(plain_house) == [("2025-05-12", "missed")]
    await change(plain_house, quiet_from=0, quiet_to=0)
    await plain_house.passes("2025-05-13T19:30")
    assert "Bài 2/" in phone.last.text


async def test_not_sent_before_quiet_begins_is_not_sent(plain_house: House) -> None:
    """A message that could not go out by nine in the evening is given up, not sent at ten."""
    phone = plain_house.phone("501")
    await phone.joins(hour="Tối")
    await plain_house.passes("2025-05-12T19:30")
    until = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT valid_until FROM outbox WHERE lane > 0"))
    plain_house.clock.at("2025-05-12T20:59:59.999")
    assert until == plain_house.clock.now()

"""Sắp tới: the days to remember ahead, and the steps of the countdown."""

from datetime import date, timedelta

import pytest

from bot.services.calendar import Step, occurrences, steps_due
from content.models import Milestone, Pack
from tests.support.house import PACK, House


async def test_what_comes(house: House) -> None:
    """Nearest first, at most eight, a day once, with the days left and the anniversary where the years are known."""
    phone = house.phone("801")
    await phone.joins()
    house.clock.at("2025-05-12T09:00")
    answer = await phone.says("sắp tới có gì")
    assert answer.startswith("Sắp tới\n\n15/5/2025 (còn 3 ngày)\nNgày ban hành Chỉ thị số 05-CT/TW\n")
    assert "19/5/2025 (còn 7 ngày)\nNgày sinh Chủ tịch Hồ Chí Minh, kỷ niệm 135 năm" in answer
    assert "5/6/2025 (còn 24 ngày)\nNgày Bác Hồ ra đi tìm đường cứu nước, kỷ niệm 114 năm" in answer
    assert "1/6/2025 (còn 20 ngày)\nNgày Quốc tế Thiếu nhi\n" in answer
    eight = ["15/5", "18/5", "18/5", "19/5", "19/5", "1/6", "5/6", "11/6"]
    assert answer.count(" ngày)") == len(set(eight))
    assert "18/5/2025 (còn 6 ngày)\nNgày ban hành Kết luận số 01-KL/TW\n" in answer
    assert "\nKhai mạc triển lãm Những tấm gương bình dị mà cao quý lần thứ 13\n" in answer
    assert phone.last.labels == ["Menu"]


async def test_today_and_tomorrow_are_words(house: House) -> None:
    """No «còn 0 ngày»."""
    phone = house.phone("802")
    await phone.joins()
    house.clock.at("2025-05-18T23:59")
    answer = await phone.says("/saptoi")
    assert "18/5/2025 (hôm nay)" in answer
    assert "19/5/2025 (ngày mai)" in answer
    house.clock.at("2025-05-19T00:00")
    assert "19/5/2025 (hôm nay)" in await phone.says("/saptoi")


async def test_the_next_year(house: House) -> None:
    """The list runs over New Year, and the anniversary counts on."""
    phone = house.phone("803")
    await phone.joins()
    house.clock.at("2025-12-20T09:00")
    answer = await phone.says("/saptoi")
    assert "3/2/2026 (còn 45 ngày)\nNgày thành lập Đảng Cộng sản Việt Nam, kỷ niệm 96 năm" in answer


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2025-01-01", "29/1/2025 (còn 28 ngày)\nTết Nguyên đán (1/1 âm lịch)\n"),
        ("2025-04-06", "7/4/2025 (ngày mai)\nGiỗ Tổ Hùng Vương (10/3 âm lịch)\n"),
        ("2026-02-17", "17/2/2026 (hôm nay)\nTết Nguyên đán (1/1 âm lịch)\n"),
        ("2026-04-24", "26/4/2026 (còn 2 ngày)\nGiỗ Tổ Hùng Vương (10/3 âm lịch)\n"),
    ],
)
async def test_lunar_days_are_found_in_each_year(plain_house: House, day: str, said: str) -> None:
    """With the solar day first: it is what one plans by."""
    phone = plain_house.phone("805")
    plain_house.clock.at(f"{day}T08:00")
    await phone.joins()
    assert said in await phone.says("/saptoi") + "\n"


LUNAR = {
    "tet-nguyen-dan": (date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6)),
    "gio-to-hung-vuong": (date(2025, 4, 7), date(2026, 4, 26), date(2027, 4, 16)),
}


def test_lunar_days_ahead_from_every_day_of_two_years() -> None:
    """The next one, over New Year too; never one that is past, never two at once within half a year."""
    for id, days in LUNAR.items():
        for number in range(730):
            today = date(2025, 1, 1) + timedelta(days=number)
            following = next(day for day in days if day >= today)
            ahead = (following - today).days
            found = [step for step in occurrences(PACK, today, 180) if step.milestone_id == id]
            assert found == ([Step(id, following, ahead, None)] if ahead <= 180 else [])


def test_a_lunar_countdown_runs_over_new_year() -> None:
    """Steps seven, three and one day before, and on the day, where the day falls in each year."""
    pushed = tuple(
        Milestone(**milestone.model_dump() | {"push": True}) for milestone in PACK.milestones if milestone.id in LUNAR
    )
    pack = Pack(**{name: getattr(PACK, name) for name in Pack.model_fields} | {"milestones": pushed})
    days = [date(2024, 12, 25) + timedelta(days=number) for number in range(760)]
    found = {day: [(step.milestone_id, step.days_left) for step in steps_due(pack, day)] for day in days}
    expected: dict[date, list[tuple[str, int]]] = {day: [] for day in days}
    for id, dates in LUNAR.items():
        for on in dates[:2]:
            for left in (7, 3, 1, 0):
                expected[on - timedelta(days=left)].append((id, left))
    assert found == expected


async def test_nothing_ahead(plain_house: House) -> None:
    """An empty calendar is a sentence."""
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    plain_house.running.installation.pack = Pack(**parts | {"milestones": (), "cards": ()})
    phone = plain_house.phone("804")
    await phone.joins()
    assert "Trong 120 ngày tới chưa có ngày nào trong lịch." in await phone.says("/saptoi")


def test_the_steps_of_a_countdown() -> None:
    """Seven, three, one and no days before a pushed milestone, and on no other day."""
    birthday = date(2025, 5, 19)
    steps = {
        day: [step for step in steps_due(PACK, date(2025, 5, day)) if step.milestone_id == "ngay-sinh-bac-ho"]
        for day in range(1, 32)
    }
    assert steps.pop(12) == [Step("ngay-sinh-bac-ho", birthday, 7, 135)]
    assert steps.pop(16) == [Step("ngay-sinh-bac-ho", birthday, 3, 135)]
    assert steps.pop(18) == [Step("ngay-sinh-bac-ho", birthday, 1, 135)]
    assert steps.pop(19) == [Step("ngay-sinh-bac-ho", birthday, 0, 135)]
    assert not any(steps.values())


def test_a_year_has_four_steps_a_pushed_milestone() -> None:
    """Only pushed ones are counted down, the next year with the next anniversary."""
    pushed = {milestone.id for milestone in PACK.milestones if milestone.push}
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365)]
    steps = [step for day in days for step in steps_due(PACK, day)]
    assert {step.milestone_id for step in steps} == pushed
    assert len(steps) == 4 * len(pushed)
    assert {s.anniversary for s in steps if s.milestone_id == "ngay-sinh-bac-ho"} == {136}


def test_one_time_milestones_happen_once() -> None:
    """A deadline of 2025 is in no other year."""
    once = {milestone.id for milestone in PACK.milestones if milestone.year is not None}
    assert once
    ahead = {step.milestone_id for step in occurrences(PACK, date(2026, 1, 1), 364)}
    assert not once & ahead
    assert ahead == set(PACK.milestone_by_id) - once

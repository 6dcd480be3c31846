"""Days, anniversaries, and the rules a part keeps by itself."""

import datetime

import pytest
from pydantic import ValidationError

from content.models import Milestone


def milestone(**values: object) -> Milestone:
    basic = {"id": "m", "name": "Ngày Hội", "day": 19, "month": 5, "kind": "national", "sources": ["plan"]}
    return Milestone.model_validate(basic | values)


@pytest.mark.parametrize(("year", "expected"), [(2025, 135), (2026, 136), (1890, None), (1889, None)])
def test_the_anniversary_is_computed(year: int, expected: int | None) -> None:
    assert milestone(since=1890).anniversary(year) == expected


def test_a_milestone_without_a_first_year_has_no_anniversary() -> None:
    assert milestone().anniversary(2025) is None


def test_a_yearly_day_occurs_every_year() -> None:
    assert milestone().occurs_on(2026) == datetime.date(2026, 5, 19)


def test_a_one_off_day_occurs_in_its_year_only() -> None:
    deadline = milestone(day=30, month=6, year=2025)
    assert deadline.occurs_on(2025) == datetime.date(2025, 6, 30)
    assert not deadline.occurs_in(2026)
    with pytest.raises(ValueError, match="only in 2025"):
        deadline.occurs_on(2026)


@pytest.mark.parametrize(
    "values",
    [
        {"day": 31, "month": 6},
        {"day": 29, "month": 2},
        {"year": 2025, "since": 1890},
        {"level": 1},
        {"kind": "family"},
        {"lunar": True, "since": 1890},
        {"lunar": True, "year": 2025},
        {"lunar": True, "day": 30, "month": 1},
        {"lunar": True, "month": 11},
        {"sources": []},
    ],
)
def test_impossible_milestones_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        milestone(**values)


@pytest.mark.parametrize(
    ("day", "month", "year", "expected"),
    [
        (1, 1, 2025, "2025-01-29"),
        (1, 1, 2026, "2026-02-17"),
        (10, 3, 2025, "2025-04-07"),
        (10, 3, 2026, "2026-04-26"),
        # Where the Chinese calendar has another day.
        (1, 1, 1985, "1985-01-21"),
        (1, 1, 2007, "2007-02-17"),
        (1, 1, 2030, "2030-02-02"),
    ],
)
def test_a_lunar_day_is_found_in_the_solar_year(day: int, month: int, year: int, expected: str) -> None:
    assert str(milestone(day=day, month=month, lunar=True).occurs_on(year)) == expected


def test_a_lunar_day_comes_once_every_year() -> None:
    last = milestone(day=29, month=10, lunar=True)
    assert [last.occurs_on(year).year for year in range(1950, 2100)] == list(range(1950, 2100))


def test_a_leap_day_may_happen_once() -> None:
    assert milestone(day=29, month=2, year=2028).occurs_on(2028) == datetime.date(2028, 2, 29)


def test_parts_do_not_change() -> None:
    day = milestone()
    with pytest.raises(ValidationError):
        day.name = "Tên khác"

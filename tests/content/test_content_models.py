"""Days, anniversaries, and the rules a part keeps by itself."""

import datetime

import pytest
from pydantic import ValidationError

from content.models import Milestone


def milestone(**values: object) -> Milestone:
    basic = {"id": "m", "name": "Ngày Hội", "day": 19, "month": 5, "sources": ["plan"]}
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
        {"sources": []},
    ],
)
def test_impossible_milestones_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        milestone(**values)


def test_a_leap_day_may_happen_once() -> None:
    assert milestone(day=29, month=2, year=2028).occurs_on(2028) == datetime.date(2028, 2, 29)


def test_parts_do_not_change() -> None:
    day = milestone()
    with pytest.raises(ValidationError):
        day.name = "Tên khác"

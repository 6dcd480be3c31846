"""Moments as people type them."""

from datetime import date

import pytest

from bot.vietnamese import parse_day_and_hour

TODAY = date(2025, 5, 1)  # a Thursday


@pytest.mark.parametrize(
    ("typed", "day", "minute"),
    [
        ("20:00", None, 1200),
        ("8h sáng mai", date(2025, 5, 2), 480),
        ("7h tối mai", date(2025, 5, 2), 1140),
        ("tối mai 7h", date(2025, 5, 2), 1140),
        ("mai 8h", date(2025, 5, 2), 480),
        ("mai luc 8 gio", date(2025, 5, 2), 480),
        ("14 giờ 30 ngày 5/12", date(2025, 12, 5), 870),
        ("chiều thứ sáu 2h", date(2025, 5, 2), 840),
        ("19/5/2025 7h30", date(2025, 5, 19), 450),
        ("vô ích sau 20:00", None, 1200),
        ("sau 20h ngày mai", date(2025, 5, 2), 1200),
        ("ngày 5/12", date(2025, 12, 5), None),
        ("thứ sáu", date(2025, 5, 2), None),
    ],
)
def test_understood(typed: str, day: date | None, minute: int | None) -> None:
    assert parse_day_and_hour(typed, TODAY) == (day, minute)


@pytest.mark.parametrize("typed", ["", "8", "25:00", "31/2 8h", "khi nào cũng được", "8h 9h mai", "a" * 61])
def test_not_understood(typed: str) -> None:
    assert parse_day_and_hour(typed, TODAY) is None

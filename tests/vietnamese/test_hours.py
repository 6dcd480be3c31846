"""Hours and periods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import parse_hour, parse_period


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("6h30", 6, 30),
        ("6h30 ạ", 6, 30),
        ("6 giờ 30", 6, 30),
        ("6 gio 30 phut", 6, 30),
        ("6g30", 6, 30),
        ("6:30", 6, 30),
        ("06:05", 6, 5),
        ("18:00", 18, 0),
        ("lúc 18h", 18, 0),
        ("6 giờ sáng", 6, 0),
        ("6 sáng", 6, 0),
        ("sáng 6h", 6, 0),
        ("7h tối", 19, 0),
        ("7h30 tối", 19, 30),
        ("19h tối", 19, 0),
        ("sáu giờ rưỡi", 6, 30),
        ("6 rưỡi chiều", 18, 30),
        ("7 giờ kém 15", 6, 45),
        ("12 giờ đêm kém 5", None, None),
        ("0h kém 5", 23, 55),
        ("12h trưa", 12, 0),
        ("1 giờ trưa", 13, 0),
        ("11h trưa", 11, 0),
        ("2 giờ chiều", 14, 0),
        ("12 giờ đêm", 0, 0),
        ("12h tối", 0, 0),
        ("2h đêm", 2, 0),
        ("11 giờ khuya", 23, 0),
        ("22h đêm", 22, 0),
        ("24h", 0, 0),
        ("0:00", 0, 0),
        ("6 pm", 18, 0),
        ("12am", 0, 0),
        ("6:15 AM", 6, 15),
        ("mười một giờ", 11, 0),
        ("18：30", 18, 30),
    ],
)
def test_hours(text: str, hour: int | None, minute: int | None) -> None:
    assert parse_hour(text) == (None if hour is None or minute is None else hour * 60 + minute)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6",
        "sáu",
        "25h",
        "24:30",
        "6h60",
        "13 giờ sáng",
        "3h tối",
        "tối 7h tối",
        "6h30 rưỡi",
        "7 giờ kém 75",
        "giờ",
        "6h30 hôm qua",
        "6" * 100,
        "tối",
    ],
)
def test_no_hour(text: str) -> None:
    assert parse_hour(text) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("22:00-5:00", 1320, 300),
        ("22:00 – 5:00", 1320, 300),
        ("21h đến 6h", 1260, 360),
        ("21h den 6h", 1260, 360),
        ("21h tới 6h", 1260, 360),
        ("từ 9h tối tới 6h sáng", 1260, 360),
        ("9h toi toi 6h sang", 1260, 360),
        ("9 giờ tối - 6 giờ sáng", 1260, 360),
        ("từ 10 giờ đêm đến 5 giờ 30 sáng", 1320, 330),
        ("21-6", 1260, 360),
        ("12h -> 13h30", 720, 810),
    ],
)
def test_periods(text: str, start: int, end: int) -> None:
    assert parse_period(text) == (start, end)


@pytest.mark.parametrize("text", ["", "21h", "21h-21h", "21h-25h", "a-b", "21h đến", "1-2-3-4", "21-6" * 30])
def test_no_period(text: str) -> None:
    assert parse_period(text) is None


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
def test_a_clock_time_reads_back(hour: int, minute: int, last_hour: int, last_minute: int) -> None:
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    assert parse_hour(f"{hour}:{minute:02}") == parse_hour(f"{hour}h{minute}") == start
    period = parse_period(f"{hour}:{minute:02} - {last_hour}:{last_minute:02}")
    assert period == ((start, end) if start != end else None)


@given(st.text("0123456789hg:- toiđếnsángkém", max_size=30) | st.text(max_size=80))
def test_any_text_gives_minutes_of_a_day_or_none(text: str) -> None:
    assert parse_hour(text) in {None, *range(24 * 60)}
    period = parse_period(text)
    assert period is None or (period[0] != period[1] and all(0 <= minutes < 24 * 60 for minutes in period))

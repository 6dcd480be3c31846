"""Dates as typed, seen from Monday 12/5/2025."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import format_date, parse_date, parse_week
from bot.vietnamese.dates import Prefer

TODAY = date(2025, 5, 12)


@pytest.mark.parametrize(
    "text",
    [
        "19/5/2025",
        "19-5-2025",
        "19.5.25",
        "19/05/25",
        " 19 / 5 / 2025. ",
        "19/5/2025 ạ.",
        "ngày 19 tháng 5 năm 2025",
        "19 tháng 5 năm 2025",
        "19 thang 5 nam 2025",
        "ngay 19 thang 5 2025",
        "19 tháng năm năm 2025",
        "19 tháng 5/2025",
        "2025-05-19",
        "thứ Hai, ngày 19/5/2025",
        "19/5 năm nay",
        "１９/５/２０２５",
        "sáng 19/5/2025",
        "vào khoảng ngày 19/5/2025",
        "hôm 19/5/2025",
        "CN 19/5/2025",
    ],
)
def test_a_full_date(text: str) -> None:
    assert parse_date(text, TODAY) == date(2025, 5, 19)


@pytest.mark.parametrize(
    ("text", "past", "future"),
    [
        ("19/5", date(2024, 5, 19), date(2025, 5, 19)),
        ("ngày 19 tháng 5", date(2024, 5, 19), date(2025, 5, 19)),
        ("19 tháng năm", date(2024, 5, 19), date(2025, 5, 19)),
        ("12/5", TODAY, TODAY),
        ("11-5", date(2025, 5, 11), date(2026, 5, 11)),
        ("mùng 2 tháng 9", date(2024, 9, 2), date(2025, 9, 2)),
        ("3 tháng mười hai", date(2024, 12, 3), date(2025, 12, 3)),
        ("3 tháng tư", date(2025, 4, 3), date(2026, 4, 3)),
        ("29/2", date(2024, 2, 29), date(2028, 2, 29)),
        ("hai", None, None),
        ("thứ hai", TODAY, TODAY),
        ("thu hai", TODAY, TODAY),
        ("thứ 3", date(2025, 5, 6), date(2025, 5, 13)),
        ("t7", date(2025, 5, 10), date(2025, 5, 17)),
        ("chủ nhật", date(2025, 5, 11), date(2025, 5, 18)),
        ("CN", date(2025, 5, 11), date(2025, 5, 18)),
    ],
)
def test_the_nearest_on_the_preferred_side(text: str, past: date | None, future: date | None) -> None:
    assert parse_date(text, TODAY) == past
    assert parse_date(text, TODAY, prefer="future") == future


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hôm nay", TODAY),
        ("hom nay", TODAY),
        ("sáng nay", TODAY),
        ("Hôm qua", date(2025, 5, 11)),
        ("tối hôm qua", date(2025, 5, 11)),
        ("chiều qua", date(2025, 5, 11)),
        ("ngày hôm qua", date(2025, 5, 11)),
        ("hôm kia", date(2025, 5, 10)),
        ("hom kia", date(2025, 5, 10)),
        ("hôm kìa", date(2025, 5, 9)),
        ("mai", date(2025, 5, 13)),
        ("ngày mai", date(2025, 5, 13)),
        ("sang mai", date(2025, 5, 13)),
        ("ngày kia", date(2025, 5, 14)),
        ("ngày mốt", date(2025, 5, 14)),
        ("tuần trước", date(2025, 5, 5)),
        ("tuan toi", date(2025, 5, 19)),
        ("tháng trước", date(2025, 4, 12)),
        ("thang sau", date(2025, 6, 12)),
        ("thứ hai tuần trước", date(2025, 5, 5)),
        ("thu sau tuan truoc", date(2025, 5, 9)),
        ("chủ nhật tuần này", date(2025, 5, 18)),
        ("thứ tư tuần sau", date(2025, 5, 21)),
        ("thứ hai trước", date(2025, 5, 5)),
        ("thứ hai tới", date(2025, 5, 19)),
        ("thứ bảy vừa rồi", date(2025, 5, 10)),
        ("thứ ba này", date(2025, 5, 13)),
        ("3 ngày trước", date(2025, 5, 9)),
        ("cách đây 3 ngày", None),
        ("2 tuan truoc", date(2025, 4, 28)),
        ("5 ngày nữa", date(2025, 5, 17)),
        ("19/5 năm ngoái", date(2024, 5, 19)),
        ("19/5 năm sau", date(2026, 5, 19)),
        ("29/2 năm ngoái", date(2024, 2, 29)),
        ("29/2 năm nay", None),
        ("29/2/2024", date(2024, 2, 29)),
        ("2/9/45", date(1945, 9, 2)),
        ("2/9/35", date(2035, 9, 2)),
        ("2/9/36", date(1936, 9, 2)),
        ("19/5/1890", date(1890, 5, 19)),
    ],
)
def test_other_ways_to_say_a_day(text: str, expected: date | None) -> None:
    assert parse_date(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/2",
        "31/4/2025",
        "29/2/2025",
        "0/5",
        "1/13",
        "1/0",
        "19",
        "19/",
        "19/5/202",
        "1/1/0001",
        "9999-1-1",
        "tháng 5",
        "tháng 5 năm 2025",
        "32/1",
        "Thu Hải",
        "Mại",
        "hôm kỉa",
        "19/5 âm lịch",
        "2/5 công nhân",
        "hôm",
        "từ 19/5 đến 25/5",
        "9999 tuần nữa",
        "19⁄5",
        "1 " * 60,
        "2025-13-01",
        "2025-02-30",
    ],
)
def test_no_date(text: str) -> None:
    assert parse_date(text, TODAY) is None


def test_month_ends_and_the_turn_of_the_year() -> None:
    assert parse_date("tháng trước", date(2025, 3, 31)) == date(2025, 2, 28)
    assert parse_date("tháng trước", date(2025, 1, 15)) == date(2024, 12, 15)
    assert parse_date("tháng sau", date(2025, 12, 31)) == date(2026, 1, 31)
    assert parse_date("hôm qua", date(2025, 1, 1)) == date(2024, 12, 31)


@pytest.mark.parametrize("text", ["hôm qua", "tháng trước", "thứ hai trước", "999 tuần trước", "2/1"])
def test_before_the_first_day_there_is_none(text: str) -> None:
    assert parse_date(text, date.min) is None


typed = st.text("0123456789/-. aàáảngythuứhômqrươcă", max_size=30) | st.text(max_size=80)
sides: st.SearchStrategy[Prefer] = st.sampled_from(["past", "future"])


@given(typed, st.dates(), sides)
def test_any_text_gives_a_date_or_none(text: str, today: date, prefer: Prefer) -> None:
    assert isinstance(parse_date(text, today, prefer), date | None)


@given(st.dates(date(1800, 1, 1), date(2200, 12, 31)), st.dates())
def test_a_written_date_reads_back(day: date, today: date) -> None:
    assert parse_date(format_date(day), today) == day
    assert parse_date(f"ngày {day.day} tháng {day.month} năm {day.year}", today) == day
    assert parse_date(day.isoformat(), today) == day


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_without_a_year_is_on_its_side(day: date, today: date) -> None:
    text = f"{day.day}/{day.month}"
    past, future = parse_date(text, today, "past"), parse_date(text, today, "future")
    assert past is not None
    assert future is not None
    assert past <= today <= future
    assert (past.day, past.month) == (future.day, future.month) == (day.day, day.month)


def test_format_date() -> None:
    assert format_date(date(2025, 5, 9)) == "9/5/2025"


@pytest.mark.parametrize(
    ("said", "bare", "week"),
    [
        ("tuần 20", False, 20),
        ("Tuan 5", False, 5),
        ("tuần này", False, 18),
        ("20", True, 20),
        ("này", True, 18),
        ("20", False, None),
        ("này", False, None),
        ("tuần 200", True, None),
        ("tuần sau", True, None),
        ("", True, None),
    ],
)
def test_weeks(said: str, bare: bool, week: int | None) -> None:
    """By number or this one, where weeks are meant also without the word."""
    assert parse_week(said, 18, bare=bare) == week

"""Dates and numbers are compared by what they mean, however they are written."""

import pytest

from content.checks.figures import figures, known_from


@pytest.mark.parametrize(
    ("text", "fact", "stands"),
    [
        ("19/5/1890", "ngày 19 tháng 5 năm 1890", True),
        ("19-5-1890", "19.5.1890", True),
        ("ngày 19/5 năm 1890", "19/05/1890", True),
        ("tháng 5/1890", "19/5/1890", True),
        ("tháng 5", "19/5/1890", True),
        ("ngày 19", "19/5/1890", True),
        ("19 tháng 5", "19/5/1890", True),
        ("năm 1890", "tháng 5-1890", True),
        ("19/5/1890", "tháng 5/1890", False),
        ("20/5/1890", "19/5/1890", False),
        ("5/1890", "19/6/1890", False),
        ("10/5/1941", "họp 10-19/5/1941", True),
        ("19/5/1941", "họp 10-19/5/1941", True),
        ("21/12/1953", "từ 21 đến 25-12-1953", True),
        ("20/10/1987", "từ 20/10 đến 20/11/1987", True),
        ("30/4/1952", "từ 30/4 - 6/5/1952", True),
        ("1-15/1/1950", "ngày 1/1/1950 và 15/1/1950", True),
        ("1941", "(1941-1945)", True),
        ("5.000 người", "5000 người", True),
        ("350000", "350.000", True),
        ("13,5 triệu", "13,5 triệu", True),
        ("13 triệu", "13,5 triệu", False),
        ("99,05%", "99,05 %", True),
        ("Chỉ thị 05", "Chỉ thị số 05-CT/TW", True),
        ("144-QĐ/TW", "Quy định số 144-QĐ/TW", True),
        ("145-QĐ/TW", "Quy định số 144-QĐ/TW", False),
        ("Quy định 145", "Quy định số 144-QĐ/TW", False),
        ("24C/18.65", "UNESCO 24C/18.65", True),
        ("20 dân tộc", "hơn 20 dân tộc", True),
        ("19 dân tộc", "19/5/1890", False),
        ("Quý II/2025", "năm 2025", True),
        ("tháng 13", "13 tháng", True),
        ("45/99", "số 45, số 99", True),
    ],
)
def test_dates_and_numbers_are_compared_as_people_mean_them(text: str, fact: str, stands: bool) -> None:
    [*said] = figures(text)
    assert said
    assert all(figure.stands_in(known_from([fact])) for figure in said) is stands

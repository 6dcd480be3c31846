"""Vietnamese phone numbers as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import parse_phone, show_phone


@pytest.mark.parametrize(
    "text",
    [
        "0912345678",
        "0912 345 678",
        "+84 912.345.678",
        "84912345678",
        "0084 912 345 678",
        "912345678",
        "(+84) 912-345-678",
        "+84 (0) 912 345 678",
        "０９１２３４５６７８",
        " 0912\xa0345–678\u202c",
    ],
)
def test_mobile_numbers(text: str) -> None:
    assert parse_phone(text) == "0912345678"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("024 3942 1234", "02439421234"),
        ("+84 24 3942 1234", "02439421234"),
        ("2543851234", "02543851234"),
        ("843456789", "0843456789"),
        ("84 843 456 789", "0843456789"),
        ("0367123456", "0367123456"),
    ],
)
def test_other_numbers(text: str, phone: str) -> None:
    assert parse_phone(text) == phone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "113",
        "091234567",
        "09123456789",
        "0112345678",
        "01681234567",
        "+1 912 345 678",
        "0912345678a",
        "1900 1234",
        "0912345678 0912345678",
        "٠٩١٢٣٤٥٦٧٨".replace("٠", "0"),
        "9" * 5000,
        "2438",
        "+84",
    ],
)
def test_no_phone(text: str) -> None:
    assert parse_phone(text) is None


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("0912345678", "0912 345 678"),
        ("02439421234", "024 3942 1234"),
        ("02839421234", "028 3942 1234"),
        ("02543851234", "0254 385 1234"),
    ],
)
def test_show_phone(phone: str, shown: str) -> None:
    assert show_phone(phone) == shown


@given(st.from_regex(r"0[35789][0-9]{8}|02[0-9]{9}", fullmatch=True))
def test_a_shown_phone_reads_back(phone: str) -> None:
    assert parse_phone(show_phone(phone)) == parse_phone("+84" + phone[1:]) == phone


@given(st.text(max_size=40) | st.text("0123456789+84 .-()", max_size=20))
def test_any_text_gives_a_phone_or_none(text: str) -> None:
    phone = parse_phone(text)
    assert phone is None or (phone.startswith("0") and len(phone) in {10, 11} and phone.isascii())

"""Numbers and letters at a choice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import choice_number, letter


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "2.",
        "(2)",
        "2)",
        " 2 ",
        "02",
        "số 2",
        "so 2",
        "Câu 2",
        "cau 2.",
        "câu số 2",
        "câu2",
        "so2",
        "#2",
        "chọn 2",
        "đáp án 2",
        "ý 2",
        "mục 2",
        "2 ạ",
        "2 a",
        "số 2 nhé",
        "２",
        "②",
        "2️⃣",
        "2⃣",
        "hai",
        "Hai",
        "HAI!",
        "câu hai",
        "số hai ạ",
        "thứ hai",
        "ha\u200bi",
        "٢",
    ],
)
def test_two(text: str) -> None:
    assert choice_number(text, 4) == 2


@pytest.mark.parametrize(
    "text",
    [
        "hải",
        "hại",
        "Hải ạ",
        "hai ba",
        "1 2",
        "2/3",
        "2.5",
        "2a",
        "b",
        "0",
        "5",
        "năm",
        "số",
        "",
        "…",
        "không",
        "hai người",
        "2" * 50,
        "2" + " " * 60,
        "99999",
        "½",
    ],
)
def test_not_a_choice_of_four(text: str) -> None:
    assert choice_number(text, 4) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("một", 1),
        ("mot", 1),
        ("ba", 3),
        ("bốn", 4),
        ("tư", 4),
        ("năm", 5),
        ("nam", 5),
        ("sáu", 6),
        ("bẩy", 7),
        ("bay", 7),
        ("tám", 8),
        ("chín", 9),
        ("mười", 10),
        ("🔟", 10),
        ("mười một", 11),
        ("mười lăm", 15),
        ("muoi lam", 15),
        ("mười chín", 19),
        ("20", 20),
        ("bà", None),
        ("nằm", None),
        ("sâu", None),
    ],
)
def test_number_words(text: str, number: int | None) -> None:
    assert choice_number(text, 20) == number


@given(st.integers(1, 999), st.integers(0, 999))
def test_digits_are_taken_within_the_count_only(number: int, count: int) -> None:
    assert choice_number(str(number), count) == (number if number <= count else None)


@given(st.text(max_size=60), st.integers(0, 30))
def test_any_text_gives_a_choice_or_none(text: str, count: int) -> None:
    assert choice_number(text, count) in {None, *range(1, count + 1)}
    assert letter(text, count) in {None, *range(min(count, 26))}


@pytest.mark.parametrize(
    "text",
    [
        "B",
        "b",
        "b.",
        "(b)",
        "B)",
        "đáp án b",
        "dap an B",
        "câu b",
        "chọn B",
        "Chọn đáp án B ạ",
        "ý b",
        "Ｂ",
        "Ⓑ",
    ],
)
def test_letter_b(text: str) -> None:
    assert letter(text, 4) == 1


@pytest.mark.parametrize(
    ("text", "index"), [("A", 0), ("câu a", 0), ("a ạ", 0), ("D", 3), ("E", None), ("y", None), ("đ", None)]
)
def test_letters(text: str, index: int | None) -> None:
    assert letter(text, 4) == index


@pytest.mark.parametrize("text", ["à", "ạ", "â", "ab", "a b", "b a", "a hoặc b", "2", "", "câu", "b" * 50, "Б"])
def test_no_letter(text: str) -> None:
    assert letter(text, 4) is None

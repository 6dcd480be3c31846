"""Numbers and letters at a choice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import choice_number, choices, letter


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


@pytest.mark.parametrize(
    "text",
    [
        "1 3", "1,3", "1.3", "13", "3 1", "a c", "A,C", "ac", "AC", "A+C", "a và c", "A va C", "cả a lẫn c", "chỉ a c thôi",
        "một, ba", "mot ba", "câu 1 và câu 3", "ý 1, ý 3 nhé", "đáp án a, c ạ", "1 3 a", "１ ３", "①③", "1\n3",
    ],
)  # fmt: skip
def test_one_and_three(text: str) -> None:
    assert choices(text, 4) == [0, 2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2", [1]),
        ("b ạ", [1]),
        ("ba", [2]),
        ("hai bốn", [1, 3]),
        ("tất cả", [0, 1, 2, 3]),
        ("ca bon y", [0, 1, 2, 3]),
        ("cả 2", [1]),
    ],
)
def test_other_choices(text: str, found: list[int]) -> None:
    assert choices(text, 4) == found


@pytest.mark.parametrize(
    "text",
    ["", "5", "1 5", "0", "E", "a e", "ca", "da", "á c", "hải", "1 hoặc 3", "không biết", "và", "a" * 41, "1" * 41],
)
def test_no_choices(text: str) -> None:
    """One word that is none makes it none: nobody's answer is guessed."""
    assert choices(text, 4) == []


@given(st.text(max_size=60), st.integers(0, 9))
def test_any_text_gives_choices_there_are(text: str, count: int) -> None:
    found = choices(text, count)
    assert found == sorted(set(found))
    assert set(found) <= set(range(count))

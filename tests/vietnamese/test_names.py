"""Names kept as typed and sorted as in Vietnamese."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import fold, name_sort_key, sort_key, tidy_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nguyễn Văn A", "Nguyễn Văn A"),
        ("  nguyễn   VĂN a ", "nguyễn VĂN a"),
        (unicodedata.normalize("NFD", "Lê Thị Hoà"), "Lê Thị Hoà"),
        ("Trần\u200b\u202e B", "Trần B"),
        ("Huy", "Huy"),
        ("Y'Moan Êban (H'Hen)", "Y'Moan Êban (H'Hen)"),
        ("សុខា", "សុខា"),
        ("a" * 60, "a" * 60),
    ],
)
def test_a_name_is_kept(typed: str, kept: str) -> None:
    assert tidy_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "\u200b",
        "a" * 61,
        "a" * 5000,
        "Nguyễn\nVăn A",
        "123",
        "👍",
        "...",
        "xem http://x.vn",
        "www.x.y",
        "t.me/abc",
        "@abc",
        "Nguyễn Văn A vidu.vn",
        "A\u2028B",
    ],
)
def test_no_name(typed: str) -> None:
    assert tidy_name(typed) is None


@given(st.text(max_size=70))
def test_a_kept_name_stays_as_it_is(text: str) -> None:
    name = tidy_name(text)
    if name is not None:
        assert tidy_name(name) == name
        assert len(name) <= 60
        assert unicodedata.is_normalized("NFC", name)


ALPHABET = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
TONES = ["ma", "mà", "mả", "mã", "má", "mạ"]
DICTIONARY = [
    "an",
    "an bình",
    "àn",
    "ảnh",
    "ba",
    "ba hoa",
    "bà con",
    "bá",
    "bạc",
    "bắc",
    "bấc",
    "da",
    "đa",
    "ê",
]
UNITS_IN_ORDER = ["Tổ 1", "Tổ 2", "Tổ 10", "Tổ a", "Xã Đông", "Xã Đồng", "Xã Đổng"]
FOREIGN = ["cá", "Fa", "gà", "ja", "la", "niño", "va", "Wa", "xa", "ya", "Za", "日本"]


@pytest.mark.parametrize("ordered", [ALPHABET, TONES, DICTIONARY, UNITS_IN_ORDER, FOREIGN])
def test_vietnamese_order(ordered: list[str]) -> None:
    assert sorted(ordered, key=sort_key) == ordered
    assert sorted((unicodedata.normalize("NFD", word) for word in reversed(ordered)), key=sort_key) == [
        unicodedata.normalize("NFD", word) for word in ordered
    ]


def test_case_punctuation_tone_placement_and_spaces_do_not_count() -> None:
    assert sort_key("Hoà  Bình") == sort_key("HÒA-BÌNH.")
    assert sort_key("Ðà") == sort_key("đà")
    assert sort_key("Tổ 007") == sort_key("tổ 7")
    assert sort_key("…") == sort_key("") == name_sort_key("") == ""


def test_a_key_is_plain_ascii_for_vietnamese() -> None:
    assert sort_key("Nguyễn Thị Ước 12 tổ").isascii()


def test_people_sort_by_given_name_then_the_rest() -> None:
    people = [
        "Lê Văn An",
        "Nguyễn An",
        "Nguyễn Văn An",
        "Trần Ân",
        "Đỗ Thị Bình",
        "Hồ Hoa",
        "An Hòa",
        "Huy",
        "Bùi Thị Ý",
    ]
    assert sorted(people, key=name_sort_key) == people


@given(st.text(max_size=40))
def test_keys_agree_in_nfd_and_exist_for_any_text(text: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(unicodedata.normalize("NFC", text))
    name_sort_key(text)


@given(st.sampled_from(TONES + DICTIONARY), st.sampled_from(TONES + DICTIONARY))
def test_keys_tell_different_spellings_apart(first: str, second: str) -> None:
    assert (sort_key(first) == sort_key(second)) is (first == second)
    if fold(first) != fold(second):
        assert sort_key(first) != sort_key(second)

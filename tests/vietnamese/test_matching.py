"""Phrases, command words and search by name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import is_command_word, matches, rank
from bot.vietnamese.phrases import PhraseTable

COMMANDS = ["menu", "quay lại", "hủy", "giúp", "tiếp tục"]


@pytest.mark.parametrize(
    ("typed", "phrases", "found"),
    [
        ("dong y", ["Đồng ý"], True),
        ("ĐỒNG Ý!", ["Đồng ý"], True),
        (unicodedata.normalize("NFD", "đồng ý"), ["Đồng ý"], True),
        ("Huỷ", ["hủy"], True),
        ("để sau", ["đồng ý", "để sau"], True),
        ("hải", ["hai"], False),
        ("đông ý", ["đồng ý"], False),
        ("dong y nhe", ["đồng ý"], False),
        ("dong", ["đồng ý"], False),
        ("👍🏽", ["👍"], True),
        ("...", ["…"], False),
        ("", ["a"], False),
        ("a", [], False),
    ],
)
def test_matches(typed: str, phrases: list[str], found: bool) -> None:
    assert matches(typed, phrases) is found


@pytest.mark.parametrize(
    "typed",
    [
        "hủy",
        "Hủy.",
        "HUỶ",
        "/huy",
        "/hủy",
        "/Huy@cong_doan_bot",
        "menu",
        "Menu",
        "/menu",
        "quay  lại",
        "/quaylai",
        "/quay_lai",
        "/quay lại",
        "giúp",
        "\u200btiếp tục",
    ],
)
def test_command_words(typed: str) -> None:
    assert is_command_word(typed, COMMANDS)


@pytest.mark.parametrize(
    "typed", ["huy", "Huy", "Hụy", "giup", "quay lai", "tiep tuc", "hủy nhé", "/", "/hụy", "/khac", "", "!"]
)
def test_words_that_may_be_an_answer_are_no_commands(typed: str) -> None:
    assert not is_command_word(typed, COMMANDS)


def test_an_unaccented_alias_does_not_turn_a_name_into_a_command() -> None:
    assert not is_command_word("Huy", ["hủy", "huy"])
    assert is_command_word("hủy", ["huy", "hủy"])


UNITS = [
    (1, "CĐCS Công ty Ví dụ A"),
    (2, "CĐCS Công ty Ví dụ B"),
    (3, "Công đoàn xã Ví dụ"),
    (4, "CĐCS Trường Tiểu học Hoà Bình"),
    (5, "CĐCS Công ty May Hòa Bình"),
    (6, "Tổ 1"),
    (7, "Tổ 10"),
    (8, "CĐCS Bệnh viện Hoa Binh"),
]


@pytest.mark.parametrize(
    ("typed", "limit", "ids"),
    [
        ("cong ty vi du a", 5, [1]),
        ("Công ty Ví dụ A", 5, [1]),
        ("cty ví dụ", 5, [1, 2]),
        ("vi du", 5, [3, 1, 2]),
        ("a du vi", 5, [1]),
        ("cong ty may", 5, [5]),
        ("to 1", 5, [6, 7]),
        ("tổ 10", 1, [7]),
        ("Hòa Bình", 5, [5, 4, 8]),
        ("hoà bình", 5, [5, 4, 8]),
        ("hoa binh", 5, [8, 5, 4]),
        ("truong tieu hocj", 5, [4]),
        ("benh vienn", 5, [8]),
        ("beenh vien", 5, [8]),
        ("cdcs", 2, [1, 2]),
        ("khong co dau", 5, []),
        ("vi du", 0, []),
        ("👍 ...", 5, []),
        ("", 5, []),
    ],
)
def test_rank(typed: str, limit: int, ids: list[int]) -> None:
    assert rank(typed, UNITS, limit) == ids
    assert rank(unicodedata.normalize("NFD", typed), UNITS, limit) == ids


def test_accents_typed_only_in_part_still_count() -> None:
    people = [("a", "Nguyễn Thị Hai"), ("b", "Nguyễn Thị Hải"), ("c", "Nguyễn Thị Hài")]
    assert rank("thi hải", people, 3) == ["b", "a", "c"]


def test_typos_only_fill_up_to_the_limit_after_real_finds() -> None:
    people = [(1, "Trần Binhh"), (2, "Lê Bình"), (3, "Ngô Ninh"), (4, "Đỗ Vân")]
    assert rank("binh", people, 5) == [2, 1, 3]
    assert rank("binh", people, 2) == [2, 1]
    assert rank("ninh", people, 1) == [3]


def test_short_words_and_numbers_allow_no_typo() -> None:
    assert rank("to 2", UNITS, 5) == []
    assert rank("ta 1", UNITS, 5) == []


def test_a_name_without_words_is_never_found() -> None:
    assert rank("ban", [(1, "…"), (2, "")], 5) == []


names = st.text("aáàâbhcnđ 1-", max_size=12)


@given(names, st.lists(names, max_size=8), st.integers(0, 9))
def test_rank_gives_known_ids_once_within_the_limit(typed: str, found: list[str], limit: int) -> None:
    items = list(enumerate(found))
    ids = rank(typed, items, limit)
    assert len(ids) == len(set(ids)) <= limit
    assert set(ids) <= set(range(len(items)))


@given(st.text(max_size=300))
def test_matching_takes_any_text(text: str) -> None:
    rank(text, UNITS, 3)
    assert not is_command_word(text + " hủy bỏ", COMMANDS)
    assert matches(text, [text]) is matches(text, ["khác", text])


def test_phrase_table_prefers_the_first_phrase_for_unaccented_text() -> None:
    table = PhraseTable({"hôm kia": -2, "hôm kìa": -3})
    assert [table.get(text) for text in ("hom kia", "hôm kia", "Hôm kìa", "hôm kỉa")] == [-2, -2, -3, None]


def test_phrase_table_prefers_a_phrase_that_is_written_without_accents() -> None:
    table = PhraseTable({"nghề": "work", "Nghe": "listen", "nghé": "calf"})
    assert [table.get(text) for text in ("nghe", "NGHE", "nghề", "nghé")] == ["listen", "listen", "work", "calf"]

"""Finding pieces of text by some of their words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import Entry, Index, fold

INDEX = Index(
    [
        Entry("road", "Con đường", "Đi trên con đường lớn"),
        Entry("yang", "Dương lịch", "Ngày dương, ngày âm"),
        Entry("unity", "Đoàn kết", "Đoàn kết, đoàn kết, đại đoàn kết"),
        Entry("tells", "Kể chuyện", "Một đoàn người kết bè vượt sông; con đường xa"),
        Entry("number", "Quy định số 144-QĐ/TW", "Chuẩn mực đạo đức cách mạng"),
        Entry("ask", "", "Ngày 21/4/1942 báo nào đăng bài thơ Hòn đá?"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("đường", ["road", "tells", "yang"]),
        ("duong", ["yang", "road", "tells"]),
        ("DƯƠNG", ["yang", "road", "tells"]),
        (unicodedata.normalize("NFD", "dương"), ["yang", "road", "tells"]),
        ("đoàn kết", ["unity", "tells"]),
        ("ket doan", ["unity", "tells"]),
        ("doan ke", ["unity", "tells"]),
        ("144", ["number"]),
        ("144-qd/tw", ["number"]),
        ("21/4/1942", ["ask"]),
        ("hòn đá?", ["ask"]),
        ("duong song", ["tells"]),
    ],
)
def test_best_first(typed: str, found: list[str]) -> None:
    """Typed accents before others, titles before texts, whole words before begun ones."""
    assert INDEX.find(typed).ids == found
    assert INDEX.find(typed).exact


@pytest.mark.parametrize(
    ("typed", "found"),
    [("dooan ket", ["unity", "tells"]), ("chuan mucj", ["number"]), ("xyzzy", []), ("doan xyzzy", []), ("99", [])],
)
def test_slips(typed: str, found: list[str]) -> None:
    """A wrong letter is passed over only when nothing has the words, and is said; of numbers, never."""
    assert INDEX.find(typed).ids == found
    assert not INDEX.find(typed).exact


def test_words_together_come_before_one_of_them_in_a_title() -> None:
    """«thương binh» is not what is «thường» and «bình»; all of them in a title come first, together or not."""
    index = Index(
        [
            Entry("plain", "Tấm gương bình dị", "Việc thường ngày"),
            Entry("letter", "Chiếc áo lụa", "Nhân ngày Thương binh toàn quốc"),
            Entry("both", "Thăm nhà thương của bộ binh", ""),
        ]
    )
    assert index.find("thuong binh").ids == ["both", "letter", "plain"]
    assert index.find("thương binh").ids == ["both", "letter", "plain"]


@pytest.mark.parametrize(
    ("typed", "exact"),
    [
        ("đoàn kêt", False),
        ("dường", False),
        ("ĐOÀN KẾT", True),
        ("đoàn ket", True),
        ("đoàn kế", True),
        ("hon da", True),
    ],
)
def test_other_accents_than_were_typed_are_found_and_it_is_known(typed: str, exact: bool) -> None:
    found = INDEX.find(typed)
    assert found.ids
    assert found.exact is exact


@pytest.mark.parametrize("typed", ["", "   ", "???", "…", "\u200b", "🙂"])
def test_nothing_to_look_for(typed: str) -> None:
    assert INDEX.find(typed).ids == []


@given(st.text(max_size=300))
def test_whatever_is_typed(typed: str) -> None:
    """It never fails, and names a piece once."""
    ids = INDEX.find(typed).ids
    assert len(ids) == len(set(ids))


@given(st.sampled_from(["Con đường", "Đoàn kết", "Hòn đá", "Chuẩn mực đạo đức"]))
def test_accents_are_optional(typed: str) -> None:
    """Whatever is found with them is found without."""
    assert set(INDEX.find(typed).ids) == set(INDEX.find(fold(typed)).ids)

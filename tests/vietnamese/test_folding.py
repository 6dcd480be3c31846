"""Folding, accents and tone placement."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import fold, has_accents, normalise, retone
from bot.vietnamese.folding import spelling

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ -"
vietnamese_text = st.text(VIETNAMESE + VIETNAMESE.upper())
any_text = st.text(st.characters()) | vietnamese_text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đồng ý", "dong y"),
        ("  ĐỒNG\u00a0 Ý!! ", "dong y"),
        (unicodedata.normalize("NFD", "Hủy bỏ"), "huy bo"),
        ("«Công đoàn» – Ví dụ…", "cong doan» – vi du"),
        ("Ðà Nẵng", "da nang"),
        ("２", "2"),
        ("②", "2"),
        ("2\ufe0f\u20e3", "2"),
        ("👍🏽", "👍"),
        ("❤\ufe0f", "❤"),
        ("hu\u200by\u0300", "huy"),
        ("a\u202eb\ud83d", "ab"),
        ("một\thai\nba", "mot hai ba"),
        ("Straße", "strasse"),
        ("( 2 )", "2"),
        ("/huy", "huy"),
        ("?!…", ""),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_vietnamese_letter_folds_to_ascii() -> None:
    assert set(fold(VIETNAMESE)) <= set("abcdefghijklmnopqrstuvwxyz ")
    assert fold(VIETNAMESE.upper()) == fold(VIETNAMESE)


@given(any_text)
def test_fold_is_the_same_in_nfc_and_nfd_and_when_repeated(text: str) -> None:
    folded = fold(text)
    assert fold(unicodedata.normalize("NFC", text)) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(folded) == folded


@given(vietnamese_text)
def test_fold_ignores_case(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower())


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        (" Nguye\u0302\u0303n\u00a0Văn\u3000A ", "Nguyễn Văn A"),
        ("a\u200b\u0301n", "án"),
        ("\ufeffm\u202eột\u2066", "một"),
        ("dòng một\r\ndòng hai\u2028ba", "dòng một\ndòng hai\nba"),
        ("a  b\tc", "a  b c"),
        ("a\x00b\ud83dc\x1b", "abc"),
        ("👨\u200d👩\u200d👧 a\u200db", "👨\u200d👩\u200d👧 ab"),
        ("❤\ufe0f\u200d🔥\u200d", "❤\ufe0f\u200d🔥"),
        ("đo\u00adàn", "đoàn"),
    ],
)
def test_normalise(text: str, tidy: str) -> None:
    assert normalise(text) == tidy


@given(any_text)
def test_normalise_is_stable_storable_nfc(text: str) -> None:
    tidy = normalise(text)
    assert normalise(tidy) == tidy
    assert unicodedata.is_normalized("NFC", tidy)
    assert tidy == tidy.strip()
    tidy.encode("utf-8")
    assert not any(unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI"} for c in tidy)


@pytest.mark.parametrize(
    ("text", "accented"),
    [
        ("hủy", True),
        ("hu\u0309y", True),
        ("đi", True),
        ("ĐI", True),
        ("niño", True),
        ("huy", False),
        ("2 × 3 ÷ 4 👍 “…”", False),
        ("", False),
    ],
)
def test_has_accents(text: str, accented: bool) -> None:
    assert has_accents(text) is accented


@given(vietnamese_text)
def test_has_accents_is_the_same_in_nfd(text: str) -> None:
    assert has_accents(unicodedata.normalize("NFD", text)) is has_accents(text)
    assert has_accents(text) is not text.isascii()


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("hoà", "hòa"),
        ("HOÀ BÌNH", "HÒA BÌNH"),
        ("Hoá", "Hóa"),
        ("xoá, huỷ", "xóa, hủy"),
        ("Tỉnh uỷ", "Tỉnh ủy"),
        ("Uỷ ban", "Ủy ban"),
        ("đại uý", "đại úy"),
        ("thuỷ", "thủy"),
        ("khoẻ", "khỏe"),
        ("toạ đàm", "tọa đàm"),
        ("loã xoã", "lõa xõa"),
    ],
)
def test_retone_moves_the_tone_to_the_old_place(new: str, old: str) -> None:
    assert retone(new) == old
    assert retone(unicodedata.normalize("NFD", new)) == old
    assert retone(old) == old
    assert spelling(new) == spelling(old)


@pytest.mark.parametrize(
    "text", ["quý", "quỳ", "QUỸ", "hoàn", "khoảng", "huỳnh", "khoái", "toét", "thuế", "quà", "uyển", "oà_"]
)
def test_retone_leaves_what_has_one_spelling(text: str) -> None:
    assert retone(text) == text


@given(vietnamese_text)
def test_retone_is_stable_and_keeps_letters(text: str) -> None:
    retoned = retone(text)
    assert retone(retoned) == retoned
    assert fold(retoned) == fold(text)
    assert len(retoned) == len(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("hoà", "HÒA", True),
        ("  Đồng  ý. ", "đồng ý", True),
        ("Ðồng ý", "đồng ý", True),
        ("hải", "hai", False),
        ("hủy", "hụy", False),
        ("quý", "qúy", False),
    ],
)
def test_spelling(first: str, second: str, same: bool) -> None:
    assert (spelling(first) == spelling(second)) is same
    assert (spelling(unicodedata.normalize("NFD", first)) == spelling(second)) is same


@given(vietnamese_text)
def test_spelling_is_finer_than_fold(text: str) -> None:
    assert fold(spelling(text)) == fold(text)
    assert spelling(text.upper()) == spelling(text)

"""Quotes of what people wrote."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import quote
from bot.vietnamese.quoting import LINK


@pytest.mark.parametrize(
    ("text", "limit", "quoted"),
    [
        ("xin chào", 60, "xin chào"),
        ("dòng một\n\n  dòng hai\t!", 60, "dòng một dòng hai !"),
        ("xem http://x.vn/a?b=c nhé", 60, "xem … nhé"),
        ("xem HTTPS://X.VN", 60, "xem …"),
        ("tg://resolve?domain=a www.a.b t.me/abc", 60, "… … …"),
        ("vào vidu.com.vn:80/x hoặc zalo.me/1", 60, "vào … hoặc …"),
        ("gọi @ai_do hay a.b@vidu.vn", 60, "gọi … hay a.b…"),
        ("mailto:a tel:113", 60, "… …"),
        ("tốt.Tôi đồng ý. 19.5.2025", 60, "tốt.Tôi đồng ý. 19.5.2025"),
        ("<b>{{7*7}}</b>", 60, "<b>{{7*7}}</b>"),
        ("a\u202eb\x00c\ud83d", 60, "abc"),
        ("", 60, ""),
        ("\u200b", 60, ""),
        ("a" * 60, 60, "a" * 60),
        ("a" * 61, 60, "a" * 59 + "…"),
        ("một hai ba", 5, "một…"),
        ("abc", 1, "…"),
        ("ab👨\u200d👩\u200d👧x", 6, "ab…"),
        ("👨\u200d👩\u200d👧x", 4, "👨\u200d👩…"),
        ("a👍🏽bc", 3, "a…"),
        ("a🇻🇳🇱🇦b", 5, "a🇻🇳…"),
        ("🇻🇳🇱🇦🇻🇳", 4, "🇻🇳…"),
        ("a❤\ufe0fbc", 3, "a…"),
        ("ax\u0323\u0302b", 3, "a…"),
        ("xem vi.community", 11, "xem ……"),
        ("b" * 5000, 10, "b" * 9 + "…"),
        ("ok" + " " * 5000 + "rồi", 10, "ok…"),
    ],
)
def test_quote(text: str, limit: int, quoted: str) -> None:
    assert quote(text, limit) == quoted


rich = st.text("abà .@/:w\n🇻🇳👍🏽\u200d\ufe0f\u0301", max_size=90)


@given(rich | st.text(max_size=200), st.integers(1, 60))
def test_a_quote_is_one_short_line_without_links(text: str, limit: int) -> None:
    quoted = quote(text, limit)
    assert len(quoted) <= limit
    assert quoted.splitlines() in ([], [quoted])
    assert not LINK.search(quoted)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in quoted)
    assert not any(c in quoted for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(rich)
def test_a_quote_does_not_open_a_cluster_it_cannot_close(text: str) -> None:
    quoted = quote(text, 20)
    assert not quoted.removesuffix("…").endswith("\u200d") or len(quoted) == 20

"""Quoting what people wrote, on one line and without anything to tap."""

import re
import unicodedata

from bot.vietnamese.folding import normalise

_ELLIPSIS = "\u2026"
_ZWJ = "\u200d"
_TOP_DOMAINS = (
    "app|asia|biz|cc|com|edu|gov|ink|info|io|link|live|ly|me|net|one|online|org|pro|shop|site|tk|top|tv|vip|vn|xyz"
)
LINK = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://\S*"
    r"|(?<!\w)(?:www\.|mailto:|tel:)\S+"
    rf"|(?<![\w.-])[\w.-]+\.(?:{_TOP_DOMAINS})(?!\w)(?:[:/?#]\S*)?"
    r"|@[\w.-]+",
    re.IGNORECASE,
)
_IN_EVERY_LINK = re.compile("[.:@]")
_READ_AT_MOST = 2000  # a quote is short: a long text need not be searched for links to its end


def _inside_cluster(text: str, at: int) -> bool:
    """Whether cutting before `text[at]` would split what people see as one character."""
    here, before = text[at], text[at - 1]
    if _ZWJ in (here, before) or unicodedata.category(here).startswith("M"):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    flags = 0
    if _is_flag_half(here):
        while flags < at and _is_flag_half(text[at - 1 - flags]):
            flags += 1
    return flags % 2 == 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def quote(text: str, limit: int = 60) -> str:
    """Return `text` on one line of at most `limit` (≥ 1) characters, with «…» for links, @names and the rest.

    Controls and bidi characters are gone; the cut keeps accents and emoji whole unless one alone is longer
    than `limit`. The result is plain text: escaping is left to the template.
    """
    head = normalise(text[:_READ_AT_MOST])
    if _IN_EVERY_LINK.search(head):
        head = LINK.sub(_ELLIPSIS, head)
    line = " ".join(head.split())
    cut_already = len(text) > _READ_AT_MOST
    if len(line) <= limit and not cut_already:
        return line
    cut = min(limit - 1, len(line))
    while 0 < cut < len(line) and _inside_cluster(line, cut):
        cut -= 1
    # "example.community" may have been cut to "example.com".
    return LINK.sub(_ELLIPSIS, line[: cut or limit - 1]).rstrip() + _ELLIPSIS

"""Messages as a page shows them: what a channel would carry, as HTML that is safe whatever stands in it."""

import html
import re
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

from bot.channels.zalo_bot.encode import styled

_TOKEN: Final = re.compile(r'<(?P<end>/?)(?P<tag>[a-z]+)(?:\s+href="(?P<href>[^"]*)")?>|[^<]+|<')
_SHOWN: Final = frozenset({"b", "i", "u", "s", "code", "blockquote"})
_LINK: Final = re.compile(r"(https?|tel|mailto):", re.IGNORECASE)


def bubble(markup: str) -> Markup:
    """A text in the HTML subset; everything else in it comes out as text."""
    parts = []
    for token in _TOKEN.finditer(markup):
        tag, href = token["tag"], html.unescape(token["href"] or "")
        if tag in _SHOWN and not token["href"]:
            parts.append(Markup(f"<{token['end']}{tag}>"))  # noqa: S704 - one of ours
        elif tag == "a" and (token["end"] or _LINK.match(href)):
            parts.append(Markup("</a>") if token["end"] else Markup('<a rel="noreferrer" href="{}">').format(href))
        else:
            parts.append(escape(html.unescape(token[0])))
    return Markup("").join(parts)


def zalo_bubble(markup: str, styles: bool) -> Markup:
    """The same as Zalo carries it: plain text with styled runs, addresses written out."""
    text, runs = styled(markup)
    if not styles:
        return escape(text)
    units = text.encode("utf-16-le")
    marks: list[tuple[str, ...]] = [()] * (len(units) // 2)
    for run in runs:
        marks[run["start"] : run["start"] + run["len"]] = [tuple(run["st"])] * run["len"]
    parts, at = [], 0
    for names, group in groupby(marks):
        length = sum(1 for _ in group)
        piece = escape(units[2 * at : 2 * (at + length)].decode("utf-16-le"))
        for name in names:
            piece = Markup(f"<{name}>{{}}</{name}>").format(piece)  # noqa: S704 - b, i, u or s
        parts.append(piece)
        at += length
    return Markup("").join(parts)

"""Telegram's HTML as it validates it, and lengths as it counts them."""

import html
import re
from typing import Final

TAGS: Final = frozenset(
    {"a", "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "span"}
)
_TOKEN: Final = re.compile(r"<|&")
_START: Final = re.compile(r"<([^\s<>/]*)((?:\s+[\w-]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s<>\"']+))?)*)\s*>")
_END: Final = re.compile(r"</([^\s<>]*)\s*>")
_ENTITY: Final = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);")


class BadMarkup(Exception):
    """The text cannot be parsed; `str()` is what follows "can't parse entities: "."""


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def plain_of(markup: str) -> str:
    """The text without tags and with entities replaced; raises BadMarkup.

    As documented every other "&" must be escaped; the real server lets some pass.
    """
    plain: list[str] = []
    open_tags: list[str] = []
    position = 0
    while found := _TOKEN.search(markup, position):
        at = found.start()
        plain.append(markup[position:at])
        if markup[at] == "&":
            position = _entity(markup, at, plain)
        elif markup.startswith("</", at):
            position = _end_tag(markup, at, open_tags)
        else:
            position = _start_tag(markup, at, open_tags)
    plain.append(markup[position:])
    if open_tags:
        raise BadMarkup(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]}"')
    return "".join(plain)


def _entity(markup: str, at: int, plain: list[str]) -> int:
    entity = _ENTITY.match(markup, at)
    if entity is None:
        raise BadMarkup(f"Unescaped character '&' at byte offset {_offset(markup, at)}")
    plain.append(html.unescape(entity[0]))
    return entity.end()


def _start_tag(markup: str, at: int, open_tags: list[str]) -> int:
    tag = _START.match(markup, at)
    if tag is None:
        raise BadMarkup(f"Unclosed start tag at byte offset {_offset(markup, at)}")
    name = tag[1].lower()
    if name not in TAGS:
        raise BadMarkup(f'Unsupported start tag "{name}" at byte offset {_offset(markup, at)}')
    open_tags.append(name)
    return tag.end()


def _end_tag(markup: str, at: int, open_tags: list[str]) -> int:
    tag = _END.match(markup, at)
    offset = _offset(markup, at)
    if tag is None:
        raise BadMarkup(f"Unclosed end tag at byte offset {offset}")
    if not open_tags:
        raise BadMarkup(f"Unexpected end tag at byte offset {offset}")
    expected = open_tags.pop()
    if tag[1].lower() not in ("", expected):
        raise BadMarkup(f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "{tag[0]}"')
    return tag.end()


def _offset(markup: str, at: int) -> int:
    return len(markup[:at].encode())

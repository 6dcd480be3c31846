"""Degrading: from what a turn says to messages a channel can carry. The only place that knows how."""

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from bot.channels.contract import Capabilities
from bot.domain.messages import Button, Keyboard, Outbound, OutboundMedia

ROW_CHARACTERS: Final = 26
"""Labels share a row while together they stay this short: a phone's width."""

_SHARED: Final = {"photo": "seen", "video": "seen", "document": "document"}

_HREF: Final = re.compile(r'<a\s+href="([^"]*)"')
_TAG: Final = re.compile(r"</?([a-z]+)(?:\s[^>]*)?>")


def visible_length(markup: str) -> int:
    """UTF-16 units of the text as shown, without tags, entities resolved.

    A link counts with its address, which a channel may have to write out (": " and the address).
    """
    shown = plain(markup)
    if "<a " in markup:
        shown += "".join(f": {html.unescape(address)}" for address in _HREF.findall(markup))
    return len(shown.encode("utf-16-le")) // 2


def plain(markup: str) -> str:
    """The text without its tags."""
    return html.unescape(_TAG.sub("", markup)) if "<" in markup or "&" in markup else markup


@lru_cache(maxsize=256)
def rows(buttons: tuple[Button, ...]) -> Keyboard:
    """Buttons in rows of at most two, short labels side by side."""
    laid: list[tuple[Button, ...]] = []
    for button in buttons:
        last = laid[-1] if laid else ()
        if len(last) == 1 and len(last[0].label) + len(button.label) <= ROW_CHARACTERS:
            laid[-1] = (last[0], button)
        else:
            laid.append((button,))
    return tuple(laid)


def compose(
    texts: Sequence[str],
    buttons: Sequence[Button],
    capabilities: Capabilities,
    typed: Sequence[str] = (),
    media: Sequence[OutboundMedia] = (),
) -> list[Outbound]:
    """A turn's texts joined into as few messages as fit, the choices on the last.

    `typed` is the choices as lines, for a channel without buttons. Files come first; the text stands below them in the
    same message where one can hold them, the text and the buttons.
    """
    choices = "\n".join(typed)
    pieces = [piece for text in (*texts, choices) if text for piece in split(text, capabilities.max_text)]
    joined: list[str] = []
    for piece in pieces:
        if joined and visible_length(joined[-1]) + 2 + visible_length(piece) <= capabilities.max_text:
            joined[-1] = f"{joined[-1]}\n\n{piece}"
        else:
            joined.append(piece)
    keyboard = rows(tuple(buttons)) if capabilities.buttons else ()
    messages = [Outbound(text) for text in joined[:-1]] + [Outbound(text, keyboard) for text in joined[-1:]]
    return _with_files(messages, media, capabilities) if media else messages


def _with_files(messages: list[Outbound], media: Sequence[OutboundMedia], capabilities: Capabilities) -> list[Outbound]:
    groups = _albums([file for file in media if file.kind in capabilities.files], capabilities.album)
    links = tuple(file for file in media if file.kind not in capabilities.files)
    if links:
        first = messages[0] if messages else Outbound("")
        messages = [first._replace(media=links), *messages[1:]]
    elif len(groups) == len(messages) == 1:
        [text], [files] = messages, groups
        room = min(capabilities.files[file.kind] for file in files)
        if visible_length(text.html) <= room and (len(files) == 1 or not text.buttons):
            return [text._replace(media=files)]
    return [*(Outbound("", media=files) for files in groups), *messages]


def _albums(files: Sequence[OutboundMedia], most: int) -> list[tuple[OutboundMedia, ...]]:
    """Files that may share a message, in order: photos with videos, documents with documents, a voice note alone."""
    groups: list[tuple[OutboundMedia, ...]] = []
    for kind, run in groupby(files, lambda file: _SHARED.get(file.kind, "")):
        kept = list(run)
        size = most if kind else 1
        groups += [tuple(kept[at : at + size]) for at in range(0, len(kept), size)]
    return groups


def split(markup: str, limit: int) -> list[str]:
    """Cut at paragraph ends, else line ends, else words, so that each part shows at most `limit` UTF-16 units.

    A tag open at a cut is closed and opened again.
    """
    if len(markup) <= limit // 2 or visible_length(markup) <= limit:
        return [markup]
    parts: list[str] = []
    current = ""
    for token in re.findall(r"<[^>]+>|&[a-z#0-9]+;|\n\n|\n|[^\s<&]{1,200}|[ \t]+|[<&]", markup):
        if visible_length(current + token) > limit:
            at = _cut(current)
            head, tail = current[:at], current[at:]
            opened = _open_tags(head)
            parts.append((head.rstrip() + "".join(f"</{name}>" for name, _ in reversed(opened))).strip())
            current = "".join(tag for _, tag in opened) + tail.lstrip()
        current += token
    return [part for part in [*parts, current.strip()] if plain(part).strip()]


def _cut(text: str) -> int:
    """Where to cut: after the last paragraph, line or word that is not in the first half."""
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark)
        if at > len(text) // 2 and text.rfind("<", 0, at) <= text.rfind(">", 0, at):
            return at
    return len(text)


def _open_tags(text: str) -> list[tuple[str, str]]:
    opened: list[tuple[str, str]] = []
    for found in _TAG.finditer(text):
        if found[0].startswith("</"):
            if opened and opened[-1][0] == found[1]:
                opened.pop()
        else:
            opened.append((found[1], found[0]))
    return opened

"""A delivery as one Bot API call: text with `text_styles`, a picture or a voice note by its address."""

import html
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from bot.channels.contract import Delivery, MediaFile, Outcome, OutcomeKind

MAX_SEND: Final = 2000
"""The documented longest text. UTF-16 units never count fewer than it does, whatever it counts."""
_NAME_LENGTH: Final = 80

_TOKEN: Final = re.compile(r'<(?P<end>/?)(?P<tag>[a-z]+)(?:\s+href="(?P<href>[^"]*)")?[^>]*>|[^<]+|<')
_STYLES: Final = frozenset("bius")


@dataclass(frozen=True, slots=True)
class Call:
    """A method and its JSON fields. `plain` is whether it is as simple as it can be made."""

    method: str
    fields: dict[str, Any]
    plain: bool


def encode(delivery: Delivery, styles: bool = True, plain: bool = False) -> Call | Outcome:
    """The call that makes `delivery`, or the outcome when no call can.

    With `plain` the text has no styles and every file is a link in it, as is what the platform cannot carry anyway. A
    sticker is one of Zalo's own, by its id.
    """
    markup, files = delivery.outbound.html, delivery.media
    if len(files) == 1 and files[0].kind == "sticker" and files[0].ref and not markup:
        return Call("sendSticker", {"chat_id": delivery.chat, "sticker": files[0].ref}, plain=True)
    if not all(file.url for file in files):
        return Outcome(OutcomeKind.REJECTED, detail="a file has no public address to be fetched from: set PUBLIC_URL")
    chat = {"chat_id": delivery.chat}
    if len(files) == 1 and not plain:
        call = _file(chat, markup, files[0])
        if call is not None:
            return call
    text, runs = _fitting(markup, files)
    if not text.strip():
        return Outcome(OutcomeKind.REJECTED, detail="a message without text or file")
    if runs and styles and not plain:
        return Call("sendMessage", chat | {"text": text, "text_styles": runs}, plain=False)
    return Call("sendMessage", chat | {"text": text}, plain=True)


def styled(markup: str, addresses: bool = True) -> tuple[str, list[dict[str, Any]]]:
    """The HTML subset as text and `text_styles`: runs that do not overlap, in UTF-16 units.

    A link becomes "label: address", or, without `addresses`, its label.
    """
    text, runs, at = "", [], 0
    open_styles: list[str] = []
    link, label_from = "", 0
    for token in _TOKEN.finditer(markup):
        piece, tag = "", token["tag"]
        if tag is None:
            piece = html.unescape(token[0])
        elif tag == "a" and not token["end"]:
            link, label_from = html.unescape(token["href"] or ""), len(text)
        elif tag == "a":
            piece = f": {link}" if addresses and link not in ("", text[label_from:]) else ""
        elif tag in _STYLES and not token["end"]:
            open_styles.append(tag)
        elif tag in open_styles:
            open_styles.remove(tag)
        length = _units(piece)
        if length and open_styles:
            runs.append({"start": at, "len": length, "st": sorted(set(open_styles))})
        text, at = text + piece, at + length
    return text, runs


def _file(chat: dict[str, str], markup: str, file: MediaFile) -> Call | None:
    """A picture with its caption, or a voice note; None for what goes as a link. Captions know no styles."""
    caption, _ = styled(markup)
    if file.kind == "photo" and _units(caption) <= MAX_SEND:
        return Call("sendPhoto", chat | {"photo": file.url} | ({"caption": caption} if caption else {}), plain=False)
    if file.kind == "voice" and not caption and urlsplit(file.url).path.endswith(".aac"):
        return Call("sendVoice", chat | {"voice_url": file.url}, plain=False)
    return None


def _fitting(markup: str, files: tuple[MediaFile, ...]) -> tuple[str, list[dict[str, Any]]]:
    """Text and styles, then the files' names and addresses.

    A text that was cut by what its links show may be too long with their addresses: the text matters more.
    """
    listed = [f"{file.name[:_NAME_LENGTH]}\n{file.url}" if file.name else file.url for file in files]
    whole, runs = _joined(styled(markup), listed)
    return (whole, runs) if _units(whole) <= MAX_SEND else _joined(styled(markup, addresses=False), listed)


def _joined(text: tuple[str, list[dict[str, Any]]], listed: list[str]) -> tuple[str, list[dict[str, Any]]]:
    return "\n\n".join([text[0], *listed] if text[0] else listed), text[1]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2

"""What travels between people and the bot, in a form that belongs to no channel.

What is made for every message is a tuple: a frozen dataclass takes three times as long to make.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple


class InboundKind(StrEnum):
    """What kind of thing a person sent; everything a channel cannot name is UNSUPPORTED."""

    TEXT = "text"
    BUTTON = "button"
    PHOTO = "photo"
    VOICE = "voice"
    DOCUMENT = "document"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    EDIT = "edit"
    UNSUPPORTED = "unsupported"
    GROUP = "group"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A reference to a file on the platform. `size` is in bytes; `ref` is what the channel's `fetch` takes."""

    kind: InboundKind
    ref: str
    size: int | None = None
    name: str | None = None


class Inbound(NamedTuple):
    """One update. `update_key` is unique per account; `chat` is the platform's address; `sent_at` is epoch ms.

    `text` is the message, or a caption. `data` is what a pressed button carries, `message_ref` the message it sat on,
    `press_ref` what the platform wants back to stop the button's spinner.
    """

    update_key: str
    chat: str
    kind: InboundKind
    text: str = ""
    data: str = ""
    message_ref: str = ""
    press_ref: str = ""
    album: str = ""
    attachment: Attachment | None = None
    sent_at: int = 0

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults, to keep the inbox small."""
        short: dict[str, Any] = {"u": self.update_key, "c": self.chat, "k": self.kind.value}
        for letter, name in _INBOUND_LETTERS.items():
            value = getattr(self, name)
            if value:
                short[letter] = value
        if self.attachment is not None:
            a = self.attachment
            short["a"] = [a.kind.value, a.ref, a.size, a.name]
        return short

    @staticmethod
    def from_json(short: dict[str, Any]) -> "Inbound":
        """The inverse of `as_json`."""
        rest = {name: short[letter] for letter, name in _INBOUND_LETTERS.items() if letter in short}
        attachment = None
        if "a" in short:
            kind, ref, size, name = short["a"]
            attachment = Attachment(InboundKind(kind), ref, size, name)
        return Inbound(short["u"], short["c"], InboundKind(short["k"]), attachment=attachment, **rest)


_INBOUND_LETTERS: Final = {
    "t": "text",
    "d": "data",
    "m": "message_ref",
    "p": "press_ref",
    "g": "album",
    "s": "sent_at",
}


class Button(NamedTuple):
    """A tappable choice as a channel shows it. `data` is at most 64 bytes (Telegram callback_data).

    Neither holds a tab or a line end.
    """

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class OutboundMedia:
    """A file to send: `kind` photo, video, voice or document; `media_id` is its row of our `media` table.

    `alt` is what a picture shows in words, "" when nobody said.
    """

    kind: str
    media_id: int
    name: str = ""
    alt: str = ""


class Outbound(NamedTuple):
    """One message: text in the HTML subset (b i u s a code blockquote), buttons in rows, files.

    `then` are messages that belong to it and follow once it has arrived: what could not stand in one with its files.
    """

    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    media: tuple[OutboundMedia, ...] = ()
    then: "tuple[Outbound, ...]" = ()

    def as_json(self) -> dict[str, Any]:
        """A compact form for the outbox row."""
        short: dict[str, Any] = {"h": self.html}
        if self.buttons:
            short["b"] = _lines(self.buttons)
        if self.media:
            short["m"] = [[m.kind, m.media_id, m.name, *([m.alt] if m.alt else [])] for m in self.media]
        if self.then:
            short["n"] = [message.as_json() for message in self.then]
        return short

    @staticmethod
    def from_json(short: dict[str, Any]) -> "Outbound":
        """The inverse of `as_json`."""
        return Outbound(
            short["h"],
            _buttons(short["b"]) if "b" in short else (),
            tuple(OutboundMedia(*file) for file in short.get("m", ())),
            tuple(map(Outbound.from_json, short["n"])) if "n" in short else (),
        )


Keyboard = tuple[tuple[Button, ...], ...]
"""Buttons in rows."""


@lru_cache(maxsize=256)
def _lines(keyboard: Keyboard) -> str:
    """A line a row: label, data, label, data …, separated by tabs."""
    return "\n".join("\t".join(map("\t".join, row)) for row in keyboard)


@lru_cache(maxsize=256)
def _buttons(lines: str) -> Keyboard:
    """Rows of buttons from lines of label, data, label, data …; cached, for most messages carry the same menu."""
    rows = [line.split("\t") for line in lines.split("\n")]
    return tuple(tuple(map(Button, row[::2], row[1::2])) for row in rows)

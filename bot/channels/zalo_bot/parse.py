"""Events, as plain dictionaries, to inbound messages. Nothing here trusts the shape of what it is given."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from bot.channels.lenient import load_json
from bot.domain.messages import Attachment, Inbound, InboundKind

_LATEST: Final = 2**53
_EVENTS: Final = {
    "message.text.received": InboundKind.TEXT,
    "message.image.received": InboundKind.PHOTO,
    "message.voice.received": InboundKind.VOICE,
    "message.sticker.received": InboundKind.STICKER,
    "message.unsupported.received": InboundKind.UNSUPPORTED,
}
_ADDRESSES: Final = {InboundKind.PHOTO: ("photo_url", "photo"), InboundKind.VOICE: ("voice_url",)}
"""Where a file's address stands: pictures were seen under another name than the documented `photo`."""

_log: Final = structlog.get_logger(__name__)


class _Malformed(ValueError):
    """The event is not what Zalo sends."""


def parse(update: Any, names: Sequence[str] = ()) -> Inbound | None:
    """The inbound message in an event, bare or wrapped in `result`; None for what does not concern us or is no event.

    `names` are the bot's own: in a group only what mentions one of them counts.
    """
    try:
        return _parsed(update, names)
    except _Malformed:
        _log.warning("zalo_event_not_understood")  # what it holds may be somebody's
        return None


def parse_webhook(body: bytes, names: Sequence[str] = ()) -> Inbound | None:
    """`parse` for the body of a webhook call; a probe's may be empty."""
    if not body:
        return None
    try:
        update = load_json(body)
    except ValueError:
        update = None
    return parse(update, names)


def _parsed(update: Any, names: Sequence[str]) -> Inbound | None:
    if not isinstance(update, dict):
        raise _Malformed
    event = update["result"] if isinstance(update.get("result"), dict) else update
    kind = _EVENTS.get(_string(event, "event_name"))
    if kind is None:
        return None
    message = _object(event, "message")
    chat = _object(message, "chat")
    address, number = _string(chat, "id"), _string(message, "message_id")
    if not address or not number:
        raise _Malformed
    sender = message.get("from")
    if isinstance(sender, dict) and sender.get("is_bot") is True:
        return None
    text, sent_at = _string(message, "text") or _string(message, "caption"), _instant(message)
    key = f"{address}:{number}"
    if _string(chat, "chat_type") not in ("", "PRIVATE"):
        return Inbound(key, address, InboundKind.GROUP, sent_at=sent_at) if _mentions(text, names) else None
    attachment = _attachment(kind, message)
    if (kind is InboundKind.TEXT and not text) or (kind in _ADDRESSES and attachment is None):
        kind = InboundKind.UNSUPPORTED
    return Inbound(key, address, kind, text, attachment=attachment, sent_at=sent_at)


def _attachment(kind: InboundKind, message: dict[str, Any]) -> Attachment | None:
    for name in _ADDRESSES.get(kind, ()):
        address = message.get(name)
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            is_aac = kind is InboundKind.VOICE and _path(address).endswith(".aac")
            return Attachment(kind, address, name="voice.aac" if is_aac else None)
    return None


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _mentions(text: str, names: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(f"@{name}".casefold() in folded for name in names)


def _instant(message: dict[str, Any]) -> int:
    """Epoch milliseconds; 0 when the message tells no time we can read."""
    date = message.get("date")
    return date if type(date) is int and 0 <= date < _LATEST else 0  # bool is an int to isinstance


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise _Malformed
    return value


def _string(holder: dict[str, Any], name: str) -> str:
    """A string, empty where the field is absent or null."""
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Malformed
    return value

"""Updates, as plain dictionaries, to inbound messages. Nothing here trusts the shape of what it is given."""

import unicodedata
from typing import Any, Final

from bot.channels.lenient import load_json
from bot.domain.messages import Attachment, Inbound, InboundKind

_MAX_NUMBER: Final = 2**52
"""Telegram's identifiers have at most 52 significant bits."""

_NAME_LIMIT: Final = 120
"""Characters kept of a file's name, from its end: the ending says what it is."""

_FILES: Final = (
    ("voice", InboundKind.VOICE),
    ("audio", InboundKind.VOICE),
    ("video", InboundKind.VIDEO),
    ("video_note", InboundKind.VIDEO),
    ("document", InboundKind.DOCUMENT),
)
_OTHERS: Final = (
    ("sticker", InboundKind.STICKER),
    ("location", InboundKind.LOCATION),
    ("contact", InboundKind.CONTACT),
)
_NOTICES: Final = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
)
"""What Telegram itself writes into a private chat: nobody waits for an answer to it."""

_PRESENT: Final = frozenset({"member", "administrator", "creator"})


class _Malformed(ValueError):
    """The update is not what Telegram sends."""


def parse(update: Any, username: str = "") -> Inbound | None:
    """The inbound message in `update`, or None for what does not concern us or is no update at all.

    `username` is the bot's, without "@": in a group only what is addressed to it counts.
    """
    try:
        return _parsed(update, username)
    except _Malformed:
        return None


def parse_webhook(body: bytes, username: str = "") -> Inbound | None:
    """`parse` for the body of a webhook call."""
    try:
        update = load_json(body)
    except ValueError:
        return None
    return parse(update, username)


def _parsed(update: Any, username: str) -> Inbound | None:
    if not isinstance(update, dict):
        raise _Malformed
    key = str(_number(update, "update_id"))
    if "message" in update:
        return _message(key, _object(update, "message"), username)
    if "callback_query" in update:
        return _press(key, _object(update, "callback_query"))
    if "edited_message" in update:
        return _edit(key, _object(update, "edited_message"))
    if "my_chat_member" in update:
        return _membership(key, _object(update, "my_chat_member"))
    return None


def _message(key: str, message: dict[str, Any], username: str) -> Inbound | None:
    chat, private = _chat(message)
    if _from_bot(message):
        return None
    sent_at = _number(message, "date") * 1000
    if not private:
        addressed = _addresses(message, username)
        return Inbound(key, chat, InboundKind.GROUP, sent_at=sent_at) if addressed else None
    if any(notice in message for notice in _NOTICES):
        return None
    text = _string(message, "text")
    if text:
        return Inbound(key, chat, InboundKind.TEXT, text, sent_at=sent_at)
    kind, attachment = _content(message)
    return Inbound(
        key,
        chat,
        kind,
        _string(message, "caption"),
        album=_string(message, "media_group_id"),
        attachment=attachment,
        sent_at=sent_at,
    )


def _content(message: dict[str, Any]) -> tuple[InboundKind, Attachment | None]:
    if "photo" in message:
        return InboundKind.PHOTO, _largest(message["photo"])
    for field, kind in _FILES:
        if field in message:
            return kind, _attachment(kind, _object(message, field))
    for field, kind in _OTHERS:
        if field in message:
            return kind, None
    return InboundKind.UNSUPPORTED, None


def _largest(sizes: Any) -> Attachment:
    if not isinstance(sizes, list) or not sizes or not all(isinstance(size, dict) for size in sizes):
        raise _Malformed
    largest = max(sizes, key=lambda size: _number(size, "width") * _number(size, "height"))
    return _attachment(InboundKind.PHOTO, largest)


def _attachment(kind: InboundKind, file: dict[str, Any]) -> Attachment:
    ref = _string(file, "file_id")
    if not ref:
        raise _Malformed
    size = _number(file, "file_size") if "file_size" in file else None
    return Attachment(kind, ref, size, _file_name(file))


def _file_name(file: dict[str, Any]) -> str | None:
    """The name a sender gave, as a plain name: no folders, nothing that cannot be seen or that turns the line round."""
    name = _string(file, "file_name").replace("\\", "/").rpartition("/")[2]
    seen = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    return seen.strip(" .")[-_NAME_LIMIT:] or None


def _press(key: str, query: dict[str, Any]) -> Inbound | None:
    """A press has no time of its own. Without a message (inline mode) or data (games) it is none of ours."""
    if _from_bot(query) or "message" not in query or "data" not in query:
        return None
    message = _object(query, "message")
    chat, private = _chat(message)
    if not private:
        return None
    return Inbound(
        key,
        chat,
        InboundKind.BUTTON,
        data=_string(query, "data"),
        message_ref=str(_number(message, "message_id")),
        press_ref=_string(query, "id"),
    )


def _edit(key: str, message: dict[str, Any]) -> Inbound | None:
    chat, private = _chat(message)
    if not private or _from_bot(message) or "location" in message:  # a live location edits itself all day
        return None
    text = _string(message, "text") or _string(message, "caption")
    edited = "edit_date" if "edit_date" in message else "date"
    return Inbound(key, chat, InboundKind.EDIT, text, sent_at=_number(message, edited) * 1000)


def _membership(key: str, change: dict[str, Any]) -> Inbound | None:
    chat, private = _chat(change)
    sent_at = _number(change, "date") * 1000
    before = _string(_object(change, "old_chat_member"), "status")
    after = _string(_object(change, "new_chat_member"), "status")
    if private:
        kind = InboundKind.UNBLOCKED if after in _PRESENT else InboundKind.BLOCKED
        return Inbound(key, chat, kind, sent_at=sent_at)
    if after in _PRESENT and before not in _PRESENT:
        return Inbound(key, chat, InboundKind.GROUP, sent_at=sent_at)
    return None


def _addresses(message: dict[str, Any], username: str) -> bool:
    """Whether a group message is for us: a mention, a reply to us, or a command that names no other bot."""
    if not username:
        return False
    mention = f"@{username}".casefold()
    text = (_string(message, "text") or _string(message, "caption")).casefold()
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        return "@" not in command or command.endswith(mention)
    if mention in text:
        return True
    replied = message.get("reply_to_message")
    author = replied.get("from") if isinstance(replied, dict) else None
    return isinstance(author, dict) and _string(author, "username").casefold() == username.casefold()


def _chat(holder: dict[str, Any]) -> tuple[str, bool]:
    chat = _object(holder, "chat")
    return str(_number(chat, "id")), _string(chat, "type") == "private"


def _from_bot(holder: dict[str, Any]) -> bool:
    return "from" in holder and _object(holder, "from").get("is_bot") is True


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise _Malformed
    return value


def _string(holder: dict[str, Any], name: str) -> str:
    """A string, empty where the field is absent."""
    value = holder.get(name, "")
    if not isinstance(value, str):
        raise _Malformed
    return value


def _number(holder: dict[str, Any], name: str) -> int:
    value = holder.get(name)
    if type(value) is not int or abs(value) >= _MAX_NUMBER:  # bool is an int to isinstance
        raise _Malformed
    return value

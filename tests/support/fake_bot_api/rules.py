"""What Telegram demands of a call's parameters, and how it says no."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.fake_bot_api.entities import BadMarkup, plain_of, utf16_length

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_DOWNLOAD: Final = 20 * 1024 * 1024
MAX_UPLOAD: Final = {"photo": 10 * 1024 * 1024} | dict.fromkeys(("video", "document", "voice"), 50 * 1024 * 1024)
MAX_DELETED: Final = 100
DELETE_HOURS: Final = 48
MAX_CALLBACK_BYTES: Final = 64
MAX_BUTTONS: Final = 100
MAX_ROW: Final = 8
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")

Buttons = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of (label, callback data or URL)."""

_REQUIRED: Final = {
    "setWebhook": ("url",),
    "sendMessage": ("chat_id", "text"),
    "sendPhoto": ("chat_id", "photo"),
    "sendVideo": ("chat_id", "video"),
    "sendDocument": ("chat_id", "document"),
    "sendVoice": ("chat_id", "voice"),
    "sendMediaGroup": ("chat_id", "media"),
    "editMessageText": ("chat_id", "message_id", "text"),
    "editMessageReplyMarkup": ("chat_id", "message_id"),
    "editMessageCaption": ("chat_id", "message_id"),
    "deleteMessage": ("chat_id", "message_id"),
    "deleteMessages": ("chat_id", "message_ids"),
    "answerCallbackQuery": ("callback_query_id",),
    "getFile": ("file_id",),
    "setMyCommands": ("commands",),
}
_MISSING: Final = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "file_id": "file_id isn't specified",
}


@dataclass
class Refused(Exception):
    """An answer that is not ok; `parameters` are Telegram's ResponseParameters."""

    status: int
    description: str
    parameters: dict[str, int] = field(default_factory=dict)


def bad_request(description: str) -> Refused:
    """A 400."""
    return Refused(400, f"Bad Request: {description}")


@dataclass(frozen=True)
class Parameters:
    """A call's parameters from JSON, a form or a query: numbers and objects may come as strings."""

    values: dict[str, Any]
    files: dict[str, tuple[str, bytes]]

    def require(self, method: str) -> None:
        """Refuse the call when a required field is missing or empty."""
        for name in _REQUIRED.get(method, ()):
            if name not in self.files and self.values.get(name) in (None, ""):
                raise bad_request(_MISSING.get(name, f'parameter "{name}" is required'))

    def number(self, name: str, default: int = 0) -> int:
        """An integer."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be an integer') from None

    def string(self, name: str) -> str:
        """A string, empty where the field is absent."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            raise bad_request(f'strings must be encoded in UTF-8: "{name}" is not a string')
        return value

    def flag(self, name: str) -> bool:
        """A boolean."""
        return self.values.get(name) in (True, "true", "True", "1", 1)

    def structure(self, name: str) -> Any:
        """An object or a list; None where the field is absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


def text_of(source: dict[str, Any], name: str, limit: int) -> str:
    """The plain text of a message or caption; refuses bad markup, nothing at all, and too much."""
    raw = source.get(name) or ""
    parse_mode = str(source.get("parse_mode") or "")
    if parse_mode.lower() not in ("", "html"):
        raise bad_request("unsupported parse_mode")
    try:
        plain = plain_of(raw) if parse_mode else raw
    except BadMarkup as error:
        raise bad_request(f"can't parse entities: {error}") from None
    if name == "text" and not plain.strip():
        raise bad_request("message text is empty")
    if utf16_length(plain) > limit:
        raise bad_request("message is too long" if name == "text" else "message caption is too long")
    return plain


def buttons_of(markup: Any) -> Buttons:
    """The rows of an inline keyboard; refuses any other shape."""
    if markup is None:
        return ()
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("object expected as reply markup")
    if sum(len(row) for row in rows) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")
    return tuple(tuple(_button(button) for button in row) for row in rows)


def _button(button: Any) -> tuple[str, str]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    label = button.get("text")
    if not isinstance(label, str) or not label.strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if "url" in button:
        return label, str(button["url"])
    if "callback_data" not in button:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button["callback_data"]
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return label, data


def webhook_of(parameters: Parameters) -> tuple[str, str]:
    """(url, secret) of a setWebhook; plain http is let through to the loopback only."""
    url, secret = parameters.string("url"), parameters.string("secret_token")
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if not 1 <= parameters.number("max_connections", 40) <= 100:
        raise bad_request("bad webhook: max_connections must be between 1 and 100")
    return url, secret

"""A delivery as a Bot API call."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from bot.channels import render
from bot.channels.contract import Delivery, MediaFile, Operation
from bot.domain.messages import Keyboard, Outbound

MAX_CALLBACK_BYTES: Final = 64
MAX_CAPTION: Final = 1024
_SEND_METHODS: Final = {"photo": "sendPhoto", "video": "sendVideo", "document": "sendDocument", "voice": "sendVoice"}
_NO_PREVIEW: Final = {"is_disabled": True}


class Call(NamedTuple):
    """A method, its JSON fields, and the files to upload with it as (part name, file)."""

    method: str
    fields: dict[str, Any]
    uploads: tuple[tuple[str, MediaFile], ...] = ()

    def form_fields(self) -> dict[str, str]:
        """The fields as a multipart body wants them: strings as they are, everything else as JSON."""
        return {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in self.fields.items()
        }


def encode(delivery: Delivery, plain: bool = False) -> Call:
    """The call that makes `delivery`; with `plain` its text loses all markup.

    Raises ValueError for our own bugs: callback data over 64 bytes, an address or target that is no number.
    """
    chat = {"chat_id": int(delivery.chat)}
    outbound = delivery.outbound
    match delivery.operation:
        case Operation.SEND:
            return _send(chat, delivery, plain)
        case Operation.EDIT:
            return _edit(chat, delivery, plain)
        case Operation.EDIT_KEYBOARD:
            return Call("editMessageReplyMarkup", chat | {"message_id": _ids(delivery)[-1]} | _keyboard(outbound))
        case Operation.DELETE:
            return _delete(chat, _ids(delivery))


def _send(chat: dict[str, Any], delivery: Delivery, plain: bool) -> Call:
    match delivery.media:
        case ():
            return Call("sendMessage", chat | _message(delivery.outbound, plain))
        case (file,):
            return _file(chat, delivery.outbound, file, plain)
        case files:
            return _group(chat, delivery.outbound, files, plain)


def _ids(delivery: Delivery) -> list[int]:
    """What the target went out as: one message or several."""
    return [int(id) for id in delivery.target.split(",")]


def _edit(chat: dict[str, Any], delivery: Delivery, plain: bool) -> Call:
    """The text is in the last message: below its files (an album's first) or by itself."""
    ids = _ids(delivery)
    last = (delivery.outbound, *delivery.outbound.then)[-1]
    if not last.media:
        return Call("editMessageText", chat | {"message_id": ids[-1]} | _message(last, plain))
    below = ids[-min(len(last.media), len(ids))]
    return Call(
        "editMessageCaption",
        chat | {"message_id": below} | _text("caption", last.html, plain) | _keyboard(last),
    )


def _delete(chat: dict[str, Any], ids: list[int]) -> Call:
    if len(ids) == 1:
        return Call("deleteMessage", chat | {"message_id": ids[0]})
    return Call("deleteMessages", chat | {"message_ids": ids})


def _message(outbound: Outbound, plain: bool) -> dict[str, Any]:
    fields = _text("text", outbound.html, plain)
    fields["link_preview_options"] = _NO_PREVIEW
    return fields | _keyboard(outbound)


def _text(name: str, markup: str, plain: bool) -> dict[str, Any]:
    if plain:
        return {name: render.plain(markup)}
    return {name: markup, "parse_mode": "HTML"}


def _caption(markup: str, plain: bool) -> dict[str, Any]:
    return _text("caption", markup, plain) if markup else {}


def _keyboard(outbound: Outbound) -> dict[str, Any]:
    """No buttons, no field: an edit without it takes the keyboard away."""
    if not outbound.buttons:
        return {}
    return {"reply_markup": {"inline_keyboard": _inline(outbound.buttons)}}


@lru_cache(maxsize=256)
def _inline(keyboard: Keyboard) -> list[list[dict[str, str]]]:
    """Rows of inline buttons; most messages carry the same menu."""
    return [[{"text": label, "callback_data": _checked(data)} for label, data in row] for row in keyboard]


def _checked(data: str) -> str:
    if not 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES:
        raise ValueError(f"callback data of {len(data.encode())} bytes")
    return data


def _file(chat: dict[str, Any], outbound: Outbound, file: MediaFile, plain: bool) -> Call:
    fields = chat | _caption(outbound.html, plain) | _keyboard(outbound)
    if file.ref:
        return Call(_SEND_METHODS[file.kind], fields | {file.kind: file.ref})
    return Call(_SEND_METHODS[file.kind], fields, ((file.kind, file),))


def _group(chat: dict[str, Any], outbound: Outbound, files: tuple[MediaFile, ...], plain: bool) -> Call:
    """A media group: the text is the first file's caption, and buttons have no place in it."""
    items: list[dict[str, Any]] = []
    uploads: list[tuple[str, MediaFile]] = []
    for number, file in enumerate(files):
        part = f"file{number}"
        items.append({"type": file.kind, "media": file.ref or f"attach://{part}"})
        if not file.ref:
            uploads.append((part, file))
    items[0] |= _caption(outbound.html, plain)
    return Call("sendMediaGroup", chat | {"media": items}, tuple(uploads))

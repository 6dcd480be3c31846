"""Files people send: references inside a turn, fetched after its commit."""

import secrets
from typing import Final, TypedDict

from bot.domain.messages import Attachment, InboundKind
from bot.services.turn import Installation, Turn
from bot.storage import media

MEGABYTE: Final = 1024 * 1024
PHOTO_MEGABYTES: Final = 10
FILE_MEGABYTES: Final = 20
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".heic")
_NAMES: Final = {"photo": "photo.jpg", "voice": "voice.ogg"}


class Sent(TypedDict):
    """A file as a journal keeps it until it is wanted."""

    kind: str
    ref: str
    name: str


def megabytes_of(kind: str) -> int:
    """How big a file of this kind may be."""
    return FILE_MEGABYTES if kind == InboundKind.VOICE else PHOTO_MEGABYTES


def limit_of(kind: str) -> int:
    """The same in bytes."""
    return megabytes_of(kind) * MEGABYTE


def is_too_big(attachment: Attachment) -> bool:
    """Whether a file is announced bigger than it may be."""
    return attachment.size is not None and attachment.size > limit_of(attachment.kind.value)


def is_picture(attachment: Attachment) -> bool:
    """Whether a file is a photo, or a picture sent as a document."""
    if attachment.kind is InboundKind.PHOTO:
        return True
    return attachment.kind is InboundKind.DOCUMENT and (attachment.name or "").lower().endswith(_PICTURES)


def sent(attachment: Attachment) -> Sent:
    """An attachment as a journal keeps it."""
    kind = attachment.kind.value
    return Sent(kind=kind, ref=attachment.ref, name=attachment.name or _NAMES.get(kind, "file"))


def want(turn: Turn, file: Sent) -> int:
    """Have a file of the acting member fetched after the commit; returns its media id."""
    assert turn.address is not None
    path = turn.at.data_dir.absolute() / "media" / secrets.token_hex(16)
    return media.want(
        turn.tx,
        turn.me.id,
        turn.address.account_id,
        file["kind"],
        file["ref"],
        str(path),
        file["name"],
        turn.now,
    )


def url(at: Installation, media_id: int, name: str, now: int) -> str:
    """Where our pages serve a file from now on for a while; "" without a public address."""
    return ""

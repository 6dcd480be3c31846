"""Files people send: references inside a turn, fetched after its commit. And where our pages serve files."""

import hmac
import math
import re
import secrets
from collections.abc import Sequence
from typing import Final, NotRequired, TypedDict

from bot.domain.messages import Attachment, InboundKind
from bot.domain.prompts import Text, text
from bot.domain.time import DAY
from bot.services.turn import Installation, Turn
from bot.storage import announcements, media
from bot.vietnamese import fold

MEGABYTE: Final = 1024 * 1024
PHOTO_MEGABYTES: Final = 10
FILE_MEGABYTES: Final = 20
DRAFT_KEPT: Final = 90 * DAY
"""How long the files of a draft that was left lying are kept: as long as the draft."""
SERVED_FOR: Final = DAY
"""How long an address of `url` works: longer than any platform takes to fetch what it was sent."""
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".heic")
_FILMS: Final = (".mp4", ".mov", ".webm", ".gif")
_NAMES: Final = {"photo": "photo.jpg", "voice": "voice.ogg", "video": "video.mp4"}
_TOKEN: Final = re.compile("([1-9][0-9]{0,17})-([1-9][0-9]{0,17})-([0-9a-f]{32})")
_NAME_LETTERS: Final = 80


class Sent(TypedDict):
    """A file as a journal keeps it until it is wanted; `size` (bytes) only of one bigger than we fetch."""

    kind: str
    ref: str
    name: str
    size: NotRequired[int]


class Kept(TypedDict):
    """A file that is being fetched or was, by its media id, as a journal keeps it."""

    media: int
    kind: str
    name: str


def megabytes_of(kind: str) -> int:
    """How big a file of this kind may be."""
    return PHOTO_MEGABYTES if kind == InboundKind.PHOTO else FILE_MEGABYTES


def limit_of(kind: str) -> int:
    """The same in bytes."""
    return megabytes_of(kind) * MEGABYTE


def is_too_big(attachment: Attachment) -> bool:
    """Whether a file is announced bigger than it may be."""
    return attachment.size is not None and attachment.size > limit_of(attachment.kind.value)


def too_big(file: Sent) -> Text:
    """The sentence that says how big a file is, and how big it may be."""
    size = math.ceil(file.get("size", 0) / MEGABYTE)
    return text("compose.too_big", size=size, limit=megabytes_of(file["kind"]))


def is_picture(attachment: Attachment) -> bool:
    """Whether a file is a photo, or a picture sent as a document."""
    if attachment.kind is InboundKind.PHOTO:
        return True
    return attachment.kind is InboundKind.DOCUMENT and (attachment.name or "").lower().endswith(_PICTURES)


def shows_pictures(kind: str, name: str) -> bool:
    """Whether a file shows a picture or a film, also when it was sent as a document."""
    if kind in (InboundKind.PHOTO, InboundKind.VIDEO):
        return True
    return kind == InboundKind.DOCUMENT and name.lower().endswith((*_PICTURES, *_FILMS))


def sent(attachment: Attachment) -> Sent:
    """An attachment as a journal keeps it."""
    kind = attachment.kind.value
    file = Sent(kind=kind, ref=attachment.ref, name=attachment.name or _NAMES.get(kind, "file"))
    if is_too_big(attachment) and attachment.size is not None:
        file["size"] = attachment.size
    return file


def want(turn: Turn, file: Sent) -> int:
    """Have a file of the acting member fetched after the commit, if it is not too big; returns its media id."""
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
        too_big=file.get("size"),
    )


def keep(turn: Turn, file: Sent) -> Kept:
    """Have a file of a draft fetched; it goes again by itself unless something is made of the draft (`attach`)."""
    id = want(turn, file)
    media.set_expiry(turn.tx, id, turn.now + DRAFT_KEPT)
    return Kept(media=id, kind=file["kind"], name=file["name"])


def attach(turn: Turn, announcement_id: int, files: Sequence[Kept]) -> None:
    """The acting member's files become an announcement's."""
    announcements.attach(turn.tx, announcement_id, [file["media"] for file in files])
    for file in files:
        media.set_expiry(turn.tx, file["media"], None)


def url(at: Installation, media_id: int, name: str, now: int) -> str:
    """Where our pages serve a file from now on for a while; "" without a public address.

    The address ends in the file's name in plain letters: Zalo tells a voice note by its ending.
    """
    if not at.public_url:
        return ""
    shown, until = _in_plain_letters(name), now + SERVED_FOR
    return f"{at.public_url}/media/{media_id}-{until}-{_seal(at, media_id, until, shown)}/{shown}"


def opened(at: Installation, token: str, name: str, now: int) -> int | None:
    """The id of the file that an address of `url` was made for; None when it is forged or its time is over."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    media_id, until = int(parts[1]), int(parts[2])
    genuine = hmac.compare_digest(parts[3], _seal(at, media_id, until, name))
    return media_id if genuine and now < until else None


def _seal(at: Installation, media_id: int, until: int, name: str) -> str:
    return at.digest("media-url", f"{media_id}\0{until}\0{name}").hex()


def _in_plain_letters(name: str) -> str:
    """A file's name for an address; what is too long loses its beginning, not its ending."""
    return re.sub("[^a-z0-9.]+", "-", fold(name))[-_NAME_LETTERS:].strip("-.") or "file"

"""Files people sent through the browser, kept until the durable job has fetched them."""

import errno
import os
import secrets
from pathlib import Path
from typing import Final

from bot.domain.messages import InboundKind

MAX_BYTES: Final = 20 * 1024 * 1024
"""What the other channels allow as well."""

KEPT_BYTES: Final = 400 * 1024 * 1024
"""All files waiting to be fetched together: cookies are free, so a limit per person would bound nothing."""

_REF_BYTES: Final = 16
_MAGIC: Final = (
    (0, b"\xff\xd8\xff", InboundKind.PHOTO, "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", InboundKind.PHOTO, "image/png"),
    (8, b"WEBP", InboundKind.PHOTO, "image/webp"),
    (4, b"ftypheic", InboundKind.PHOTO, "image/heic"),
    (4, b"ftypmif1", InboundKind.PHOTO, "image/heic"),
    (0, b"OggS", InboundKind.VOICE, "audio/ogg"),
    (0, b"ID3", InboundKind.VOICE, "audio/mpeg"),
    (0, b"\xff\xfb", InboundKind.VOICE, "audio/mpeg"),
    (0, b"\xff\xf1", InboundKind.VOICE, "audio/aac"),
    (0, b"\xff\xf9", InboundKind.VOICE, "audio/aac"),
    (8, b"WAVE", InboundKind.VOICE, "audio/wav"),
    (0, b"\x1a\x45\xdf\xa3", InboundKind.VOICE, "audio/webm"),
    (4, b"ftypM4A ", InboundKind.VOICE, "audio/mp4"),
)
MAGIC_BYTES: Final = 16
"""How much of a file `kind_of` looks at."""


def kind_of(content: bytes) -> tuple[InboundKind, str] | None:
    """A photo or a voice note and its media type, by the first bytes; None for anything else."""
    for at, magic, kind, media_type in _MAGIC:
        if content[at : at + len(magic)] == magic:
            return kind, media_type
    return None


class Uploads:
    """A directory of files under random names."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, content: bytes) -> str:
        """Keep a file on disk; returns the reference that `read` takes. Raises OSError, also when too much waits."""
        self._directory.mkdir(parents=True, exist_ok=True)
        waiting = sum(path.stat().st_size for path in self._directory.iterdir())
        if waiting + len(content) > KEPT_BYTES:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        ref = secrets.token_hex(_REF_BYTES)
        with self.path(ref).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # the row that names it is as durable
        return ref

    def read(self, ref: str) -> bytes | None:
        """The file, None when it is gone."""
        try:
            return self.path(ref).read_bytes()
        except FileNotFoundError:
            return None

    def refs(self) -> list[str]:
        """Every file kept."""
        return sorted(path.name for path in self._directory.iterdir()) if self._directory.is_dir() else []

    def drop(self, ref: str) -> None:
        """Delete a file."""
        self.path(ref).unlink(missing_ok=True)

    def path(self, ref: str) -> Path:
        """Where a file lies, if it is there."""
        return self._directory / Path(ref).name

"""Whether the pictures of cards are there, small enough for a thin network, and what they are said to be."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from content.checks.finding import Finding
from content.checks.reading import Reading, at

IMAGE_BYTES: Final = 150_000
IMAGE_SIDE: Final = 1_080
"""Pixels."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
# Markers of a JPEG after which its height and width stand: SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def check(reading: Reading) -> Iterator[Finding]:
    """Missing, huge and unreadable pictures."""
    for card in reading.of_kind("card"):
        image = card.values.get("image")
        name = image.get("file") if isinstance(image, dict) else None
        if not isinstance(name, str) or Path(name).name != name:
            continue
        path = card.file.parent.parent / "images" / name
        size = reading.files.image_sizes.get(path)
        raw = reading.files.contents.get(path.relative_to(reading.files.root), b"")
        place = ("image", "file")
        if size is None:
            yield at("missing-image", card, *place, name=name)
        elif size > IMAGE_BYTES:
            yield at("huge-image", card, *place, name=name, found=f"{size // 1000} kB")
        elif (sides := dimensions(raw)) is None:
            yield at("unreadable-image", card, *place, name=name)
        elif max(sides) > IMAGE_SIDE:
            yield at("huge-image", card, *place, name=name, found=f"{sides[0]} × {sides[1]} px")


def dimensions(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG in pixels; None for anything else."""
    if raw.startswith(_PNG) and raw[12:16] == b"IHDR" and len(raw) >= 24:
        width, height = struct.unpack(">II", raw[16:24])
        return width, height
    place = 2 if raw.startswith(_JPEG) else len(raw)
    while place + 9 <= len(raw) and raw[place] == 0xFF:
        if raw[place + 1] in _FRAMES:
            height, width = struct.unpack(">HH", raw[place + 5 : place + 9])
            return width, height
        [length] = struct.unpack(">H", raw[place + 2 : place + 4])
        place += 2 + length
    return None

"""A list that an administrator sends as a file, .xlsx or .csv: fetched after the commit, then read as lines."""

import io
import zipfile
from pathlib import Path
from typing import Final, TypedDict

from bot.domain.time import DAY
from bot.services import media, role_lists, tables
from bot.services.media import Sent
from bot.services.turn import Turn
from bot.storage import media as files

BYTES_AT_MOST: Final = media.MEGABYTE
UNPACKED_AT_MOST: Final = 10 * media.MEGABYTE
"""Read inside a turn, so far less than a file of units may be."""


class Contents(TypedDict):
    """What a file holds: `lines` as they would be pasted; `state` read, coming (still being fetched) or unreadable."""

    state: str
    lines: str


def receive(turn: Turn, file: Sent) -> int:
    """Have the file fetched, for a day; returns its media id."""
    id = media.want(turn, file)
    files.set_expiry(turn.tx, id, turn.now + DAY)
    return id


def contents(turn: Turn, media_id: int) -> Contents:
    """The lines of a file the acting member sent."""
    state = files.state(turn.tx, turn.me.id, media_id)
    if state == "wanted":
        return Contents(state="coming", lines="")
    path = files.stored(turn.tx, media_id, turn.now) if state == "stored" else None
    table = _table(Path(path)) if path is not None else None
    if table is None:
        return Contents(state="unreadable", lines="")
    rows = [table.header, *(cells for _, cells in table.rows[: role_lists.LINES_AT_MOST + 1])]
    return Contents(state="read", lines="\n".join(map(_line, rows)))


def _table(path: Path) -> tables.Table | None:
    if not path.is_file() or path.stat().st_size > BYTES_AT_MOST:
        return None
    raw = path.read_bytes()
    try:
        if tables.is_workbook(raw):
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                if sum(part.file_size for part in archive.infolist()) > UNPACKED_AT_MOST:
                    return None
    except zipfile.BadZipFile:
        return None
    table = tables.read(raw)
    return table if isinstance(table, tables.Table) else None


def _line(cells: list[str]) -> str:
    """A row as it would be pasted: cells between semicolons, on one line."""
    return "; ".join(" ".join(tables.as_typed(cell).replace(";", ",").split()) for cell in cells)

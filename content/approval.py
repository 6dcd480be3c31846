"""What a leader approved: a kept copy of a pack, marked with who and when. Once there is one, it is what is sent."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

_MARK: Final = ".approved"


@dataclass(frozen=True, slots=True)
class Approval:
    """A kept copy (a folder's name, which ends in its revision), who approved it, and when (epoch ms)."""

    copy: str
    by: str
    at: int

    @property
    def revision(self) -> str:
        """The pack's revision."""
        return self.copy.rpartition("-")[2]


def mark(copy: Path, by: str, at: int) -> Approval:
    """Mark a kept copy as approved, whole or not at all. Raises OSError."""
    unfinished = copy / f"{_MARK}.new"
    with unfinished.open("wb") as file:
        file.write(orjson.dumps({"by": by, "at": at}))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(copy / _MARK)
    return Approval(copy.name, by, at)


def is_approved(copy: Path) -> bool:
    """Whether a kept copy was ever approved: such a one is never deleted."""
    return (copy / _MARK).is_file()


def latest(copies: Path) -> Approval | None:
    """The last approval among the kept copies; None when nothing was ever approved."""
    found = []
    for path in copies.glob(f"*/{_MARK}"):
        try:
            stored = orjson.loads(path.read_bytes())
            found.append(Approval(path.parent.name, str(stored["by"]), int(stored["at"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # whoever looks for it by the database finds that it is missing
    return max(found, key=lambda approval: approval.at, default=None)

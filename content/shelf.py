"""Revisions of packs that are in use no more, but with which a conversation began."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from content.loader import load_copy
from content.models import Pack

IN_MEMORY: Final = 4
"""Revisions held at once; each is a few megabytes, and read again in half a second."""


class NotRead(Exception):
    """A revision is kept on disk and has not been read yet; `read` it outside the turn, and run the turn again."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


class Shelf:
    """Earlier revisions, read from their copies when first asked for. Any thread may use it."""

    def __init__(self, copies: Path) -> None:
        self._copies = copies
        self._packs: dict[str, Pack | None] = {}

    def get(self, revision: str) -> Pack | None:
        """The pack of that revision; None when its copy is gone. Raises NotRead."""
        try:
            return self._packs[revision]
        except KeyError:
            raise NotRead(revision) from None

    def read(self, revision: str) -> None:
        """Read a copy, for half a second."""
        self._put(revision, load_copy(self._copies, revision))

    def put(self, pack: Pack) -> None:
        """Hold a pack that was in use until now."""
        self._put(pack.revision, pack)

    def keep(self, revisions: Collection[str]) -> None:
        """Let go of all others."""
        for revision in self._packs.keys() - set(revisions):
            self._packs.pop(revision, None)

    def _put(self, revision: str, pack: Pack | None) -> None:
        self._packs.pop(revision, None)
        for oldest in list(self._packs)[: len(self._packs) - IN_MEMORY + 1]:
            self._packs.pop(oldest, None)
        self._packs[revision] = pack

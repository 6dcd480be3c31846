"""Recordings of cards in other languages, as holders of roles sent them."""

from dataclasses import dataclass
from typing import Final

from bot.storage import media
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Recording:
    """A row; `target` as in a pack (`card-hon-da`), instants in epoch ms, `author_id` who sent it."""

    id: int
    target: str
    language: str
    revision: str
    media_id: int
    author_id: int
    unit_id: int
    speaker: str
    state: str
    told_of: str
    created_at: int
    decided_at: int


@dataclass(frozen=True, slots=True)
class Played:
    """The file of a recording, and its name."""

    media_id: int
    name: str


_COLUMNS: Final = ", ".join(Recording.__dataclass_fields__)


def add(
    tx: Transaction,
    target: str,
    language: str,
    revision: str,
    media_id: int,
    author_id: int,
    unit_id: int,
    speaker: str,
    now: int,
) -> Recording:
    """A recording that waits for a second person."""
    row = tx.one(
        "INSERT INTO recording (target, language, revision, media_id, author_id, unit_id, speaker, created_at)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
        (target, language, revision, media_id, author_id, unit_id, speaker, now),
    )
    assert row is not None
    return Recording(*row)


def by_id(tx: Transaction, id: int) -> Recording | None:
    """The recording, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM recording WHERE id = ?", (id,))
    return Recording(*row) if row else None


def in_state(tx: Transaction, state: str) -> list[Recording]:
    """All that wait, or all that are played, the oldest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM recording WHERE state = ? ORDER BY id", (state,))
    return [Recording(*row) for row in rows]


def of_author(tx: Transaction, member_id: int) -> list[Recording]:
    """All that a member sent, the newest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM recording WHERE author_id = ? ORDER BY id DESC", (member_id,))
    return [Recording(*row) for row in rows]


def played(tx: Transaction, language: str, target: str, revision: str) -> Played | None:
    """What is played of a target as it is now: of the recordings that lie here the one approved last; None for none."""
    row = tx.one(
        "SELECT r.media_id, m.name FROM recording r JOIN media m ON m.id = r.media_id WHERE r.language = ?"
        " AND r.target = ? AND r.revision = ? AND r.state = 'approved' AND m.state = 'stored'"
        " ORDER BY r.decided_at DESC, r.id DESC LIMIT 1",
        (language, target, revision),
    )
    return Played(*row) if row else None


def approve(tx: Transaction, id: int, now: int) -> None:
    """It is played from now on."""
    tx.run("UPDATE recording SET state = 'approved', decided_at = ? WHERE id = ?", (now, id))


def ask_again(tx: Transaction, id: int, revision: str) -> None:
    """Its author says that it fits the text as it is now: a second person is asked again."""
    tx.run("UPDATE recording SET state = 'waiting', revision = ? WHERE id = ?", (revision, id))


def set_revision(tx: Transaction, id: int, revision: str) -> None:
    """It is of the text as it has this revision."""
    tx.run("UPDATE recording SET revision = ? WHERE id = ?", (revision, id))


def set_told(tx: Transaction, id: int, revision: str) -> None:
    """Its author was told that the text has this revision now, which is not what was read."""
    tx.run("UPDATE recording SET told_of = ? WHERE id = ?", (revision, id))


def remove(tx: Transaction, recording: Recording) -> None:
    """Let a recording go, with its file."""
    tx.run("DELETE FROM recording WHERE id = ?", (recording.id,))
    media.discard(tx, [recording.media_id])

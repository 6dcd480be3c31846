"""Files people sent: wanted until they are fetched from their platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.storage.database import Transaction

PART: Final = ".part"
"""How the name of a file ends while it is being fetched."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch: from `account_id`, by its `ref` there, to `path`; `attempts` have failed so far."""

    id: int
    account_id: int
    kind: str
    ref: str
    path: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Held:
    """A file as those who may see it need it: `state` as in the table, the account that holds its `ref`."""

    id: int
    kind: str
    state: str
    account_id: int
    name: str


def want(
    tx: Transaction,
    member_id: int,
    account_id: int,
    kind: str,
    ref: str,
    path: str,
    name: str,
    now: int,
    *,
    too_big: int | None = None,
) -> int:
    """A file to be fetched after the commit, into `path`, unless so many bytes are too many; returns its id."""
    state = "wanted" if too_big is None else "too_big"
    id: int = tx.scalar(
        "INSERT INTO media (member_id, kind, state, account_id, source_ref, path, name, size, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (member_id, kind, state, account_id, ref, path, name, too_big, now),
    )
    return id


def too_big(tx: Transaction, ids: Sequence[int]) -> list[tuple[int, int]]:
    """Of these files those too big to be fetched, as (account that holds it, bytes or 0)."""
    marks = ", ".join("?" * len(ids))
    return tx.all(
        f"SELECT account_id, COALESCE(size, 0) FROM media WHERE id IN ({marks}) AND state = 'too_big' ORDER BY id",
        tuple(ids),
    )


def wanted(tx: Transaction, without: Sequence[int], limit: int) -> list[Wanted]:
    """The oldest files still to fetch, those in `without` left out."""
    others = f" AND id NOT IN ({', '.join('?' * len(without))})" if without else ""
    rows = tx.all(
        "SELECT id, account_id, kind, source_ref, path, attempts FROM media WHERE state = 'wanted'"
        f"{others} ORDER BY id LIMIT ?",
        (*without, limit),
    )
    return [Wanted(*row) for row in rows]


def mark(tx: Transaction, id: int, state: str, size: int | None = None) -> bool:
    """What became of a fetch: stored, gone or too_big; False when the file is no longer wanted."""
    changed = tx.run("UPDATE media SET state = ?, size = ? WHERE id = ? AND state = 'wanted'", (state, size, id))
    return changed == 1


def stored(tx: Transaction, id: int, now: int) -> str | None:
    """Where a file lies; None unless it was fetched or made, and neither erased nor due to go."""
    path: str | None = tx.scalar(
        "SELECT path FROM media WHERE id = ? AND state = 'stored' AND (expires_at IS NULL OR expires_at > ?)",
        (id, now),
    )
    return path


def lies_here(tx: Transaction, id: int) -> tuple[str, int] | None:
    """Name and bytes of a file that lies here; None for one that does not."""
    return tx.one("SELECT name, size FROM media WHERE id = ? AND state = 'stored'", (id,))


def state(tx: Transaction, member_id: int, id: int) -> str | None:
    """What became of a file that a member sent; None when it is not theirs."""
    found: str | None = tx.scalar("SELECT state FROM media WHERE id = ? AND member_id = ?", (id, member_id))
    return found


def set_expiry(tx: Transaction, id: int, at: int | None) -> None:
    """When a file is due to go (epoch ms), None for never."""
    tx.run("UPDATE media SET expires_at = ? WHERE id = ?", (at, id))


def is_waiting(tx: Transaction, announcement_id: int) -> bool:
    """Whether a file of an announcement is still to be fetched."""
    found = tx.one(
        "SELECT 1 FROM announcement_media f JOIN media m ON m.id = f.media_id"
        " WHERE f.announcement_id = ? AND m.state = 'wanted' LIMIT 1",
        (announcement_id,),
    )
    return found is not None


def sendable(tx: Transaction, ids: Sequence[int], account_id: int, *, uploads: bool) -> list[int]:
    """Which of these files an account can send: those we hold, and where it takes refs those that came by it."""
    marks = ", ".join("?" * len(ids))
    rows = tx.all(
        f"SELECT id FROM media WHERE id IN ({marks})"
        " AND (state = 'stored' OR (? = 1 AND account_id = ? AND source_ref <> ''))",
        (*ids, int(uploads), account_id),
    )
    found = {row[0] for row in rows}
    return [id for id in ids if id in found]


def drawn(tx: Transaction, key: bytes, until: int) -> int | None:
    """The picture drawn for `key`, if its file stays at least until epoch ms `until`."""
    id: int | None = tx.scalar(
        "SELECT m.id FROM drawn d JOIN media m ON m.id = d.media_id"
        " WHERE d.key = ? AND m.state = 'stored' AND m.expires_at > ?",
        (key, until),
    )
    return id


def keep_drawn(
    tx: Transaction, key: bytes, kind: str, path: str, name: str, size: int, now: int, expires_at: int
) -> int:
    """A file of a kind made for `key`, nobody's own, deleted at `expires_at`; returns its row."""
    id: int = tx.scalar(
        "INSERT INTO media (kind, state, path, name, size, created_at, expires_at)"
        " VALUES (?, 'stored', ?, ?, ?, ?, ?) RETURNING id",
        (kind, path, name, size, now, expires_at),
    )
    tx.run(
        "INSERT INTO drawn (key, media_id) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET media_id = excluded.media_id",
        (key, id),
    )
    return id


def of_announcements(tx: Transaction, member_id: int) -> list[int]:
    """The files of a member that belong to announcements of units they spoke for."""
    rows = tx.all(
        "SELECT DISTINCT m.id FROM media m JOIN announcement_media f ON f.media_id = m.id WHERE m.member_id = ?",
        (member_id,),
    )
    return [row[0] for row in rows]


def count_attempt(tx: Transaction, id: int) -> None:
    """One more fetch failed for now."""
    tx.run("UPDATE media SET attempts = attempts + 1 WHERE id = ?", (id,))


def discard(tx: Transaction, ids: Sequence[int]) -> list[str]:
    """Let files go: the rows stay, nameless and due, until the files are unlinked; returns the paths."""
    paths = []
    for id in ids:
        tx.run("DELETE FROM media_ref WHERE media_id = ?", (id,))
        path = tx.scalar(
            "UPDATE media SET member_id = NULL, state = 'gone', source_ref = '', name = '', expires_at = 0"
            " WHERE id = ? RETURNING path",
            (id,),
        )
        if path:
            paths.append(path)
    return paths


def disown(tx: Transaction, ids: Sequence[int]) -> None:
    """Files that stay although the member who sent them goes."""
    for id in ids:
        tx.run("UPDATE media SET member_id = NULL WHERE id = ?", (id,))

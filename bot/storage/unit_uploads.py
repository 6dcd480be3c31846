"""Files of the union tree sent in chat, and their rows: staged, so that the tree changes in one short write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.storage import units
from bot.storage.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Upload:
    """A row: `sha256` and `tree` are content and revision that were checked, `patience` whether its sender was told."""

    id: int
    member_id: int
    address_id: int
    media_id: int
    state: str
    sha256: str
    tree: int
    patience: bool


class Staged(NamedTuple):
    """A unit as it will be; `depth` is how many of its ancestors, one above the other, are written before it."""

    code: str
    depth: int
    parent: str
    kind: str
    name: str
    valid_from: str | None
    valid_until: str | None
    short_name: str
    position: int | None


_UPLOAD = "f.id, f.member_id, f.address_id, f.media_id, f.state, f.sha256, f.tree, f.patience"


def _as_upload(row: Row) -> Upload:
    id, member_id, address_id, media_id, state, sha256, tree, patience = row
    return Upload(id, member_id, address_id, media_id, state, sha256, tree, bool(patience))


def add(tx: Transaction, member_id: int, address_id: int, media_id: int, now: int) -> None:
    """A file that is wanted."""
    tx.run(
        "INSERT INTO unit_file (member_id, address_id, media_id, created_at) VALUES (?, ?, ?, ?)",
        (member_id, address_id, media_id, now),
    )


def by_id(tx: Transaction, id: int) -> Upload | None:
    """The file, or None."""
    row = tx.one(f"SELECT {_UPLOAD} FROM unit_file f WHERE f.id = ?", (id,))
    return _as_upload(row) if row else None


def of_member(tx: Transaction, member_id: int) -> list[Upload]:
    """A member's files that are not over."""
    rows = tx.all(f"SELECT {_UPLOAD} FROM unit_file f WHERE f.member_id = ? AND f.state <> 'over'", (member_id,))
    return [_as_upload(row) for row in rows]


def to_do(tx: Transaction) -> list[Upload]:
    """Files to check or to write, whose content is here or will never be, oldest first.

    None of an address that is not its sender's any more.
    """
    rows = tx.all(
        f"SELECT {_UPLOAD} FROM unit_file f JOIN media m ON m.id = f.media_id AND m.state <> 'wanted'"
        " JOIN address a ON a.id = f.address_id AND a.member_id = f.member_id"
        " WHERE f.state IN ('wanted', 'agreed') ORDER BY f.id"
    )
    return [_as_upload(row) for row in rows]


def mark(tx: Transaction, upload: Upload, state: str) -> None:
    """A file's next state."""
    tx.run("UPDATE unit_file SET state = ? WHERE id = ?", (state, upload.id))


def mark_checked(tx: Transaction, upload: Upload, sha256: str, tree: int) -> None:
    """A good file: its content, and the revision of the tree it was checked against."""
    tx.run("UPDATE unit_file SET state = 'checked', sha256 = ?, tree = ? WHERE id = ?", (sha256, tree, upload.id))


def mark_patience(tx: Transaction, upload: Upload) -> bool:
    """Whether the sender was not yet told that it takes long; they are now."""
    return tx.run("UPDATE unit_file SET patience = 1 WHERE id = ? AND patience = 0", (upload.id,)) == 1


# -- staged rows


def stage(tx: Transaction, file_id: int, rows: Sequence[Staged], names: Sequence[tuple[str, str]]) -> None:
    """Keep some rows and former names (code, name) beside the tree; again is the same."""
    tx.run_many(
        "INSERT INTO unit_staged (file_id, code, depth, parent, kind, name, valid_from, valid_until, short_name,"
        " position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(file_id, *row) for row in rows],
    )
    tx.run_many(
        "INSERT INTO unit_staged_name (file_id, code, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(file_id, code, name) for code, name in names],
    )


def leaves_staged(tx: Transaction) -> bool:
    """Whether anything is staged, needed or not."""
    return any(tx.one(f"SELECT 1 FROM {table} LIMIT 1") for table in ("unit_staged", "unit_staged_name"))


def unstage(tx: Transaction, limit: int) -> bool:
    """Drop some staged rows that nobody needs any more; whether there may be more."""
    needed = "(SELECT id FROM unit_file WHERE state = 'agreed')"
    gone = 0
    for table in ("unit_staged", "unit_staged_name"):
        keys = f"SELECT file_id, code FROM {table} WHERE file_id NOT IN {needed} LIMIT ?"
        gone += tx.run(f"DELETE FROM {table} WHERE (file_id, code) IN ({keys})", (limit,))
    return gone > 0


def restage(tx: Transaction, file_id: int, limit: int) -> bool:
    """Drop some of what an earlier process staged for a file; whether there may be more."""
    gone = 0
    for table in ("unit_staged", "unit_staged_name"):
        keys = f"SELECT file_id, code FROM {table} WHERE file_id = ? LIMIT ?"
        gone += tx.run(f"DELETE FROM {table} WHERE (file_id, code) IN ({keys})", (file_id, limit))
    return gone > 0


def switch(tx: Transaction, file_id: int) -> None:
    """What is staged becomes the tree, those above before those below."""
    deepest = tx.scalar("SELECT MAX(depth) FROM unit_staged WHERE file_id = ?", (file_id,))
    for depth in range(-1 if deepest is None else deepest + 1):
        tx.run(
            "INSERT INTO unit (code, parent_id, kind, name, valid_from, valid_until, short_name, position)"
            " SELECT s.code, p.id, s.kind, s.name, s.valid_from, s.valid_until, s.short_name, s.position"
            " FROM unit_staged s LEFT JOIN unit p ON p.code = s.parent WHERE s.file_id = ? AND s.depth = ?"
            " ON CONFLICT (code) DO UPDATE SET parent_id = excluded.parent_id, kind = excluded.kind,"
            " name = excluded.name, valid_from = excluded.valid_from, valid_until = excluded.valid_until,"
            " short_name = excluded.short_name, position = excluded.position",
            (file_id, depth),
        )
    tx.run(
        "INSERT INTO unit_former_name (unit_id, name) SELECT u.id, n.name FROM unit_staged_name n"
        " JOIN unit u ON u.code = n.code WHERE n.file_id = ? ON CONFLICT DO NOTHING",
        (file_id,),
    )
    units.revise(tx)

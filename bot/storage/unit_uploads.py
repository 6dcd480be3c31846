"""Files of the union tree sent in chat, and their rows: the tree to come, written beside the one that is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.storage import installation, units
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
    """A unit as it will be; `parent` is the code of the one above it, "" for none."""

    code: str
    parent: str
    kind: str
    name: str
    valid_from: str | None
    valid_until: str | None
    short_name: str
    position: int | None


_STAGED = "tree_staged"
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


# -- the tree to come: written beside the one that is shown, by slices


def stage(tx: Transaction, rows: Sequence[Staged], names: Sequence[tuple[str, str]]) -> None:
    """Write some units, no unit before the one above it, and former names (code, name); nobody sees them yet."""
    installation.set_setting(tx, _STAGED, "some")
    version = tx.scalar("SELECT shown + 1 FROM tree_version")
    tx.run_many(
        "INSERT INTO unit_number (code) VALUES (?) ON CONFLICT DO NOTHING",
        [(row.code,) for row in rows],
    )
    tx.run_many(
        "INSERT INTO unit_version (id, since, code, parent_id, kind, name, valid_from, valid_until, short_name,"
        " position, successor_id)"
        " SELECT n.id, ?, n.code, (SELECT id FROM unit_number WHERE code = ?), ?, ?, ?, ?, ?, ?, u.successor_id"
        " FROM unit_number n LEFT JOIN unit u ON u.id = n.id WHERE n.code = ?",
        [(version, *row[1:], row.code) for row in rows],
    )
    tx.run_many(
        f"UPDATE unit_version SET until = ? WHERE code = ? AND {units.NOW}",
        [(version, row.code) for row in rows],
    )
    tx.run_many(
        "INSERT INTO unit_former_name (unit_id, name, since) SELECT id, ?, ? FROM unit_number WHERE code = ?"
        " ON CONFLICT DO NOTHING",
        [(name, version, code) for code, name in names],
    )


def switch(tx: Transaction) -> None:
    """What was staged is the tree from now on."""
    tx.run("UPDATE tree_version SET shown = shown + 1")
    units.revise(tx)


def leaves_staged(tx: Transaction) -> bool:
    """Whether there may be units of a tree that is shown no more, or never was."""
    return installation.setting(tx, _STAGED) is not None


def unstage(tx: Transaction, limit: int) -> bool:
    """Drop some of them; whether there may be more."""
    gone = tx.run(
        "DELETE FROM unit_version WHERE (id, since) IN"
        f" (SELECT id, since FROM unit_version WHERE since > {units.SHOWN} OR until <= {units.SHOWN} LIMIT ?)",
        (limit,),
    )
    gone += tx.run(
        "UPDATE unit_version SET until = NULL WHERE (id, since) IN"
        f" (SELECT id, since FROM unit_version WHERE until > {units.SHOWN} LIMIT ?)",
        (limit,),
    )
    gone += tx.run(
        "DELETE FROM unit_former_name WHERE (unit_id, name) IN"
        f" (SELECT unit_id, name FROM unit_former_name WHERE since > {units.SHOWN} LIMIT ?)",
        (limit,),
    )
    if not gone:
        installation.drop_setting(tx, _STAGED)
    return gone > 0

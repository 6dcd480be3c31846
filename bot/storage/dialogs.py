"""Running dialogs: one waiting per address, others parked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class StoredDialog:
    """A dialog's row; `journal` is JSON text, `prompt_id` the outbox row of the pending question.

    `pack` is the revision of the content it began with, "" when an earlier version began it.
    """

    id: int
    address_id: int
    flow: str
    state: str
    seq: int
    journal: str
    asked: str
    prompt_id: int | None
    failures: int
    updated_at: int
    pack: str = ""


_COLUMNS = "id, address_id, flow, state, seq, journal, asked, prompt_id, failures, updated_at, pack"
OF_DIALOG: Final = ", ".join(f"d.{column}" for column in _COLUMNS.split(", "))
"""The columns of a StoredDialog where others are read with them; its table is `d` there."""
_AT_ONCE = 500


def waiting(tx: Transaction, address_id: int) -> StoredDialog | None:
    """The dialog that waits for an answer from this address."""
    row = tx.one(f"SELECT {_COLUMNS} FROM dialog WHERE address_id = ? AND state = 'waiting'", (address_id,))
    return StoredDialog(*row) if row else None


def parked(tx: Transaction, address_id: int) -> StoredDialog | None:
    """The one parked last."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM dialog WHERE address_id = ? AND state = 'parked'"
        " ORDER BY updated_at DESC, id DESC LIMIT 1",
        (address_id,),
    )
    return StoredDialog(*row) if row else None


def spoken_at(tx: Transaction, address_id: int) -> int | None:
    """When (epoch ms) somebody in the middle of a dialog last wrote from this address; None when no dialog waits."""
    at: int | None = tx.scalar(
        "SELECT a.last_in_at FROM dialog d JOIN address a ON a.id = d.address_id"
        " WHERE d.address_id = ? AND d.state = 'waiting'",
        (address_id,),
    )
    return at


def count_open(tx: Transaction) -> int:
    """How many wait or are parked."""
    count: int = tx.scalar("SELECT COUNT(*) FROM dialog WHERE state IN ('waiting', 'parked')")
    return count


def packs(tx: Transaction) -> set[str]:
    """The revisions of the content that conversations began with and may go on with."""
    return {row[0] for row in tx.all("SELECT DISTINCT pack FROM dialog")}


def open_ones(tx: Transaction) -> Iterator[StoredDialog]:
    """All that wait or are parked, a few at a time."""
    last = 0
    while rows := tx.all(
        f"SELECT {_COLUMNS} FROM dialog WHERE state IN ('waiting', 'parked') AND id > ? ORDER BY id LIMIT {_AT_ONCE}",
        (last,),
    ):
        yield from (StoredDialog(*row) for row in rows)
        last = rows[-1][0]


def start(tx: Transaction, address_id: int, flow: str, journal: str, asked: str, now: int, pack: str = "") -> int:
    """Insert a waiting dialog and return its id; the address must have none."""
    id: int = tx.scalar(
        "INSERT INTO dialog (address_id, flow, state, journal, asked, created_at, updated_at, pack)"
        " VALUES (?, ?, 'waiting', ?, ?, ?, ?, ?) RETURNING id",
        (address_id, flow, journal, asked, now, now, pack),
    )
    return id


def save(tx: Transaction, id: int, expected_seq: int, journal: str, asked: str, now: int) -> None:
    """Store a turn's journal. Raises LostUpdate when the dialog moved since it was read."""
    changed = tx.run(
        "UPDATE dialog SET seq = seq + 1, journal = ?, asked = ?, failures = 0, updated_at = ?"
        " WHERE id = ? AND seq = ?",
        (journal, asked, now, id, expected_seq),
    )
    if changed != 1:
        raise LostUpdate(f"dialog {id} is not at {expected_seq}")


def mark(tx: Transaction, id: int, seq: int, journal: str, now: int) -> None:
    """Store the marks of a pending question, which stays. Raises LostUpdate when the dialog moved since it was read."""
    changed = tx.run(
        "UPDATE dialog SET journal = ?, failures = 0, updated_at = ? WHERE id = ? AND seq = ?", (journal, now, id, seq)
    )
    if changed != 1:
        raise LostUpdate(f"dialog {id} is not at {seq}")


def set_prompt(tx: Transaction, id: int, prompt_id: int) -> None:
    """Remember which outbox row shows the pending question."""
    tx.run("UPDATE dialog SET prompt_id = ? WHERE id = ?", (prompt_id, id))


def touch(tx: Transaction, id: int, now: int) -> None:
    """The question was shown again: silence counts from now."""
    tx.run("UPDATE dialog SET updated_at = ? WHERE id = ?", (now, id))


def set_state(tx: Transaction, id: int, state: str, now: int) -> None:
    """Park, wake or give up a dialog."""
    tx.run("UPDATE dialog SET state = ?, updated_at = ? WHERE id = ?", (state, now, id))


def count_failure(tx: Transaction, id: int) -> int:
    """Add one fault and return how many in a row there were."""
    failures: int = tx.scalar("UPDATE dialog SET failures = failures + 1 WHERE id = ? RETURNING failures", (id,))
    return failures


def end(tx: Transaction, id: int) -> None:
    """Delete the dialog and its journal."""
    tx.run("DELETE FROM dialog WHERE id = ?", (id,))


def end_all(tx: Transaction, address_id: int) -> None:
    """Delete every dialog of an address."""
    tx.run("DELETE FROM dialog WHERE address_id = ?", (address_id,))


class LostUpdate(Exception):
    """Two turns wrote one dialog; the writer is single, so this is a fault of ours."""

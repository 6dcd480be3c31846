"""Good deeds that members introduced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.storage import media
from bot.storage.database import Transaction
from bot.storage.media import Held

OPEN: Final = ("waiting", "asked", "confirm")
"""States in which a nomination is not decided."""


@dataclass(frozen=True, slots=True)
class Nomination:
    """A row; instants are epoch ms, `level_id` the unit whose reviewers have it."""

    id: int
    code: str
    nominator_id: int | None
    kind: str
    nominee: str
    unit_id: int | None
    unit_name: str
    told: str
    happened: str
    why: str
    by_voice: int
    named: int
    straight_up: int
    anchor_id: int | None
    level_id: int | None
    state: str
    question: str
    answer: str
    reason: str
    created_at: int
    moved_at: int

    @property
    def unwritten(self) -> bool:
        """Whether it is a voice note that nobody has written down."""
        return bool(self.by_voice) and not self.told and self.state == "waiting"


_COLUMNS: Final = ", ".join(Nomination.__dataclass_fields__)


def add(tx: Transaction, **fields: Any) -> int:
    """Insert a nomination from its columns and return its id; IntegrityError on a code that exists."""
    names = sorted(fields)
    id: int = tx.scalar(
        f"INSERT INTO nomination ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) RETURNING id",
        [fields[name] for name in names],
    )
    return id


def attach(tx: Transaction, nomination_id: int, media_id: int) -> None:
    """A photo or the voice note of a nomination."""
    tx.run("INSERT INTO nomination_media (nomination_id, media_id) VALUES (?, ?)", (nomination_id, media_id))


def by_id(tx: Transaction, id: int) -> Nomination | None:
    """The nomination, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM nomination WHERE id = ?", (id,))
    return Nomination(*row) if row else None


def code_taken(tx: Transaction, code: str) -> bool:
    """Whether a receipt code exists already."""
    return tx.one("SELECT 1 FROM nomination WHERE code = ?", (code,)) is not None


def of_member(tx: Transaction, member_id: int) -> list[Nomination]:
    """Everything a member introduced, newest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM nomination WHERE nominator_id = ? ORDER BY id DESC", (member_id,))
    return [Nomination(*row) for row in rows]


def waiting_at(tx: Transaction, unit_ids: Sequence[int]) -> list[Nomination]:
    """What waits for the reviewers of these units, oldest first."""
    if not unit_ids:
        return []
    marks = ", ".join("?" * len(unit_ids))
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM nomination WHERE state = 'waiting' AND level_id IN ({marks}) ORDER BY id",
        list(unit_ids),
    )
    return [Nomination(*row) for row in rows]


def waiting(tx: Transaction) -> list[Nomination]:
    """Everything that waits for any reviewer, oldest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM nomination WHERE state = 'waiting' ORDER BY id")
    return [Nomination(*row) for row in rows]


def change(tx: Transaction, id: int, states: Sequence[str], **fields: Any) -> bool:
    """Set columns if the nomination is in one of `states`; False when it is not: somebody was first."""
    names = sorted(fields)
    sets = ", ".join(f"{name} = ?" for name in names)
    marks = ", ".join("?" * len(states))
    values = [fields[name] for name in names]
    changed = tx.run(f"UPDATE nomination SET {sets} WHERE id = ? AND state IN ({marks})", (*values, id, *states))
    return changed == 1


def files(tx: Transaction, id: int) -> list[Held]:
    """The voice note and photos of a nomination, in the order they were sent."""
    rows = tx.all(
        "SELECT m.id, m.kind, m.state, m.account_id, m.name FROM nomination_media n JOIN media m ON m.id = n.media_id"
        " WHERE n.nomination_id = ? ORDER BY m.id",
        (id,),
    )
    return [Held(*row) for row in rows]


def blank(tx: Transaction, id: int) -> list[str]:
    """Remove what was written and sent, also from messages about it; the row keeps its code and state.

    Returns the paths of files to unlink.
    """
    paths = media.discard(tx, [file.id for file in files(tx, id)])
    tx.run("DELETE FROM nomination_media WHERE nomination_id = ?", (id,))
    tx.run(
        "UPDATE nomination SET nominee = '', unit_name = '', told = '', happened = '', why = '', question = '',"
        " answer = '', reason = '' WHERE id = ?",
        (id,),
    )
    _unsay(tx, id)
    return paths


def forget_member(tx: Transaction, member_id: int) -> list[str]:
    """An erased member's nominations: accepted ones lose the link to them, all others go.

    To be called before the member's media rows are removed; returns the paths of files to unlink.
    """
    paths: list[str] = []
    for nomination in of_member(tx, member_id):
        if nomination.state == "accepted":
            media.disown(tx, [file.id for file in files(tx, nomination.id)])
            tx.run("UPDATE nomination SET nominator_id = NULL WHERE id = ?", (nomination.id,))
            _unsay(tx, nomination.id)
        else:
            paths += blank(tx, nomination.id)
            tx.run("DELETE FROM nomination WHERE id = ?", (nomination.id,))
    return paths


def origin(id: int) -> str:
    """The origin of outbox rows about a nomination."""
    return f"nomination:{id}"


def _unsay(tx: Transaction, id: int) -> None:
    tx.run("DELETE FROM outbox WHERE origin = ?", (origin(id),))

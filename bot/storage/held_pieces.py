"""What the solemn mode held of what officers wanted for a group or a wall."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.storage.audiences import subtrees
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class HeldPiece:
    """One such piece: `member_id` (called `who`) wanted it for `unit_id`.

    `what` is announcement, card, milestone or poster, `ref` which, `label` how it stands in lists.
    """

    id: int
    member_id: int
    who: str
    unit_id: int
    what: str
    ref: str
    label: str


_FOUND: Final = (
    "SELECT p.id, p.member_id, w.name, p.unit_id, p.what, p.ref, p.label"
    " FROM held_piece p JOIN member w ON w.id = p.member_id"
)


def hold(tx: Transaction, piece: HeldPiece, now: int) -> None:
    """Keep a piece; once for each person. Its id and `who` are not taken."""
    values: tuple[Any, ...] = (piece.member_id, piece.what, piece.ref)
    if tx.one("SELECT 1 FROM held_piece WHERE member_id = ? AND what = ? AND ref = ?", values) is None:
        tx.run(
            "INSERT INTO held_piece (member_id, what, ref, unit_id, label, held_at) VALUES (?, ?, ?, ?, ?, ?)",
            (*values, piece.unit_id, piece.label, now),
        )


def of_units(tx: Transaction, unit_ids: Sequence[int]) -> list[HeldPiece]:
    """What is held in these subtrees, oldest first."""
    if not unit_ids:
        return []
    rows = tx.all(
        f"{subtrees(unit_ids)} {_FOUND} WHERE p.unit_id IN (SELECT id FROM subtree) ORDER BY p.id", tuple(unit_ids)
    )
    return [HeldPiece(*row) for row in rows]


def drop(tx: Transaction, id: int) -> bool:
    """It is held no more; False when it was not."""
    return tx.run("DELETE FROM held_piece WHERE id = ?", (id,)) == 1

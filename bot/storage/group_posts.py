"""What officers declared they put into their unit's group, and what they may put there."""

from collections.abc import Sequence

from bot.storage.audiences import subtrees
from bot.storage.database import Transaction


def declare(tx: Transaction, what: str, ref: str, unit_id: int, member_id: int, now: int) -> bool:
    """Keep that a piece was put into a unit's group; False when that was declared before."""
    added = tx.run(
        "INSERT INTO group_post (what, ref, unit_id, declared_by, declared_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (what, ref, unit_id) DO NOTHING",
        (what, ref, unit_id, member_id, now),
    )
    return added == 1


def withdraw(tx: Transaction, what: str, ref: str, unit_id: int) -> bool:
    """Take a declaration back; False when there is none."""
    return tx.run("DELETE FROM group_post WHERE what = ? AND ref = ? AND unit_id = ?", (what, ref, unit_id)) == 1


def units_of(tx: Transaction, what: str, ref: str) -> set[int]:
    """The units for which a piece was declared."""
    return {row[0] for row in tx.all("SELECT unit_id FROM group_post WHERE what = ? AND ref = ?", (what, ref))}


def refs_of(tx: Transaction, what: str, unit_ids: Sequence[int]) -> set[str]:
    """The pieces of a kind that were declared for one of these units."""
    marks = ", ".join("?" * len(unit_ids))
    rows = tx.all(f"SELECT ref FROM group_post WHERE what = ? AND unit_id IN ({marks})", (what, *unit_ids))
    return {row[0] for row in rows}


def announcements_for(tx: Transaction, unit_ids: Sequence[int], above: Sequence[int], limit: int) -> list[int]:
    """Ids of the last announcements that these units' subtrees sent or got, newest first; stopped ones left out.

    `above` are the ancestors of the units: what went to one of them went to these units too.
    """
    marks = ", ".join("?" * len(above)) or "NULL"
    rows = tx.all(
        f"{subtrees(unit_ids)} SELECT n.id FROM announcement n"
        " WHERE n.state IN ('queueing', 'sending', 'paused', 'done')"
        " AND n.of_id IS NULL AND (n.audience_id IS NULL OR n.unit_id IN (SELECT id FROM subtree)"
        f" OR n.audience_id IN (SELECT id FROM subtree) OR n.audience_id IN ({marks})) ORDER BY n.id DESC LIMIT ?",
        (*unit_ids, *above, limit),
    )
    return [row[0] for row in rows]


def accounts(tx: Transaction) -> list[tuple[int, str]]:
    """Every account there was, as (id, channel's word)."""
    return tx.all("SELECT id, channel FROM account ORDER BY id")

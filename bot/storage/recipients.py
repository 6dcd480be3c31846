"""Recipients of announcements: how many there are, what became of their messages, what they answered."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.storage.audiences import subtrees
from bot.storage.broadcasts import THEIRS
from bot.storage.database import Transaction


class Part(NamedTuple):
    """So many recipients of a unit came to `outcome`, for `reason` (settled) or with what the outbox noted of it.

    `detail` is None where nothing could be sent, or it is settled.
    """

    unit_id: int | None
    outcome: str
    reason: str
    detail: str | None
    people: int


_NOTED: Final = (
    "CASE WHEN b.state IN ('failed', 'unreachable') THEN b.detail WHEN b.state IS NULL THEN NULL ELSE '' END"
)


def tally(tx: Transaction, id: int, origin: str) -> list[Part]:
    """What became of an announcement's messages, by unit: from the recipients, else from the outbox.

    A recipient counts once, with the best of what was sent to their addresses.
    """
    settled = tx.all(
        "SELECT unit_id, outcome, reason, NULL, COUNT(*) FROM recipient"
        " WHERE announcement_id = ? AND outcome <> '' GROUP BY unit_id, outcome, reason",
        (id,),
    )
    # From each recipient to their own few rows: joining all rows of the origin would compare everybody with everybody.
    on_the_way = tx.all(
        f"SELECT x.unit_id, COALESCE(b.state, 'unreachable'), '', {_NOTED}, COUNT(*) FROM"
        f" (SELECT r.unit_id, (SELECT o.id {THEIRS}) AS row FROM recipient r"
        " WHERE r.announcement_id = ? AND r.outcome = '') x"
        f" LEFT JOIN outbox b ON b.id = x.row GROUP BY x.unit_id, b.state, {_NOTED}",
        (origin, id),
    )
    return [Part(*row) for row in (*settled, *on_the_way)]


def count(tx: Transaction, id: int) -> int:
    """How many people the announcement is for, as far as they were added."""
    found: int = tx.scalar("SELECT COUNT(*) FROM recipient WHERE announcement_id = ?", (id,))
    return found


def answered(tx: Transaction, id: int) -> int:
    """How many answered it."""
    found: int = tx.scalar(
        "SELECT COUNT(*) FROM recipient WHERE announcement_id = ? AND answered_at IS NOT NULL", (id,)
    )
    return found


def answer_of(tx: Transaction, id: int, member_id: int) -> tuple[str, str, int | None] | None:
    """What a member answered, as (choice, own words, when or None); None when they are no recipient."""
    return tx.one(
        "SELECT answer, words, answered_at FROM recipient WHERE announcement_id = ? AND member_id = ?", (id, member_id)
    )


def set_answer(tx: Transaction, id: int, member_id: int, answer: str, words: str, now: int) -> None:
    """The member answered; a later answer takes an earlier one's place."""
    tx.run(
        "UPDATE recipient SET answer = ?, words = ?, answered_at = ? WHERE announcement_id = ? AND member_id = ?",
        (answer, words, now, id, member_id),
    )


def last_got(tx: Transaction, member_id: int, prefix: str) -> str | None:
    """The origin of the last announcement that reached the member, or may have; `prefix` begins such origins."""
    origin: str | None = tx.scalar(
        "SELECT o.origin FROM outbox o JOIN address a ON a.id = o.address_id WHERE a.member_id = ?"
        " AND o.state IN ('sent', 'uncertain') AND o.origin LIKE ? ORDER BY o.finished_at DESC, o.id DESC LIMIT 1",
        (member_id, f"{prefix}%"),
    )
    return origin


def answers(tx: Transaction, id: int) -> list[tuple[int | None, str, int]]:
    """How many recipients of each unit gave each answer, as (unit, choice, people); "" for none."""
    return tx.all(
        "SELECT unit_id, answer, COUNT(*) FROM recipient WHERE announcement_id = ? GROUP BY unit_id, answer",
        (id,),
    )


# -- by name


def with_outcome(
    tx: Transaction, id: int, outcome: str, roots: Sequence[int], skip: int, limit: int
) -> list[tuple[int, str, str]]:
    """Recipients of these subtrees to whose message this happened, as (member, name, unit's name)."""
    return tx.all(
        f"{subtrees(roots)} SELECT r.member_id, m.name, u.name FROM recipient r JOIN member m ON m.id = r.member_id"
        " JOIN unit u ON u.id = r.unit_id WHERE r.announcement_id = ? AND r.outcome = ?"
        " AND r.unit_id IN (SELECT id FROM subtree) ORDER BY r.member_id LIMIT ? OFFSET ?",
        (*roots, id, outcome, limit, skip),
    )


def count_with_outcome(tx: Transaction, id: int, outcome: str, roots: Sequence[int]) -> int:
    """How many those are."""
    found: int = tx.scalar(
        f"{subtrees(roots)} SELECT COUNT(*) FROM recipient r WHERE r.announcement_id = ? AND r.outcome = ?"
        " AND r.unit_id IN (SELECT id FROM subtree)",
        (*roots, id, outcome),
    )
    return found


def decide(tx: Transaction, id: int, member_ids: Sequence[int], roots: Sequence[int], outcome: str, reason: str) -> int:
    """What is uncertain of these members (of none named: of everybody) in these subtrees is so; returns how many.

    Whose files arrived but not the rest is known by that reason until they have it.
    """
    named = f" AND member_id IN ({', '.join('?' * len(member_ids))})" if member_ids else ""
    return tx.run(
        "UPDATE recipient SET outcome = ?, reason = CASE WHEN reason = 'rest' AND ? <> 'sent' THEN 'rest' ELSE ? END"
        f" WHERE announcement_id = ? AND outcome = 'uncertain'{named}"
        f" AND unit_id IN ({subtrees(roots)} SELECT id FROM subtree)",
        (outcome, outcome, reason, id, *member_ids, *roots),
    )


_SILENT: Final = "r.announcement_id = ? AND r.answered_at IS NULL AND r.outcome IN ('sent', 'uncertain')"


def unanswered(tx: Transaction, id: int) -> list[tuple[int | None, int]]:
    """How many of each unit have an announcement, or may, and have not answered it."""
    return tx.all(f"SELECT r.unit_id, COUNT(*) FROM recipient r WHERE {_SILENT} GROUP BY r.unit_id", (id,))


def unanswered_in(tx: Transaction, id: int, unit_id: int, skip: int, limit: int) -> list[str]:
    """Their names in exactly this unit; "" for who gave none."""
    rows = tx.all(
        f"SELECT m.name FROM recipient r JOIN member m ON m.id = r.member_id WHERE {_SILENT} AND r.unit_id = ?"
        " ORDER BY r.member_id LIMIT ? OFFSET ?",
        (id, unit_id, limit, skip),
    )
    return [row[0] for row in rows]


def own_words(
    tx: Transaction, id: int, unit_id: int | None, roots: Sequence[int], skip: int, limit: int
) -> list[tuple[str, str]]:
    """What recipients wrote, as (name, words): of exactly this unit, or (None) of these subtrees; by what was written.

    In the order of the words, so that it does not tell who wrote first.
    """
    where = "r.unit_id = ?" if unit_id is not None else "r.unit_id IN (SELECT id FROM subtree)"
    values = (unit_id,) if unit_id is not None else ()
    return tx.all(
        f"{subtrees(roots)} SELECT m.name, r.words FROM recipient r JOIN member m ON m.id = r.member_id"
        f" WHERE r.announcement_id = ? AND r.words <> '' AND {where} ORDER BY r.words, r.member_id LIMIT ? OFFSET ?",
        (*roots, id, *values, limit, skip),
    )

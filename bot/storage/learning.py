"""What members read and answered. Only services that answer the member themselves may call these."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from bot.storage.database import Transaction


class Missed(NamedTuple):
    """A question to be asked again on `due_on` or later; `stage` 1 is the first return."""

    question_id: str
    due_on: date
    stage: int


def cards_read(tx: Transaction, member_id: int) -> set[str]:
    """Ids of the cards a member has had."""
    return {row[0] for row in tx.all("SELECT card_id FROM card_read WHERE member_id = ?", (member_id,))}


def mark_read(tx: Transaction, member_id: int, card_id: str, now: int) -> None:
    """The member got this card."""
    tx.run(
        "INSERT INTO card_read (member_id, card_id, at) VALUES (?, ?, ?) ON CONFLICT (member_id, card_id) DO NOTHING",
        (member_id, card_id, now),
    )


def take_back(tx: Transaction, member_id: int, ended: Sequence[str]) -> None:
    """The card of an unasked message that ended in one of these states is unread, if nothing was read since."""
    tx.run(
        "DELETE FROM card_read WHERE member_id = ? AND at = (SELECT MAX(r.at) FROM card_read r WHERE r.member_id = ?)"
        " AND at = (SELECT c.created_at FROM occurrence c JOIN outbox o ON o.id = c.outbox_id"
        f" WHERE c.member_id = ? AND o.state IN ({', '.join('?' * len(ended))}) ORDER BY c.day DESC LIMIT 1)",
        (member_id, member_id, member_id, *ended),
    )


def answered_right(tx: Transaction, member_id: int) -> set[str]:
    """Ids of the questions not to be asked again for now."""
    rows = tx.all("SELECT question_id FROM question_right WHERE member_id = ?", (member_id,))
    return {row[0] for row in rows}


def mark_right(tx: Transaction, member_id: int, question_id: str) -> None:
    """Answered right, and not waiting to return."""
    tx.run("DELETE FROM missed_question WHERE member_id = ? AND question_id = ?", (member_id, question_id))
    tx.run(
        "INSERT INTO question_right (member_id, question_id) VALUES (?, ?)"
        " ON CONFLICT (member_id, question_id) DO NOTHING",
        (member_id, question_id),
    )


def forget_right(tx: Transaction, member_id: int) -> None:
    """All questions may be asked again."""
    tx.run("DELETE FROM question_right WHERE member_id = ?", (member_id,))


def missed(tx: Transaction, member_id: int) -> list[Missed]:
    """The member's missed questions, the first due first."""
    rows = tx.all(
        "SELECT question_id, due_on, stage FROM missed_question WHERE member_id = ? ORDER BY due_on, question_id",
        (member_id,),
    )
    return [Missed(question_id, date.fromisoformat(due_on), stage) for question_id, due_on, stage in rows]


def put_missed(tx: Transaction, member_id: int, missed: Missed) -> None:
    """Let the question return."""
    tx.run("DELETE FROM question_right WHERE member_id = ? AND question_id = ?", (member_id, missed.question_id))
    tx.run(
        "INSERT INTO missed_question (member_id, question_id, due_on, stage) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (member_id, question_id)"
        " DO UPDATE SET due_on = excluded.due_on, stage = excluded.stage",
        (member_id, missed.question_id, missed.due_on.isoformat(), missed.stage),
    )

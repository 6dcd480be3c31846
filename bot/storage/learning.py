"""What members read, put aside and answered. Only services that answer the member themselves may call these."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from bot.storage.database import Transaction


class Missed(NamedTuple):
    """A question to be asked again on `due_on` or later, `days` after it was last answered.

    The rest is what FSRS remembers of it (`bot.services.spacing.Memory`); `returns` is how often it came back so far.
    """

    question_id: str
    due_on: date
    days: int
    stability: float
    difficulty: float
    returns: int


def cards_read(tx: Transaction, member_id: int) -> set[str]:
    """Ids of the cards a member has had."""
    return {row[0] for row in tx.all("SELECT card_id FROM card_read WHERE member_id = ?", (member_id,))}


def mark_read(tx: Transaction, member_id: int, card_id: str, revision: str, now: int) -> None:
    """The member got this card as it stands in this revision of it."""
    tx.run(
        "INSERT INTO card_read (member_id, card_id, revision, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (member_id, card_id, revision) DO NOTHING",
        (member_id, card_id, revision, now),
    )


def saw(tx: Transaction, member_id: int, card_id: str) -> set[str]:
    """The revisions of a card that a member got."""
    rows = tx.all("SELECT revision FROM card_read WHERE member_id = ? AND card_id = ?", (member_id, card_id))
    return {row[0] for row in rows}


def who_saw(tx: Transaction, member_ids: Sequence[int], cards: Collection[str]) -> list[tuple[int, str, str]]:
    """Which of some members got which revisions of some cards: (member, card, revision)."""
    if not member_ids or not cards:
        return []
    return tx.all(
        f"SELECT member_id, card_id, revision FROM card_read WHERE member_id IN ({', '.join('?' * len(member_ids))})"
        f" AND card_id IN ({', '.join('?' * len(cards))})",
        (*member_ids, *cards),
    )


def corrected(tx: Transaction, member_id: int, lost: Sequence[str]) -> set[str]:
    """Ids of the errata a member was sent, except in a message that ended in one of the states `lost`."""
    rows = tx.all(
        "SELECT e.erratum_id FROM erratum_sent e LEFT JOIN outbox o ON o.id = e.outbox_id WHERE e.member_id = ?"
        f" AND (o.state IS NULL OR o.state NOT IN ({', '.join('?' * len(lost))}))",
        (member_id, *lost),
    )
    return {row[0] for row in rows}


def mark_corrected(tx: Transaction, member_id: int, erratum_id: str, outbox_id: int, now: int) -> None:
    """The member is sent an erratum in this message."""
    tx.run(
        "INSERT INTO erratum_sent (member_id, erratum_id, outbox_id, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (member_id, erratum_id) DO UPDATE SET outbox_id = excluded.outbox_id, at = excluded.at",
        (member_id, erratum_id, outbox_id, now),
    )


def last_read(tx: Transaction, member_id: int) -> list[str]:
    """Ids of the cards a member has had, the last one first."""
    rows = tx.all(
        "SELECT card_id FROM card_read WHERE member_id = ? GROUP BY card_id ORDER BY MAX(at) DESC, card_id",
        (member_id,),
    )
    return [row[0] for row in rows]


def cards_saved(tx: Transaction, member_id: int) -> list[str]:
    """Ids of the cards a member put aside, the last one first."""
    rows = tx.all("SELECT card_id FROM card_saved WHERE member_id = ? ORDER BY at DESC, card_id", (member_id,))
    return [row[0] for row in rows]


def save(tx: Transaction, member_id: int, card_id: str, now: int) -> None:
    """Put a card aside; one that is there stays where it is."""
    tx.run(
        "INSERT INTO card_saved (member_id, card_id, at) VALUES (?, ?, ?) ON CONFLICT (member_id, card_id) DO NOTHING",
        (member_id, card_id, now),
    )


def unsave(tx: Transaction, member_id: int, card_id: str) -> None:
    """Take a card away from those put aside."""
    tx.run("DELETE FROM card_saved WHERE member_id = ? AND card_id = ?", (member_id, card_id))


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
        "SELECT question_id, due_on, days, stability, difficulty, returns FROM missed_question WHERE member_id = ?"
        " ORDER BY due_on, question_id",
        (member_id,),
    )
    return [Missed(question_id, date.fromisoformat(due_on), *rest) for question_id, due_on, *rest in rows]


def put_missed(tx: Transaction, member_id: int, missed: Missed) -> None:
    """Let the question return."""
    tx.run("DELETE FROM question_right WHERE member_id = ? AND question_id = ?", (member_id, missed.question_id))
    tx.run(
        "INSERT INTO missed_question (member_id, question_id, due_on, days, stability, difficulty, returns)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (member_id, question_id) DO UPDATE SET due_on = excluded.due_on,"
        " days = excluded.days, stability = excluded.stability, difficulty = excluded.difficulty,"
        " returns = excluded.returns",
        (member_id, missed.question_id, missed.due_on.isoformat(), *missed[2:]),
    )


def drop_missed(tx: Transaction, member_id: int, question_id: str) -> None:
    """The question returns no more."""
    tx.run("DELETE FROM missed_question WHERE member_id = ? AND question_id = ?", (member_id, question_id))


def let_lapse(tx: Transaction, before: date, limit: int) -> int:
    """Drop missed questions that were due before a day and were never taken up; returns how many."""
    return tx.run(
        "DELETE FROM missed_question WHERE (member_id, question_id) IN"
        " (SELECT member_id, question_id FROM missed_question WHERE due_on < ? LIMIT ?)",
        (before.isoformat(), limit),
    )


def returned(tx: Transaction, member_id: int, day: date) -> int:
    """How many missed questions the member answered again on a day; 0 for any day but the last such one."""
    return tx.scalar("SELECT count FROM day_return WHERE member_id = ? AND day = ?", (member_id, day.isoformat())) or 0


def count_return(tx: Transaction, member_id: int, day: date) -> None:
    """A missed question was answered again."""
    tx.run(
        "INSERT INTO day_return (member_id, day, count) VALUES (?, ?, 1) ON CONFLICT (member_id) DO UPDATE SET"
        " count = CASE WHEN day_return.day = excluded.day THEN day_return.count + 1 ELSE 1 END, day = excluded.day",
        (member_id, day.isoformat()),
    )


def work(tx: Transaction, member_id: int) -> str:
    """The kind of work the member chose, as the pack's id; "" for none."""
    return tx.scalar("SELECT work FROM member_work WHERE member_id = ?", (member_id,)) or ""


def set_work(tx: Transaction, member_id: int, work: str, now: int) -> None:
    """The member chose a kind of work; "" takes it back."""
    tx.run("DELETE FROM member_work WHERE member_id = ?", (member_id,))
    if work:
        tx.run("INSERT INTO member_work (member_id, work, at) VALUES (?, ?, ?)", (member_id, work, now))


def language(tx: Transaction, member_id: int) -> str:
    """The language the member chose to listen in, as the pack's code; "" for none."""
    return tx.scalar("SELECT language FROM member_language WHERE member_id = ?", (member_id,)) or ""


def set_language(tx: Transaction, member_id: int, language: str, now: int) -> None:
    """The member chose a language to listen in; "" takes it back."""
    tx.run("DELETE FROM member_language WHERE member_id = ?", (member_id,))
    if language:
        tx.run("INSERT INTO member_language (member_id, language, at) VALUES (?, ?, ?)", (member_id, language, now))

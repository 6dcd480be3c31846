"""What follows an announcement, as rows: edits and deletes of what was sent, and what that changes in the announcement.

`origins` are those of the outbox under which the announcement went out: its own and those of being sent again.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson

from bot.domain.messages import Outbound
from bot.storage.database import Transaction
from bot.storage.rests import origin_of_beside

# Through the address: by the origin a search would go through everybody else's message.
_SENT: Final = "t.operation = 'send' AND t.state = 'sent' AND COALESCE(t.external_id, '') <> ''"


class Target(NamedTuple):
    """A row that waits, and the message that went to the same person before. `row` is the last such message."""

    waiting: int
    row: int
    account_id: int
    address_id: int
    sent_at: int


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def sent_before(tx: Transaction, origin: str, after: int, origins: Sequence[str]) -> list[Target]:
    """For rows of `origin` above `after` that wait to be sent: every message of `origins` that their person has.

    Oldest first.
    """
    if not origins:
        return []
    rows = tx.all(
        "SELECT o.id, t.id, t.account_id, t.address_id, t.finished_at FROM outbox o"
        " JOIN address b ON b.id = o.address_id JOIN address a ON a.member_id = b.member_id"
        " JOIN outbox t ON t.address_id = a.id"
        " WHERE o.origin = ? AND o.origin <> '' AND o.id > ? AND o.state = 'pending' AND o.operation = 'send'"
        f" AND t.origin || '' IN ({_marks(origins)}) AND {_SENT} ORDER BY o.id, t.id",
        (origin, after, *origins),
    )
    return [Target._make(row) for row in rows]


def targets(tx: Transaction, origin: str, after: int, origins: Sequence[str]) -> list[Target]:
    """For rows of `origin` above `after` that wait to be sent: the last message of `origins` that their person has."""
    return list({target.waiting: target for target in sent_before(tx, origin, after, origins)}.values())


def delete_beside(
    tx: Transaction, id: int, origin: str, lane: int, found: Sequence[Target], now: int, valid_until: int
) -> None:
    """Delete messages by rows of their own, which no recipient counts by: what goes with an announcement when it goes.

    They stand in the queue of `id`, the recall, and wait while it is paused.
    """
    body = orjson.dumps(Outbound("").as_json()).decode()
    tx.run_many(
        "INSERT INTO outbox (account_id, address_id, lane, queue, operation, target_id, origin, body, valid_until,"
        " created_at) VALUES (?, ?, ?, ?, 'delete', ?, ?, ?, ?, ?)",
        [
            (t.account_id, t.address_id, lane, id, t.row, origin_of_beside(origin), body, valid_until, now)
            for t in found
        ],
    )


def keep_beside(tx: Transaction, id: int, origin: str, lane: int, found: Sequence[Target], now: int) -> None:
    """Write down that messages cannot be deleted that would go with an announcement."""
    tx.run_many(
        "INSERT INTO outbox (account_id, address_id, lane, queue, operation, target_id, origin, state, detail,"
        " created_at, finished_at) VALUES (?, ?, ?, ?, 'delete', ?, ?, 'failed', 'cannot be deleted', ?, ?)",
        [(t.account_id, t.address_id, lane, id, t.row, origin_of_beside(origin), now, now) for t in found],
    )


def left_beside(tx: Transaction, origin: str) -> int:
    """How many messages that were to go with those of an origin stayed."""
    found: int = tx.scalar(
        "SELECT COUNT(*) FROM outbox WHERE origin = ? AND origin <> '' AND state <> 'sent'",
        (origin_of_beside(origin),),
    )
    return found


def written_to(tx: Transaction, origin: str) -> int:
    """How many messages of their own went out of an origin, where others were changed or deleted."""
    found: int = tx.scalar(
        "SELECT COUNT(*) FROM outbox WHERE origin = ? AND origin <> '' AND state = 'sent' AND operation = 'send'",
        (origin,),
    )
    return found


def aim(tx: Transaction, operation: str, found: Sequence[Target]) -> None:
    """Let rows change or delete their targets, where these are, at once: nobody is woken by that."""
    tx.run_many(
        "UPDATE outbox SET operation = ?, target_id = ?, account_id = ?, address_id = ?, not_before = 0 WHERE id = ?",
        [(operation, t.row, t.account_id, t.address_id, t.waiting) for t in found],
    )


def give_up(tx: Transaction, id: int, origin: str, after: int, reason: str) -> None:
    """Of an announcement's rows above `after` those that would be messages of their own are not sent.

    Their people get `reason`.
    """
    gone = tx.all(
        "DELETE FROM outbox WHERE origin = ? AND origin <> '' AND id > ? AND operation = 'send' AND state = 'pending'"
        " RETURNING (SELECT a.member_id FROM address a WHERE a.id = outbox.address_id)",
        (origin, after),
    )
    tx.run_many(
        "UPDATE recipient SET outcome = 'failed', reason = ? WHERE announcement_id = ? AND member_id = ?",
        [(reason, id, member_id) for (member_id,) in gone],
    )


def leave_out_right(
    tx: Transaction, id: int, origin: str, after: int, origins: Sequence[str], corrected_at: int
) -> None:
    """Take those out of an erratum whose message was composed with the right text: sent since, and not in between.

    Of its rows above `after`. A message that was on the wire when the text changed has lost its body (`forget_bodies`).
    """
    right = tx.all(
        "SELECT o.id, a.member_id FROM outbox o JOIN address b ON b.id = o.address_id"
        " JOIN address a ON a.member_id = b.member_id JOIN outbox t ON t.address_id = a.id"
        " WHERE o.origin = ? AND o.origin <> '' AND o.id > ? AND o.state = 'pending' AND o.operation = 'send'"
        f" AND t.origin || '' IN ({_marks(origins)}) AND t.state IN ('sent', 'uncertain')"
        " AND t.finished_at > ? AND t.body IS NOT NULL",
        (origin, after, *origins, corrected_at),
    )
    tx.run_many("DELETE FROM outbox WHERE id = ?", [(row,) for row, _ in right])
    tx.run_many(
        "DELETE FROM recipient WHERE announcement_id = ? AND member_id = ?", [(id, member_id) for _, member_id in right]
    )


def forget_bodies(tx: Transaction, origins: Sequence[str]) -> None:
    """What is on the wire is known by having no body; what waits has none, and is composed at its claim."""
    tx.run(
        f"UPDATE outbox SET body = NULL WHERE origin IN ({_marks(origins)}) AND origin <> ''"
        " AND state = 'sending' AND body IS NOT NULL",
        tuple(origins),
    )


def on_the_wire(tx: Transaction, origins: Sequence[str]) -> bool:
    """Whether a message whose body was forgotten is still on its way to the platform."""
    found = tx.one(
        f"SELECT 1 FROM outbox WHERE origin IN ({_marks(origins)}) AND origin <> '' AND state = 'sending'"
        " AND body IS NULL LIMIT 1",
        tuple(origins),
    )
    return found is not None


def settle_wrong_slice(
    tx: Transaction, erratum_id: int, id: int, origins: Sequence[str], corrected_at: int, limit: int
) -> bool:
    """Write down who got, or may have got, the text before it was corrected, while others still wait for it.

    Of at most `limit` recipients, after those of whom the erratum knows; returns whether there may be more.
    """
    members = tx.all(
        "SELECT member_id FROM recipient WHERE announcement_id = ?"
        " AND member_id > (SELECT looked_back FROM announcement WHERE id = ?) ORDER BY member_id LIMIT ?",
        (id, erratum_id, limit),
    )
    if not members:
        return False
    first, last = members[0][0], members[-1][0]
    for state in ("uncertain", "sent"):
        tx.run(
            "UPDATE recipient SET outcome = ? WHERE announcement_id = ? AND member_id BETWEEN ? AND ?"
            " AND (outcome = '' OR outcome = 'uncertain')"
            " AND EXISTS (SELECT 1 FROM address a JOIN outbox o ON o.address_id = a.id"
            f" WHERE a.member_id = recipient.member_id AND o.origin || '' IN ({_marks(origins)}) AND o.state = ?"
            " AND o.operation = 'send' AND (o.finished_at <= ? OR o.body IS NULL))",
            (state, id, first, last, *origins, state, corrected_at),
        )
    tx.run("UPDATE announcement SET looked_back = ? WHERE id = ?", (last, erratum_id))
    return len(members) == limit


def correct(tx: Transaction, id: int, erratum_id: int, now: int) -> None:
    """The announcement has the right text and reference from now on; the erratum keeps what they replace."""
    for column, kept in (("body", "was"), ("reference", "was_reference")):
        tx.run(
            f"UPDATE announcement SET {kept} = (SELECT p.{column} FROM announcement p WHERE p.id = ?) WHERE id = ?",
            (id, erratum_id),
        )
        tx.run(
            f"UPDATE announcement SET {column} = (SELECT e.{column} FROM announcement e WHERE e.id = ?) WHERE id = ?",
            (erratum_id, id),
        )
    tx.run("UPDATE announcement SET corrected_at = ? WHERE id IN (?, ?)", (now, id, erratum_id))


def recall(tx: Transaction, id: int, now: int) -> None:
    """The announcement is taken back."""
    tx.run("UPDATE announcement SET recalled_at = ? WHERE id = ? AND recalled_at IS NULL", (now, id))


def _next(tx: Transaction, id: int, limit: int) -> list[int]:
    """Recipients of an announcement for whom the step in hand is not done, at most `limit`."""
    rows = tx.all(
        "SELECT member_id FROM recipient WHERE announcement_id = ?"
        " AND member_id > (SELECT place FROM announcement WHERE id = ?) ORDER BY member_id LIMIT ?",
        (id, id, limit),
    )
    return [row[0] for row in rows]


def _passed(tx: Transaction, id: int, last: int) -> None:
    tx.run("UPDATE announcement SET place = ? WHERE id = ?", (last, id))


def send_instead_slice(tx: Transaction, id: int, origin: str, limit: int) -> bool:
    """Edits and deletes that came to nothing become messages of their own, of at most `limit` further recipients.

    Returns whether there may be more of them, or messages that wait now.
    """
    members = _next(tx, id, limit)
    if not members:
        return False
    # Through the address, as above.
    changed = tx.run(
        "UPDATE outbox SET operation = 'send', target_id = NULL, state = 'pending', body = NULL, external_id = NULL,"
        " finished_at = NULL, retry_since = NULL, attempts = 0, detail = '' WHERE id IN"
        " (SELECT o.id FROM recipient r JOIN address a ON a.member_id = r.member_id"
        " JOIN outbox o ON o.address_id = a.id"
        " WHERE r.announcement_id = ? AND r.member_id BETWEEN ? AND ? AND o.origin || '' = ?"
        " AND (o.operation = 'edit' OR o.operation = 'delete') AND (o.state = 'failed'"
        " OR (o.operation = 'edit' AND o.state = 'sent' AND o.detail LIKE '%not found%')))",
        (id, members[0], members[-1], origin),
    )
    _passed(tx, id, members[-1])
    return changed > 0 or len(members) == limit


def arrived_slice(tx: Transaction, id: int, again_id: int, limit: int) -> bool:
    """What became of being sent again is what became of the announcement, for those whom it reached or may have.

    Of at most `limit` further recipients; returns whether there may be more. Who got only some of it (reason `rest`)
    is known by that until they have the rest.
    """
    members = _next(tx, again_id, limit)
    if not members:
        return False
    tx.run(
        "UPDATE recipient SET reason = (SELECT CASE WHEN g.outcome = 'sent' THEN ''"
        " WHEN g.reason = 'rest' OR recipient.reason = 'rest' THEN 'rest' ELSE 'no_answer' END FROM recipient g"
        " WHERE g.announcement_id = ? AND g.member_id = recipient.member_id),"
        " outcome = (SELECT g.outcome FROM recipient g WHERE g.announcement_id = ?"
        " AND g.member_id = recipient.member_id)"
        " WHERE announcement_id = ? AND member_id BETWEEN ? AND ? AND outcome <> 'sent' AND EXISTS"
        " (SELECT 1 FROM recipient g WHERE g.announcement_id = ? AND g.member_id = recipient.member_id"
        " AND (g.outcome IN ('sent', 'uncertain') OR g.reason = 'rest'))",
        (again_id, again_id, id, members[0], members[-1], again_id),
    )
    _passed(tx, again_id, members[-1])
    return len(members) == limit


# -- what it would come to


def had(tx: Transaction, id: int, origins: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """For each recipient who has the message, or may: (account, sent at), both None where it is not known any more."""
    return tx.all(
        "SELECT s.account_id, s.finished_at FROM recipient r"
        " LEFT JOIN (SELECT a.member_id, o.account_id, o.finished_at,"
        " ROW_NUMBER() OVER (PARTITION BY a.member_id ORDER BY o.id DESC) AS place"
        " FROM outbox o JOIN address a ON a.id = o.address_id"
        f" WHERE o.origin IN ({_marks(origins)}) AND o.origin <> '' AND o.operation = 'send' AND o.state = 'sent'"
        " AND COALESCE(o.external_id, '') <> '') s ON s.member_id = r.member_id AND s.place = 1"
        " WHERE r.announcement_id = ? AND (r.outcome IN ('sent', 'uncertain') OR r.reason = 'rest'"
        " OR (r.outcome = '' AND EXISTS (SELECT 1 FROM address b JOIN outbox w ON w.address_id = b.id"
        f" WHERE b.member_id = r.member_id AND w.origin || '' IN ({_marks(origins)})"
        " AND w.state IN ('sent', 'sending', 'uncertain'))))",
        (*origins, id, *origins),
    )

"""Announcements: what an officer sends, to whom it is fanned out, and who acknowledged it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.storage.database import Transaction

WINDOW: Final = 50_000
"""Member ids one slice looks through at most, so that a small audience among many members stays a short write."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement. `audience_id` is the unit whose subtree gets it, None for everyone; instants are epoch ms.

    `kind`: information, task, urgent. `state`: queueing (recipients are being added), sending, stopping, stopped, done.
    `result` is JSON, "" until it is done or stopped.
    """

    id: int
    author_id: int | None
    unit_id: int | None
    unit_name: str
    speaker: str
    title: str
    audience_id: int | None
    kind: str
    reason: str
    body: str
    state: str
    result: str
    created_at: int
    valid_until: int


_COLUMNS: Final = (
    "n.id, n.author_id, n.unit_id, n.unit_name, COALESCE(w.name, n.speaker), n.title, n.audience_id, n.kind, n.reason,"
    " n.body, n.state, n.result, n.created_at, n.valid_until"
)
_FROM: Final = "FROM announcement n LEFT JOIN member w ON w.id = n.author_id"


def create(tx: Transaction, frozen: Announcement) -> int:
    """Keep an announcement to be fanned out, with the highest member id of the moment; returns its id.

    The speaker's name is kept only without an author: an author's is read from the member.
    """
    speaker = frozen.speaker if frozen.author_id is None else ""
    id: int = tx.scalar(
        "INSERT INTO announcement (author_id, unit_id, unit_name, speaker, title, audience_id, kind, reason, body,"
        " state, high_water, created_at, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queueing',"
        " (SELECT COALESCE(MAX(id), 0) FROM member), ?, ?) RETURNING id",
        (
            *(frozen.author_id, frozen.unit_id, frozen.unit_name, speaker, frozen.title, frozen.audience_id),
            *(frozen.kind, frozen.reason, frozen.body, frozen.created_at, frozen.valid_until),
        ),
    )
    return id


def by_id(tx: Transaction, id: int) -> Announcement | None:
    """The announcement, or None."""
    row = tx.one(f"SELECT {_COLUMNS} {_FROM} WHERE n.id = ?", (id,))
    return Announcement(*row) if row else None


def of_units(tx: Transaction, unit_ids: Sequence[int], skip: int, limit: int) -> list[Announcement]:
    """Those spoken by units of these subtrees, newest first, after the first `skip`."""
    rows = tx.all(
        f"{subtrees(unit_ids)} SELECT {_COLUMNS} {_FROM} WHERE n.unit_id IN (SELECT id FROM subtree)"
        " ORDER BY n.id DESC LIMIT ? OFFSET ?",
        (*unit_ids, limit, skip),
    )
    return [Announcement(*row) for row in rows]


def of_member(tx: Transaction, member_id: int, skip: int, limit: int) -> list[tuple[Announcement, bool]]:
    """Those a member is a recipient of, newest first, each with whether they acknowledged it; stopped ones left out."""
    rows = tx.all(
        f"SELECT r.acknowledged_at IS NOT NULL, {_COLUMNS}"
        " FROM recipient r JOIN announcement n ON n.id = r.announcement_id LEFT JOIN member w ON w.id = n.author_id"
        " WHERE r.member_id = ? AND n.state NOT IN ('stopping', 'stopped')"
        " ORDER BY r.announcement_id DESC LIMIT ? OFFSET ?",
        (member_id, limit, skip),
    )
    return [(Announcement(*row[1:]), bool(row[0])) for row in rows]


def unfinished(tx: Transaction) -> list[int]:
    """Ids of what still has work to be done, oldest first."""
    rows = tx.all("SELECT id FROM announcement WHERE state IN ('queueing', 'sending', 'stopping') ORDER BY id")
    return [row[0] for row in rows]


def move(tx: Transaction, id: int, before: Sequence[str], state: str, result: str = "") -> bool:
    """Change the state from one of `before`; False when it was in none of them."""
    marks = ", ".join("?" * len(before))
    changed = tx.run(
        f"UPDATE announcement SET state = ?, result = ? WHERE id = ? AND state IN ({marks})",
        (state, result, id, *before),
    )
    return changed == 1


# -- fan-out


def subtrees(unit_ids: Sequence[int]) -> str:
    """A CTE `subtree (id)` of these units and everything under them; its values are `unit_ids`."""
    marks = ", ".join("?" * len(unit_ids))
    return (
        f"WITH RECURSIVE subtree (id) AS (SELECT id FROM unit WHERE id IN ({marks})"
        " UNION SELECT u.id FROM unit u JOIN subtree s ON u.parent_id = s.id)"
    )


def audience_rule(audience_id: int | None, unit: str = "m.unit_id") -> tuple[str, str, tuple[Any, ...]]:
    """(CTE, condition on `m`, values of the CTE): active members, for a unit its subtree's confirmed ones."""
    if audience_id is None:
        return "", "m.state = 'active'", ()
    inside = f"m.state = 'active' AND m.unit_state = 'confirmed' AND {unit} IN (SELECT id FROM subtree)"
    return subtrees([audience_id]), inside, (audience_id,)


PUSH_ADDRESS: Final = (
    "COALESCE((SELECT y.id FROM address y"
    " WHERE y.id = m.preferred_address_id AND y.member_id = m.id AND y.reachable = 1),"
    " (SELECT x.id FROM address x WHERE x.member_id = m.id AND x.reachable = 1"
    " ORDER BY x.last_in_at DESC, x.id LIMIT 1))"
)
"""The id of the address the member `m` prefers, else of the one last written from; of reachable ones."""

_NOT_BEFORE: Final = """
CASE WHEN ? AND ((m.quiet_from <= m.quiet_to AND ? >= m.quiet_from AND ? < m.quiet_to)
              OR (m.quiet_from > m.quiet_to AND (? >= m.quiet_from OR ? < m.quiet_to)))
THEN CASE WHEN ? >= m.quiet_to THEN ? ELSE ? END + m.quiet_to * 60000 ELSE 0 END
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant of a slice (epoch ms) with its minute of the day and the midnights before and after."""

    now: int
    minute: int
    today: int
    tomorrow: int


def queue_slice(tx: Transaction, id: int, lane: int, origin: str, respect_quiet: bool, at: Moment, limit: int) -> bool:
    """Add the next recipients, at most `limit`, and their outbox rows without text; whether there are more to add.

    The place in the list moves in the same transaction, so a slice happens once.
    """
    frozen = tx.one(
        "SELECT audience_id, high_water, cursor, valid_until FROM announcement WHERE id = ? AND state = 'queueing'",
        (id,),
    )
    if frozen is None:
        return False
    audience_id, high_water, cursor, valid_until = frozen
    window = min(high_water, cursor + WINDOW)
    # The plus keeps the planner on the ids' own order, where a slice stops as soon as it is full.
    cte, inside, values = audience_rule(audience_id, "+m.unit_id")
    added = tx.all(
        f"{cte} INSERT INTO recipient (announcement_id, member_id) SELECT ?, m.id FROM member m"
        f" WHERE m.id > ? AND m.id <= ? AND {inside} ORDER BY m.id LIMIT ?"
        " ON CONFLICT (announcement_id, member_id) DO NOTHING RETURNING member_id",
        (*values, id, cursor, window, limit),
    )
    last = max(row[0] for row in added) if len(added) == limit else window
    minute = at.minute
    tx.run(
        "INSERT INTO outbox (account_id, address_id, lane, origin, not_before, valid_until, created_at)"
        f" SELECT a.account_id, a.id, ?, ?, {_NOT_BEFORE}, ?, ? FROM recipient r JOIN member m ON m.id = r.member_id"
        f" JOIN address a ON a.id = {PUSH_ADDRESS}"
        " WHERE r.announcement_id = ? AND r.member_id > ? AND r.member_id <= ? ORDER BY r.member_id",
        (
            *(lane, origin, respect_quiet, minute, minute, minute, minute, minute, at.tomorrow, at.today),
            *(valid_until, at.now, id, cursor, last),
        ),
    )
    more: bool = last < high_water
    tx.run("UPDATE announcement SET cursor = ?, state = ? WHERE id = ?", (last, "queueing" if more else "sending", id))
    return more


def cancel_slice(tx: Transaction, origin: str, now: int, limit: int) -> bool:
    """Cancel at most `limit` rows of a stopped announcement that nobody claimed yet; whether there were that many."""
    changed = tx.run(
        "UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE id IN"
        " (SELECT id FROM outbox WHERE origin = ? AND origin <> '' AND state = 'pending' LIMIT ?)",
        (now, origin, limit),
    )
    return changed == limit


def on_the_way(tx: Transaction, origin: str) -> bool:
    """Whether rows of this origin still wait or are on the wire."""
    found = tx.one(
        "SELECT 1 FROM outbox WHERE origin = ? AND origin <> '' AND state IN ('pending', 'sending') LIMIT 1", (origin,)
    )
    return found is not None


def reader(tx: Transaction, address_id: int) -> tuple[int, str, str, str | None] | None:
    """Who reads at an address: (account, name, form, unit's name); None when nobody active does."""
    return tx.one(
        "SELECT a.account_id, m.name, m.form, u.name FROM address a"
        " JOIN member m ON m.id = a.member_id AND m.state = 'active'"
        " LEFT JOIN unit u ON u.id = m.unit_id WHERE a.id = ?",
        (address_id,),
    )


# -- recipients


def recipients(tx: Transaction, id: int) -> int:
    """How many people the announcement is for, as far as they were added."""
    count: int = tx.scalar("SELECT COUNT(*) FROM recipient WHERE announcement_id = ?", (id,))
    return count


def acknowledged(tx: Transaction, id: int) -> int:
    """How many said they got it."""
    count: int = tx.scalar(
        "SELECT COUNT(*) FROM recipient WHERE announcement_id = ? AND acknowledged_at IS NOT NULL", (id,)
    )
    return count


def acknowledgement(tx: Transaction, id: int, member_id: int) -> tuple[int | None] | None:
    """(when the member acknowledged it or None,); None when they are no recipient."""
    return tx.one("SELECT acknowledged_at FROM recipient WHERE announcement_id = ? AND member_id = ?", (id, member_id))


def acknowledge(tx: Transaction, id: int, member_id: int, now: int) -> None:
    """The member got it; the first time counts."""
    tx.run(
        "UPDATE recipient SET acknowledged_at = ?"
        " WHERE announcement_id = ? AND member_id = ? AND acknowledged_at IS NULL",
        (now, id, member_id),
    )


def last_got(tx: Transaction, member_id: int, prefix: str) -> str | None:
    """The origin of the last announcement that reached the member, or may have; `prefix` begins such origins."""
    origin: str | None = tx.scalar(
        "SELECT o.origin FROM outbox o JOIN address a ON a.id = o.address_id WHERE a.member_id = ?"
        " AND o.state IN ('sent', 'uncertain') AND o.origin LIKE ? ORDER BY o.finished_at DESC, o.id DESC LIMIT 1",
        (member_id, f"{prefix}%"),
    )
    return origin

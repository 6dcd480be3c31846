"""Offers of roles, terms that end, and the audit log as it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.people import Member
from bot.storage.audiences import subtrees
from bot.storage.database import Transaction
from bot.storage.members import COLUMNS, as_member
from bot.storage.roster import HeldRole, held_where, in_order


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody is asked to take up; `until` is an ISO date, `expires_at` epoch ms.

    `kind` and `title` are a listed role's.
    """

    id: int
    what: str
    member_id: int
    by_id: int
    holder_id: int | None
    role_id: int | None
    unit_id: int | None
    until: str
    expires_at: int
    kind: str
    title: str


_OFFER: Final = "id, what, member_id, by_id, holder_id, role_id, unit_id, until, expires_at, kind, title"


def add_offer(tx: Transaction, **fields: Any) -> int:
    """Insert an offer from its columns and return its id."""
    names = sorted(fields)
    return tx.insert(
        f"INSERT INTO role_offer ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [fields[name] for name in names],
    )


def open_offer(tx: Transaction, id: int, now: int) -> Offer | None:
    """An offer that still waits for an answer."""
    row = tx.one(f"SELECT {_OFFER} FROM role_offer WHERE id = ? AND state = 'open' AND expires_at > ?", (id, now))
    return Offer(*row) if row else None


def lapsed(tx: Transaction, now: int) -> list[Offer]:
    """Offers that nobody answered in time."""
    rows = tx.all(f"SELECT {_OFFER} FROM role_offer WHERE state = 'open' AND expires_at <= ? ORDER BY id", (now,))
    return [Offer(*row) for row in rows]


def settle(tx: Transaction, id: int, state: str) -> None:
    """What became of an offer: taken, refused or over."""
    tx.run("UPDATE role_offer SET state = ? WHERE id = ?", (state, id))


def deputies(tx: Transaction, role_id: int, now: int) -> list[HeldRole]:
    """Roles of those who stand in for a role at epoch ms `now`."""
    return held_where(tx, "r.deputy_of = ? AND r.valid_until > ?", (role_id, now))


def of_member(tx: Transaction, member_id: int, now: int) -> list[HeldRole]:
    """Every role a member holds at epoch ms `now`, with names, unit by unit in official order."""
    held = held_where(tx, "r.member_id = ? AND (r.valid_until IS NULL OR r.valid_until > ?)", (member_id, now))
    return in_order(tx, held) if len(held) > 1 else held


def ending(tx: Transaction, before: int, warned: int) -> list[HeldRole]:
    """Roles whose term ends before epoch ms `before`, told of fewer than `warned` times; no deputies'."""
    return held_where(tx, "r.valid_until <= ? AND r.warned < ? AND r.deputy_of IS NULL", (before, warned))


def over(tx: Transaction, now: int) -> list[HeldRole]:
    """Roles whose term is over."""
    return held_where(tx, "r.valid_until <= ?", (now,))


def warn(tx: Transaction, id: int, warned: int) -> None:
    """The holder of a role was told that its term ends."""
    tx.run("UPDATE role SET warned = ? WHERE id = ?", (warned, id))


def renew(tx: Transaction, id: int, valid_until: int | None) -> None:
    """A new term; those who stand in do so no longer than it lasts."""
    tx.run("UPDATE role SET valid_until = ?, warned = 0 WHERE id = ?", (valid_until, id))
    tx.run("UPDATE role SET valid_until = ? WHERE deputy_of = ? AND valid_until > ?", (valid_until, id, valid_until))


def people_under(tx: Transaction, unit_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Confirmed members with a name in these subtrees: (member, name, unit's name)."""
    if not unit_ids:
        return []
    return tx.all(
        f"{subtrees(unit_ids)} SELECT m.id, m.name, u.name FROM member m JOIN unit u ON u.id = m.unit_id"
        " WHERE m.unit_id IN (SELECT id FROM subtree) AND m.unit_state = 'confirmed' AND m.state = 'active'"
        " AND m.name <> '' ORDER BY m.id",
        unit_ids,
    )


def people_of(tx: Transaction, unit_ids: Sequence[int]) -> list[Member]:
    """Confirmed members with a name in these units themselves."""
    if not unit_ids:
        return []
    marks = ", ".join("?" * len(unit_ids))
    rows = tx.all(
        f"SELECT {COLUMNS} FROM member m WHERE m.unit_id IN ({marks}) AND m.state = 'active'"
        " AND m.unit_state = 'confirmed' AND m.name <> '' ORDER BY m.id",
        list(unit_ids),
    )
    return [as_member(row) for row in rows]


def has_or_is_offered(tx: Transaction, member_id: int, unit_id: int, kind: str, now: int) -> bool:
    """Whether somebody holds such a role over a unit, or is asked to take one up."""
    held = tx.one(
        "SELECT 1 FROM role WHERE member_id = ? AND unit_id = ? AND kind = ?"
        " AND (valid_until IS NULL OR valid_until > ?)",
        (member_id, unit_id, kind, now),
    )
    offered = tx.one(
        "SELECT 1 FROM role_offer WHERE member_id = ? AND unit_id = ? AND what = 'role' AND kind = ?"
        " AND state = 'open' AND expires_at > ?",
        (member_id, unit_id, kind, now),
    )
    return held is not None or offered is not None


def announcements_to_come(tx: Transaction, author_id: int, unit_ids: Sequence[int]) -> list[int]:
    """A member's announcements for these units that are yet to be sent."""
    marks = ", ".join("?" * len(unit_ids))
    rows = tx.all(
        "SELECT id FROM announcement WHERE author_id = ?"
        f" AND (state = 'scheduled' OR state = 'waiting' OR state = 'held') AND unit_id IN ({marks}) ORDER BY id",
        (author_id, *unit_ids),
    )
    return [row[0] for row in rows]


def give_announcements(tx: Transaction, ids: Sequence[int], author_id: int) -> None:
    """Announcements that are yet to be sent are another officer's."""
    tx.run_many("UPDATE announcement SET author_id = ? WHERE id = ?", [(author_id, id) for id in ids])


def posted(tx: Transaction, unit_ids: Sequence[int]) -> int:
    """How many messages were declared to be in the groups of these units."""
    marks = ", ".join("?" * len(unit_ids))
    count: int = tx.scalar(f"SELECT COUNT(*) FROM group_post WHERE unit_id IN ({marks})", list(unit_ids))
    return count


def give_posts(tx: Transaction, holder_id: int, unit_ids: Sequence[int], successor_id: int) -> None:
    """What somebody declared to be in the groups of these units is kept as another's, who answers for it from now."""
    marks = ", ".join("?" * len(unit_ids))
    tx.run(
        f"UPDATE group_post SET declared_by = ? WHERE declared_by = ? AND unit_id IN ({marks})",
        (successor_id, holder_id, *unit_ids),
    )


def audit_under(
    tx: Transaction, unit_ids: Sequence[int], whole: bool, without: Sequence[str], skip: int, limit: int
) -> list[tuple[int, int | None, str, str, str]]:
    """Acts in these subtrees, newest first: (at, actor, actor's name or "", act, unit's name or "").

    `whole` adds acts that belong to no unit.
    """
    marks = ", ".join("?" * len(without))
    anywhere = " OR a.unit_id IS NULL" if whole else ""
    return tx.all(
        f"{subtrees(unit_ids)} SELECT a.at, a.actor_id, COALESCE(m.name, ''), a.act, COALESCE(u.name, '') FROM audit a"
        " LEFT JOIN member m ON m.id = a.actor_id LEFT JOIN unit u ON u.id = a.unit_id"
        f" WHERE (a.unit_id IN (SELECT id FROM subtree){anywhere}) AND a.act NOT IN ({marks})"
        " ORDER BY a.id DESC LIMIT ? OFFSET ?",
        (*unit_ids, *without, limit, skip),
    )

"""Counting and listing people by unit: audiences, newcomers, holders of roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.storage import units
from bot.storage.audiences import subtrees
from bot.storage.database import Transaction


def units_under(tx: Transaction, unit_ids: Sequence[int]) -> set[int]:
    """Ids of these units and everything under them."""
    return {row[0] for row in tx.all(f"{subtrees(unit_ids)} SELECT id FROM subtree", unit_ids)}


def pending_under(tx: Transaction, unit_ids: Sequence[int], limit: int) -> list[tuple[int, str, str]]:
    """Newcomers to confirm in these subtrees, first come first: (member, name, unit's name)."""
    return tx.all(
        f"{subtrees(unit_ids)} SELECT m.id, m.name, u.name FROM member m JOIN unit u ON u.id = m.unit_id"
        " WHERE m.unit_state = 'pending' AND m.state = 'active' AND m.unit_id IN (SELECT id FROM subtree)"
        " ORDER BY m.id LIMIT ?",
        (*unit_ids, limit),
    )


def count_pending(tx: Transaction, unit_ids: Sequence[int]) -> int:
    """How many newcomers wait in these subtrees."""
    count: int = tx.scalar(
        f"{subtrees(unit_ids)} SELECT COUNT(*) FROM member m WHERE m.unit_state = 'pending' AND m.state = 'active'"
        " AND m.unit_id IN (SELECT id FROM subtree)",
        unit_ids,
    )
    return count


def units_with_pending(tx: Transaction) -> list[int]:
    """Units in which newcomers wait."""
    return [
        row[0]
        for row in tx.all(
            "SELECT DISTINCT unit_id FROM member WHERE unit_state = 'pending' AND state = 'active'"
            " AND unit_id IS NOT NULL ORDER BY unit_id"
        )
    ]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role with the names of its holder and unit."""

    id: int
    member_id: int
    unit_id: int
    kind: str
    title: str
    holder: str
    unit: str
    valid_until: int | None
    deputy_of: int | None
    granted_by: int | None


_HELD: Final = "r.id, r.member_id, r.unit_id, r.kind, r.title, m.name, u.name, r.valid_until, r.deputy_of, r.granted_by"
_HELD_FROM: Final = "FROM role r JOIN member m ON m.id = r.member_id JOIN unit u ON u.id = r.unit_id"


def roles_under(tx: Transaction, unit_ids: Sequence[int], now: int) -> list[HeldRole]:
    """Roles held in these subtrees at epoch ms `now`, unit by unit in official order."""
    rows = tx.all(
        f"{subtrees(unit_ids)} SELECT {_HELD} {_HELD_FROM} WHERE r.unit_id IN (SELECT id FROM subtree)"
        " AND (r.valid_until IS NULL OR r.valid_until > ?) ORDER BY r.id",
        (*unit_ids, now),
    )
    return in_order(tx, [HeldRole(*row) for row in rows])


def in_order(tx: Transaction, held: Sequence[HeldRole]) -> list[HeldRole]:
    """Roles unit by unit in official order, those over one unit as they are."""
    place = {unit.id: number for number, unit in enumerate(units.listed(tx, (role.unit_id for role in held)))}
    return sorted(held, key=lambda role: place[role.unit_id])


def held_where(tx: Transaction, condition: str, values: Sequence[Any]) -> list[HeldRole]:
    """Roles with the names of holder and unit, by a condition on `r`."""
    return [HeldRole(*row) for row in tx.all(f"SELECT {_HELD} {_HELD_FROM} WHERE {condition} ORDER BY r.id", values)]


def role(tx: Transaction, id: int) -> HeldRole | None:
    """A role, or None."""
    row = tx.one(f"SELECT {_HELD} {_HELD_FROM} WHERE r.id = ?", (id,))
    return HeldRole(*row) if row else None


def revoke(tx: Transaction, id: int) -> None:
    """Take a role away."""
    tx.run("DELETE FROM role WHERE id = ?", (id,))


def set_phone(tx: Transaction, member_id: int, phone: str, shown: bool) -> None:
    """The phone of an officer, for every unit they are an officer of, and whether members may see it."""
    tx.run(
        "UPDATE role SET phone = ?, phone_shown = ? WHERE member_id = ? AND kind = 'officer'",
        (phone, int(shown), member_id),
    )


def told_since(tx: Transaction, member_id: int, origin: str, since: int) -> bool:
    """Whether a row of this origin was made for the member since epoch ms `since`."""
    found = tx.one(
        "SELECT 1 FROM outbox o JOIN address a ON a.id = o.address_id WHERE o.origin = ? AND o.origin <> ''"
        " AND o.state <> 'cancelled' AND a.member_id = ? AND o.created_at > ? LIMIT 1",
        (origin, member_id, since),
    )
    return found is not None


def member_at(tx: Transaction, account_id: int, external_id: str) -> int | None:
    """The member who writes from a platform's address, if they are active."""
    member_id: int | None = tx.scalar(
        "SELECT m.id FROM address a JOIN member m ON m.id = a.member_id AND m.state = 'active'"
        " WHERE a.account_id = ? AND a.external_id = ?",
        (account_id, external_id),
    )
    return member_id


def wrong_codes(tx: Transaction, address_id: int, since: int) -> int:
    """How many codes that did not fit this address typed since epoch ms `since`; older ones are forgotten."""
    tx.run("DELETE FROM code_attempt WHERE at < ?", (since,))
    count: int = tx.scalar("SELECT COUNT(*) FROM code_attempt WHERE address_id = ?", (address_id,))
    return count


def record_wrong_code(tx: Transaction, address_id: int, now: int) -> None:
    """A code was typed that did not fit."""
    tx.run("INSERT INTO code_attempt (address_id, at) VALUES (?, ?)", (address_id, now))

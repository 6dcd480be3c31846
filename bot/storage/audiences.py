"""Who belongs to an audience, as SQL over `member m`; subtrees; where a member is written to."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from bot.domain.announcements import Audience
from bot.storage.database import Transaction

_PREFERRED: Final = "CASE WHEN {}.id = m.preferred_address_id THEN 1 ELSE 0 END"
PUSH_ADDRESS: Final = (
    "a.member_id = m.id AND a.reachable = 1"
    " AND NOT EXISTS (SELECT 1 FROM address b WHERE b.member_id = a.member_id AND b.reachable = 1 AND b.id <> a.id"
    f" AND ({_PREFERRED.format('b')}, b.last_in_at, a.id) > ({_PREFERRED.format('a')}, a.last_in_at, b.id))"
)
"""That `a` is the address the member `m` prefers, else the one last written from; of reachable ones."""

RECEIVED: Final = ("sent", "uncertain")
"""Outcomes after which somebody has, or may have, a message."""


class Rule(NamedTuple):
    """An audience as SQL: a statement begins with `cte`, its values first; `inside` is a condition on `m`."""

    cte: str
    cte_values: tuple[Any, ...]
    inside: str
    values: tuple[Any, ...]


def subtrees(unit_ids: Sequence[int]) -> str:
    """A CTE `subtree (id)` of these units and everything under them; its values are `unit_ids`."""
    return f"WITH RECURSIVE {_subtree('subtree', unit_ids)}"


def _subtree(name: str, unit_ids: Sequence[int]) -> str:
    return (
        f"{name} (id) AS (SELECT id FROM unit WHERE id IN ({_marks(unit_ids)})"
        f" UNION SELECT u.id FROM unit u JOIN {name} s ON u.parent_id = s.id)"
    )


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def rule(audience: Audience, now: int, unit: str = "m.unit_id") -> Rule:
    """The rule at epoch ms `now`: active members; inside a unit its subtree's confirmed ones, or holders of roles.

    `unit` is the column as the caller's plan wants it written.
    """
    roots = audience.units or (() if audience.top is None else (audience.top,))
    if audience.of is not None:
        roots = ()  # those whom it reached, wherever they are now
    ctes = [_subtree("subtree", roots)] if roots else []
    cte_values: tuple[Any, ...] = tuple(roots)
    if audience.except_units:
        ctes.append(_subtree("excepted", audience.except_units))
        cte_values += audience.except_units
    parts: list[tuple[str, tuple[Any, ...]]] = [("m.state = 'active'", ())]
    if audience.roles:
        parts.append(_by_role(audience, bool(roots), now))
    elif roots:
        parts.append((f"m.unit_state = 'confirmed' AND {unit} IN (SELECT id FROM subtree)", ()))
    if audience.except_units:
        parts.append((f"({unit} IS NULL OR {unit} NOT IN (SELECT id FROM excepted))", ()))
    parts += _by_member(audience)
    parts += _by_announcement(audience)
    return Rule(
        f"WITH RECURSIVE {', '.join(ctes)}" if ctes else "",
        cte_values,
        " AND ".join(sql for sql, _ in parts),
        tuple(value for _, values in parts for value in values),
    )


def _by_role(audience: Audience, bounded: bool, now: int) -> tuple[str, tuple[Any, ...]]:
    inside = " AND r.unit_id IN (SELECT id FROM subtree)" if bounded else ""
    return (
        f"EXISTS (SELECT 1 FROM role r WHERE r.member_id = m.id AND r.kind IN ({_marks(audience.roles)}){inside}"
        " AND (r.valid_until IS NULL OR r.valid_until > ?))",
        (*audience.roles, now),
    )


def _by_member(audience: Audience) -> list[tuple[str, tuple[Any, ...]]]:
    parts: list[tuple[str, tuple[Any, ...]]] = []
    if audience.standings:
        parts.append((f"m.standing IN ({_marks(audience.standings)})", audience.standings))
    if audience.channels:
        accounts = f"a.account_id IN ({_marks(audience.channels)})"
        parts.append((f"EXISTS (SELECT 1 FROM address a WHERE {PUSH_ADDRESS} AND {accounts})", audience.channels))
    if audience.joined_since is not None:
        parts.append(("m.created_at >= ?", (audience.joined_since,)))
    return parts


def _by_announcement(audience: Audience) -> list[tuple[str, tuple[Any, ...]]]:
    parts: list[tuple[str, tuple[Any, ...]]] = []
    theirs = "SELECT 1 FROM recipient t WHERE t.announcement_id = ? AND t.member_id = m.id"
    if audience.asked is not None:
        match audience.answer:
            case "":
                parts.append((f"EXISTS ({theirs} AND t.answered_at IS NULL)", (audience.asked,)))
            case "*":
                parts.append((f"EXISTS ({theirs} AND t.answered_at IS NOT NULL)", (audience.asked,)))
            case choice:
                parts.append((f"EXISTS ({theirs} AND t.answer = ?)", (audience.asked, choice)))
    if audience.not_received is not None:
        parts.append(
            (f"NOT EXISTS ({theirs} AND t.outcome IN ({_marks(RECEIVED)}))", (audience.not_received, *RECEIVED))
        )
    if audience.of is not None:
        outcomes = audience.outcomes
        named = _marks(outcomes)
        became = f"(t.outcome IN ({named}) OR t.reason IN ({named}))"
        parts.append((f"EXISTS ({theirs} AND {became})", (audience.of, *outcomes, *outcomes)))
    return parts


def reach(tx: Transaction, audience: Audience, now: int) -> dict[int | None, int]:
    """How many people of an audience each account would reach; None for those nobody can write to."""
    found = rule(audience, now)
    rows = tx.all(
        f"{found.cte} SELECT a.account_id, COUNT(*) FROM member m LEFT JOIN address a ON {PUSH_ADDRESS}"
        f" WHERE {found.inside} GROUP BY a.account_id",
        (*found.cte_values, *found.values),
    )
    return dict(rows)


def spread(tx: Transaction, audience: Audience, now: int) -> list[tuple[int | None, int | None, int]]:
    """How many people of an audience are in each unit and would be reached by each account, as (unit, account, people).

    The account is None for those nobody can write to.
    """
    found = rule(audience, now)
    return tx.all(
        f"{found.cte} SELECT m.unit_id, a.account_id, COUNT(*) FROM member m LEFT JOIN address a"
        f" ON {PUSH_ADDRESS} WHERE {found.inside} GROUP BY m.unit_id, a.account_id",
        (*found.cte_values, *found.values),
    )


def highest_member(tx: Transaction) -> int:
    """The highest number of a member, 0 when there is nobody."""
    highest: int = tx.scalar("SELECT COALESCE(MAX(id), 0) FROM member")
    return highest


def someone(
    tx: Transaction, audience: Audience, now: int, from_id: int, without: Sequence[int]
) -> tuple[int, str, str, str | None] | None:
    """One of an audience, the first with an id from `from_id` on, else from the start: (id, name, form, unit's name).

    None when there is nobody but those in `without`.
    """
    found = rule(audience, now)
    others = f" AND m.id NOT IN ({_marks(without)})" if without else ""
    for begin in (from_id, 0):
        row: tuple[int, str, str, str | None] | None = tx.one(
            f"{found.cte} SELECT m.id, m.name, m.form, u.name FROM member m LEFT JOIN unit u ON u.id = m.unit_id"
            f" WHERE m.id >= ? AND {found.inside}{others} ORDER BY m.id LIMIT 1",
            (*found.cte_values, begin, *found.values, *without),
        )
        if row is not None:
            return row
    return None

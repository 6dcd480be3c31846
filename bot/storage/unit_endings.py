"""Decisions that a unit ends or is merged, and what its members answered."""

from dataclasses import dataclass
from typing import Final

from bot.storage import units
from bot.storage.audiences import subtrees
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Ending:
    """A row; `last_day` is ISO text, `successor_id` None when the unit ends without one."""

    id: int
    unit_id: int
    successor_id: int | None
    last_day: str
    state: str
    decided_by: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A member of a unit that ends: `answer` "" until given, `target_id` the unit chosen instead of a successor."""

    member_id: int
    answer: str
    target_id: int | None


_ENDING: Final = "e.id, e.unit_id, e.successor_id, e.last_day, e.state, e.decided_by"
_COVERED: Final = "(SELECT unit_id FROM unit_ending_unit WHERE ending_id = ?)"


def add(
    tx: Transaction, unit_id: int, successor_id: int | None, last_day: str, covered: list[int], by: int, now: int
) -> int:
    """Keep a decision and let the covered units end on the last day, or earlier where they did; returns its id."""
    id: int = tx.scalar(
        "INSERT INTO unit_ending (unit_id, successor_id, last_day, decided_by, decided_at) VALUES (?, ?, ?, ?, ?)"
        " RETURNING id",
        (unit_id, successor_id, last_day, by, now),
    )
    for unit in covered:
        tx.run(
            "INSERT INTO unit_ending_unit (ending_id, unit_id, until_before) SELECT ?, id, valid_until FROM unit"
            " WHERE id = ?",
            (id, unit),
        )
    tx.run(
        f"UPDATE unit_version SET valid_until = ? WHERE id IN {_COVERED} AND (valid_until IS NULL OR valid_until > ?)"
        f" AND {units.NOW}",
        (last_day, id, last_day),
    )
    tx.run(f"UPDATE unit_version SET successor_id = ? WHERE id = ? AND {units.NOW}", (successor_id, unit_id))
    units.revise(tx)
    return id


def by_id(tx: Transaction, id: int) -> Ending | None:
    """The decision, or None."""
    row = tx.one(f"SELECT {_ENDING} FROM unit_ending e WHERE e.id = ?", (id,))
    return Ending(*row) if row else None


def in_state(tx: Transaction, state: str) -> list[Ending]:
    """Decisions in a state, oldest first."""
    return [
        Ending(*row) for row in tx.all(f"SELECT {_ENDING} FROM unit_ending e WHERE e.state = ? ORDER BY e.id", (state,))
    ]


def covering(tx: Transaction, unit_id: int) -> Ending | None:
    """The decision that stands and covers a unit."""
    row = tx.one(
        f"SELECT {_ENDING} FROM unit_ending e JOIN unit_ending_unit u ON u.ending_id = e.id"
        " WHERE e.state = 'set' AND u.unit_id = ?",
        (unit_id,),
    )
    return Ending(*row) if row else None


def covered(tx: Transaction, id: int) -> list[int]:
    """The units a decision covers."""
    return [
        row[0] for row in tx.all("SELECT unit_id FROM unit_ending_unit WHERE ending_id = ? ORDER BY unit_id", (id,))
    ]


def revoke(tx: Transaction, ending: Ending, now: int) -> None:
    """Take a decision back: the units go on as before, and questions that wait do not go out."""
    tx.run(
        "UPDATE unit_version SET valid_until = (SELECT until_before FROM unit_ending_unit c WHERE c.ending_id = ?"
        f" AND c.unit_id = unit_version.id) WHERE id IN {_COVERED} AND {units.NOW}",
        (ending.id, ending.id),
    )
    tx.run(f"UPDATE unit_version SET successor_id = NULL WHERE id = ? AND {units.NOW}", (ending.unit_id,))
    units.revise(tx)
    tx.run("UPDATE unit_ending SET state = 'revoked' WHERE id = ?", (ending.id,))
    tx.run(
        "UPDATE outbox SET state = 'cancelled', finished_at = ?"
        " WHERE state = 'pending' AND origin = ? AND origin <> ''",
        (now, origin(ending.id)),
    )


def finish(tx: Transaction, ending: Ending) -> None:
    """It is done: units under a merged one stand under its successor, which is known by the old name too."""
    if ending.successor_id is not None:
        tx.run(
            f"UPDATE unit_version SET parent_id = ? WHERE parent_id = ? AND {units.NOW}",
            (ending.successor_id, ending.unit_id),
        )
        merged = units.by_id(tx, ending.unit_id)
        if merged is not None:
            units.add_former_name(tx, ending.successor_id, merged.name)
        units.revise(tx)
    tx.run("UPDATE unit_ending SET state = 'done' WHERE id = ?", (ending.id,))


def origin(id: int) -> str:
    """The origin of outbox rows that ask or tell members of a decision."""
    return f"ending:{id}"


# -- members


def add_members(tx: Transaction, id: int) -> None:
    """Everybody in the covered units is to be asked, who joined since as well."""
    tx.run(
        "INSERT INTO unit_ending_member (ending_id, member_id) SELECT ?, m.id FROM member m"
        f" WHERE m.unit_id IN {_COVERED} ON CONFLICT DO NOTHING",
        (id, id),
    )


def unasked(tx: Transaction, id: int, limit: int) -> list[int]:
    """Members not asked yet."""
    rows = tx.all(
        "SELECT member_id FROM unit_ending_member WHERE ending_id = ? AND asked_at IS NULL ORDER BY member_id LIMIT ?",
        (id, limit),
    )
    return [row[0] for row in rows]


def unanswered(tx: Transaction, id: int, asked_before: int, limit: int) -> list[int]:
    """Members asked before epoch ms `asked_before` who neither answered nor were reminded."""
    rows = tx.all(
        "SELECT member_id FROM unit_ending_member WHERE ending_id = ? AND asked_at < ? AND answer = ''"
        " AND reminded = 0 ORDER BY member_id LIMIT ?",
        (id, asked_before, limit),
    )
    return [row[0] for row in rows]


def untold(tx: Transaction, id: int, limit: int) -> list[Asked]:
    """Members who were not told yet how it ended."""
    rows = tx.all(
        "SELECT member_id, answer, target_id FROM unit_ending_member WHERE ending_id = ? AND told = 0"
        " ORDER BY member_id LIMIT ?",
        (id, limit),
    )
    return [Asked(*row) for row in rows]


def mark(tx: Transaction, id: int, member_id: int, **fields: int | str | None) -> bool:
    """Set columns of a member's row; False when they are not asked in this decision."""
    names = sorted(fields)
    sets = ", ".join(f"{name} = ?" for name in names)
    values = [fields[name] for name in names]
    return (
        tx.run(f"UPDATE unit_ending_member SET {sets} WHERE ending_id = ? AND member_id = ?", (*values, id, member_id))
        == 1
    )


def answers(tx: Transaction, id: int) -> dict[str, int]:
    """How many gave each answer."""
    return dict(tx.all("SELECT answer, COUNT(*) FROM unit_ending_member WHERE ending_id = ? GROUP BY answer", (id,)))


def unite(tx: Transaction, kept: int, gone: int) -> None:
    """Of two members who are one, what the one who stays answered holds, else the other's."""
    tx.run(
        "INSERT INTO unit_ending_member (ending_id, member_id, answer, target_id, asked_at, reminded, told)"
        " SELECT ending_id, ?, answer, target_id, asked_at, reminded, told FROM unit_ending_member WHERE member_id = ?"
        " ON CONFLICT (ending_id, member_id) DO UPDATE SET answer = excluded.answer, target_id = excluded.target_id"
        " WHERE unit_ending_member.answer = ''",
        (kept, gone),
    )
    tx.run("UPDATE unit_ending SET decided_by = ? WHERE decided_by = ?", (kept, gone))


def counts(tx: Transaction, covered_ids: list[int], now: int) -> tuple[int, int, int]:
    """In some units: members, roles held at epoch ms `now`, introductions that wait for their reviewers."""
    marks = ", ".join("?" * len(covered_ids))
    people = tx.scalar(f"SELECT COUNT(*) FROM member WHERE state = 'active' AND unit_id IN ({marks})", covered_ids)
    roles = tx.scalar(
        f"SELECT COUNT(*) FROM role WHERE unit_id IN ({marks}) AND (valid_until IS NULL OR valid_until > ?)",
        (*covered_ids, now),
    )
    deeds = tx.scalar(
        f"SELECT COUNT(*) FROM nomination WHERE state IN ('waiting', 'asked', 'confirm') AND level_id IN ({marks})",
        covered_ids,
    )
    return people, roles, deeds


def below(tx: Transaction, unit_id: int) -> list[int]:
    """A unit and everything under it."""
    return [row[0] for row in tx.all(f"{subtrees([unit_id])} SELECT id FROM subtree ORDER BY id", (unit_id,))]

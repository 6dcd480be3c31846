"""The union tree and the roles over it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from bot.domain.people import Role, RoleKind, Unit
from bot.storage import installation
from bot.storage.database import Transaction
from bot.vietnamese import sort_key

_UNIT: Final = (
    "u.id, u.code, u.parent_id, u.kind, u.name, u.valid_from, u.valid_until, u.short_name, u.position, u.successor_id"
)
_ROLE: Final = "r.id, r.member_id, r.unit_id, r.kind, r.title, r.phone, r.phone_shown, r.valid_until, r.deputy_of"

SHOWN: Final = "(SELECT shown FROM tree_version)"
NOW: Final = f"since <= {SHOWN} AND (until IS NULL OR until > {SHOWN})"
"""Rows of `unit_version` that everybody sees: those of the view `unit`."""

ANCESTORS: Final = """
WITH RECURSIVE ancestor (id, parent_id, distance) AS (
  SELECT id, parent_id, 0 FROM unit WHERE id = ?
  UNION ALL SELECT u.id, u.parent_id, a.distance + 1 FROM unit u JOIN ancestor a ON u.id = a.parent_id)
"""


def _as_unit(row: tuple[Any, ...]) -> Unit:
    id, code, parent_id, kind, name, valid_from, valid_until, short_name, position, successor_id = row
    return Unit(
        id,
        code,
        parent_id,
        kind,
        name,
        date.fromisoformat(valid_from) if valid_from else None,
        date.fromisoformat(valid_until) if valid_until else None,
        short_name,
        position,
        successor_id,
    )


def in_order(listed: Iterable[Unit]) -> list[Unit]:
    """Units as official lists have them: by position, those without one after them, by name."""
    return sorted(listed, key=_among_neighbours)


def _among_neighbours(unit: Unit) -> tuple[Any, ...]:
    return unit.position is None, unit.position or 0, sort_key(unit.name), unit.code


def listed(tx: Transaction, unit_ids: Iterable[int]) -> list[Unit]:
    """Units of anywhere in the tree, as official lists have them: those above first, neighbours in order."""
    ids = list(dict.fromkeys(unit_ids))
    marks = ", ".join("?" * len(ids))
    rows = tx.all(
        f"WITH RECURSIVE above (id) AS (SELECT id FROM unit WHERE id IN ({marks})"
        " UNION SELECT u.parent_id FROM above a JOIN unit u ON u.id = a.id WHERE u.parent_id IS NOT NULL)"
        f" SELECT {_UNIT} FROM unit u WHERE u.id IN (SELECT id FROM above)",
        ids,
    )
    known = {unit.id: unit for unit in map(_as_unit, rows)}
    places: dict[int, tuple[Any, ...]] = {}

    def place(id: int) -> tuple[Any, ...]:
        if id not in places:
            unit = known[id]
            places[id] = (*(place(unit.parent_id) if unit.parent_id is not None else ()), _among_neighbours(unit))
        return places[id]

    return [known[id] for id in sorted((id for id in ids if id in known), key=place)]


def _as_role(row: tuple[Any, ...]) -> Role:
    id, member_id, unit_id, kind, title, phone, phone_shown, valid_until, deputy_of = row
    return Role(id, member_id, unit_id, RoleKind(kind), title, phone, bool(phone_shown), valid_until, deputy_of)


def by_id(tx: Transaction, unit_id: int) -> Unit | None:
    """The unit, or None."""
    row = tx.one(f"SELECT {_UNIT} FROM unit u WHERE u.id = ?", (unit_id,))
    return _as_unit(row) if row else None


def by_code(tx: Transaction, code: str) -> Unit | None:
    """The unit with this code (upper case), or None."""
    row = tx.one(f"SELECT {_UNIT} FROM unit u WHERE u.code = ?", (code,))
    return _as_unit(row) if row else None


def by_codes(tx: Transaction, codes: Sequence[str]) -> list[Unit]:
    """The units with one of these codes (upper case)."""
    marks = ", ".join("?" * len(codes))
    return [_as_unit(row) for row in tx.all(f"SELECT {_UNIT} FROM unit u WHERE u.code IN ({marks})", codes)]


def every(tx: Transaction) -> list[Unit]:
    """Every unit there is, was or will be, in order of code."""
    return [_as_unit(row) for row in tx.all(f"SELECT {_UNIT} FROM unit u ORDER BY u.code")]


def existing(tx: Transaction, day: date) -> list[Unit]:
    """Every unit that exists on `day`, in order of code."""
    return [unit for unit in every(tx) if unit.exists_on(day)]


def children(tx: Transaction, parent_id: int | None, day: date) -> list[Unit]:
    """Units directly under `parent_id` (None: the roots) that exist on `day`, in official order."""
    rows = tx.all(f"SELECT {_UNIT} FROM unit u WHERE u.parent_id IS ?", (parent_id,))
    return in_order(unit for unit in map(_as_unit, rows) if unit.exists_on(day))


def path(tx: Transaction, unit_id: int) -> list[int]:
    """The unit and its ancestors, nearest first."""
    return [row[0] for row in tx.all(ANCESTORS + " SELECT id FROM ancestor ORDER BY distance", (unit_id,))]


def put(
    tx: Transaction,
    code: str,
    parent_id: int | None,
    kind: str,
    name: str,
    valid_from: str | None,
    valid_until: str | None,
    *,
    short_name: str = "",
    position: int | None = None,
) -> int:
    """Insert a unit or bring it up to date; returns its id. Dates are ISO text."""
    id: int = tx.scalar(
        "INSERT INTO unit_number (code) VALUES (?) ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING id",
        (code,),
    )
    values = (parent_id, kind, name, valid_from, valid_until, short_name, position)
    changed = tx.run(
        "UPDATE unit_version SET parent_id = ?, kind = ?, name = ?, valid_from = ?, valid_until = ?, short_name = ?,"
        f" position = ? WHERE id = ? AND {NOW}",
        (*values, id),
    )
    if not changed:
        tx.run(
            "INSERT INTO unit_version (id, since, code, parent_id, kind, name, valid_from, valid_until, short_name,"
            f" position) VALUES (?, {SHOWN}, ?, ?, ?, ?, ?, ?, ?, ?)",
            (id, code, *values),
        )
    return id


def revision(tx: Transaction) -> int:
    """A number that grows whenever a file or a decision changes the tree."""
    return int(installation.setting(tx, "tree_revision") or 0)


def revise(tx: Transaction) -> None:
    """A file or a decision changed the tree: what was checked against it is to be checked again."""
    installation.set_setting(tx, "tree_revision", str(revision(tx) + 1))


def former_names(tx: Transaction) -> dict[int, list[str]]:
    """What units were called before, by unit."""
    found: dict[int, list[str]] = {}
    for id, name in tx.all(f"SELECT unit_id, name FROM unit_former_name WHERE since <= {SHOWN} ORDER BY unit_id, name"):
        found.setdefault(id, []).append(name)
    return found


def add_former_name(tx: Transaction, unit_id: int, name: str) -> None:
    """A unit was once called so."""
    tx.run(
        "INSERT INTO unit_former_name (unit_id, name) VALUES (?, ?)"
        " ON CONFLICT (unit_id, name) DO UPDATE SET since = excluded.since",
        (unit_id, name),
    )


def names(tx: Transaction, day: date) -> list[tuple[Unit, str]]:
    """Every name by which a unit that exists on `day` may be asked for: official, usual, former."""
    former = former_names(tx)
    return [
        (unit, name)
        for unit in existing(tx, day)
        for name in (unit.name, unit.short_name, *former.get(unit.id, ()))
        if name
    ]


def heir(tx: Transaction, unit: Unit, day: date) -> Unit | None:
    """The unit itself if it exists on `day`, else the one that took its place, however often; None without one."""
    seen: set[int] = set()
    found: Unit | None = unit
    while found is not None and not found.exists_on(day):
        if found.id in seen or found.successor_id is None:
            return None
        seen.add(found.id)
        found = by_id(tx, found.successor_id)
    return found


def grant(
    tx: Transaction,
    member_id: int,
    unit_id: int,
    kind: RoleKind,
    now: int,
    *,
    title: str = "",
    phone: str = "",
    phone_shown: bool = False,
    granted_by: int | None = None,
    valid_until: int | None = None,
    deputy_of: int | None = None,
) -> None:
    """Give a role over a unit's subtree; the same role again is renewed. `deputy_of` is the role it stands in for."""
    tx.run(
        "INSERT INTO role (member_id, unit_id, kind, title, phone, phone_shown, granted_by, granted_at, valid_until,"
        " deputy_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (member_id, unit_id, kind) DO UPDATE SET"
        " title = excluded.title, phone = excluded.phone, phone_shown = excluded.phone_shown,"
        " granted_by = excluded.granted_by, granted_at = excluded.granted_at, valid_until = excluded.valid_until,"
        " deputy_of = excluded.deputy_of, warned = 0",
        (member_id, unit_id, kind.value, title, phone, int(phone_shown), granted_by, now, valid_until, deputy_of),
    )
    tx.run(
        "UPDATE role SET valid_until = ? WHERE valid_until > ? AND deputy_of = (SELECT id FROM role"
        " WHERE member_id = ? AND unit_id = ? AND kind = ?)",
        (valid_until, valid_until, member_id, unit_id, kind.value),
    )


def roles_of(tx: Transaction, member_id: int, now: int) -> list[Role]:
    """The roles a member holds at epoch ms `now`."""
    rows = tx.all(f"SELECT {_ROLE} FROM role r WHERE r.member_id = ? ORDER BY r.id", (member_id,))
    return [role for role in map(_as_role, rows) if role.holds_at(now)]


def holders(tx: Transaction, unit_id: int, kind: RoleKind, now: int) -> list[Role]:
    """Who holds `kind` on exactly this unit at epoch ms `now`."""
    rows = tx.all(f"SELECT {_ROLE} FROM role r WHERE r.unit_id = ? AND r.kind = ? ORDER BY r.id", (unit_id, kind.value))
    return [role for role in map(_as_role, rows) if role.holds_at(now)]


def nearest_holders(tx: Transaction, unit_id: int, kind: RoleKind, now: int) -> list[Role]:
    """Who holds `kind` on the nearest unit, going up from `unit_id`, that has anyone."""
    for id in path(tx, unit_id):
        found = holders(tx, id, kind, now)
        if found:
            return found
    return []


def all_holders(tx: Transaction, kind: RoleKind, now: int) -> list[Role]:
    """Everyone who holds `kind` anywhere."""
    rows = tx.all(f"SELECT {_ROLE} FROM role r WHERE r.kind = ? ORDER BY r.id", (kind.value,))
    return [role for role in map(_as_role, rows) if role.holds_at(now)]


def within(tx: Transaction, unit_id: int, roots: Sequence[int]) -> bool:
    """Whether `unit_id` lies in the subtree of one of `roots`."""
    return not set(path(tx, unit_id)).isdisjoint(roots)

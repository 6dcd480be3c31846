"""Members and their addresses."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from bot.domain.people import Address, Member
from bot.storage import installation
from bot.storage.audiences import PUSH_ADDRESS
from bot.storage.database import Transaction
from bot.storage.dialogs import OF_DIALOG, StoredDialog

COLUMNS: Final = (
    "m.id, m.name, m.form, m.standing, m.unit_id, m.unit_state, m.slot, m.quiet_from, m.quiet_to, m.paused_until,"
    " m.consent_version, m.consent_at, m.state"
)


def as_member(row: tuple[Any, ...]) -> Member:
    """A row of the member columns as a Member."""
    id, name, form, standing, unit_id, unit_state, slot, quiet_from, quiet_to, paused, version, consent_at, state = row
    return Member(
        id,
        name,
        form,
        standing,
        unit_id,
        unit_state,
        slot,
        quiet_from,
        quiet_to,
        date.fromisoformat(paused) if paused else None,
        version,
        consent_at,
        state,
    )


class Arrival(NamedTuple):
    """Who wrote. `known` is whether the address was there before; `tapped` the last question button taken, and when.

    `dialog` is what waited for their answer when they wrote.
    """

    address: Address
    member: Member | None
    has_role: bool
    known: bool
    tapped: str
    tapped_at: int
    dialog: StoredDialog | None = None


_ARRIVE = f"""
SELECT a.id, a.member_id, a.reachable, a.last_in_at, a.forget_at, a.tapped, a.tapped_at,
  EXISTS (SELECT 1 FROM role r WHERE r.member_id = a.member_id AND (r.valid_until IS NULL OR r.valid_until > ?)),
  EXISTS (SELECT 1 FROM address b WHERE b.member_id = a.member_id AND b.id <> a.id AND b.last_in_at >= a.last_in_at),
  {COLUMNS}, {OF_DIALOG}
FROM address a LEFT JOIN member m ON m.id = a.member_id
LEFT JOIN dialog d ON d.address_id = a.id AND d.state = 'waiting'
WHERE a.account_id = ? AND a.external_id = ?
"""
_HIGHEST_GONE: Final = "highest_member_gone"
TOUCH_MS: Final = 60_000


def arrive(tx: Transaction, account_id: int, external_id: str, now: int) -> Arrival:
    """Who wrote: the address (made when new, reachable again) and its member if they consented."""
    row = tx.one(_ARRIVE, (now, account_id, external_id))
    if row is None:
        id = tx.scalar(
            "INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (?, ?, ?, ?) RETURNING id",
            (account_id, external_id, now, now),
        )
        return Arrival(Address(id, account_id, external_id, None), None, False, False, "", 0)
    id, member_id, reachable, last_in_at, forget_at, tapped, tapped_at, has_role, wrote_elsewhere = row[:9]
    if not reachable or forget_at is not None or wrote_elsewhere or now - last_in_at > TOUCH_MS:
        tx.run("UPDATE address SET last_in_at = ?, reachable = 1, forget_at = NULL WHERE id = ?", (now, id))
    member = as_member(row[9:22]) if member_id is not None else None
    dialog = StoredDialog(*row[22:]) if row[22] is not None else None
    address = Address(id, account_id, external_id, member_id)
    return Arrival(address, member, bool(has_role), True, tapped, tapped_at, dialog)


def remember_tap(tx: Transaction, address_id: int, tapped: str, now: int) -> None:
    """Keep the question button just taken."""
    tx.run("UPDATE address SET tapped = ?, tapped_at = ? WHERE id = ?", (tapped, now, address_id))


def by_id(tx: Transaction, member_id: int) -> Member | None:
    """The member, or None."""
    row = tx.one(f"SELECT {COLUMNS} FROM member m WHERE m.id = ?", (member_id,))
    return as_member(row) if row else None


def address_by_id(tx: Transaction, address_id: int) -> Address:
    """The address with this number, which exists."""
    row = tx.one("SELECT id, account_id, external_id, member_id, reachable FROM address WHERE id = ?", (address_id,))
    assert row is not None
    id, account, external, member, ok = row
    return Address(id, account, external, member, bool(ok))


def at_address(tx: Transaction, address_id: int) -> Member | None:
    """The member an address belongs to, or None."""
    row = tx.one(f"SELECT {COLUMNS} FROM address a JOIN member m ON m.id = a.member_id WHERE a.id = ?", (address_id,))
    return as_member(row) if row else None


def create(tx: Transaction, address_id: int, consent_version: str, quiet_from: int, quiet_to: int, now: int) -> Member:
    """A member who just agreed, on this address. A number is never given twice: the audit log names people by it."""
    id = tx.scalar(
        "INSERT INTO member (id, quiet_from, quiet_to, consent_version, consent_at, created_at)"
        " VALUES ((SELECT MAX(n) + 1 FROM (SELECT 0 AS n UNION ALL SELECT MAX(id) FROM member"
        " UNION ALL SELECT CAST(value AS INTEGER) FROM installation WHERE name = ?) AS given), ?, ?, ?, ?, ?)"
        " RETURNING id",
        (_HIGHEST_GONE, quiet_from, quiet_to, consent_version, now, now),
    )
    tx.run("UPDATE address SET member_id = ?, forget_at = NULL WHERE id = ?", (id, address_id))
    member = by_id(tx, id)
    assert member is not None
    return member


def remove(tx: Transaction, member_id: int) -> None:
    """Delete a member with what hangs on them; the number is not given again."""
    highest = int(installation.setting(tx, _HIGHEST_GONE) or 0)
    installation.set_setting(tx, _HIGHEST_GONE, str(max(highest, member_id)))
    tx.run("DELETE FROM member WHERE id = ?", (member_id,))


def set_fields(tx: Transaction, member_id: int, **fields: Any) -> None:
    """Change columns of a member; dates are stored as ISO text."""
    names = ", ".join(f"{name} = ?" for name in sorted(fields))
    values = [fields[n].isoformat() if isinstance(fields[n], date) else fields[n] for n in sorted(fields)]
    tx.run(f"UPDATE member SET {names} WHERE id = ?", (*values, member_id))


def addresses(tx: Transaction, member_id: int) -> list[Address]:
    """Every address of a member, the one last written from first."""
    rows = tx.all(
        "SELECT id, account_id, external_id, member_id, reachable FROM address WHERE member_id = ?"
        " ORDER BY last_in_at DESC, id",
        (member_id,),
    )
    return [Address(id, account, external, member, bool(ok)) for id, account, external, member, ok in rows]


def push_address(tx: Transaction, member_id: int) -> Address | None:
    """Where an unasked message goes: the preferred address if reachable, else the reachable one last written from."""
    row = tx.one(
        "SELECT a.id, a.account_id, a.external_id, a.member_id FROM member m"
        f" JOIN address a ON {PUSH_ADDRESS} WHERE m.id = ?",
        (member_id,),
    )
    return Address(*row) if row else None


@dataclass(frozen=True, slots=True)
class Place:
    """An address as its owner knows it: the channel's word, since when and last written from (epoch ms)."""

    id: int
    channel: str
    since: int
    last_in_at: int


def places(tx: Transaction, member_id: int) -> list[Place]:
    """Where a member writes from, the oldest first."""
    rows = tx.all(
        "SELECT a.id, c.channel, a.created_at, a.last_in_at FROM address a JOIN account c ON c.id = a.account_id"
        " WHERE a.member_id = ? ORDER BY a.id",
        (member_id,),
    )
    return [Place(*row) for row in rows]


def forget_address(tx: Transaction, address_id: int, at: int) -> None:
    """Let the address row be deleted once nothing more goes out to it, at or after epoch ms `at`."""
    tx.run("UPDATE address SET forget_at = ? WHERE id = ?", (at, address_id))


def put_unit_request(tx: Transaction, member_id: int, description: str, now: int) -> None:
    """What a member wrote about a unit they did not find; a newer request replaces the older."""
    tx.run(
        "INSERT INTO unit_request (member_id, description, created_at) VALUES (?, ?, ?)"
        " ON CONFLICT (member_id) DO UPDATE SET description = excluded.description, created_at = excluded.created_at",
        (member_id, description, now),
    )


def unit_requests(tx: Transaction) -> list[tuple[int, str, str]]:
    """Waiting requests, oldest first: (member, name, description)."""
    return tx.all(
        "SELECT m.id, m.name, r.description FROM unit_request r JOIN member m ON m.id = r.member_id"
        " ORDER BY r.created_at"
    )


def drop_unit_request(tx: Transaction, member_id: int) -> None:
    """The request is dealt with."""
    tx.run("DELETE FROM unit_request WHERE member_id = ?", (member_id,))

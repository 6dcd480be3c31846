"""Invented members by the thousand, to try a load on."""

from collections.abc import Sequence
from typing import Final

from bot.storage.database import Transaction

_MEMBER: Final = (
    "INSERT INTO member (id, unit_id, unit_state, slot, quiet_from, quiet_to, consent_version, consent_at, created_at)"
    " VALUES (?, ?, 'confirmed', 'none', 0, 0, ?, ?, ?)"
)
_ADDRESS: Final = (
    "INSERT INTO address (account_id, external_id, member_id, created_at, last_in_at) VALUES (?, ?, ?, ?, ?)"
)


def add_members(
    tx: Transaction,
    account_id: int,
    external_ids: Sequence[str],
    unit_ids: Sequence[int],
    consent_version: str,
    now: int,
) -> int:
    """Add a consented member of a confirmed unit for each external id that has no address yet; returns how many.

    They take `unit_ids` in turn, have no quiet hours and ask for no daily piece. At most 500 ids.
    """
    marks = ", ".join("?" * len(external_ids))
    there = tx.all(
        f"SELECT external_id FROM address WHERE account_id = ? AND external_id IN ({marks})",
        (account_id, *external_ids),
    )
    known = {row[0] for row in there}
    first = (tx.scalar("SELECT MAX(id) FROM member") or 0) + 1
    new = list(enumerate((id for id in external_ids if id not in known), first))
    tx.run_many(_MEMBER, [(id, unit_ids[id % len(unit_ids)], consent_version, now, now) for id, _ in new])
    tx.run_many(_ADDRESS, [(account_id, external, id, now, now) for id, external in new])
    return len(new)

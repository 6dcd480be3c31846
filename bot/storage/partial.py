"""Messages that go out as several (an album, then its text), of which only some arrived.

The first is a row of its announcement; those that follow it have an origin of their own (`origin_of_rest`).
"""

from collections.abc import Sequence
from typing import Final

from bot.storage.database import Transaction
from bot.storage.rests import origin_of_rest

REASON: Final = "rest"
"""Why a message counts as not received whose files arrived: what follows them did not."""
_WORST: Final = ("uncertain", "failed", "expired", "unreachable", "cancelled")
"""What can have become of what follows, that which decides first: what may be there is not sent again unasked."""


def settle_slice(tx: Transaction, id: int, origin: str, limit: int) -> bool:
    """Of the recipients whose first message arrived write down who lacks what follows; whether there may be more."""
    ranked = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(_WORST))
    lacking = tx.all(
        f"SELECT a.member_id, MIN(CASE o.state {ranked} END) FROM outbox o JOIN address a ON a.id = o.address_id"
        " JOIN recipient r ON r.announcement_id = ? AND r.member_id = a.member_id AND r.outcome = 'sent'"
        f" WHERE o.origin = ? AND o.origin <> '' AND o.state IN ({', '.join('?' * len(_WORST))})"
        " GROUP BY a.member_id LIMIT ?",
        (id, origin_of_rest(origin), *_WORST, limit),
    )
    tx.run_many(
        "UPDATE recipient SET outcome = ?, reason = ? WHERE announcement_id = ? AND member_id = ?",
        [(_WORST[place], REASON, id, member_id) for member_id, place in lacking],
    )
    return len(lacking) == limit


def arrived(tx: Transaction, id: int, address_id: int, origins: Sequence[str]) -> list[bool] | None:
    """For who reads at an address and has only some of announcement `id`: of each message whether it arrived.

    The messages are those of the last time it went out (`origins`); empty when that is not kept any more. None for who
    lacks nothing, or everything.
    """
    some = tx.one(
        "SELECT 1 FROM recipient r JOIN address a ON a.member_id = r.member_id"
        " WHERE r.announcement_id = ? AND a.id = ? AND r.reason = ?",
        (id, address_id, REASON),
    )
    if some is None:
        return None
    first = tx.one(
        "SELECT o.id, o.address_id FROM address b JOIN address a ON a.member_id = b.member_id"
        " JOIN outbox o ON o.address_id = a.id WHERE b.id = ? AND o.state = 'sent' AND o.operation = 'send'"
        f" AND o.origin || '' IN ({', '.join('?' * len(origins))}) ORDER BY o.id DESC LIMIT 1",
        (address_id, *origins),
    )
    if first is None:
        return []
    rest = tx.all(
        "SELECT state FROM outbox WHERE address_id = ? AND target_id = ? AND operation = 'send' ORDER BY id",
        (first[1], first[0]),
    )
    return [True, *(state == "sent" for (state,) in rest)]

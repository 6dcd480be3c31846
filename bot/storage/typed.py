"""Two-digit codes that stand for standing buttons on a channel without buttons, a set for each address."""

from typing import Final

from bot.storage.database import Transaction

LOWEST: Final = 10
HIGHEST: Final = 99


def give(tx: Transaction, address_id: int, data: str, label: str, now: int, until: int) -> int:
    """The code of a button at this address, valid to `until` (epoch ms): the one it has already, or the next one.

    Codes go round, so that an old one is not used again soon; with all of them taken the oldest gives way.
    """
    mine: list[tuple[int, str]] = tx.all(
        "SELECT code, data FROM typed_code WHERE address_id = ? AND expires_at > ? ORDER BY given_at DESC, code DESC",
        (address_id, now),
    )
    code = next((code for code, held in mine if held == data), 0) or _next([code for code, _ in mine])
    tx.run(
        "INSERT INTO typed_code (address_id, code, data, label, given_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (address_id, code) DO UPDATE SET data = excluded.data, label = excluded.label,"
        " given_at = excluded.given_at, expires_at = excluded.expires_at",
        (address_id, code, data, label, now, until),
    )
    return code


def _next(taken: list[int]) -> int:
    """The first free code after the one given last, which is the first of `taken`; the oldest when none is free."""
    last = taken[0] if taken else HIGHEST
    count = HIGHEST - LOWEST + 1
    round_trip = (LOWEST + (last - LOWEST + step) % count for step in range(1, count + 1))
    return next((code for code in round_trip if code not in taken), taken[-1] if taken else LOWEST)


def given(tx: Transaction, address_id: int) -> list[tuple[int, str, str, int]]:
    """(code, data, label, valid to) of every code kept for this address, the newest first."""
    return tx.all(
        "SELECT code, data, label, expires_at FROM typed_code WHERE address_id = ? ORDER BY given_at DESC, code DESC",
        (address_id,),
    )


def drop_expired(tx: Transaction, before: int) -> None:
    """Forget codes that ended at or before epoch ms `before`."""
    tx.run("DELETE FROM typed_code WHERE expires_at <= ?", (before,))

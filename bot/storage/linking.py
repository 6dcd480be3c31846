"""One person at several addresses: codes that join them, addresses that come and go, two members made one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.people import Address
from bot.storage import erasures, members, privacy, unit_endings
from bot.storage.database import Transaction

# -- codes


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A code as it stands. `address_id` is where it was shown, once it was typed where; `taken` tells which.

    A row stays after its end: until the retention, it says to whom the member was named.
    """

    hash: bytes
    member_id: int
    address_id: int
    purpose: str
    tries: int
    expires_at: int
    taken: int


def add_code(
    tx: Transaction, digest: bytes, member_id: int, address_id: int, purpose: str, now: int, until: int
) -> bool:
    """Keep a code's hash and end the member's older codes; False when the hash is known already."""
    added = tx.run(
        "INSERT INTO link_code (hash, member_id, address_id, purpose, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
        (digest, member_id, address_id, purpose, now, until),
    )
    if added:
        tx.run(
            "UPDATE link_code SET expires_at = ? WHERE member_id = ? AND expires_at > ? AND hash <> ?",
            (now, member_id, now, digest),
        )
    return added == 1


def find_code(tx: Transaction, digest: bytes) -> LinkCode | None:
    """The code with this hash, over or not; None when there is none."""
    row = tx.one(
        "SELECT l.hash, l.member_id, l.address_id, l.purpose, l.tries, l.expires_at,"
        " a.member_id IS NULL OR a.member_id <> l.member_id"
        " FROM link_code l JOIN address a ON a.id = l.address_id WHERE l.hash = ?",
        (digest,),
    )
    return LinkCode(*row) if row else None


def count_wrong_try(tx: Transaction, now: int) -> None:
    """A code was typed that does not exist: it was a try at every code that waits to be typed."""
    tx.run("UPDATE link_code SET tries = tries + 1 WHERE expires_at > ?", (now,))


def take_code(tx: Transaction, digest: bytes, address_id: int, until: int) -> None:
    """The code was typed at this address, which has until epoch ms `until` to confirm."""
    tx.run("UPDATE link_code SET address_id = ?, expires_at = ? WHERE hash = ?", (address_id, until, digest))


def end_code(tx: Transaction, digest: bytes, now: int) -> None:
    """The code is used up."""
    tx.run("UPDATE link_code SET expires_at = ? WHERE hash = ?", (now, digest))


def prune_codes(tx: Transaction, now: int, before: int) -> None:
    """Delete codes that are over; those that named their member to somebody else only when over since `before`."""
    tx.run(
        "DELETE FROM link_code WHERE expires_at <= ? AND (expires_at < ? OR EXISTS (SELECT 1 FROM address a"
        " WHERE a.id = link_code.address_id AND a.member_id = link_code.member_id))",
        (now, before),
    )


# -- addresses


def attach(tx: Transaction, address_id: int, member_id: int) -> None:
    """The address is the member's from now on."""
    tx.run("UPDATE address SET member_id = ?, forget_at = NULL WHERE id = ?", (member_id, address_id))


def hand_over_dialogs(tx: Transaction, address_id: int, to: Address, now: int) -> None:
    """What was being talked about is parked at another address of the same account.

    Elsewhere it ends: a journal may refer to files that only its own account can fetch.
    """
    tx.run(
        "UPDATE dialog SET address_id = ?, state = CASE WHEN state = 'waiting' THEN 'parked' ELSE state END,"
        " prompt_id = NULL, updated_at = ? WHERE address_id = ?"
        " AND EXISTS (SELECT 1 FROM address a WHERE a.id = dialog.address_id AND a.account_id = ?)",
        (to.id, now, address_id, to.account_id),
    )
    tx.run("DELETE FROM dialog WHERE address_id = ?", (address_id,))


def hand_over_pushes(tx: Transaction, address_id: int, to: Address, now: int) -> None:
    """Unasked messages go to another address of the member, and count as sent there.

    One that waits and was composed for another account is cancelled: it speaks that channel's language.
    """
    tx.run(
        "UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE address_id = ? AND lane > 0 AND state = 'pending'"
        " AND body IS NOT NULL AND account_id <> ?",
        (now, address_id, to.account_id),
    )
    tx.run(
        "UPDATE outbox SET address_id = ?, account_id = ? WHERE address_id = ? AND lane > 0 AND origin <> ''"
        " AND state <> 'sending'",
        (to.id, to.account_id, address_id),
    )


def detach(tx: Transaction, address_id: int, now: int) -> None:
    """The address is nobody's; what was said there goes, and the row itself once nothing more goes out to it."""
    tx.run("UPDATE member SET preferred_address_id = NULL WHERE preferred_address_id = ?", (address_id,))
    tx.run("DELETE FROM typed_code WHERE address_id = ?", (address_id,))
    tx.run("DELETE FROM outbox WHERE address_id = ? AND state NOT IN ('pending', 'sending')", (address_id,))
    tx.run(
        "UPDATE address SET member_id = NULL, forget_at = ?, tapped = '', tapped_at = 0 WHERE id = ?", (now, address_id)
    )
    privacy.want_wipe(tx)


# -- two members


def joined_at(tx: Transaction, member_id: int) -> int:
    """When a member joined, epoch ms."""
    at: int = tx.scalar("SELECT created_at FROM member WHERE id = ?", (member_id,))
    return at


def preferred(tx: Transaction, member_id: int) -> int | None:
    """The address a member chose for unasked messages."""
    id: int | None = tx.scalar("SELECT preferred_address_id FROM member WHERE id = ?", (member_id,))
    return id


def fans_out(tx: Transaction) -> bool:
    """Whether recipients of an announcement are being added just now, member after member."""
    return tx.one("SELECT 1 FROM announcement WHERE state = 'queueing' LIMIT 1") is not None


def park_dialogs(tx: Transaction, member_id: int, but: int, now: int) -> list[tuple[int, int]]:
    """Park what waits at a member's addresses, `but` one address; returns (address, prompt's outbox row) of each."""
    parked = tx.all(
        "UPDATE dialog SET state = 'parked', updated_at = ? WHERE state = 'waiting' AND address_id <> ?"
        " AND address_id IN (SELECT id FROM address WHERE member_id = ?) RETURNING address_id, prompt_id",
        (now, but, member_id),
    )
    return [(address_id, prompt_id) for address_id, prompt_id in parked if prompt_id is not None]


_OWNED: Final = (
    ("media", "member_id"),
    ("nomination", "nominator_id"),
    ("announcement", "author_id"),
    ("announcement", "approver_id"),
    ("solemn", "started_by"),
    ("solemn", "ended_by"),
    ("group_post", "declared_by"),
    ("held_piece", "member_id"),
    ("link_code", "member_id"),
    ("role", "granted_by"),
    ("unit_file", "member_id"),
    ("recording", "author_id"),
    ("role_offer", "member_id"),
    ("role_offer", "by_id"),
    ("role_offer", "holder_id"),
)
"""Columns in which one member's number is simply replaced by the other's."""


def unite(tx: Transaction, kept: int, gone: int, now: int) -> None:
    """Give what the member `gone` has to `kept` and delete the row; addresses and fields were set by the caller.

    Roles end, and so does what one of the two was asked to take over from the other. Of what both have, one stays: the
    later answer, the earlier reading, the message of a day that was queued and not cancelled.
    """
    erasures.remember_merged(tx, kept, gone)
    tx.run("UPDATE link_code SET expires_at = ? WHERE member_id = ? AND expires_at > ?", (now, gone, now))
    tx.run("DELETE FROM role WHERE member_id = ?", (gone,))
    for table, column in _OWNED:
        tx.run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (kept, gone))
    tx.run(
        "UPDATE role_offer SET state = 'over' WHERE state = 'open' AND member_id = ? AND (by_id = ? OR holder_id = ?)",
        (kept, kept, kept),
    )
    privacy.unite_learning(tx, kept, gone)
    unit_endings.unite(tx, kept, gone)
    later = "COALESCE(excluded.answered_at, 0) > COALESCE(recipient.answered_at, 0)"
    tx.run(
        "INSERT INTO recipient (announcement_id, member_id, unit_id, outcome, reason, answer, words, answered_at)"
        " SELECT announcement_id, ?, unit_id, outcome, reason, answer, words, answered_at FROM recipient"
        " WHERE member_id = ?"
        " ON CONFLICT (announcement_id, member_id) DO UPDATE SET"
        " outcome = CASE WHEN recipient.outcome = 'sent' THEN 'sent' ELSE excluded.outcome END,"
        " reason = CASE WHEN recipient.outcome = 'sent' THEN '' ELSE excluded.reason END,"
        f" answer = CASE WHEN {later} THEN excluded.answer ELSE recipient.answer END,"
        f" words = CASE WHEN {later} THEN excluded.words ELSE recipient.words END,"
        f" answered_at = CASE WHEN {later} THEN excluded.answered_at ELSE recipient.answered_at END",
        (kept, gone),
    )
    tx.run(
        "INSERT INTO occurrence (member_id, day, state, parts, outbox_id, created_at)"
        " SELECT ?, day, state, parts, outbox_id, created_at FROM occurrence WHERE member_id = ?"
        " ON CONFLICT (member_id, day) DO UPDATE SET state = excluded.state, parts = excluded.parts,"
        " outbox_id = excluded.outbox_id, created_at = excluded.created_at WHERE excluded.state = 'queued'"
        " AND (occurrence.state <> 'queued' OR EXISTS"
        " (SELECT 1 FROM outbox o WHERE o.id = occurrence.outbox_id AND o.state = 'cancelled'))",
        (kept, gone),
    )
    members.remove(tx, gone)


def keep_unit_request(tx: Transaction, kept: int, gone: int, whose: int | None) -> None:
    """Of two members' requests for a unit the one of `whose` becomes `kept`'s; None for neither."""
    for id in (kept, gone):
        if id != whose:
            tx.run("DELETE FROM unit_request WHERE member_id = ?", (id,))
    tx.run("UPDATE unit_request SET member_id = ? WHERE member_id = ?", (kept, gone))


_RANK: Final = {"sent": 2, "sending": 2, "uncertain": 2, "pending": 1}


def send_once(
    tx: Transaction, sides: tuple[Sequence[int], Sequence[int]], first: int | None, kinds: Sequence[str], now: int
) -> None:
    """Of what goes out to both groups of addresses as one broadcast or occurrence, one stays.

    `kinds` are what such origins begin with. What arrived, or may have, stays before what waits; of two that wait the
    one for the address `first`. The other's rows are cancelled and lose their origin, so that a person counts once.
    """
    ranks: dict[str, list[tuple[int, int]]] = {}
    for side, addresses in enumerate(sides):
        marks = ", ".join("?" * len(addresses))
        for origin, state, address_id in tx.all(
            f"SELECT origin, state, address_id FROM outbox WHERE address_id IN ({marks}) AND origin <> ''", addresses
        ):
            if origin.partition(":")[0] in kinds:
                found = ranks.setdefault(origin, [(-1, 0), (-1, 0)])
                found[side] = max(found[side], (_RANK.get(state, 0), int(address_id == first)))
    for origin, (one, other) in ranks.items():
        if one[0] < 0 or other[0] < 0:
            continue
        losers = sides[0 if one < other else 1]
        marks = ", ".join("?" * len(losers))
        tx.run(
            "UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE origin = ? AND origin <> ''"
            f" AND state = 'pending' AND address_id IN ({marks})",
            (now, origin, *losers),
        )
        tx.run(
            "UPDATE outbox SET origin = '' WHERE origin = ? AND origin <> '' AND state <> 'sending'"
            f" AND address_id IN ({marks})",
            (origin, *losers),
        )

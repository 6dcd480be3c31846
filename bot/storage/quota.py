"""Plans with a quota: what an account used in a month, how many people it has, who waits for a place."""

from dataclasses import dataclass

import orjson

from bot.domain.announcements import Audience
from bot.storage.audiences import PUSH_ADDRESS, rule
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Use:
    """Messages sent and received in one civil month, and whether administrators were warned of it."""

    sent: int
    received: int
    warned: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A newcomer on the waiting list. Epoch ms; `told_at` is when they were told of a place."""

    address_id: int
    since: int
    told_at: int | None


# -- messages


def add(tx: Transaction, account_id: int, month: str, *, sent: int = 0, received: int = 0) -> None:
    """Count messages of a month ("2025-05")."""
    tx.run(
        "INSERT INTO quota_use (account_id, month, sent, received) VALUES (?, ?, ?, ?) ON CONFLICT (account_id, month)"
        " DO UPDATE SET sent = quota_use.sent + excluded.sent, received = quota_use.received + excluded.received",
        (account_id, month, sent, received),
    )


def use(tx: Transaction, account_id: int, month: str) -> Use:
    """What was counted in a month."""
    row = tx.one("SELECT sent, received, warned FROM quota_use WHERE account_id = ? AND month = ?", (account_id, month))
    return Use(row[0], row[1], bool(row[2])) if row else Use(0, 0, False)


def set_warned(tx: Transaction, account_id: int, month: str) -> None:
    """Administrators know how far the month's messages are used."""
    tx.run("UPDATE quota_use SET warned = 1 WHERE account_id = ? AND month = ?", (account_id, month))


def promised(tx: Transaction, account_id: int, now: int) -> int:
    """Messages not yet counted that will go out: rows that wait, and recipients announcements have yet to add."""
    rows = 0
    for state in ("pending", "sending"):  # an index each
        counted = f"SELECT COUNT(*) FROM outbox WHERE state = '{state}' AND account_id = ? AND operation = 'send'"
        rows += tx.scalar(counted, (account_id,))
    queueing = tx.all("SELECT audience_id, audience, cursor, high_water FROM announcement WHERE state = 'queueing'")
    for top, narrowed, cursor, high_water in queueing:
        found = rule(Audience.from_json(top, orjson.loads(narrowed) if narrowed else {}), now)
        rows += tx.scalar(
            f"{found.cte} SELECT COUNT(*) FROM member m JOIN address a ON {PUSH_ADDRESS}"
            f" WHERE a.account_id = ? AND m.id > ? AND m.id <= ? AND {found.inside}",
            (*found.cte_values, account_id, cursor, high_water, *found.values),
        )
    return rows


def needs_below(tx: Transaction, parent_id: int | None, account_id: int) -> dict[int, int]:
    """Recipients on the account in the subtree of each unit directly under one (None: the roots).

    Units with no recipients at all are left out.
    """
    top, values = ("parent_id IS NULL", ()) if parent_id is None else ("parent_id = ?", (parent_id,))
    rows = tx.all(
        f"WITH RECURSIVE below (id, top) AS (SELECT id, id FROM unit WHERE {top}"
        " UNION SELECT u.id, b.top FROM unit u JOIN below b ON u.parent_id = b.id)"
        " SELECT b.top, SUM(CASE WHEN a.account_id = ? THEN 1 ELSE 0 END)"
        f" FROM member m JOIN below b ON b.id = m.unit_id JOIN address a ON {PUSH_ADDRESS}"
        " WHERE m.state = 'active' AND m.unit_state = 'confirmed' GROUP BY b.top",
        (*values, account_id),
    )
    return dict(rows)


# -- people


def channels(tx: Transaction) -> dict[int, str]:
    """The channel's word of every account."""
    return dict(tx.all("SELECT id, channel FROM account"))


def users(tx: Transaction, account_id: int) -> int:
    """Addresses of an account that belong to a member who takes part."""
    count: int = tx.scalar(
        "SELECT COUNT(*) FROM address a JOIN member m ON m.id = a.member_id AND m.state = 'active'"
        " WHERE a.account_id = ?",
        (account_id,),
    )
    return count


def waiting(tx: Transaction, account_id: int) -> list[Waiting]:
    """The waiting list of an account, the longest waiting first."""
    rows = tx.all(
        "SELECT w.address_id, w.since, w.told_at FROM waiting w JOIN address a ON a.id = w.address_id"
        " WHERE a.account_id = ? AND a.member_id IS NULL ORDER BY w.since, w.address_id",
        (account_id,),
    )
    return [Waiting(*row) for row in rows]


def put_waiting(tx: Transaction, address_id: int, now: int) -> None:
    """Put an address on the waiting list; one that is there already keeps its place."""
    tx.run(
        "INSERT INTO waiting (address_id, since) VALUES (?, ?) ON CONFLICT (address_id) DO NOTHING", (address_id, now)
    )


def drop_waiting(tx: Transaction, address_id: int) -> None:
    """Take an address off the waiting list."""
    tx.run("DELETE FROM waiting WHERE address_id = ?", (address_id,))


def set_told(tx: Transaction, address_id: int, now: int) -> None:
    """Somebody on the waiting list was told of a place."""
    tx.run("UPDATE waiting SET told_at = ? WHERE address_id = ?", (now, address_id))


def end_waiting(tx: Transaction, told_before: int) -> None:
    """Take off the list who joined, who cannot be written to, and who was told before epoch ms `told_before`."""
    tx.run(
        "DELETE FROM waiting WHERE told_at < ? OR EXISTS (SELECT 1 FROM address a WHERE a.id = waiting.address_id"
        " AND (a.member_id IS NOT NULL OR a.reachable = 0))",
        (told_before,),
    )

"""Announcements: what an officer sends, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from bot.domain.announcements import Audience
from bot.storage.audiences import subtrees
from bot.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement; instants are epoch ms. Names are read from the member, so that erasing them erases those.

    `kind` and `question` are of domain.announcements. `reference` is JSON ("" for none). `purpose` is "" or again,
    reminder, erratum, recall of the announcement `of_id`. `state`: waiting (for approval), returned (not approved),
    scheduled, held (by the solemn mode), queueing (recipients are being added), sending, paused, stopping, stopped,
    done.
    `send_at` is None for at once. `result` is JSON, "" until it is done or stopped. `was` is the text
    that an erratum replaced.
    """

    id: int
    author_id: int | None
    unit_id: int | None
    unit_name: str
    speaker: str
    title: str
    audience: Audience
    kind: str
    reason: str
    body: str
    created_at: int
    valid_until: int
    reference: str = ""
    question: str = "received"
    named: bool = False
    of_id: int | None = None
    purpose: str = ""
    state: str = ""
    digest: str = ""
    approver_id: int | None = None
    approver: str = ""
    approver_title: str = ""
    decided_at: int | None = None
    note: str = ""
    send_at: int | None = None
    started_at: int | None = None
    result: str = ""
    was: str = ""
    corrected_at: int | None = None
    recalled_at: int | None = None

    @property
    def audience_id(self) -> int | None:
        """The unit whose subtree bounds the audience, None for everyone."""
        return self.audience.top


_COLUMNS: Final = (
    "n.id, n.author_id, n.unit_id, n.unit_name, COALESCE(w.name, n.speaker), n.title, n.audience_id, n.audience,"
    " n.kind, n.reason, n.body, n.created_at, n.valid_until, n.reference, n.question, n.named, n.of_id, n.purpose,"
    " n.state, n.digest, n.approver_id, COALESCE(v.name, ''), n.approver_title, n.decided_at, n.note, n.send_at,"
    " n.started_at, n.result, n.was, n.corrected_at, n.recalled_at"
)
_FROM: Final = "FROM announcement n LEFT JOIN member w ON w.id = n.author_id LEFT JOIN member v ON v.id = n.approver_id"


def _as_announcement(row: tuple[Any, ...]) -> Announcement:
    id, author_id, unit_id, unit_name, speaker, title, top, narrowed, *rest = row
    audience = Audience.from_json(top, orjson.loads(narrowed) if narrowed else {})
    return Announcement(id, author_id, unit_id, unit_name, speaker, title, audience, *rest)


def create(tx: Transaction, frozen: Announcement) -> int:
    """Keep an announcement in the state it says; returns its id. One that goes out at once is frozen now (`start`).

    The speaker's name is kept only without an author: an author's is read from the member.
    """
    speaker = frozen.speaker if frozen.author_id is None else ""
    narrowed = frozen.audience.as_json()
    id: int = tx.scalar(
        "INSERT INTO announcement (author_id, unit_id, unit_name, speaker, title, audience_id, audience, kind, reason,"
        " body, created_at, valid_until, reference, question, named, of_id, purpose, state, digest, send_at,"
        " high_water)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) RETURNING id",
        (
            *(frozen.author_id, frozen.unit_id, frozen.unit_name, speaker, frozen.title, frozen.audience.top),
            orjson.dumps(narrowed).decode() if narrowed else "",
            *(frozen.kind, frozen.reason, frozen.body, frozen.created_at, frozen.valid_until, frozen.reference),
            *(frozen.question, int(frozen.named), frozen.of_id, frozen.purpose, frozen.state, frozen.digest),
            frozen.send_at,
        ),
    )
    if frozen.state == "queueing":
        start(tx, id, (frozen.state,), frozen.created_at)
    return id


def start(tx: Transaction, id: int, before: Sequence[str], now: int) -> bool:
    """Freeze the highest member id and let the fan-out begin; False when the state was none of `before`."""
    changed = tx.run(
        "UPDATE announcement SET state = 'queueing', started_at = ?,"
        " high_water = (SELECT COALESCE(MAX(id), 0) FROM member)"
        f" WHERE id = ? AND state IN ({', '.join('?' * len(before))})",
        (now, id, *before),
    )
    return changed == 1


def by_id(tx: Transaction, id: int) -> Announcement | None:
    """The announcement, or None."""
    row = tx.one(f"SELECT {_COLUMNS} {_FROM} WHERE n.id = ?", (id,))
    return _as_announcement(row) if row else None


def of_units(tx: Transaction, unit_ids: Sequence[int], skip: int, limit: int) -> list[Announcement]:
    """Those spoken by units of these subtrees, newest first, after the first `skip`; what follows others left out."""
    rows = tx.all(
        f"{subtrees(unit_ids)} SELECT {_COLUMNS} {_FROM} WHERE n.unit_id IN (SELECT id FROM subtree)"
        " AND n.of_id IS NULL ORDER BY n.id DESC LIMIT ? OFFSET ?",
        (*unit_ids, limit, skip),
    )
    return [_as_announcement(row) for row in rows]


def following(tx: Transaction, id: int) -> list[Announcement]:
    """What follows an announcement (sent again, reminders, errata, recall), oldest first."""
    return [
        _as_announcement(row) for row in tx.all(f"SELECT {_COLUMNS} {_FROM} WHERE n.of_id = ? ORDER BY n.id", (id,))
    ]


def of_member(tx: Transaction, member_id: int, skip: int, limit: int) -> list[tuple[Announcement, bool]]:
    """Those a member is a recipient of, newest first, each with whether they answered it; stopped ones left out."""
    rows = tx.all(
        f"SELECT r.answered_at IS NOT NULL, {_COLUMNS}"
        " FROM recipient r JOIN announcement n ON n.id = r.announcement_id LEFT JOIN member w ON w.id = n.author_id"
        " LEFT JOIN member v ON v.id = n.approver_id"
        " WHERE r.member_id = ? AND n.of_id IS NULL AND n.state NOT IN ('stopping', 'stopped')"
        " ORDER BY r.announcement_id DESC LIMIT ? OFFSET ?",
        (member_id, limit, skip),
    )
    return [(_as_announcement(row[1:]), bool(row[0])) for row in rows]


def in_states(tx: Transaction, unit_ids: Sequence[int], states: Sequence[str]) -> list[Announcement]:
    """Those in one of `states` spoken by units of these subtrees, oldest first."""
    if not unit_ids:
        return []
    rows = tx.all(
        f"{subtrees(unit_ids)} SELECT {_COLUMNS} {_FROM} WHERE n.unit_id IN (SELECT id FROM subtree)"
        f" AND n.state IN ({', '.join('?' * len(states))}) ORDER BY n.id",
        (*unit_ids, *states),
    )
    return [_as_announcement(row) for row in rows]


def of_nobody(tx: Transaction, states: Sequence[str]) -> list[Announcement]:
    """Those in one of `states` that no unit speaks: the federation's own, oldest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} {_FROM} WHERE n.unit_id IS NULL AND n.state IN ({', '.join('?' * len(states))})"
        " ORDER BY n.id",
        tuple(states),
    )
    return [_as_announcement(row) for row in rows]


def waiting(tx: Transaction) -> list[Announcement]:
    """Everything that waits to be approved, oldest first."""
    rows = tx.all(f"SELECT {_COLUMNS} {_FROM} WHERE n.state = 'waiting' ORDER BY n.id")
    return [_as_announcement(row) for row in rows]


def decide(tx: Transaction, decided: Announcement) -> bool:
    """Write down who decided what about one that waits; False when it no longer waits, or was changed since.

    Taken are id, digest, state, approver, note and `decided_at`.
    """
    changed = tx.run(
        "UPDATE announcement SET state = ?, approver_id = ?, approver_title = ?, decided_at = ?, note = ?"
        " WHERE id = ? AND state = 'waiting' AND digest = ?",
        (
            *(decided.state, decided.approver_id, decided.approver_title, decided.decided_at, decided.note),
            *(decided.id, decided.digest),
        ),
    )
    return changed == 1


def put_off(tx: Transaction, id: int, state: str, send_at: int, digest: str) -> None:
    """Another time for one that has not started; an approval of the earlier one is no more."""
    tx.run(
        "UPDATE announcement SET state = ?, send_at = ?, digest = ?, approver_id = NULL, approver_title = '',"
        " decided_at = NULL WHERE id = ?",
        (state, send_at, digest, id),
    )


def next_send_at(tx: Transaction, now: int) -> int | None:
    """The first moment after `now` at which one is to start."""
    instant: int | None = tx.scalar(
        "SELECT MIN(send_at) FROM announcement WHERE state = 'scheduled' AND send_at > ?", (now,)
    )
    return instant


def unfinished(tx: Transaction, now: int) -> list[int]:
    """Ids of what has work to be done at epoch ms `now`, oldest first."""
    rows = tx.all(
        "SELECT id FROM announcement WHERE (state = 'scheduled' OR state = 'queueing' OR state = 'sending'"
        " OR state = 'stopping') AND (state <> 'scheduled' OR send_at <= ?) ORDER BY id",
        (now,),
    )
    return [row[0] for row in rows]


def resting(tx: Transaction) -> list[int]:
    """Ids of what had begun to go out and was paused, or is held."""
    rows = tx.all(
        "SELECT id FROM announcement WHERE (state = 'paused' OR state = 'held') AND started_at IS NOT NULL ORDER BY id"
    )
    return [row[0] for row in rows]


def move(tx: Transaction, id: int, before: Sequence[str], state: str, result: str = "") -> bool:
    """Change the state from one of `before`; False when it was in none of them."""
    marks = ", ".join("?" * len(before))
    changed = tx.run(
        f"UPDATE announcement SET state = ?, result = ? WHERE id = ? AND state IN ({marks})",
        (state, result, id, *before),
    )
    return changed == 1


def resume(tx: Transaction, id: int) -> bool:
    """Go on with a paused one where it was; False when it was not paused."""
    changed = tx.run(
        "UPDATE announcement SET state = CASE WHEN cursor < high_water THEN 'queueing' ELSE 'sending' END"
        " WHERE id = ? AND state = 'paused'",
        (id,),
    )
    return changed == 1


# -- what officers are told of their own accord


def to_tell(tx: Transaction, what: str, since: int, before: int) -> list[Announcement]:
    """Announcements that began to go out in [since, before), ask something, and whose officers were not told `what`."""
    rows = tx.all(
        f"SELECT {_COLUMNS} {_FROM} WHERE n.started_at >= ? AND n.started_at < ? AND n.of_id IS NULL"
        " AND n.question <> 'none' AND n.recalled_at IS NULL AND n.state <> 'stopping' AND n.state <> 'stopped'"
        " AND NOT EXISTS (SELECT 1 FROM announcement_told t WHERE t.announcement_id = n.id AND t.what = ?)"
        " ORDER BY n.id",
        (since, before, what),
    )
    return [_as_announcement(row) for row in rows]


def told(tx: Transaction, id: int, what: str, now: int) -> bool:
    """Officers are told `what` of an announcement; False when they were before."""
    added = tx.run(
        "INSERT INTO announcement_told (announcement_id, what, told_at) VALUES (?, ?, ?)"
        " ON CONFLICT (announcement_id, what) DO NOTHING",
        (id, what, now),
    )
    return added == 1


# -- files


def attach(tx: Transaction, id: int, media_ids: Sequence[int]) -> None:
    """The files of an announcement, in their order."""
    rows = [(id, position, media_id) for position, media_id in enumerate(media_ids)]
    tx.run_many("INSERT INTO announcement_media (announcement_id, position, media_id) VALUES (?, ?, ?)", rows)


def files(tx: Transaction, id: int) -> list[tuple[int, str, str]]:
    """The files of an announcement in their order, as (media id, kind, name)."""
    return tx.all(
        "SELECT m.id, m.kind, m.name FROM announcement_media f JOIN media m ON m.id = f.media_id"
        " WHERE f.announcement_id = ? ORDER BY f.position",
        (id,),
    )


def waiting_at(tx: Transaction, account_id: int) -> list[int]:
    """Ids of those on their way that have rows waiting at an account, oldest first."""
    rows = tx.all(
        "SELECT n.id FROM announcement n"
        " WHERE (n.state = 'queueing' OR n.state = 'sending') AND n.author_id IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM outbox o WHERE o.account_id = ? AND (o.lane = 1 OR o.lane = 2) AND o.queue = n.id"
        " AND o.state = 'pending') ORDER BY n.id",
        (account_id,),
    )
    return [row[0] for row in rows]

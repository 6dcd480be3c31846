"""What one member left behind: gathered for them, or removed for good."""

from collections.abc import Collection
from typing import Final, TypedDict

from bot.domain.lanes import Lane
from bot.storage import erasures, installation, media, members, nominations, unnaming
from bot.storage.database import Transaction
from bot.vietnamese import parse_phone, show_phone

_WIPE: Final = "wipe"


class Held(TypedDict):
    """Everything kept under a member's number that they may see; instants are epoch ms.

    `missed` are rows of `storage.learning.Missed` with ISO dates, `returned` the last day on which such questions were
    answered again, and how many. `revisions` are the cards as they stood when they were got, `corrected` errata
    that were sent. `work` and `language` (to listen in) are what was chosen, and since when.
    """

    created_at: int
    roles: list[tuple[str, str]]
    request: str
    cards: list[tuple[str, int]]
    revisions: list[tuple[str, str, int]]
    corrected: list[tuple[str, int]]
    work: tuple[str, int] | None
    language: tuple[str, int] | None
    saved: list[tuple[str, int]]
    right: int
    missed: list[tuple[str, str, int, float, float, int]]
    returned: tuple[str, int] | None
    announced: int
    acknowledged: int


def held(tx: Transaction, member_id: int) -> Held:
    """The rows of a member that no other module reads for them."""
    return Held(
        created_at=tx.scalar("SELECT created_at FROM member WHERE id = ?", (member_id,)),
        roles=tx.all(
            "SELECT r.title, u.name FROM role r JOIN unit u ON u.id = r.unit_id WHERE r.member_id = ? ORDER BY r.id",
            (member_id,),
        ),
        request=tx.scalar("SELECT description FROM unit_request WHERE member_id = ?", (member_id,)) or "",
        cards=tx.all(
            "SELECT card_id, MIN(at) FROM card_read WHERE member_id = ? GROUP BY card_id ORDER BY MIN(at), card_id",
            (member_id,),
        ),
        revisions=tx.all(
            "SELECT card_id, revision, at FROM card_read WHERE member_id = ? AND revision <> '' ORDER BY at, card_id",
            (member_id,),
        ),
        corrected=tx.all(
            "SELECT erratum_id, at FROM erratum_sent WHERE member_id = ? ORDER BY at, erratum_id", (member_id,)
        ),
        work=tx.one("SELECT work, at FROM member_work WHERE member_id = ?", (member_id,)),
        language=tx.one("SELECT language, at FROM member_language WHERE member_id = ?", (member_id,)),
        saved=tx.all("SELECT card_id, at FROM card_saved WHERE member_id = ? ORDER BY at, card_id", (member_id,)),
        right=tx.scalar("SELECT COUNT(*) FROM question_right WHERE member_id = ?", (member_id,)),
        missed=tx.all(
            "SELECT question_id, due_on, days, stability, difficulty, returns FROM missed_question WHERE member_id = ?"
            " ORDER BY due_on, question_id",
            (member_id,),
        ),
        returned=tx.one("SELECT day, count FROM day_return WHERE member_id = ?", (member_id,)),
        announced=tx.scalar("SELECT COUNT(*) FROM recipient WHERE member_id = ?", (member_id,)),
        acknowledged=tx.scalar(
            "SELECT COUNT(*) FROM recipient WHERE member_id = ? AND answered_at IS NOT NULL", (member_id,)
        ),
    )


def add_export(tx: Transaction, member_id: int, path: str, name: str, size: int, now: int, expires_at: int) -> int:
    """A file made for a member, deleted at `expires_at`; returns its media row."""
    id: int = tx.scalar(
        "INSERT INTO media (member_id, kind, state, path, name, size, created_at, expires_at)"
        " VALUES (?, 'document', 'stored', ?, ?, ?, ?, ?) RETURNING id",
        (member_id, path, name, size, now, expires_at),
    )
    return id


def cancel_pushes(tx: Transaction, member_id: int, first: Lane, now: int) -> None:
    """What waits for this member in lane `first` or a lower one does not go out."""
    tx.run(
        "UPDATE outbox SET state = 'cancelled', finished_at = ? WHERE state = 'pending' AND lane >= ?"
        " AND address_id IN (SELECT id FROM address WHERE member_id = ?)",
        (now, int(first), member_id),
    )


def erase(tx: Transaction, member_id: int, now: int) -> None:
    """Remove a member and everything of theirs.

    Tables that hang on the member cascade. The addresses lose their member and go once the farewell is out. Files of
    announcements stay, in the unit's name.
    Files are unlinked after the commit: their rows stay, nameless and due, until the file is gone.
    """
    unname(tx, member_id, shown_to_others(tx, member_id))
    mine = "(SELECT id FROM address WHERE member_id = ?)"
    tx.run(f"DELETE FROM dialog WHERE address_id IN {mine}", (member_id,))
    tx.run(f"DELETE FROM outbox WHERE address_id IN {mine}", (member_id,))
    tx.run(f"DELETE FROM typed_code WHERE address_id IN {mine}", (member_id,))
    nominations.forget_member(tx, member_id)
    media.disown(tx, media.of_announcements(tx, member_id))
    media.discard(tx, [row[0] for row in tx.all("SELECT id FROM media WHERE member_id = ?", (member_id,))])
    tx.run("DELETE FROM role WHERE member_id = ?", (member_id,))
    tx.run(
        "UPDATE address SET member_id = NULL, forget_at = ?, tapped = '', tapped_at = 0 WHERE member_id = ?",
        (now, member_id),
    )
    erasures.forget_merged(tx, member_id)
    members.remove(tx, member_id)
    want_wipe(tx)


def unname(tx: Transaction, member_id: int, names: Collection[str]) -> None:
    """Take names and phones of the member out of what was shown to others.

    Members are named to holders of roles, and where a code of theirs was typed; who held a role was named, and their
    phone shown, to anybody: that is looked through piece by piece in the minutes after.
    """
    had_role = tx.one("SELECT 1 FROM role WHERE member_id = ?", (member_id,)) is not None
    holders = "SELECT a.id FROM address a JOIN role r ON r.member_id = a.member_id"
    typed_at = "SELECT l.address_id FROM link_code l WHERE l.member_id = ?"
    if had_role:
        unnaming.take_out_everywhere(tx, names)
    else:
        unnaming.take_out(tx, names, f"{holders} UNION {typed_at}", (member_id,))


def shown_to_others(tx: Transaction, member_id: int) -> set[str]:
    """What others may have been shown of a member: the name, and phones as typed and as written."""
    name: str = tx.scalar("SELECT name FROM member WHERE id = ?", (member_id,))
    phones = [row[0] for row in tx.all("SELECT phone FROM role WHERE member_id = ?", (member_id,))]
    grouped = [show_phone(digits) for phone in phones if (digits := parse_phone(phone)) is not None]
    return {shown for shown in (name, *phones, *grouped) if shown}


def unite_learning(tx: Transaction, kept: int, gone: int) -> None:
    """What two members read, saved, answered and chose for it becomes `kept`'s, the earlier moment where both did.

    A question that either missed returns at the earlier day; of two kinds of work, and of two languages, the one chosen
    last stays. A card of a day's message that was cancelled was not read.
    """
    _unite_read(tx, kept, gone)
    tx.run(
        "INSERT INTO missed_question (member_id, question_id, due_on, days, stability, difficulty, returns)"
        " SELECT ?, question_id, due_on, days, stability, difficulty, returns FROM missed_question WHERE member_id = ?"
        " ON CONFLICT (member_id, question_id) DO UPDATE SET due_on = excluded.due_on, days = excluded.days,"
        " stability = excluded.stability, difficulty = excluded.difficulty, returns = excluded.returns"
        " WHERE excluded.due_on < missed_question.due_on",
        (kept, gone),
    )
    for table, chosen in (("member_work", "work"), ("member_language", "language")):
        tx.run(
            f"INSERT INTO {table} (member_id, {chosen}, at) SELECT ?, {chosen}, at FROM {table} WHERE member_id = ?"
            f" ON CONFLICT (member_id) DO UPDATE SET {chosen} = excluded.{chosen}, at = excluded.at"
            f" WHERE excluded.at > {table}.at",
            (kept, gone),
        )
    tx.run(
        "INSERT INTO day_return (member_id, day, count) SELECT ?, day, count FROM day_return WHERE member_id = ?"
        " ON CONFLICT (member_id) DO UPDATE SET day = excluded.day, count = CASE WHEN day_return.day = excluded.day"
        " THEN day_return.count + excluded.count ELSE excluded.count END WHERE excluded.day >= day_return.day",
        (kept, gone),
    )
    tx.run(
        "INSERT INTO question_right (member_id, question_id)"
        " SELECT ?, question_id FROM question_right WHERE member_id = ?"
        " ON CONFLICT (member_id, question_id) DO NOTHING",
        (kept, gone),
    )
    tx.run(
        "DELETE FROM question_right WHERE member_id = ? AND question_id IN"
        " (SELECT question_id FROM missed_question WHERE member_id = ?)",
        (kept, kept),
    )


def _unite_read(tx: Transaction, kept: int, gone: int) -> None:
    """Cards and the errata about them; what was in a message that was lost is forgotten first."""
    for member_id in (kept, gone):
        tx.run(
            "DELETE FROM card_read WHERE member_id = ? AND at IN (SELECT c.created_at FROM occurrence c"
            " JOIN outbox o ON o.id = c.outbox_id WHERE c.member_id = ? AND o.state = 'cancelled')",
            (member_id, member_id),
        )
        tx.run(
            "DELETE FROM erratum_sent WHERE member_id = ? AND outbox_id IN (SELECT id FROM outbox"
            " WHERE state IN ('expired', 'failed', 'unreachable', 'cancelled'))",
            (member_id,),
        )
    for table, key in (
        ("card_read", "card_id, revision"),
        ("card_saved", "card_id"),
        ("erratum_sent", "erratum_id, outbox_id"),
    ):
        tx.run(
            f"INSERT INTO {table} (member_id, {key}, at) SELECT ?, {key}, at FROM {table} WHERE member_id = ?"
            f" ON CONFLICT (member_id, {key.removesuffix(', outbox_id')})"
            f" DO UPDATE SET at = excluded.at WHERE excluded.at < {table}.at",
            (kept, gone),
        )


def want_wipe(tx: Transaction) -> None:
    """Something was erased: the write-ahead log must be emptied after the commit (`Application.wipe`)."""
    installation.set_setting(tx, _WIPE, "wanted")


def take_wipe(tx: Transaction) -> bool:
    """Whether the log must be emptied, asked once: the caller does it; at every start it is done anyway."""
    return tx.run("DELETE FROM installation WHERE name = ?", (_WIPE,)) == 1

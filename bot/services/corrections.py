"""What an officer does about what went out: sends it again, decides what is uncertain, corrects, recalls."""

from dataclasses import replace
from typing import Final, NotRequired, TypedDict

import orjson

from bot.channels.render import plain
from bot.domain.announcements import Audience
from bot.domain.prompts import text
from bot.domain.time import civil_date
from bot.services import access, drafts, following, notices, results, sending
from bot.services.drafts import VALID_FOR, Reference
from bot.services.turn import Turn
from bot.storage import announcements, installation, partial, recipients, units
from bot.storage.announcements import Announcement
from bot.storage.following import had
from bot.vietnamese import format_date, quote

MISSED: Final = ("failed", "unreachable", "expired")
HAVE: Final = ("sent", "uncertain")
NAMES_SHOWN: Final = 10


class May(TypedDict):
    """What can be done about an announcement now, as words of the choices in their order."""

    may: list[str]


class Standing(TypedDict):
    """An announcement that can be corrected or recalled: its first words, and what `ignore` would say of it.

    `body` and `reference` are what it says by now; `followed` is whether reminders or errata of it went out.
    """

    quoted: str
    body: str
    reference: Reference | None
    ignore: str
    followed: bool


class Missed(TypedDict):
    """Who did not get an announcement, by why: `stopped` are those whose message was cancelled.

    `untold`, here and below, is as in `results.Counts`.
    """

    quoted: str
    untold: bool
    uncertain: int
    failed: int
    unreachable: int
    expired: int
    stopped: int


class Person(TypedDict):
    """A recipient whose message is uncertain; `name` is "" when they gave none."""

    id: int
    name: str
    unit: str


class Uncertain(TypedDict):
    """Some of them, and how many there are in the officer's subtrees."""

    people: list[Person]
    count: int
    untold: bool


class Change(TypedDict):
    """What correcting or recalling comes to, in people.

    `in_place` are messages that can be changed or deleted, `too_old` and `no_way` those that cannot be deleted by their
    age or on their channel (for a correction: where a message of its own is sent), `waiting` those not sent yet.
    `shown` is the right text as nobody in particular reads it; looks of before it was shown have none.
    """

    untold: bool
    in_place: int
    too_old: int
    no_way: int
    waiting: int
    shown: NotRequired[str]


def may(turn: Turn, id: int) -> May:
    """What the acting officer may do about an announcement, now."""
    announced = results.mine(turn, id)
    if announced is None or announced.of_id is not None:
        return May(may=[])
    if announced.recalled_at is not None:
        return May(may=["recall"] if _recall_stopped(turn, id) else [])
    if announced.state == "returned" and announced.author_id == turn.me.id:
        return May(may=["open_again"])
    counted = results.counted(turn, announced)
    over, found = announced.state in results.OVER, []
    if over and counted["failed"] + counted["unreachable"] + counted["expired"] + counted["cancelled"]:
        found.append("resend")
    if over and counted["uncertain"]:
        found.append("uncertain")
    if announced.started_at is not None:
        found += ["correct", "recall"]
    return May(may=found)


# -- again


def missed(turn: Turn, id: int) -> Missed | None:
    """Who did not get it; None when it is not the officer's, is not over, or is being sent again just now."""
    announced = _over(turn, id)
    if announced is None:
        return None
    counted = results.counted(turn, announced)
    return Missed(
        quoted=notices.quoted(turn, announced),
        untold=counted["untold"],
        uncertain=counted["uncertain"],
        failed=counted["failed"],
        unreachable=counted["unreachable"],
        expired=counted["expired"],
        stopped=counted["cancelled"],
    )


def resend(turn: Turn, id: int, with_stopped: bool) -> int | None:
    """Send it again to exactly those; returns the id of what goes out, None when that cannot be."""
    announced = _over(turn, id)
    if announced is None:
        return None
    outcomes = (*MISSED, "cancelled") if with_stopped else MISSED
    return _submit(turn, announced, "again", announced.body, outcomes)


def _over(turn: Turn, id: int) -> Announcement | None:
    announced = results.mine(turn, id)
    if announced is None or announced.state not in results.OVER or announced.recalled_at is not None:
        return None
    return None if _under_way(turn, id, ("again", "recall")) else announced


def _under_way(turn: Turn, id: int, purposes: tuple[str, ...]) -> bool:
    """Whether something of these purposes goes out after it just now, or waits to."""
    ended = (*results.OVER, "returned")
    return any(c.purpose in purposes and c.state not in ended for c in announcements.following(turn.tx, id))


def _submit(turn: Turn, announced: Announcement, purpose: str, body: str, outcomes: tuple[str, ...]) -> int:
    child = replace(
        announced,
        author_id=turn.me.id,
        speaker=turn.me.name,
        title=_title(turn, announced),
        audience=Audience(announced.audience.top or announced.unit_id, of=announced.id, outcomes=outcomes),
        body=body,
        created_at=turn.now,
        valid_until=turn.now + VALID_FOR,
        of_id=announced.id,
        purpose=purpose,
        send_at=None,
        state="",
    )
    # A new text is looked at by a second person as any is; the same text was, and taking back cannot wait.
    id = sending.place(turn, child)["id"] if purpose == "erratum" else sending.follow(turn, child)
    detail = f"{announced.id} {id}"
    installation.record_audit(turn.tx, turn.now, turn.me.id, f"announcement_{purpose}", announced.unit_id, detail)
    return id


def _title(turn: Turn, announced: Announcement) -> str:
    held = [role for role in access.roles(turn) if role.unit_id in units.path(turn.tx, announced.unit_id or 0)]
    return held[0].title if held else ""


# -- uncertain


def uncertain(turn: Turn, id: int, skip: int) -> Uncertain:
    """Whose message may have arrived or not, in the officer's subtrees, after the first `skip`.

    Only their number where names would tell an answer.
    """
    announced = results.mine(turn, id)
    mine = access.officer_units(turn)
    if announced is None or announced.state not in results.OVER or not mine:
        return Uncertain(people=[], count=0, untold=False)
    found, untold = [], results.conceals(turn, announced)
    if not untold:
        found = recipients.with_outcome(turn.tx, id, "uncertain", mine, skip, NAMES_SHOWN)
    count = recipients.count_with_outcome(turn.tx, id, "uncertain", mine)
    people = [Person(id=m, name=name, unit=unit) for m, name, unit in found]
    return Uncertain(people=people, count=count, untold=untold)


def decide(turn: Turn, id: int, member_ids: list[int], received: bool) -> int:
    """Count these people's message (none named: everybody's that is uncertain) as received, or as not; how many."""
    announced = results.mine(turn, id)
    mine = access.officer_units(turn)
    if announced is None or announced.state not in results.OVER or not mine:
        return 0
    if member_ids and results.conceals(turn, announced):
        return 0
    outcome, reason = ("sent", "") if received else ("failed", "said_not")
    changed = recipients.decide(turn.tx, id, member_ids, mine, outcome, reason)
    act = "uncertain_received" if received else "uncertain_not_received"
    who = " ".join(map(str, member_ids)) or "all"
    installation.record_audit(turn.tx, turn.now, turn.me.id, act, announced.unit_id, f"{id} {who}: {changed}")
    return changed


# -- correcting


def standing(turn: Turn, id: int) -> Standing | None:
    """What is to be corrected or recalled; None when that cannot be now."""
    announced = _recallable(turn, id)
    if announced is None:
        return None
    followed = bool(following.came_after(turn, id))
    return Standing(
        quoted=notices.quoted(turn, announced),
        body=announced.body,
        reference=orjson.loads(announced.reference) if announced.reference else None,
        ignore=notices.neutral(turn, ignore(turn, announced)),
        followed=followed,
    )


def correction(turn: Turn, id: int, body: str) -> Change | None:
    """What a right text comes to, by now; None when it is not the officer's, or being corrected or recalled already."""
    announced = _correctable(turn, id)
    if announced is None:
        return None
    change = _waiting(turn, announced)
    for account_id, _ in had(turn.tx, id, following.origins(turn, id)):
        has = turn.at.capabilities.get(account_id) if account_id is not None else None
        change["in_place" if has is not None and has.edits else "no_way"] += 1
    return Change(**{**change, "shown": notices.neutral(turn, body)})


def correct(turn: Turn, id: int, body: str, reference: Reference | None) -> int | None:
    """Put the right text and reference in the wrong ones' place, and tell where that cannot be.

    None when it cannot be now, or nothing is another.
    """
    announced, checked = _correctable(turn, id), drafts.check(turn, body, reference)
    if announced is None or checked["too_long"] or checked["unknown"]:
        return None
    right = replace(announced, reference=orjson.dumps(reference).decode() if reference is not None else "")
    if (body, right.reference) == (announced.body, announced.reference):
        return None
    return _submit(turn, right, "erratum", body, HAVE)


def _correctable(turn: Turn, id: int) -> Announcement | None:
    announced = _recallable(turn, id)
    if announced is None or announced.recalled_at is not None or _under_way(turn, id, ("erratum",)):
        return None
    return announced


def _recallable(turn: Turn, id: int) -> Announcement | None:
    announced = results.mine(turn, id)
    if announced is None or announced.started_at is None or _under_way(turn, id, ("recall",)):
        return None
    return announced if announced.recalled_at is None or _recall_stopped(turn, id) else None


def _recall_stopped(turn: Turn, id: int) -> bool:
    """Whether taking it back was stopped before it was through: it can be taken up again."""
    recalls = [child.state for child in announcements.following(turn.tx, id) if child.purpose == "recall"]
    return recalls[-1:] == ["stopped"]


def _waiting(turn: Turn, announced: Announcement) -> Change:
    counted = results.counted(turn, announced)
    return Change(untold=counted["untold"], in_place=0, too_old=0, no_way=0, waiting=counted["pending"])


# -- recalling


def recalling(turn: Turn, id: int) -> Change | None:
    """What taking it back comes to, by now; None when it is not the officer's, or recalled already."""
    announced = _recallable(turn, id)
    if announced is None:
        return None
    change = _waiting(turn, announced)
    for account_id, sent_at in had(turn.tx, id, following.origins(turn, id)):
        if account_id is not None and following.can_delete(turn, account_id, sent_at or 0):
            change["in_place"] += 1
        elif account_id is not None and turn.at.capabilities[account_id].delete_hours == 0:
            change["no_way"] += 1
        else:
            change["too_old"] += 1
    return change


def recall(turn: Turn, id: int, tell: bool) -> int | None:
    """Delete it where that can be, and where `tell` ask the others to ignore it; None when that cannot be now."""
    announced = _recallable(turn, id)
    if announced is None:
        return None
    return _submit(turn, announced, "recall", ignore(turn, announced) if tell else "", (*HAVE, partial.REASON))


def ignore(turn: Turn, announced: Announcement) -> str:
    """What those are told whose message stays."""
    day = format_date(civil_date(announced.created_at, turn.at.zone))
    followed = bool(following.came_after(turn, announced.id))
    quoted = quote(announced.body) or notices.quoted(turn, announced)  # its placeholders are filled for each reader
    return plain(turn.render(text("results.ignore", on=day, quoted=quoted, followed=followed)))

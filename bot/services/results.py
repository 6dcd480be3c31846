"""Results: what became of announcements, for the officers of the units that spoke."""

from typing import Any, Final, TypedDict

import orjson

from bot.services import access, notices, roster
from bot.services.turn import Turn
from bot.storage import announcements, outbox, recipients
from bot.storage.announcements import Announcement

SENT_SHOWN: Final = 8
FEW: Final = 5
"""Recipients from which on the number of answers is shown: nobody learns who read what."""


class Sent(TypedDict):
    """Some announcements, newest first, each with id and label; `more` whether there are older ones."""

    sent: list[dict[str, Any]]
    more: bool


class Status(TypedDict):
    """What became of an announcement, in people; `pending` includes those not yet queued.

    `acknowledged` is None where so few got it that the number would tell who.
    """

    label: str
    state: str
    people: int
    sent: int
    unreachable: int
    failed: int
    uncertain: int
    expired: int
    cancelled: int
    pending: int
    acknowledged: int | None


def sent_list(turn: Turn, skip: int) -> Sent:
    """Announcements of the units the acting person is an officer of, after the newest `skip`."""
    found = announcements.of_units(turn.tx, access.officer_units(turn), skip, SENT_SHOWN + 1)
    sent = [{"id": announced.id, "label": notices.label(turn, announced)} for announced in found[:SENT_SHOWN]]
    return Sent(sent=sent, more=len(found) > SENT_SHOWN)


def status(turn: Turn, id: int) -> Status | None:
    """What became of an announcement of the officer's units; None when it is not one."""
    announced = mine(turn, id)
    return counted(turn, announced) if announced is not None else None


def mine(turn: Turn, id: int) -> Announcement | None:
    """An announcement that a unit of the acting officer's subtrees spoke; None when it is none."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.unit_id is None or not access.access_unit_by_officer(turn, announced.unit_id):
        return None
    return announced


def counted(turn: Turn, announced: Announcement) -> Status:
    """What became of an announcement so far."""
    people = recipients.count(turn.tx, announced.id)
    acknowledged = recipients.answered(turn.tx, announced.id) if people >= FEW else None
    if announced.result:
        result: Status = orjson.loads(announced.result)
        return {**result, "state": announced.state, "acknowledged": acknowledged}
    rows = outbox.counts(turn.tx, notices.origin(announced.id))
    waiting = 0
    if announced.state == "queueing":
        waiting = max(0, roster.reach(turn, announced.audience)["people"] - people)
    return Status(
        label=notices.label(turn, announced),
        state=announced.state,
        people=people + waiting,
        sent=rows.get("sent", 0),
        unreachable=rows.get("unreachable", 0) + people - sum(rows.values()),
        failed=rows.get("failed", 0),
        uncertain=rows.get("uncertain", 0),
        expired=rows.get("expired", 0),
        cancelled=rows.get("cancelled", 0),
        pending=rows.get("pending", 0) + rows.get("sending", 0) + waiting,
        acknowledged=acknowledged,
    )

"""Sending: an announcement from the press that sends it to the last message, and stopping it on the way."""

from dataclasses import replace
from typing import Final

import orjson

from bot.domain.announcements import KINDS
from bot.domain.prompts import text
from bot.domain.time import civil_date, instant, minute_of_day
from bot.services import drafts, notices, results, roster
from bot.services.drafts import Draft
from bot.services.turn import Turn
from bot.storage import announcements, broadcasts, installation
from bot.storage.announcements import Announcement
from bot.storage.broadcasts import Moment
from bot.storage.database import Transaction
from bot.vietnamese import format_date

SLICE: Final = 1_000
"""Recipients a slice of the fan-out, so that it stays well below 50 ms."""
UNDER_WAY: Final = ("queueing", "sending")


def send(turn: Turn, draft: Draft) -> int | None:
    """Freeze the announcement for the fan-out; returns its id, None when the right is gone or it fits no more."""
    if not drafts.is_allowed(turn, draft) or not drafts.fits(turn, draft):
        return None
    id = submit(turn, drafts.as_announcement(turn, draft))
    drafts.attach(turn, id, draft)
    return id


def submit(turn: Turn, frozen: Announcement) -> int:
    """Keep an announcement and let its fan-out begin; returns its id."""
    id = announcements.create(turn.tx, replace(frozen, state="queueing"))
    installation.record_audit(
        turn.tx,
        turn.now,
        frozen.author_id,
        "announcement_sent",
        frozen.audience_id,
        f"{id} {frozen.kind} {frozen.reason}",
    )
    return id


def stop(turn: Turn, id: int) -> bool:
    """Send it to nobody else, from now on; False when it is not the officer's or is over."""
    if results.mine(turn, id) is None or not announcements.move(turn.tx, id, UNDER_WAY, "stopping"):
        return False
    installation.record_audit(turn.tx, turn.now, turn.me.id, "announcement_stopped", None, str(id))
    return True


# -- fan-out


def unfinished(tx: Transaction, now: int) -> list[int]:
    """Announcements that have work to be done at epoch ms `now`, oldest first."""
    return announcements.unfinished(tx, now)


def fan_out_slice(turn: Turn, id: int) -> bool:
    """Do the next part of an announcement's work; whether there is more to do at once.

    Adds recipients, or cancels what waits when it was stopped; when nothing is on its way any more writes down what
    became of each message, and at the end tells its officer once.
    """
    announced = announcements.by_id(turn.tx, id)
    if announced is None:
        return False
    origin = notices.origin(id)
    if announced.state == "scheduled":
        return announcements.start(turn.tx, id, ("scheduled",), turn.now)
    if announced.state == "queueing":
        if notices.waits_for_files(turn, announced):
            return False
        kind = KINDS[announced.kind]
        return broadcasts.queue_slice(turn.tx, id, int(kind.lane), origin, kind.respects_quiet, _moment(turn), SLICE)
    if announced.state == "stopping" and broadcasts.cancel_slice(turn.tx, origin, turn.now, SLICE):
        return True
    if broadcasts.on_the_way(turn.tx, origin):
        return False
    if broadcasts.settle_slice(turn.tx, id, origin, SLICE):
        return True
    _finish(turn, announced)
    return False


def _moment(turn: Turn) -> Moment:
    zone = turn.at.zone
    return Moment(
        turn.now, minute_of_day(turn.now, zone), instant(turn.today, 0, zone), instant(turn.today, 24 * 60, zone)
    )


def _finish(turn: Turn, announced: Announcement) -> None:
    over = "stopped" if announced.state == "stopping" else "done"
    result = results.counted(turn, announced)
    if not announcements.move(turn.tx, announced.id, (announced.state,), over, orjson.dumps(result).decode()):
        return
    if announced.author_id is not None:
        on = format_date(civil_date(announced.created_at, turn.at.zone))
        news = text("officer.result", on=on, **{**result, "state": over})
        roster.tell(turn, announced.author_id, news, ("sent_list", "sent_list"), f"result:{announced.id}")

"""Sending: an announcement from the press that sends it to the last message."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypedDict

import orjson

from bot.domain.announcements import KINDS
from bot.domain.prompts import Text, text
from bot.domain.time import after_quiet, civil_date, instant, minute_of_day
from bot.services import approvals, drafts, following, media, moments, notices, quota, reasons, results, roster, solemn
from bot.services.drafts import Draft
from bot.services.media import Kept
from bot.services.results import Counts
from bot.services.turn import Turn
from bot.storage import announcements, broadcasts, installation, members, outbox, partial, rests
from bot.storage.announcements import Announcement
from bot.storage.broadcasts import Moment
from bot.storage.database import Transaction
from bot.storage.following import left_beside, written_to
from bot.vietnamese import format_date


class Step(Enum):
    """What follows a slice: more to do at once, something to wait for, or telling that it is over (`conclude`)."""

    MORE = "more"
    WAIT = "wait"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How one ended: its counts, and what its author is told of them (None for nobody to tell)."""

    result: Counts
    news: Text | None


ENDING: Final = ("sending", "stopping")
UNFINISHED: Final = ("scheduled", "queueing", *ENDING)


class Sent(TypedDict):
    """What became of the press: the announcement, its state, when it goes out ("" for now), how many were asked."""

    id: int
    state: str
    at: str
    asked: int


def send(turn: Turn, draft: Draft) -> Sent | None:
    """Freeze what an officer wrote and let it go, or wait; None when the right is gone or it fits no more."""
    if not drafts.is_allowed(turn, draft) or not drafts.fits(turn, draft):
        return None
    return place(turn, drafts.as_announcement(turn, draft), draft["files"])


def place(turn: Turn, frozen: Announcement, files: Sequence[Kept] = ()) -> Sent:
    """Freeze an announcement with its files, under four eyes if it needs them."""
    frozen = replace(frozen, send_at=_by_day(turn, frozen))
    waits = approvals.needed(turn, frozen)
    state = "waiting" if waits else _ready(turn, frozen, files)
    frozen = replace(frozen, state=state, digest=drafts.digest(frozen, [file["media"] for file in files]))
    id = submit(turn, frozen)
    media.attach(turn, id, files)
    asked = approvals.ask(turn, replace(frozen, id=id)) if waits else 0
    return Sent(id=id, state=state, at=moments.moment(turn.at, frozen.send_at), asked=asked)


def submit(turn: Turn, frozen: Announcement) -> int:
    """Keep an announcement in its state, or let its fan-out begin; returns its id."""
    id = announcements.create(turn.tx, replace(frozen, state=frozen.state or "queueing"))
    installation.record_audit(
        turn.tx,
        turn.now,
        frozen.author_id,
        "announcement_sent",
        frozen.audience_id,
        f"{id} {frozen.kind} {frozen.reason}",
    )
    return id


def follow(turn: Turn, frozen: Announcement) -> int:
    """Let something follow an announcement that says nothing new, so that nobody has to approve it; returns its id."""
    state = "held" if solemn.holds(turn, frozen) else "queueing"
    return submit(turn, replace(frozen, state=state, digest=drafts.digest(frozen, [])))


def release(turn: Turn, announced: Announcement) -> str:
    """Let what waited go: at its time, when the mode is no longer solemn, or now; returns the state."""
    state = _ready(turn, announced)
    if state == "queueing":
        announcements.start(turn.tx, announced.id, (announced.state,), turn.now)
    else:
        announcements.move(turn.tx, announced.id, (announced.state,), state)
    return state


def _ready(turn: Turn, announced: Announcement, files: Sequence[Kept] = ()) -> str:
    """The state of one that nobody has to approve any more; `files` are those of one that is not stored yet."""
    if announced.send_at is not None and announced.send_at > turn.now:
        return "scheduled"
    return "held" if solemn.holds(turn, announced, files) else "queueing"


def _by_day(turn: Turn, frozen: Announcement) -> int | None:
    """When it is to go out: of what comes by day only never in the federation's quiet hours."""
    if not KINDS[frozen.kind].by_day:
        return frozen.send_at
    hours, wished = turn.at.federation.hours, max(frozen.send_at or 0, turn.now)
    awake = after_quiet(wished, hours.minutes("quiet_from"), hours.minutes("quiet_to"), turn.at.zone)
    return awake if awake > wished else frozen.send_at


# -- fan-out


def unfinished(tx: Transaction, now: int) -> list[int]:
    """Announcements that have work to be done at epoch ms `now`, oldest first."""
    return announcements.unfinished(tx, now)


def follows(tx: Transaction, id: int) -> bool:
    """Whether an announcement follows another: sent again, a reminder, an erratum, a recall."""
    announced = announcements.by_id(tx, id)
    return announced is not None and announced.of_id is not None


def fan_out_slice(turn: Turn, id: int, limit: int) -> Step:
    """Do the next part of an announcement's work, for at most `limit` recipients.

    Begins one whose time has come, adds recipients, or cancels what waits when it was stopped; when nothing is on its
    way any more writes down what became of each message.
    """
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.state not in UNFINISHED:
        return Step.WAIT
    if announced.state == "scheduled":
        return Step.MORE if begin(turn, announced) else Step.WAIT
    if announced.state == "queueing":
        return _queue_slice(turn, announced, limit)
    origin = notices.origin(id)
    going = (origin, rests.origin_of_rest(origin), rests.origin_of_beside(origin))
    if announced.state == "stopping" and any(broadcasts.cancel_slice(turn.tx, one, turn.now, limit) for one in going):
        return Step.MORE
    if any(broadcasts.on_the_way(turn.tx, one) for one in going):
        return Step.WAIT
    more = (
        (announced.state == "sending" and following.instead(turn, announced, limit))
        or broadcasts.settle_slice(turn.tx, id, origin, limit, reasons.of)
        or partial.settle_slice(turn.tx, id, origin, limit)
        or following.finish(turn, announced, limit)
    )
    return Step.MORE if more else Step.OVER


def _queue_slice(turn: Turn, announced: Announcement, limit: int) -> Step:
    """Add the next recipients, once what comes before them is done."""
    if notices.waits_for_files(turn, announced) or not following.begin(turn, announced):
        return Step.WAIT
    if following.look_back(turn, announced, limit):
        return Step.MORE
    kind, id = KINDS[announced.kind], announced.id
    quiet, cap = kind.respects_quiet, kind.daily_cap or 0
    newest, origin = outbox.newest(turn.tx), notices.origin(id)
    more = broadcasts.queue_slice(turn.tx, id, int(kind.lane), origin, quiet, _moment(turn), limit, cap)
    following.aim(turn, announced, newest)
    return Step.MORE if more else Step.WAIT


def begin(turn: Turn, announced: Announcement) -> bool:
    """Let one go whose time has come, if all that held when it was decided still does; else say why not."""
    why_not = _obstacle(turn, announced)
    if why_not is None:
        return release(turn, announced) == "queueing"
    announcements.move(turn.tx, announced.id, (announced.state,), "stopped")
    unit = announced.unit_id
    installation.record_audit(turn.tx, turn.now, None, "announcement_not_sent", unit, str(announced.id))
    news = text("sending.did_not_start", label=notices.label(turn, announced), why=why_not)
    told = [announced.author_id, *roster.administrators(turn, unit)]
    for member_id in dict.fromkeys(id for id in told if id is not None):
        roster.tell(turn, member_id, news, ("sent_list", "sent_list"), f"result:{announced.id}")
    return False


def _obstacle(turn: Turn, announced: Announcement) -> Text | None:
    """Why one may not start; None when it may."""
    if not approvals.author_may(turn, announced):
        return text("sending.author_ended", unit=announced.unit_name)
    if announced.digest and announced.digest != approvals.digest_now(turn, announced):
        return text("sending.changed")
    if announced.valid_until <= turn.now:
        return text("sending.over")
    shortage = quota.shortage(turn, announced.audience)
    return text("quota.short", **shortage) if shortage is not None else None


def _moment(turn: Turn) -> Moment:
    zone = turn.at.zone
    return Moment(
        now=turn.now,
        minute=minute_of_day(turn.now, zone),
        today=instant(turn.today, 0, zone),
        tomorrow=instant(turn.today, 24 * 60, zone),
        morning=turn.at.federation.hours.minutes("milestone"),
    )


def conclude(turn: Turn, id: int) -> Conclusion | None:
    """How an announcement ended of which everything is written down; None when it is gone.

    It counts all recipients: read it apart from any write.
    """
    announced = announcements.by_id(turn.tx, id)
    if announced is None:
        return None
    result = results.counted(turn, announced)
    author = members.by_id(turn.tx, announced.author_id) if announced.author_id is not None else None
    over = Counts(**{**result, "state": _end(announced)})
    news = _result(replace(turn, member=author), announced, over) if author is not None else None
    return Conclusion(result, news)


def finish(turn: Turn, id: int, conclusion: Conclusion) -> None:
    """It is over; its author is told, once."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.state not in ENDING:
        return
    announcements.move(turn.tx, id, ENDING, _end(announced), orjson.dumps(conclusion.result).decode())
    if conclusion.news is not None and announced.author_id is not None:
        roster.tell(turn, announced.author_id, conclusion.news, ("sent_list", "sent_list"), f"result:{id}")


def _end(announced: Announcement) -> str:
    return "stopped" if announced.state == "stopping" else "done"


def _result(turn: Turn, announced: Announcement, result: Counts) -> Text:
    """What its author, who acts, is told of one that is over."""
    if announced.of_id is not None:
        origin, recall = notices.origin(announced.id), announced.purpose == "recall"
        told = written_to(turn.tx, origin) if recall else 0
        left = left_beside(turn.tx, origin) if recall else 0
        return text("results.over", purpose=announced.purpose, told=told, left=left, **result)
    on = format_date(civil_date(announced.created_at, turn.at.zone))
    return text("officer.result", on=on, acknowledged=results.acknowledged(turn, announced), **result)

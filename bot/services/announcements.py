"""Announcements as those who send them see them: draft, preview, sending, what became of it, stopping."""

import re
from typing import Any, Final, TypedDict

import orjson

from bot.channels.render import plain
from bot.domain.lanes import Lane
from bot.domain.people import RoleKind
from bot.domain.prompts import text
from bot.domain.time import DAY, civil_date, instant, minute_of_day
from bot.services import access, notices, quota, roster
from bot.services.notices import PLACEHOLDERS
from bot.services.quota import Shortage
from bot.services.roster import Reach
from bot.services.turn import Turn
from bot.storage import announcements, installation, outbox, units
from bot.storage.announcements import Announcement, Moment
from bot.storage.database import Transaction
from bot.vietnamese import format_date

KINDS: Final = ("information", "task", "urgent")
BODY_LIMIT: Final = 2_000
VALID_FOR: Final = 3 * DAY
HEAD_ROOM: Final = 500
"""UTF-16 units kept for who speaks, above the text."""
SLICE: Final = 1_000
"""Recipients a slice of the fan-out, so that it stays well below 50 ms."""
SENT_SHOWN: Final = 8
FEW: Final = 5
"""Recipients from which on the number of acknowledgements is shown: nobody learns who read what."""

_BRACES: Final = re.compile(r"\{[^{}\n]{1,30}\}")


class Speaker(TypedDict):
    """A unit the acting person may speak for."""

    unit: int
    name: str


class Draft(TypedDict):
    """What an officer decided: the unit that speaks, the unit whose subtree gets it, the text, class and reason."""

    unit: int
    to: int
    body: str
    kind: str
    reason: str


class Checked(TypedDict):
    """A text looked at: whether it may grow too long, and braces that are no placeholder."""

    too_long: bool
    unknown: list[str]


class Preview(TypedDict):
    """The notice as the officer would get it, the unit it goes to, how many it reaches, why it cannot go."""

    notice: dict[str, Any]
    to: str
    reach: Reach
    shortage: Shortage | None


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


# -- writing


def speakers(turn: Turn) -> list[Speaker]:
    """The units the acting person may speak for."""
    found = [units.by_id(turn.tx, id) for id in access.officer_units(turn)]
    return [Speaker(unit=unit.id, name=unit.name) for unit in found if unit is not None]


def longest(turn: Turn) -> int:
    """How many characters a text may have."""
    return min(BODY_LIMIT, _room(turn))


def _room(turn: Turn) -> int:
    """UTF-16 units that one message of every channel has below who speaks."""
    return min(capabilities.max_text for capabilities in turn.at.capabilities.values()) - HEAD_ROOM


def check(turn: Turn, body: str) -> Checked:
    """Whether the text fits every channel even with the longest names, and which braces stand for nothing."""
    filled = body
    for placeholder, length in PLACEHOLDERS.items():
        filled = filled.replace(f"{{{placeholder}}}", "x" * length)
    known = [f"{{{placeholder}}}" for placeholder in PLACEHOLDERS]
    unknown = [braces for braces in dict.fromkeys(_BRACES.findall(body)) if braces not in known]
    too_long = len(body) > longest(turn) or len(filled.encode("utf-16-le")) // 2 > _room(turn)
    return Checked(too_long=too_long, unknown=unknown)


def preview(turn: Turn, draft: Draft) -> Preview:
    """How members will see it, and how many. Raises LookupError for units that do not exist."""
    to = units.by_id(turn.tx, draft["to"])
    if to is None:
        raise LookupError(f"unit {draft['to']}")
    mine = units.by_id(turn.tx, turn.me.unit_id) if turn.me.unit_id is not None else None
    shown = notices.notice(turn.at, _frozen(turn, draft), turn.me.name, turn.me.form, mine.name if mine else None)
    return Preview(
        notice=shown, to=to.name, reach=roster.reach(turn, to.id), shortage=quota.shortage(turn, draft["to"])
    )


def fits(turn: Turn, draft: Draft) -> bool:
    """Whether the plan of every channel still has the messages it needs."""
    return quota.shortage(turn, draft["to"]) is None


def send(turn: Turn, draft: Draft) -> int | None:
    """Freeze the announcement for the fan-out; returns its id, None when the right is gone or it fits no more."""
    if not _allowed(turn, draft) or not fits(turn, draft):
        return None
    return _create(turn, _frozen(turn, draft))


def _allowed(turn: Turn, draft: Draft) -> bool:
    speaks = draft["unit"] in access.officer_units(turn)
    return speaks and units.within(turn.tx, draft["to"], [draft["unit"]]) and draft["kind"] in KINDS


def _frozen(turn: Turn, draft: Draft) -> Announcement:
    unit = units.by_id(turn.tx, draft["unit"])
    held = [r for r in access.roles(turn) if r.unit_id == draft["unit"] and r.kind is RoleKind.OFFICER]
    return Announcement(
        id=0,
        author_id=turn.me.id,
        unit_id=draft["unit"],
        unit_name=unit.name if unit else "",
        speaker=turn.me.name,
        title=held[0].title if held else "",
        audience_id=draft["to"],
        kind=draft["kind"],
        reason=draft["reason"],
        body=draft["body"],
        state="",
        result="",
        created_at=turn.now,
        valid_until=turn.now + VALID_FOR,
    )


def _create(turn: Turn, frozen: Announcement) -> int:
    id = announcements.create(turn.tx, frozen)
    installation.record_audit(
        turn.tx,
        turn.now,
        frozen.author_id,
        "announcement_sent",
        frozen.audience_id,
        f"{id} {frozen.kind} {frozen.reason}",
    )
    return id


# -- the console


class UnknownUnit(Exception):
    """The console named a unit that does not exist; `str()` is its code."""


class DoesNotFit(Exception):
    """An announcement needs more messages than a plan has left; `str()` says so, and what would fit."""


def count_for_console(turn: Turn, code: str) -> Reach:
    """How many `broadcast --to CODE` reaches; `all` is everyone. Raises UnknownUnit, DoesNotFit."""
    audience_id = _audience(turn, code)
    _make_sure_it_fits(turn, audience_id)
    return roster.reach(turn, audience_id)


def announce_from_console(turn: Turn, code: str, body: str) -> int:
    """Write an announcement in the federation's name; the running process sends it. Returns its id.

    Raises UnknownUnit, DoesNotFit; ValueError when the text is empty or too long.
    """
    audience_id = _audience(turn, code)
    _make_sure_it_fits(turn, audience_id)
    if not body.strip() or check(turn, body)["too_long"]:
        raise ValueError(f"the text must have 1 to {longest(turn)} characters")
    federation = turn.at.federation
    return _create(
        turn,
        Announcement(
            id=0,
            author_id=None,
            unit_id=None,
            unit_name=federation.name,
            speaker=federation.contact.name,
            title=federation.contact.title,
            audience_id=audience_id,
            kind="information",
            reason="",
            body=body.strip(),
            state="",
            result="",
            created_at=turn.now,
            valid_until=turn.now + VALID_FOR,
        ),
    )


def _make_sure_it_fits(turn: Turn, audience_id: int | None) -> None:
    shortage = quota.shortage(turn, audience_id)
    if shortage is not None:
        raise DoesNotFit(plain(turn.render(text("quota.short", **shortage))))


def _audience(turn: Turn, code: str) -> int | None:
    if code == "all":
        return None
    unit = units.by_code(turn.tx, code.upper())
    if unit is None:
        raise UnknownUnit(code)
    return unit.id


# -- afterwards


def sent_list(turn: Turn, skip: int) -> Sent:
    """Announcements of the units the acting person is an officer of, after the newest `skip`."""
    found = announcements.of_units(turn.tx, access.officer_units(turn), skip, SENT_SHOWN + 1)
    sent = [{"id": announced.id, "label": notices.label(turn, announced)} for announced in found[:SENT_SHOWN]]
    return Sent(sent=sent, more=len(found) > SENT_SHOWN)


def status(turn: Turn, id: int) -> Status | None:
    """What became of an announcement of the officer's units; None when it is not one."""
    announced = _mine(turn, id)
    return _status(turn, announced) if announced is not None else None


def stop(turn: Turn, id: int) -> bool:
    """Send it to nobody else, from now on; False when it is not the officer's or is over."""
    if _mine(turn, id) is None or not announcements.move(turn.tx, id, ("queueing", "sending"), "stopping"):
        return False
    installation.record_audit(turn.tx, turn.now, turn.me.id, "announcement_stopped", None, str(id))
    return True


def _mine(turn: Turn, id: int) -> Announcement | None:
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.unit_id is None or not access.access_unit_by_officer(turn, announced.unit_id):
        return None
    return announced


def _status(turn: Turn, announced: Announcement) -> Status:
    people = announcements.recipients(turn.tx, announced.id)
    acknowledged = announcements.acknowledged(turn.tx, announced.id) if people >= FEW else None
    if announced.result:
        result: Status = orjson.loads(announced.result)
        return {**result, "state": announced.state, "acknowledged": acknowledged}
    rows = outbox.counts(turn.tx, notices.origin(announced.id))
    waiting = 0
    if announced.state == "queueing":
        waiting = max(0, roster.reach(turn, announced.audience_id)["people"] - people)
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


# -- fan-out


def unfinished(tx: Transaction) -> list[int]:
    """Announcements that still have work to be done, oldest first."""
    return announcements.unfinished(tx)


def fan_out_slice(turn: Turn, id: int) -> bool:
    """Do the next part of an announcement's work; whether there is more to do at once.

    Adds recipients, or cancels what waits when it was stopped; at the end tells its officer once what became of it.
    """
    announced = announcements.by_id(turn.tx, id)
    if announced is None:
        return False
    origin = notices.origin(id)
    if announced.state == "queueing":
        urgent = announced.kind == "urgent"
        lane = Lane.URGENT if urgent else Lane.ANNOUNCEMENT
        return announcements.queue_slice(turn.tx, id, int(lane), origin, not urgent, _moment(turn), SLICE)
    if announced.state == "stopping" and announcements.cancel_slice(turn.tx, origin, turn.now, SLICE):
        return True
    if not announcements.on_the_way(turn.tx, origin):
        _finish(turn, announced)
    return False


def _moment(turn: Turn) -> Moment:
    zone = turn.at.zone
    return Moment(
        turn.now, minute_of_day(turn.now, zone), instant(turn.today, 0, zone), instant(turn.today, 24 * 60, zone)
    )


def _finish(turn: Turn, announced: Announcement) -> None:
    over = "stopped" if announced.state == "stopping" else "done"
    result = _status(turn, announced)
    if not announcements.move(turn.tx, announced.id, (announced.state,), over, orjson.dumps(result).decode()):
        return
    if announced.author_id is not None:
        on = format_date(civil_date(announced.created_at, turn.at.zone))
        news = text("officer.result", on=on, **{**result, "state": over})
        roster.tell(turn, announced.author_id, news, ("sent_list", "sent_list"), f"result:{announced.id}")

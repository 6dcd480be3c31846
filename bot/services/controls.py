"""What goes out or will: paused, gone on with, stopped, put off, for the officers of the units that speak."""

from dataclasses import replace
from datetime import date
from typing import Final, TypedDict

from bot.domain.time import instant
from bot.services import access, approvals, deciding, moments, notices, results
from bot.services.turn import Turn
from bot.storage import announcements, installation, rests
from bot.storage.announcements import Announcement

UNDER_WAY: Final = ("queueing", "sending")
GOING_OUT: Final = (*UNDER_WAY, "paused")
AHEAD: Final = ("waiting", "scheduled", "held")
SHOWN: Final = 8


class Listed(TypedDict):
    """An announcement on a button; `at` is when it goes out ("" for no time)."""

    id: int
    label: str
    state: str
    at: str


class Work(TypedDict):
    """What of the acting person's work there is now, as flow names in the order shown; `rarely` what comes last."""

    may: list[str]
    rarely: list[str]


def going_out(turn: Turn) -> list[Listed]:
    """What goes out at this moment, or was paused, of the acting officer's units; newest first."""
    return _listed(turn, GOING_OUT)


def ahead(turn: Turn) -> list[Listed]:
    """What will go out: waits to be approved, for its time, or for the end of the solemn mode; newest first."""
    return _listed(turn, AHEAD)


def _listed(turn: Turn, states: tuple[str, ...]) -> list[Listed]:
    found = announcements.in_states(turn.tx, access.officer_units(turn), states)
    return [as_listed(turn, announced) for announced in reversed(found[-SHOWN:])]


def as_listed(turn: Turn, announced: Announcement) -> Listed:
    """An announcement as it stands on a button."""
    at = moments.moment(turn.at, announced.send_at)
    return Listed(id=announced.id, label=notices.label(turn, announced), state=announced.state, at=at)


def pause(turn: Turn, id: int) -> bool:
    """Send it to nobody until it is gone on with; False when it is not the officer's or goes out no more."""
    if not _move(turn, id, UNDER_WAY, "paused", "announcement_paused"):
        return False
    rests.hold_rest(turn.tx, notices.origin(id), id)
    return True


def resume(turn: Turn, id: int) -> bool:
    """Go on where it was paused; False when it is not the officer's or was not paused."""
    announced = results.mine(turn, id)
    if announced is None or not announcements.resume(turn.tx, id):
        return False
    rests.let_rest_go(turn.tx, notices.origin(id))
    installation.record_audit(turn.tx, turn.now, turn.me.id, "announcement_resumed", announced.unit_id, str(id))
    return True


def stop(turn: Turn, id: int) -> bool:
    """Send it to nobody else, from now on; False when it is not the officer's or is over."""
    return _move(turn, id, GOING_OUT, "stopping", "announcement_stopped")


def cancel(turn: Turn, id: int) -> bool:
    """Do not send at all what has not begun; False when it is not the officer's or has begun."""
    return _move(turn, id, AHEAD, "stopped", "announcement_cancelled")


def _move(turn: Turn, id: int, before: tuple[str, ...], state: str, act: str) -> bool:
    announced = results.mine(turn, id)
    if announced is None or not announcements.move(turn.tx, id, before, state):
        return False
    installation.record_audit(turn.tx, turn.now, turn.me.id, act, announced.unit_id, str(id))
    return True


def put_off(turn: Turn, id: int, day: str, minute: int) -> Listed | None:
    """Another time for what has not begun; None when it is not the officer's or cannot be then.

    What a second person approved was approved for its time: they are asked again.
    """
    announced = results.mine(turn, id)
    send_at = instant(date.fromisoformat(day), minute, turn.at.zone)
    if announced is None or announced.state not in AHEAD or not turn.now < send_at < announced.valid_until:
        return None
    moved = replace(announced, send_at=send_at, state=_after(announced))
    moved = replace(moved, digest=approvals.digest_now(turn, moved))
    announcements.put_off(turn.tx, id, moved.state, send_at, moved.digest)
    detail = f"{id} {send_at}"
    installation.record_audit(turn.tx, turn.now, turn.me.id, "announcement_put_off", announced.unit_id, detail)
    if moved.state == "waiting":
        approvals.ask(turn, moved)
    return as_listed(turn, moved)


def _after(announced: Announcement) -> str:
    return "waiting" if announced.state == "waiting" or announced.approver_id is not None else "scheduled"


def duties(turn: Turn) -> Work:
    """What goes out now, will, or can be stopped: shown only while there is something."""
    own = access.officer_units(turn)
    may = ["to_approve"] if deciding.waiting(turn) else []
    if announcements.in_states(turn.tx, own, GOING_OUT):
        may.append("going_out")
    if announcements.in_states(turn.tx, own, AHEAD):
        may.append("planned")
    over = [*own, *access.admin_units(turn)]
    if announcements.in_states(turn.tx, over, (*GOING_OUT, *AHEAD)):
        may.append("stop_all")
    return Work(may=may, rarely=["solemn"] if access.is_admin(turn) else [])

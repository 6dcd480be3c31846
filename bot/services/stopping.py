"""*Dừng tất cả*, and what is done with what the solemn mode had held."""

from typing import TypedDict

from bot.domain.prompts import text
from bot.services import access, controls, group_text, notices, results, roster, sending, solemn
from bot.services.controls import Listed
from bot.services.turn import Turn
from bot.storage import announcements, broadcasts, held_pieces, installation, rests
from bot.storage.announcements import Announcement


class Stopped(TypedDict):
    """What was stopped: how many; those that had reached people, as (id, label, how many); `mine` to correct."""

    count: int
    reached: list[tuple[int, str, int]]
    mine: list[int]


def would_stop(turn: Turn) -> list[Listed]:
    """Everything that goes out or will, in the acting person's subtrees, oldest first."""
    return [controls.as_listed(turn, announced) for announced in _all(turn)]


def _all(turn: Turn) -> list[Announcement]:
    over = [*access.officer_units(turn), *access.admin_units(turn)]
    found = announcements.in_states(turn.tx, over, (*controls.GOING_OUT, *controls.AHEAD))
    if access.access_seekers(turn):
        found += announcements.of_nobody(turn.tx, (*controls.GOING_OUT, *controls.AHEAD))
    return found


def stop_all(turn: Turn) -> Stopped:
    """Stop all of it at once: what has begun goes to nobody else, what has not is not sent."""
    stopped = _all(turn)
    reached = []
    for announced in stopped:
        announcements.move(turn.tx, announced.id, (announced.state,), "stopping" if announced.started_at else "stopped")
        act, unit = "announcement_stopped_all", announced.unit_id
        installation.record_audit(turn.tx, turn.now, turn.me.id, act, unit, str(announced.id))
        if announced.author_id not in (None, turn.me.id):
            assert announced.author_id is not None
            news = text("sending.stopped_by", label=notices.label(turn, announced), who=turn.me.name)
            roster.tell(turn, announced.author_id, news, ("sent_list", "sent_list"), f"stopped:{announced.id}")
        got = broadcasts.reached(turn.tx, notices.origin(announced.id))
        if got:
            reached.append((announced.id, notices.label(turn, announced), got))
    mine = [id for id, _, _ in reached if results.mine(turn, id) is not None]
    return Stopped(count=len(stopped), reached=reached, mine=mine)


# -- after the solemn mode


class Held(TypedDict):
    """What the mode had held, to send or drop: `key` is `a:` with an announcement's id, or `p:` with a piece's.

    What is `over`, its day or its time having passed, can only be dropped.
    """

    key: str
    label: str
    over: bool


def released(turn: Turn) -> list[Held]:
    """What the mode held and holds no more, for the acting administrator to send or drop."""
    found = [
        Held(key=f"a:{one.id}", label=notices.label(turn, one), over=_is_over(turn, one))
        for one in solemn.released(turn)
    ]
    for piece in solemn.released_pieces(turn):
        over = group_text.is_over(turn, piece.what, piece.ref)
        found.append(Held(key=f"p:{piece.id}", label=solemn.labelled(piece), over=over))
    return found


def _is_over(turn: Turn, announced: Announcement) -> bool:
    return announced.valid_until <= turn.now


def settle_held(turn: Turn, key: str, send: bool) -> bool:
    """Send one that was held, or drop it, and tell who wanted it.

    False when it is not the administrator's, done, or is to be sent and over.
    """
    kind, _, id = key.partition(":")
    return _settle_piece(turn, int(id), send) if kind == "p" else _settle_announcement(turn, int(id), send)


def _settle_piece(turn: Turn, id: int, send: bool) -> bool:
    """What it stands for goes to a group by its officer's hand: they are told that they may take it now."""
    piece = next((piece for piece in solemn.released_pieces(turn) if piece.id == id), None)
    if piece is None or (send and group_text.is_over(turn, piece.what, piece.ref)):
        return False
    if not held_pieces.drop(turn.tx, id):
        return False
    _record(turn, send, piece.unit_id, f"{piece.what} {piece.ref}")
    news = text("solemn.piece_settled", label=piece.label, sent=send)
    buttons = [group_text.again_button(turn, piece.what, piece.ref)] if send else []
    roster.tell_with(turn, piece.member_id, news, buttons, f"held:{piece.what}")
    return True


def _settle_announcement(turn: Turn, id: int, send: bool) -> bool:
    announced = next((one for one in solemn.released(turn) if one.id == id), None)
    if announced is None or (send and _is_over(turn, announced)):
        return False
    begun = announced.started_at is not None
    if not send:
        announcements.move(turn.tx, id, ("held",), "stopping" if begun else "stopped")
    elif begun:
        announcements.move(turn.tx, id, ("held",), "paused")
        announcements.resume(turn.tx, id)
        rests.let_rest_go(turn.tx, notices.origin(id))
    else:
        sending.begin(turn, announced)
    _record(turn, send, announced.unit_id, str(id))
    after = announcements.by_id(turn.tx, id)
    if announced.author_id is not None and after is not None and (not send or after.state != "stopped"):
        news = text("solemn.author", label=notices.label(turn, announced), sent=send)
        roster.tell(turn, announced.author_id, news, ("sent_list", "sent_list"), f"held:{id}")
    return True


def _record(turn: Turn, send: bool, unit_id: int | None, detail: str) -> None:
    act = "held_sent" if send else "held_dropped"
    installation.record_audit(turn.tx, turn.now, turn.me.id, act, unit_id, detail)

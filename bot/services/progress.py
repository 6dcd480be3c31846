"""One message to its author while a large announcement goes out, edited as it goes, with what stops it."""

from typing import Final

from bot.domain.lanes import Lane
from bot.domain.messages import Button
from bot.domain.prompts import Option, text
from bot.domain.time import HOUR
from bot.services import controls, notices, posting, results
from bot.services.results import Counts
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn, voice_of
from bot.storage import announcements, members, outbox

LONG_SECONDS: Final = 2
"""What takes longer is told of. Fewer people are written to before anybody looks."""
USUAL_RATE: Final = 25
"""People written to a second where nothing limits it."""
EVERY_SECONDS: Final = 3.0
SLOWER: Final = 20
"""How many times as long as counting took it is not counted again."""
SHORT: Final = HOUR


def counted(turn: Turn, id: int) -> Counts | None:
    """How far one is; None when its author is not told: it is small, nobody's, has not begun, or tells too much."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.author_id is None or announced.started_at is None:
        return None
    status = results.counted(turn, announced)
    slowest = min((rate for rate in turn.at.rates.values() if rate), default=USUAL_RATE)
    return status if status["people"] > slowest * LONG_SECONDS and not status["untold"] else None


def show(turn: Turn, id: int, status: Counts) -> None:
    """Write it, or bring it up to date; where nothing can be edited it is written once."""
    announced = announcements.by_id(turn.tx, id)
    member = members.by_id(turn.tx, announced.author_id) if announced is not None and announced.author_id else None
    address = members.push_address(turn.tx, member.id) if member is not None else None
    if announced is None or member is None or address is None:
        return
    origin = f"progress:{id}"
    first = outbox.first_sent_to(turn.tx, origin, address.id)
    under_way = announced.state in controls.UNDER_WAY
    if first is None and not under_way:
        return
    news = text("sending.progress", **{**status, "state": announced.state})
    offered = buttons(turn, id) if under_way else []
    until = turn.now + SHORT
    if first is None:
        posting.push(turn, member.id, [news], offered, lane=Lane.REPLY, origin=origin, valid_until=until)
    elif turn.at.capabilities[address.account_id].edits:
        html = turn.at.texts.render(news, voice_of(member))
        outbox.enqueue(
            turn.tx,
            address.account_id,
            address.id,
            posting.compose(turn, address.account_id, address.id, [html], offered)[0],
            turn.now,
            operation="edit",
            target_id=first,
            replace_key=origin,
            origin=origin,
            valid_until=until,
        )


def buttons(turn: Turn, id: int, *, paused: bool = False) -> list[Button]:
    """*Tạm dừng* or *Gửi tiếp*, and *Dừng hẳn*."""
    return [
        standing_button(turn, "run", id, Option("r", "resume_sending") if paused else Option("p", "pause_sending")),
        standing_button(turn, "run", id, Option("s", "stop_for_good")),
    ]


def pressed(turn: Turn, id: str, choice: str) -> Reply:
    """The standing service behind `buttons`; stopping is asked about first."""
    if not notices.is_id(id) or results.mine(turn, int(id)) is None:
        return Reply((text("errors.not_yours"),))
    if choice == "p" and controls.pause(turn, int(id)):
        return Reply((text("sending.paused"),), tuple(buttons(turn, int(id), paused=True)))
    if choice == "r" and controls.resume(turn, int(id)):
        return Reply((text("sending.resumed"),), tuple(buttons(turn, int(id))))
    if choice == "s":
        return Reply(flow="going_out", args={"id": int(id), "wish": "stop_for_good"})
    return Reply((text("sending.too_late"),))

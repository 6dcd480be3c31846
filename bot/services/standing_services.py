"""Every kind of standing button, and what «đã nhận» acknowledges."""

from collections.abc import Mapping
from typing import Final

from bot.services import daily, nominations, notices, reviews
from bot.services.standing import Reply, StandingService
from bot.services.turn import Turn

STANDING: Final[Mapping[str, StandingService]] = {
    "ack": notices.acknowledge,
    "why": daily.explain,
    "rev": reviews.opened,
    "voi": nominations.written_pressed,
}


def acknowledge_last(turn: Turn) -> Reply | None:
    """«Đã nhận» outside a dialog."""
    return notices.acknowledge_last(turn)

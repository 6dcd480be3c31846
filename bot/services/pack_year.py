"""A pack speaks of its year; when that is over, administrators hear of it, once every year that follows."""

from typing import Final

import structlog

from bot.domain.prompts import text
from bot.services import roster
from bot.services.turn import Turn
from bot.storage import installation

log = structlog.get_logger(__name__)

_TOLD: Final = "pack_year_told"


def warn(turn: Turn) -> None:
    """Every morning: tell administrators, where there are any, that the pack's year is over."""
    year, now = turn.at.pack.year, turn.today.year
    if now <= year or installation.setting(turn.tx, _TOLD) == str(now):
        return
    log.warning("pack_year_over", year=year)
    for member_id in roster.administrators(turn):
        installation.set_setting(turn.tx, _TOLD, str(now))
        roster.tell(turn, member_id, text("pack.year_over", year=year, now=now), ("work", "work"), f"pack:{year}")

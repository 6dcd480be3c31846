"""*Chế độ trang trọng*: where it holds, and what it holds back."""

from bot.domain.announcements import KINDS
from bot.services.turn import Turn
from bot.storage import solemn, units
from bot.storage.announcements import Announcement


def holds(turn: Turn, announced: Announcement) -> bool:
    """Whether an announcement is festive and would reach into where the mode is solemn."""
    return KINDS[announced.kind].festive and overlaps(turn, announced.audience.top)


def overlaps(turn: Turn, unit_id: int | None) -> bool:
    """Whether anybody under a unit (None: anybody at all) lives where the mode is solemn."""
    areas = [mode.unit_id for mode in solemn.now(turn.tx)]
    if not areas or unit_id is None:
        return bool(areas)
    above = units.path(turn.tx, unit_id)
    return any(area is None or area in above or unit_id in units.path(turn.tx, area) for area in areas)


def covers(turn: Turn, unit_id: int | None) -> bool:
    """Whether the mode is solemn for a member of a unit (None: of none)."""
    areas = {mode.unit_id for mode in solemn.now(turn.tx)}
    return None in areas or (bool(areas) and unit_id is not None and not areas.isdisjoint(units.path(turn.tx, unit_id)))

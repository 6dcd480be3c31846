"""When the day's message is due: at each member's own hour, else at the hour of the milestones."""

from datetime import timedelta
from typing import Final

from bot.domain.people import Slot
from bot.domain.time import civil_date, instant
from bot.services import daily
from bot.services.calendar import steps_due
from bot.services.turn import Installation, Turn
from scheduler.hours import next_at

DAYS_AHEAD: Final = 366
DAY_MINUTES: Final = 24 * 60


class Daily:
    """The day's message to the members of one slot. A day that is over is missed."""

    sends = True

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.name = f"daily:{slot.value or 'unasked'}"

    def next_due(self, at: Installation, after: int) -> int | None:
        """The slot's hour of the next day; without an hour of their own, of the next day with a milestone step."""
        if self._slot in daily.CHOSEN:
            return next_at(at, at.federation.hours.minutes(self._slot.value), after)
        due_at = next_at(at, at.federation.hours.minutes("milestone"), after)
        day = civil_date(due_at, at.zone)
        ahead = (day + timedelta(days) for days in range(DAYS_AHEAD))
        with_steps = next((day for day in ahead if steps_due(at.pack, day)), None)
        return instant(with_steps, at.federation.hours.minutes("milestone"), at.zone) if with_steps else None

    def valid_until(self, at: Installation, due_at: int) -> int:
        """The end of the day."""
        return instant(civil_date(due_at, at.zone), DAY_MINUTES, at.zone) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """The next members by id."""
        return daily.write_to_slot(turn, self._slot, cursor)


class Errata:
    """Every morning, at the hour of the milestones, what is to be put right for those who chose no hour."""

    sends = True

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.name = f"errata:{slot.value or 'unasked'}"

    def next_due(self, at: Installation, after: int) -> int | None:
        """Every morning: an erratum that comes later is of the next one."""
        return next_at(at, at.federation.hours.minutes("milestone"), after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """The end of the day."""
        return instant(civil_date(due_at, at.zone), DAY_MINUTES, at.zone) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """The next members by id; who had a countdown today had it with that."""
        return daily.write_to_slot(turn, self._slot, cursor) if turn.at.pack.errata else None

"""The days to remember: what comes, and which steps of the countdown fall on a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypedDict

from bot.services.turn import Turn
from bot.vietnamese import format_date
from content.models import Milestone, Pack

COUNTDOWN: Final = (7, 3, 1, 0)
"""How many days before a pushed milestone its steps are."""


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone, `days_left` days ahead; `anniversary` in years, None where the first year is unknown."""

    milestone_id: str
    occurs_on: date
    days_left: int
    anniversary: int | None


class Coming(TypedDict):
    """A milestone as `upcoming.list` shows it. `anniversary` is 0 where there is none, `lunar` "" for a solar day."""

    name: str
    on: str
    lunar: str
    days_left: int
    anniversary: int
    note: str


def steps_due(pack: Pack, day: date) -> list[Step]:
    """The countdown steps that fall on `day`, nearest milestone first."""
    return [
        step
        for step in occurrences(pack, day, max(COUNTDOWN))
        if step.days_left in COUNTDOWN and pack.milestone_by_id[step.milestone_id].push
    ]


def occurrences(pack: Pack, day: date, days: int) -> list[Step]:
    """Every milestone from `day` to `days` days later, nearest first."""
    steps = []
    for milestone in pack.milestones:
        for year in range(day.year, (day + timedelta(days)).year + 1):
            if milestone.occurs_in(year):
                occurs_on = milestone.occurs_on(year)
                days_left = (occurs_on - day).days
                if 0 <= days_left <= days:
                    steps.append(Step(milestone.id, occurs_on, days_left, milestone.anniversary(year)))
    return sorted(steps, key=lambda step: step.days_left)


def lunar_shown(milestone: Milestone) -> str:
    """The lunar day of a milestone that has one, as "10/3"; else ""."""
    return f"{milestone.day}/{milestone.month}" if milestone.lunar else ""


def upcoming(turn: Turn, days: int, limit: int) -> list[Coming]:
    """At most `limit` milestones of the coming `days` days, nearest first."""
    pack = turn.at.pack
    return [
        Coming(
            name=pack.milestone_by_id[step.milestone_id].name,
            on=format_date(step.occurs_on),
            lunar=lunar_shown(pack.milestone_by_id[step.milestone_id]),
            days_left=step.days_left,
            anniversary=step.anniversary or 0,
            note=pack.milestone_by_id[step.milestone_id].note or "",
        )
        for step in occurrences(pack, turn.today, days)[:limit]
    ]

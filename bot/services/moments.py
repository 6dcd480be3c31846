"""Moments and people as announcements show them."""

from bot.domain.time import civil_date, minute_of_day
from bot.services.turn import Installation
from bot.vietnamese import format_date


def moment(at: Installation, instant: int | None) -> str:
    """A moment (epoch ms) as the word `at_time` shows it, "" for none."""
    if instant is None:
        return ""
    minute = minute_of_day(instant, at.zone)
    on = format_date(civil_date(instant, at.zone))
    return at.texts.words["at_time"].show.format(hour=f"{minute // 60}:{minute % 60:02}", on=on)


def titled(name: str, title: str) -> str:
    """Somebody with their title, as far as there are both."""
    return ", ".join(part for part in (name, title) if part)

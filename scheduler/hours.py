"""Hours of the civil day at which things are due."""

from datetime import timedelta

from bot.domain.time import civil_date, instant
from bot.services.turn import Installation


def next_at(at: Installation, minute: int, after: int) -> int:
    """The first instant after epoch ms `after` that is `minute` minutes after midnight."""
    day = civil_date(after, at.zone)
    today = instant(day, minute, at.zone)
    return today if today > after else instant(day + timedelta(days=1), minute, at.zone)

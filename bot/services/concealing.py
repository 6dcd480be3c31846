"""Audiences that are sorted by what people answered without names: how many they are, and who, would tell it."""

from bot.domain.announcements import Audience
from bot.services.turn import Turn
from bot.storage import announcements


def conceals(turn: Turn, audience: Audience) -> bool:
    """Whether who belongs to an audience tells who answered an unnamed question, or what.

    Also by way of what was sent to such people: those who got it, and all others.
    """
    question = announcements.by_id(turn.tx, audience.asked) if audience.asked is not None else None
    if question is not None and not question.named:
        return True
    others = [announcements.by_id(turn.tx, id) for id in (audience.of, audience.not_received) if id is not None]
    return any(conceals(turn, other.audience) for other in others if other is not None)

"""Conversations: one module a conversation, each a plain async function of a `Dialog`."""

from bot.dialog import Flow
from handlers import (
    library,
    my_data,
    my_nominations,
    nominate,
    person,
    quiz,
    review,
    settings,
    start,
    today,
    upcoming,
    why,
)

_MODULES = (start, today, quiz, upcoming, library, person, settings, my_data, why, nominate, my_nominations, review)

FLOWS: dict[str, Flow] = {flow.name: flow for module in _MODULES for flow in module.FLOWS}
"""Every flow by name."""

MENU = ("today", "quiz", "notices", "nominate", "upcoming", "library", "person", "settings")
"""The main menu, in order."""

ROLE_MENU = ("work",)
"""What holders of a role see after it."""

"""Conversations: one module a conversation, each a plain async function of a `Dialog`."""

from bot.dialog import Flow
from handlers import library, my_data, person, quiz, settings, start, today, upcoming

_MODULES = (start, today, quiz, upcoming, library, person, settings, my_data)

FLOWS: dict[str, Flow] = {flow.name: flow for module in _MODULES for flow in module.FLOWS}
"""Every flow by name."""

MENU = ("today", "quiz", "notices", "nominate", "upcoming", "library", "person", "settings")
"""The main menu, in order."""

ROLE_MENU = ("work",)
"""What holders of a role see after it."""

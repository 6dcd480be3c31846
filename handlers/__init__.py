"""Conversations: one module a conversation, each a plain async function of a `Dialog`."""

from bot.dialog import Flow
from handlers import (
    administration,
    announce,
    answer,
    approve,
    card,
    corrections,
    find,
    group_text,
    library,
    linking,
    my_data,
    my_nominations,
    newcomers,
    nominate,
    notices,
    person,
    posters,
    quiz,
    quota,
    recordings,
    review,
    role_lists,
    roles,
    sent,
    settings,
    sheets,
    solemn,
    start,
    today,
    unit_ending,
    unit_files,
    upcoming,
    update_content,
    why,
    work,
)

_MODULES = (
    start,
    today,
    quiz,
    notices,
    answer,
    nominate,
    upcoming,
    library,
    find,
    card,
    person,
    settings,
    linking,
    my_nominations,
    my_data,
    why,
    work,
    announce,
    approve,
    solemn,
    sent,
    corrections,
    newcomers,
    review,
    group_text,
    posters,
    sheets,
    recordings,
    administration,
    role_lists,
    roles,
    unit_ending,
    unit_files,
    update_content,
    quota,
)

FLOWS: dict[str, Flow] = {flow.name: flow for module in _MODULES for flow in module.FLOWS}
"""Every flow by name."""

MENU = ("today", "quiz", "notices", "nominate", "upcoming", "library", "person", "settings")
"""The main menu, in order."""

ROLE_MENU = ("work",)
"""What holders of a role see after it."""

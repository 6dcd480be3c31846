"""*Nhật ký việc làm*: what staff did in an administrator's subtrees, in plain words; nobody's reading or answering."""

from datetime import datetime
from typing import Final, TypedDict

from bot.domain.prompts import text
from bot.services import access
from bot.services.turn import Turn
from bot.storage import roles

SHOWN: Final = 10
MEMBERS_OWN: Final = ("unit_chosen", "erased", "members_merged")
"""Acts that are recorded and are no staff's."""


class Entry(TypedDict):
    """One act as it is read; `who` is "" for the bot itself or somebody who is gone."""

    at: str
    who: str
    act: str
    unit: str


class Page(TypedDict):
    """Some acts, newest first; `more` whether there are older ones."""

    entries: list[Entry]
    more: bool


def page(turn: Turn, skip: int) -> Page:
    """Acts after the newest `skip`; none for who administers nothing."""
    mine = access.admin_units(turn)
    if not mine:
        return Page(entries=[], more=False)
    found = roles.audit_under(turn.tx, mine, access.access_seekers(turn), MEMBERS_OWN, skip, SHOWN + 1)
    entries = [
        Entry(
            at=f"{datetime.fromtimestamp(at / 1000, turn.at.zone):%H:%M %d/%m/%Y}",
            who=name,
            act=turn.render(text("roles.act", act=act)),
            unit=unit,
        )
        for at, _, name, act, unit in found[:SHOWN]
    ]
    return Page(entries=entries, more=len(found) > SHOWN)

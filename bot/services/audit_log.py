"""*Nhật ký việc làm*: what staff did in an administrator's subtrees, in plain words; nobody's reading or answering."""

from datetime import datetime
from typing import Final, TypedDict

from bot.domain.prompts import text
from bot.services import access
from bot.services.turn import Turn
from bot.storage import roles

SHOWN: Final = 10
MEMBERS_OWN: Final = ("unit_chosen", "erased", "members_merged", "address_linked", "address_removed")
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
    found = newest(turn, skip, SHOWN + 1)
    return Page(entries=found[:SHOWN], more=len(found) > SHOWN)


def newest(turn: Turn, skip: int, limit: int) -> list[Entry]:
    """At most `limit` acts after the newest `skip`."""
    mine = access.admin_units(turn)
    if not mine:
        return []
    return [
        Entry(
            at=f"{datetime.fromtimestamp(at / 1000, turn.at.zone):%H:%M %d/%m/%Y}",
            who=name,
            act=turn.render(text("acts.phrase", act=act)),
            unit=unit,
        )
        for at, _, name, act, unit in roles.audit_under(
            turn.tx, mine, access.access_seekers(turn), MEMBERS_OWN, skip, limit
        )
    ]

"""Drafts: an announcement while its officer writes it, looked at before anything goes out."""

import re
from typing import Any, Final, TypedDict

from bot.domain.announcements import KINDS, Audience
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.services import access, notices, quota, roster
from bot.services.notices import PLACEHOLDERS
from bot.services.quota import Shortage
from bot.services.roster import Reach
from bot.services.turn import Turn
from bot.storage import units
from bot.storage.announcements import Announcement

BODY_LIMIT: Final = 2_000
VALID_FOR: Final = 3 * DAY
HEAD_ROOM: Final = 500
"""UTF-16 units kept for who speaks, above the text."""

_BRACES: Final = re.compile(r"\{[^{}\n]{1,30}\}")


class Speaker(TypedDict):
    """A unit the acting person may speak for."""

    unit: int
    name: str


class Draft(TypedDict):
    """What an officer decided: the unit that speaks, the unit whose subtree gets it, the text, class and reason."""

    unit: int
    to: int
    body: str
    kind: str
    reason: str


class Checked(TypedDict):
    """A text looked at: whether it may grow too long, and braces that are no placeholder."""

    too_long: bool
    unknown: list[str]


class Preview(TypedDict):
    """The notice as the officer would get it, the unit it goes to, how many it reaches, why it cannot go."""

    notice: dict[str, Any]
    to: str
    reach: Reach
    shortage: Shortage | None


def speakers(turn: Turn) -> list[Speaker]:
    """The units the acting person may speak for."""
    found = [units.by_id(turn.tx, id) for id in access.officer_units(turn)]
    return [Speaker(unit=unit.id, name=unit.name) for unit in found if unit is not None]


def longest(turn: Turn) -> int:
    """How many characters a text may have."""
    return min(BODY_LIMIT, _room(turn))


def _room(turn: Turn) -> int:
    """UTF-16 units that one message of every channel has below who speaks."""
    return min(capabilities.max_text for capabilities in turn.at.capabilities.values()) - HEAD_ROOM


def check(turn: Turn, body: str) -> Checked:
    """Whether the text fits every channel even with the longest names, and which braces stand for nothing."""
    filled = body
    for placeholder, length in PLACEHOLDERS.items():
        filled = filled.replace(f"{{{placeholder}}}", "x" * length)
    known = [f"{{{placeholder}}}" for placeholder in PLACEHOLDERS]
    unknown = [braces for braces in dict.fromkeys(_BRACES.findall(body)) if braces not in known]
    too_long = len(body) > longest(turn) or len(filled.encode("utf-16-le")) // 2 > _room(turn)
    return Checked(too_long=too_long, unknown=unknown)


def preview(turn: Turn, draft: Draft) -> Preview:
    """How members will see it, and how many. Raises LookupError for units that do not exist."""
    to = units.by_id(turn.tx, draft["to"])
    if to is None:
        raise LookupError(f"unit {draft['to']}")
    mine = units.by_id(turn.tx, turn.me.unit_id) if turn.me.unit_id is not None else None
    frozen = as_announcement(turn, draft)
    shown = notices.notice(turn.at, frozen, turn.me.name, turn.me.form, mine.name if mine else None)
    return Preview(
        notice=shown,
        to=to.name,
        reach=roster.reach(turn, frozen.audience),
        shortage=quota.shortage(turn, frozen.audience),
    )


def fits(turn: Turn, draft: Draft) -> bool:
    """Whether the plan of every channel still has the messages it needs."""
    return quota.shortage(turn, audience(draft)) is None


def audience(draft: Draft) -> Audience:
    """Who would get it."""
    return Audience(draft["to"])


def is_allowed(turn: Turn, draft: Draft) -> bool:
    """Whether the acting person may send it: speaks for the unit, and stays inside its subtree."""
    speaks = draft["unit"] in access.officer_units(turn)
    return speaks and units.within(turn.tx, draft["to"], [draft["unit"]]) and draft["kind"] in KINDS


def as_announcement(turn: Turn, draft: Draft) -> Announcement:
    """The draft as the acting officer would send it at this moment; without id and state."""
    unit = units.by_id(turn.tx, draft["unit"])
    held = [r for r in access.roles(turn) if r.unit_id == draft["unit"] and r.kind is RoleKind.OFFICER]
    return Announcement(
        id=0,
        author_id=turn.me.id,
        unit_id=draft["unit"],
        unit_name=unit.name if unit else "",
        speaker=turn.me.name,
        title=held[0].title if held else "",
        audience=audience(draft),
        kind=draft["kind"],
        reason=draft["reason"],
        body=draft["body"],
        created_at=turn.now,
        valid_until=turn.now + VALID_FOR,
    )

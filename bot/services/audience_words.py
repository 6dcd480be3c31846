"""An audience in words: for the officer who chooses it, and for a member who asks why a message came."""

from typing import TypedDict

from bot.channels.render import plain
from bot.domain.announcements import Audience
from bot.domain.prompts import text
from bot.domain.time import civil_date
from bot.services import quota
from bot.services.turn import Turn
from bot.storage import announcements, units
from bot.vietnamese import format_date


class Described(TypedDict):
    """What fills `audience.rule`; "" and empty lists for what is not asked. Announcements are named by their day.

    `answer` is an answer's label, "" for none yet and "*" for any; `of` the announcement whose recipients these are.
    """

    top: str
    units: list[str]
    except_units: list[str]
    roles: list[str]
    standings: list[str]
    channels: list[str]
    since: str
    asked: str
    answer: str
    not_received: str
    of: str


def described(turn: Turn, audience: Audience) -> Described:
    """The rule of an audience as people say it."""
    words = turn.at.texts.words
    answer = audience.answer
    return Described(
        top=unit_name(turn, audience.top),
        units=[unit_name(turn, id) for id in audience.units],
        except_units=[unit_name(turn, id) for id in audience.except_units],
        roles=[words[f"role_{kind}"].show for kind in audience.roles],
        standings=[words[f"standing_{standing}"].show for standing in audience.standings],
        channels=[quota.channel_name(turn, id) for id in audience.channels],
        since=format_date(civil_date(audience.joined_since, turn.at.zone)) if audience.joined_since is not None else "",
        asked=_day(turn, audience.asked),
        answer=words[answer].show if answer not in ("", "*") else answer,
        not_received=_day(turn, audience.not_received),
        of=_day(turn, audience.of),
    )


def rule(turn: Turn, audience: Audience) -> str:
    """The rule of an audience as one phrase."""
    return plain(turn.render(text("audience.rule", **described(turn, audience))))


def unit_name(turn: Turn, id: int | None) -> str:
    """A unit's name; "" for none."""
    unit = units.by_id(turn.tx, id) if id is not None else None
    return unit.name if unit is not None else ""


def _day(turn: Turn, id: int | None) -> str:
    announced = announcements.by_id(turn.tx, id) if id is not None else None
    return format_date(civil_date(announced.created_at, turn.at.zone)) if announced is not None else ""

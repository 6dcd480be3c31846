"""How many an announcement reaches, by unit and channel, and what some of them would read."""

import math
from datetime import date
from typing import Final, TypedDict

from bot.domain.announcements import Audience
from bot.domain.time import instant
from bot.services import access, audience_words, concealing, notices, quota, roster
from bot.services.drafts import Draft
from bot.services.drafts import audience as audience_of
from bot.services.roster import Reach
from bot.services.turn import Turn
from bot.storage import announcements, audiences
from bot.vietnamese import quote

SMALL: Final = 50
"""A unit with fewer people is asked one question."""
FEW: Final = 5
"""Fewer than so many are not counted where the number would tell who answered."""
EXAMPLES: Final = 5
UNITS_SHOWN: Final = 5
QUOTED: Final = 90
RECENT: Final = 8


class Example(TypedDict):
    """What one reader would see: their name and unit, and the beginning of the text as it is for them."""

    name: str
    unit: str
    line: str


class Reached(TypedDict):
    """An audience in words and numbers. `by_unit` are the biggest units, `rest` the people of all others.

    `few` is when people are sorted by what they answered and their number is not told: they are too few, or were not to
    be named (then it is not told either that there is nobody). `hidden` is when for that reason nobody is shown by
    unit, channel or name.
    """

    rule: str
    reach: Reach
    by_unit: list[tuple[str, int]]
    rest: int
    by_channel: list[tuple[str, int]]
    few: bool
    hidden: bool


class Size(TypedDict):
    """A unit as the question of whom to write to needs it: `below` is whether others are under it."""

    people: int
    small: bool
    below: bool


class Recent(TypedDict):
    """An announcement of the officer's units, to sort people by: what it asked."""

    id: int
    label: str
    question: str


def size(turn: Turn, unit_id: int) -> Size:
    """How many belong to a unit's subtree."""
    people = roster.reach(turn, Audience(unit_id))["people"]
    below = len(roster.below(turn, unit_id)) > 0
    return Size(people=people, small=people < SMALL, below=below)


def reached(turn: Turn, draft: Draft) -> Reached:
    """Whom a draft would reach, counted in one reading."""
    audience = audience_of(draft)
    by_unit: dict[int | None, int] = {}
    by_account: dict[int | None, int] = {}
    for unit_id, account_id, count in audiences.spread(turn.tx, audience, turn.now):
        by_unit[unit_id] = by_unit.get(unit_id, 0) + count
        by_account[account_id] = by_account.get(account_id, 0) + count
    people = sum(by_unit.values())
    untold = concealing.conceals(turn, audience)
    hidden = audience.asked is not None or untold
    biggest = sorted(by_unit.items(), key=lambda item: -item[1])[:UNITS_SHOWN]
    accounts = {id: count for id, count in by_account.items() if id is not None}
    return Reached(
        rule=audience_words.rule(turn, audience),
        reach=Reach(people=0, reachable=0, minutes=0)
        if untold
        else Reach(people=people, reachable=sum(accounts.values()), minutes=_minutes(turn, accounts)),
        by_unit=[] if hidden else [(audience_words.unit_name(turn, id), count) for id, count in biggest],
        rest=0 if hidden else people - sum(count for _, count in biggest),
        by_channel=[] if hidden else [(quota.channel_name(turn, id), count) for id, count in sorted(accounts.items())],
        few=untold or (hidden and 0 < people < FEW),
        hidden=hidden,
    )


def _minutes(turn: Turn, accounts: dict[int, int]) -> int:
    rates = turn.at.rates
    seconds = max((count / rates[id] for id, count in accounts.items() if rates.get(id)), default=0.0)
    return max(1, math.ceil(seconds / 60))


def examples(turn: Turn, draft: Draft) -> list[Example]:
    """What up to five people drawn from the audience would read.

    Where people are sorted by what they answered nobody is drawn: the example is nobody's.
    """
    audience = audience_of(draft)
    words = turn.at.texts.words
    default = words["form_default"].show
    if audience.asked is not None or concealing.conceals(turn, audience):
        name, unit = words["neutral_ten"].show, words["neutral_don_vi"].show
        return [_example(draft, name, default, unit)]
    random, highest = turn.random(), audiences.highest_member(turn.tx)
    drawn: list[int] = []
    found: list[Example] = []
    for _ in range(EXAMPLES):
        reader = audiences.someone(turn.tx, audience, turn.now, random.randint(1, max(1, highest)), drawn)
        if reader is None:
            break
        id, name, form, unit_name = reader
        drawn.append(id)
        found.append(_example(draft, name, form or default, unit_name or turn.at.federation.short_name))
    return found


def _example(draft: Draft, name: str, form: str, unit: str) -> Example:
    filled = notices.fill(draft["body"], name, form, unit)
    # A text that is the same for everybody is not shown over and over again.
    return Example(name=name, unit=unit, line=quote(filled, QUOTED) if filled != draft["body"] else "")


def recent(turn: Turn, unit_id: int) -> list[Recent]:
    """The last announcements that units of the acting officer's subtree spoke, newest first."""
    if unit_id not in access.officer_units(turn):
        return []
    found = announcements.of_units(turn.tx, [unit_id], 0, RECENT)
    return [Recent(id=each.id, label=notices.label(turn, each), question=each.question) for each in found]


def midnight(turn: Turn, day: str) -> int:
    """The instant an ISO date begins."""
    return instant(date.fromisoformat(day), 0, turn.at.zone)


def channels(turn: Turn) -> list[tuple[int, str]]:
    """The accounts people may be written to by, with the names of their channels."""
    return [(id, quota.channel_name(turn, id)) for id in sorted(turn.at.capabilities)]

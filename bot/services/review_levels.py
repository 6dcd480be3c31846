"""Whose turn it is to review a nomination: the nearest level that may, then upward."""

import re
from typing import Final

from bot.domain.lanes import Lane
from bot.domain.messages import Button
from bot.domain.people import Member
from bot.domain.prompts import Option, Text, text
from bot.domain.time import DAY, after_quiet
from bot.services import roster
from bot.services.access import REVIEWING
from bot.services.daily import why_button
from bot.services.posting import push
from bot.services.standing import standing_button
from bot.services.turn import Turn
from bot.storage import installation, members, nominations, units
from bot.storage.nominations import Nomination
from bot.vietnamese import fold

TOLD_WITHIN: Final = 30 * DAY
_WORD: Final = re.compile(r"\w+")


def has_upper(turn: Turn, unit_id: int | None) -> bool:
    """Whether there is a level above the nearest, for a nominee of `unit_id` (None: the nominator's own unit)."""
    return len(_levels(turn, _path(turn, unit_id or turn.me.unit_id))) > 1


def is_nominee(member: Member, nominee: str) -> bool:
    """Whether a nominee's typed name is this member's; a full name counts also with more written around it."""
    name, typed = (" ".join(_WORD.findall(fold(written))) for written in (member.name, nominee))
    return bool(name) and (name == typed or (" " in name and f" {name} " in f" {typed} "))


def hand_over(turn: Turn, nomination: Nomination) -> bool:
    """Give an open nomination to the nearest level above where it is; False when there is none."""
    path = _path(turn, nomination.anchor_id)
    if nomination.level_id in path:
        above = _levels(turn, path[path.index(nomination.level_id) + 1 :])
    else:
        above = _levels(turn, path)[1 if nomination.straight_up else 0 :]
    level = next((id for id in above if eligible(turn, id, nomination)), None)
    if level is None:
        return False
    nominations.change(turn.tx, nomination.id, nominations.OPEN, level_id=level, moved_at=turn.now)
    installation.record_audit(turn.tx, turn.now, None, "nomination_handed", level, nominations.origin(nomination.id))
    announce(turn, nomination.id, "new")
    return True


def call_for_reviewers(turn: Turn, nomination: Nomination) -> bool:
    """Nobody above may review it: tell the administrators over its unit, at most once a day. False without any."""
    found = roster.administrators(turn, nomination.anchor_id)
    for id in found:
        button = ("grant_role", "grant_role")
        roster.tell(turn, id, text("review.nobody_may"), button, f"unreviewed:{id}", once_a_day=True)
    return bool(found)


def announce(turn: Turn, nomination_id: int, event: str) -> None:
    """Tell the reviewers who have a nomination: `event` new, answered or confirmed. No deed text goes out."""
    nomination = nominations.by_id(turn.tx, nomination_id)
    if nomination is None or nomination.level_id is None:
        return
    button = standing_button(turn, "rev", nomination.id, Option("open", word="review_open"))
    told = text(f"review.{event}", code=nomination.code, kind=text(f"good_deed.kind_{nomination.kind}"))
    for reviewer in eligible(turn, nomination.level_id, nomination):
        tell(turn, reviewer.id, told, [button], nomination.id)


def tell(turn: Turn, member_id: int, told: Text, buttons: list[Button], nomination_id: int) -> None:
    """Write to someone about a nomination, outside their quiet hours."""
    member = members.by_id(turn.tx, member_id)
    if member is None:
        return
    origin = nominations.origin(nomination_id)
    start = after_quiet(turn.now, member.quiet_from, member.quiet_to, turn.at.zone)
    push(
        turn,
        member_id,
        [told],
        [*buttons, why_button(turn, origin)],
        lane=Lane.ANNOUNCEMENT,
        origin=origin,
        valid_until=start + TOLD_WITHIN,
        not_before=start if start > turn.now else 0,
    )


def may_review(member: Member, nomination: Nomination) -> bool:
    """Nobody reviews what they introduced, or their own deed."""
    return member.id != nomination.nominator_id and not is_nominee(member, nomination.nominee)


def _path(turn: Turn, anchor_id: int | None) -> list[int]:
    """Units from `anchor_id` up; without one, the top of the tree."""
    if anchor_id is not None:
        return units.path(turn.tx, anchor_id)
    return [unit.id for unit in units.children(turn.tx, None, turn.today)]


def _levels(turn: Turn, path: list[int]) -> list[int]:
    """Those of `path` that have reviewers."""
    return [id for id in path if _reviewers(turn, id)]


def _reviewers(turn: Turn, unit_id: int) -> list[Member]:
    unit = units.by_id(turn.tx, unit_id)
    if unit is None or not unit.exists_on(turn.today):
        return []
    held = [role.member_id for kind in REVIEWING for role in units.holders(turn.tx, unit_id, kind, turn.now)]
    found = [members.by_id(turn.tx, id) for id in dict.fromkeys(held)]
    return [member for member in found if member is not None and member.state == "active"]


def eligible(turn: Turn, unit_id: int, nomination: Nomination) -> list[Member]:
    """Who of a level may review it: nobody when one of them is the nominee, for the others are their colleagues."""
    reviewers = _reviewers(turn, unit_id)
    if any(is_nominee(member, nomination.nominee) for member in reviewers):
        return []
    return [member for member in reviewers if may_review(member, nomination)]

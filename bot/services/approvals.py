"""Four eyes: when a second person has to approve an announcement, who that may be, and what they are shown."""

from dataclasses import replace
from typing import Any, Final

from bot.domain.announcements import KINDS
from bot.domain.lanes import Lane
from bot.domain.people import RoleKind
from bot.domain.prompts import Option, Text, text
from bot.domain.time import after_quiet
from bot.services import access, audience_words, concealing, drafts, moments, notices, posting, roster
from bot.services.standing import standing_button
from bot.services.turn import Turn
from bot.storage import announcements, members, units
from bot.storage.announcements import Announcement

SMALL: Final = 50
"""Recipients below which a unit without a second officer asks nobody."""
SHOWN_DIGEST: Final = 12
"""How much of a digest its buttons carry."""


def digest_now(turn: Turn, announced: Announcement) -> str:
    """The digest of what is stored."""
    return drafts.digest(announced, [id for id, _, _ in announcements.files(turn.tx, announced.id)])


def needed(turn: Turn, frozen: Announcement) -> bool:
    """Whether a second person has to approve it: it is large, or its class asks for it.

    A unit with no second officer that writes to few is not asked.
    """
    if frozen.author_id is None or frozen.unit_id is None:
        return False
    people = roster.reach(turn, frozen.audience)["people"]
    if people <= turn.at.federation.approval_over and not KINDS[frozen.kind].four_eyes:
        return False
    return people >= SMALL or bool(_officers(turn, frozen.unit_id, frozen.author_id))


def approvers(turn: Turn, announced: Announcement) -> list[int]:
    """Whom to ask: other officers of the unit, else of the nearest above that has any, else administrators."""
    if announced.unit_id is None:
        return []
    for id in units.path(turn.tx, announced.unit_id):
        found = _officers(turn, id, announced.author_id)
        if found:
            return found
    administrators = roster.administrators(turn, announced.unit_id) or roster.administrators(turn)
    return [id for id in administrators if id != announced.author_id]


def _officers(turn: Turn, unit_id: int, author_id: int | None) -> list[int]:
    """Officers of exactly this unit, but for the author."""
    unit = units.by_id(turn.tx, unit_id)
    if unit is None or not unit.exists_on(turn.today):
        return []
    held = [role.member_id for role in units.holders(turn.tx, unit_id, RoleKind.OFFICER, turn.now)]
    found = [members.by_id(turn.tx, id) for id in dict.fromkeys(held) if id != author_id]
    return [member.id for member in found if member is not None and member.state == "active"]


def author_may(turn: Turn, announced: Announcement) -> bool:
    """Whether its author still speaks for its unit, and the unit still exists."""
    if announced.author_id is None or announced.unit_id is None:
        return announced.unit_id is None
    author = members.by_id(turn.tx, announced.author_id)
    if author is None:
        return False
    top = announced.audience.top
    speaks = announced.unit_id in access.officer_units(replace(turn, member=author, address=None))
    return speaks and top is not None and units.within(turn.tx, top, [announced.unit_id])


def title_of(turn: Turn, unit_id: int) -> str:
    """What the acting person is called where they decide about a unit: of their roles over it the nearest."""
    above = units.path(turn.tx, unit_id)
    kinds = (RoleKind.OFFICER, RoleKind.ADMIN)
    held = [role for role in access.roles(turn) if role.kind in kinds and role.unit_id in above]
    nearest = min(held, key=lambda role: above.index(role.unit_id), default=None)
    if nearest is not None and nearest.title:
        return nearest.title
    return turn.at.texts.words[f"role_{nearest.kind if nearest is not None else RoleKind.ADMIN}"].show


# -- asking


def piece(turn: Turn, announced: Announcement, reader_id: int) -> dict[str, Any]:
    """What `asked` shows: everything that is frozen, the text as this reader would get it; JSON."""
    reader = members.by_id(turn.tx, reader_id)
    unit = units.by_id(turn.tx, reader.unit_id) if reader is not None and reader.unit_id is not None else None
    name, form = (reader.name, reader.form) if reader is not None else ("", "")
    shown = notices.notice(turn.at, announced, name, form, unit.name if unit else None)
    untold = concealing.conceals(turn, announced.audience)
    reach = None if untold else roster.reach(turn, announced.audience)
    return {
        "notice": shown,
        "kind": turn.at.texts.words[f"kind_{announced.kind}"].show,
        "reason": announced.reason,
        "who": moments.titled(announced.speaker, announced.title),
        "unit": announced.unit_name,
        "narrowed": audience_words.rule(turn, announced.audience) if announced.audience.as_json() else "",
        "to": audience_words.unit_name(turn, announced.audience.top),
        "reach": reach,
        "send_at": moments.moment(turn.at, announced.send_at),
        "valid_until": moments.moment(turn.at, announced.valid_until),
        "files": [name or kind for _, kind, name in announcements.files(turn.tx, announced.id)],
    }


def shown(frozen: dict[str, Any]) -> Text:
    """What `piece` returned as a text."""
    return text("sending.frozen", **{**frozen, "notice": text("notices.notice", **frozen["notice"])})


def ask(turn: Turn, announced: Announcement) -> int:
    """Put it before everyone who may approve it first; returns how many."""
    asked = approvers(turn, announced)
    for member_id in asked:
        tell(turn, announced, member_id, text("sending.asked"), f"approval:{announced.id}")
    return len(asked)


def tell(turn: Turn, announced: Announcement, member_id: int, news: Text, origin: str) -> None:
    """Write to an approver, what is frozen below, with the buttons that decide; urgent ones wait for no quiet hours."""
    member = members.by_id(turn.tx, member_id)
    if member is None:
        return
    urgent = KINDS[announced.kind].four_eyes
    awake = turn.now if urgent else after_quiet(turn.now, member.quiet_from, member.quiet_to, turn.at.zone)
    named = f"{announced.id}.{announced.digest[:SHOWN_DIGEST]}"
    buttons = [
        standing_button(turn, "apr", named, Option("y", "approve_send")),
        standing_button(turn, "apr", named, Option("n", "give_back")),
    ]
    if announcements.files(turn.tx, announced.id):
        buttons.append(standing_button(turn, "apr", named, Option("f", "see_files")))
    posting.push(
        turn,
        member_id,
        [news, shown(piece(turn, announced, member_id))],
        buttons,
        lane=Lane.URGENT if urgent else Lane.ANNOUNCEMENT,
        origin=origin,
        valid_until=announced.valid_until,
        not_before=awake if awake > turn.now else 0,
    )

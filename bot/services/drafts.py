"""Drafts: an announcement while its officer writes it, looked at before anything goes out."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypedDict

import orjson

from bot.domain.announcements import KINDS, QUESTIONS, Audience
from bot.domain.messages import Attachment
from bot.domain.people import RoleKind
from bot.domain.time import DAY, civil_date, instant
from bot.services import access, big_files, concealing, media, quota
from bot.services.media import Kept
from bot.services.notices import PLACEHOLDERS
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import announcements, units
from bot.storage.announcements import Announcement

BODY_LIMIT: Final = 2_000
VALID_FOR: Final = 3 * DAY
FURTHEST: Final = 365 * DAY
DAY_MINUTES: Final = 24 * 60
LONG_TEXT: Final = 200
"""From so many characters on a text that an officer sends out of nowhere may be meant as an announcement."""
HEAD_ROOM: Final = 500
"""UTF-16 units kept for who speaks, above the text."""

_BRACES: Final = re.compile(r"\{[^{}\n]{1,30}\}")


class Speaker(TypedDict):
    """A unit the acting person may speak for, and who they are there."""

    unit: int
    name: str
    who: str


class Reference(TypedDict):
    """The official document an announcement rests on; all but the number may be "". Dates as written in Vietnam."""

    number: str
    date: str
    summary: str
    signer: str
    due: str


class Draft(TypedDict):
    """What an officer decided: the unit that speaks, the unit whose subtree bounds who gets it, and all the rest.

    `audience` narrows the subtree (`Audience.as_json`). `question` and `named` are of domain.announcements. Instants
    are epoch ms: `send_at` None for at once, `valid_until` None for as long as usual.
    """

    unit: int
    to: int
    body: str
    kind: str
    reason: str
    audience: dict[str, Any]
    reference: Reference | None
    question: str
    named: bool
    files: list[Kept]
    send_at: int | None
    valid_until: int | None


class Moment(TypedDict):
    """An instant, epoch ms; `problem` is "", no_hour, past, before_sending, after_its_use or too_far."""

    at: int
    problem: str


class Checked(TypedDict):
    """A text looked at: whether it may grow too long, and braces that are no placeholder."""

    too_long: bool
    unknown: list[str]


QUESTION_OF: Final = {"task": "done", "congratulation": "none", "condolence": "none"}
"""What a class asks unless the officer wants otherwise; others ask *Đã nhận*."""


def begun(unit: int, to: int, body: str = "", kind: str = "information", reason: str = "") -> Draft:
    """A draft with everything else as its class usually has it."""
    return Draft(
        unit=unit,
        to=to,
        body=body,
        kind=kind,
        reason=reason,
        audience={},
        reference=None,
        question=QUESTION_OF.get(kind, "received"),
        named=kind in KINDS and KINDS[kind].lists_names,
        files=[],
        send_at=None,
        valid_until=None,
    )


def speakers(turn: Turn) -> list[Speaker]:
    """The units the acting person may speak for."""
    return [
        Speaker(
            unit=unit.id, name=unit.name, who=", ".join(part for part in (turn.me.name, title(turn, unit.id)) if part)
        )
        for unit in units.listed(turn.tx, access.officer_units(turn))
    ]


def offered(turn: Turn, body: str, file: Attachment | None) -> Reply | None:
    """Ask whether a message that means nothing else is to be announced; None for a few words, or who may not."""
    if (file is None and len(body) < LONG_TEXT) or not access.officer_units(turn):
        return None
    files = [media.sent(file)] if file is not None else []
    if not all(big_files.carried(turn, one) for one in files):
        return Reply((media.too_big(files[0]),))
    return Reply(flow="offer_announcement", args={"body": body, "files": files})


def longest(turn: Turn) -> int:
    """How many characters a text may have."""
    return min(BODY_LIMIT, _room(turn))


def _room(turn: Turn) -> int:
    """UTF-16 units that one message of every channel has below who speaks."""
    return min(capabilities.max_text for capabilities in turn.at.capabilities.values()) - HEAD_ROOM


def check(turn: Turn, body: str, reference: Reference | None = None) -> Checked:
    """Whether the text fits every channel even with the longest names, and which braces stand for nothing."""
    filled = "\n".join([body, *(reference.values() if reference is not None else ())])
    for placeholder, length in PLACEHOLDERS.items():
        filled = filled.replace(f"{{{placeholder}}}", "x" * length)
    known = [f"{{{placeholder}}}" for placeholder in PLACEHOLDERS]
    unknown = [braces for braces in dict.fromkeys(_BRACES.findall(body)) if braces not in known]
    too_long = len(body) > longest(turn) or len(filled.encode("utf-16-le")) // 2 > _room(turn)
    return Checked(too_long=too_long, unknown=unknown)


def fits(turn: Turn, draft: Draft) -> bool:
    """Whether the plan of every channel still has the messages it needs, and every channel carries its files."""
    wanted = audience(draft)
    files = [file["media"] for file in draft["files"]]
    return quota.shortage(turn, wanted) is None and big_files.stuck(turn, wanted, files) is None


def audience(draft: Draft) -> Audience:
    """Who would get it. Raises TypeError for a draft that narrows by what is no part of an audience."""
    return Audience.from_json(draft["to"], draft["audience"])


def is_allowed(turn: Turn, draft: Draft) -> bool:
    """Whether the acting person may send it.

    They speak for the unit, stay inside its subtree, ask what the class allows, and sort by nothing but announcements
    of their own units.
    """
    if draft["unit"] not in access.officer_units(turn) or draft["kind"] not in KINDS:
        return False
    if draft["question"] not in QUESTIONS or (draft["named"] and not KINDS[draft["kind"]].lists_names):
        return False
    wanted = audience(draft)
    inside = (draft["to"], *wanted.units, *wanted.except_units)
    others = [id for id in (wanted.asked, wanted.not_received, wanted.of) if id is not None]
    if not all(units.within(turn.tx, id, [draft["unit"]]) for id in inside):
        return False
    return all(spoken(turn, id) for id in others)


def spoken(turn: Turn, id: int) -> bool:
    """Whether an announcement is one of the acting officer's units."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.unit_id is None:
        return False
    return access.access_unit_by_officer(turn, announced.unit_id)


def as_announcement(turn: Turn, draft: Draft) -> Announcement:
    """The draft as the acting officer would send it at this moment; without id and state. Its files: `media.attach`.

    Nobody is named for what they answer to it where that would name them for what they answered before.
    """
    unit = units.by_id(turn.tx, draft["unit"])
    reference = draft["reference"]
    valid_until = draft["valid_until"]
    frozen = Announcement(
        id=0,
        author_id=turn.me.id,
        unit_id=draft["unit"],
        unit_name=unit.name if unit else "",
        speaker=turn.me.name,
        title=title(turn, draft["unit"]),
        audience=audience(draft),
        kind=draft["kind"],
        reason=draft["reason"],
        body=draft["body"],
        created_at=turn.now,
        valid_until=(draft["send_at"] or turn.now) + VALID_FOR if valid_until is None else valid_until,
        reference=orjson.dumps(reference).decode() if reference is not None else "",
        question=draft["question"],
        named=draft["named"] and not concealing.conceals(turn, audience(draft)),
        send_at=draft["send_at"],
    )
    return replace(frozen, digest=digest(frozen, [file["media"] for file in draft["files"]]))


def title(turn: Turn, unit_id: int) -> str:
    """In what capacity the acting person speaks for a unit: their own before one they stand in for."""
    held = [r for r in access.roles(turn) if r.unit_id == unit_id and r.kind is RoleKind.OFFICER]
    held.sort(key=lambda role: role.deputy_of is not None)
    return held[0].title if held else ""


def digest(announced: Announcement, files: Sequence[int]) -> str:
    """A hash of everything an approval is about: text, audience, times, question and files (media ids)."""
    frozen = {
        "unit": [announced.unit_id, announced.unit_name, announced.title],
        "audience": [announced.audience.top, announced.audience.as_json()],
        "kind": [announced.kind, announced.reason],
        "body": announced.body,
        "reference": announced.reference,
        "question": [announced.question, bool(announced.named)],
        "times": [announced.send_at, announced.valid_until],
        "files": list(files),
    }
    return hashlib.sha256(orjson.dumps(frozen, option=orjson.OPT_SORT_KEYS)).hexdigest()


def moment(turn: Turn, draft: Draft, day: str, minute: int | None, ends: bool) -> Moment:
    """A moment the officer typed: an ISO date ("" for none) and minutes after midnight (None for none).

    `ends` is whether it ends the announcement's use: a day without an hour is then all of it, and an hour without a day
    is on the day it goes out.
    """
    begins = draft["send_at"] or turn.now
    on = date.fromisoformat(day) if day else civil_date(begins if ends else turn.now, turn.at.zone)
    if minute is None:
        if not ends:
            return Moment(at=0, problem="no_hour")
        minute = DAY_MINUTES - 1
    at = instant(on, minute, turn.at.zone)
    if at <= turn.now:
        return Moment(at=at, problem="past")
    if ends and at <= begins:
        return Moment(at=at, problem="before_sending")
    if not ends and draft["valid_until"] is not None and at >= draft["valid_until"]:
        return Moment(at=at, problem="after_its_use")
    if at - turn.now > FURTHEST:
        return Moment(at=at, problem="too_far")
    return Moment(at=at, problem="")

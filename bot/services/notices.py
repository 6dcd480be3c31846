"""An announcement as a member meets it: its text, the list of the last ones, the acknowledgement, why it came."""

import re
from dataclasses import replace
from typing import Any, Final, TypedDict

from bot.domain.messages import Button, Outbound
from bot.domain.prompts import Option, text
from bot.domain.time import civil_date
from bot.services import posting
from bot.services.standing import Reply, standing_button
from bot.services.turn import Installation, Turn
from bot.storage import announcements, broadcasts, group_posts, recipients, units
from bot.storage.announcements import Announcement
from bot.storage.outbox import Claimed
from bot.vietnamese import quote
from content.texts import Voice

ORIGIN: Final = "announcement"
PLACEHOLDERS: Final = {"ten": 60, "don_vi": 150, "goi": 10}
"""What may stand in a text for the reader's name, unit and form of address, and how long each may become."""
PAGE: Final = 5

_PLACEHOLDER: Final = re.compile(r" ?\{ten\}|\{(?:goi|don_vi)\}")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?]\s+|\n\s*)$")


class Listed(TypedDict):
    """A line of the list of announcements."""

    id: int
    label: str
    line: str
    acknowledged: bool


class Page(TypedDict):
    """Some announcements, newest first; `older` whether there are more."""

    notices: list[Listed]
    older: bool


def fill(body: str, name: str, form: str, unit: str) -> str:
    """Put a reader's name, form of address and unit for {ten}, {goi} and {don_vi}; other braces stay as they are."""

    def stands_for(found: re.Match[str]) -> str:
        if found[0] == "{don_vi}":
            return unit
        if found[0] == "{goi}":
            return form[:1].upper() + form[1:] if _SENTENCE_START.search(body, 0, found.start()) else form
        return found[0].replace("{ten}", name) if name else ""

    return _PLACEHOLDER.sub(stands_for, body)


def origin(id: int) -> str:
    """What the outbox rows of an announcement come from."""
    return f"{ORIGIN}:{id}"


def notice(at: Installation, announced: Announcement, name: str, form: str, unit: str | None) -> dict[str, Any]:
    """The parameters of `notices.notice` for one reader; JSON."""
    return {
        "kind": announced.kind,
        "unit": announced.unit_name,
        "who": ", ".join(part for part in (announced.speaker, announced.title) if part),
        "body": fill(
            announced.body, name, form or at.texts.words["form_default"].show, unit or at.federation.short_name
        ),
    }


def compose(turn: Turn, row: Claimed, id: int) -> Outbound | None:
    """The message of a claimed row; None when the announcement was stopped or its reader is gone."""
    announced = announcements.by_id(turn.tx, id)
    reader = broadcasts.reader(turn.tx, row.address_id)
    if announced is None or announced.state in ("stopping", "stopped") or reader is None:
        return None
    account_id, name, form, unit = reader
    shown = text("notices.notice", **notice(turn.at, announced, name, form, unit))
    html = turn.at.texts.render(shown, Voice(form, name))
    officer = group_posts.is_officer_at(turn.tx, row.address_id, turn.now)
    return posting.chain(posting.compose(turn, account_id, row.address_id, [html], buttons(turn, id, officer)))


def buttons(turn: Turn, id: int, officer: bool) -> list[Button]:
    """*Đã nhận*, for an officer *Bản gửi nhóm Zalo*, and *Vì sao tôi nhận tin này?*."""
    return [
        standing_button(turn, "ack", id, Option("received")),
        *([group_button(turn, f"a.{id}")] if officer else []),
        standing_button(turn, "why", f"{ORIGIN}.{id}", Option("why_this")),
    ]


def group_button(turn: Turn, piece: str = "") -> Button:
    """*Bản gửi nhóm Zalo*: of one piece as buttons name it, or the list of them."""
    if piece:
        return standing_button(turn, "grp", piece, Option("t", "group_text"))
    return Button(turn.at.texts.spoken(Option("group_text")).label, "m:group_text")


# -- the list


def page(turn: Turn, skip: int) -> Page:
    """The member's announcements after the newest `skip`."""
    found = announcements.of_member(turn.tx, turn.me.id, skip, PAGE + 1)
    listed = []
    for announced, done in found[:PAGE]:
        body = _shown(turn, announced)["body"]
        shown = label(turn, replace(announced, body=body))
        listed.append(Listed(id=announced.id, label=shown, line=quote(body), acknowledged=done))
    return Page(notices=listed, older=len(found) > PAGE)


def label(turn: Turn, announced: Announcement) -> str:
    """An announcement on a button: its day and first words."""
    day = civil_date(announced.created_at, turn.at.zone)
    return f"{day.day}/{day.month} {quote(announced.body, 18)}"


def waits_for_unit(turn: Turn) -> bool:
    """Whether the member gets no unit's announcements yet, because nobody has confirmed them."""
    return turn.me.unit_state in ("pending", "sought")


def read(turn: Turn, id: int) -> dict[str, Any] | None:
    """One of the member's announcements as `notices.notice` takes it, and `acknowledged`; None if not theirs."""
    announced = announcements.by_id(turn.tx, id)
    done = recipients.answer_of(turn.tx, id, turn.me.id)
    if announced is None or done is None:
        return None
    return {**_shown(turn, announced), "acknowledged": done[2] is not None}


def _shown(turn: Turn, announced: Announcement) -> dict[str, Any]:
    unit = units.by_id(turn.tx, turn.me.unit_id) if turn.me.unit_id is not None else None
    return notice(turn.at, announced, turn.me.name, turn.me.form, unit.name if unit else None)


# -- acknowledging


def acknowledge(turn: Turn, id: str, _choice: str) -> Reply:
    """The standing service behind *Đã nhận*."""
    first = acknowledge_one(turn, int(id)) if _is_id(id) else None
    if first is None:
        return Reply((text("errors.not_yours"),))
    return Reply((text("notices.acknowledged" if first else "notices.acknowledged_before"),))


def acknowledge_one(turn: Turn, id: int) -> bool | None:
    """The member got an announcement; whether this is the first time they say so, None when it is not theirs."""
    found = recipients.answer_of(turn.tx, id, turn.me.id)
    if found is None:
        return None
    if found[2] is None:
        recipients.set_answer(turn.tx, id, turn.me.id, "received", "", turn.now)
    return found[2] is None


def acknowledge_last(turn: Turn) -> Reply | None:
    """The member got the last announcement that reached them, by words; None when there is none."""
    last = recipients.last_got(turn.tx, turn.me.id, f"{ORIGIN}:")
    return acknowledge(turn, last.removeprefix(f"{ORIGIN}:"), "") if last is not None else None


# -- why


def why_announcement(turn: Turn, id: str) -> dict[str, Any] | None:
    """What fills `notices.why`: the rule, the unit and the officer; None when it was not for this member. JSON."""
    if not _is_id(id) or recipients.answer_of(turn.tx, int(id), turn.me.id) is None:
        return None
    announced = announcements.by_id(turn.tx, int(id))
    assert announced is not None
    audience = units.by_id(turn.tx, announced.audience_id) if announced.audience_id is not None else None
    return {
        "unit": announced.unit_name,
        "who": ", ".join(part for part in (announced.speaker, announced.title) if part),
        "audience": audience.name if audience else "",
        "kind": announced.kind,
    }


def _is_id(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 19

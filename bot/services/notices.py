"""An announcement as a member meets it: its text and files, the list of the last ones, why it came."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypedDict

import orjson

from bot.domain.announcements import QUESTIONS
from bot.domain.messages import Button, Outbound, OutboundMedia
from bot.domain.prompts import Option, text
from bot.domain.time import MINUTE, civil_date
from bot.services import audience_words, posting
from bot.services.standing import standing_button
from bot.services.turn import Installation, Turn
from bot.storage import announcements, media, recipients, units
from bot.storage.announcements import Announcement
from bot.vietnamese import quote
from content.texts import Voice

ORIGIN: Final = "announcement"
PLACEHOLDERS: Final = {"ten": 60, "don_vi": 150, "goi": 10}
"""What may stand in a text for the reader's name, unit and form of address, and how long each may become."""
PAGE: Final = 5
ASK_AGAIN: Final = ("again", "reminder", "erratum")
"""Purposes of announcements whose question is that of the one they follow."""
WAIT_FOR_FILES: Final = 2 * MINUTE
"""So long an announcement waits at most for its files to be fetched."""

QUOTED: Final = 60

_PLACEHOLDER: Final = re.compile(r" ?\{ten\}|\{(?:goi|don_vi)\}")
_ADDRESS: Final = re.compile(r"\s*\{(?:goi|ten)\}")
_NEUTRAL_START: Final = re.compile(r"(^|[.!?]\s+|\n\s*)\{(ten|don_vi)\}")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?]\s+|\n\s*)$")


class Reader(NamedTuple):
    """Who reads, and where; `unit` is its name. `officer` is whether they may pass it on to their unit's group."""

    account_id: int
    address_id: int
    name: str
    form: str
    unit: str | None
    officer: bool


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


class Read(TypedDict):
    """One of a member's announcements: `notice` fills `notices.notice`, `choices` are the answers it takes.

    `answer` is what they answered ("" for nothing yet, or in their own words: `words`); `files` how many there are.
    """

    notice: dict[str, Any]
    choices: list[str]
    answer: str
    words: str
    files: int


def fill(body: str, name: str, form: str, unit: str) -> str:
    """Put a reader's name, form of address and unit for {ten}, {goi} and {don_vi}; other braces stay as they are."""

    def stands_for(found: re.Match[str]) -> str:
        if found[0] == "{don_vi}":
            return unit
        if found[0] == "{goi}":
            return form[:1].upper() + form[1:] if _SENTENCE_START.search(body, 0, found.start()) else form
        return found[0].replace("{ten}", name) if name else ""

    return _PLACEHOLDER.sub(stands_for, body)


def neutral(turn: Turn, body: str) -> str:
    """An officer's text for nobody in particular: placeholders become words that fit everyone."""
    words = turn.at.texts.words
    fits = {"ten": words["neutral_ten"].show, "don_vi": words["neutral_don_vi"].show}
    begun = _NEUTRAL_START.sub(lambda found: found[1] + fits[found[2]][:1].upper() + fits[found[2]][1:], body)
    return fill(begun, fits["ten"], words["form_default"].show, fits["don_vi"])


def origin(id: int) -> str:
    """What the outbox rows of an announcement come from."""
    return f"{ORIGIN}:{id}"


def notice(
    at: Installation, announced: Announcement, name: str, form: str, unit: str | None, mark: str = ""
) -> dict[str, Any]:
    """The parameters of `notices.notice` for one reader; JSON.

    `mark` is "", trial, corrected, erratum, reminder or recalled.
    """
    return {
        "kind": announced.kind,
        "unit": announced.unit_name,
        "who": ", ".join(part for part in (announced.speaker, announced.title) if part),
        "reference": orjson.loads(announced.reference) if announced.reference else None,
        "body": fill(
            announced.body, name, form or at.texts.words["form_default"].show, unit or at.federation.short_name
        ),
        "question": announced.question,
        "named": announced.named,
        "mark": mark,
    }


def messages(
    turn: Turn, announced: Announcement, files: Sequence[OutboundMedia], reader: Reader, mark: str = ""
) -> list[Outbound]:
    """An announcement as one reader gets it, in as many messages as it needs.

    A file that cannot be sent where they read is left out, and they are told.
    """
    where = turn.at.capabilities[reader.account_id]
    ids = [file.media_id for file in files]
    sendable = media.sendable(turn.tx, ids, reader.account_id, uploads=where.uploads) if files else []
    shown = notice(turn.at, announced, reader.name, reader.form, reader.unit, mark)
    voice = Voice(reader.form, reader.name)
    texts = [turn.at.texts.render(text("notices.notice", **shown), voice)]
    if len(sendable) < len(files):
        texts.append(turn.at.texts.render(text("errors.no_files_here"), voice))
    kept = [file for file in files if file.media_id in sendable]
    offered = buttons(turn, announced, reader.officer)
    return posting.compose(turn, reader.account_id, reader.address_id, texts, offered, kept)


def message(
    turn: Turn, announced: Announcement, files: Sequence[OutboundMedia], reader: Reader, mark: str = ""
) -> Outbound:
    """The same as the message of one row: what cannot stand in it follows."""
    composed = posting.chain(messages(turn, announced, files, reader, mark))
    assert composed is not None, "a notice is never empty"
    return composed


def as_seen(turn: Turn, announced: Announcement, reader: Reader) -> Reader:
    """A reader without what their message does not show: those who become equal get equal messages."""
    return reader._replace(
        # Codes to type are given to an address.
        address_id=0 if turn.at.capabilities[reader.account_id].buttons else reader.address_id,
        name=reader.name if "{ten}" in announced.body else "",
        unit=reader.unit if "{don_vi}" in announced.body else None,
    )


def files(turn: Turn, id: int) -> list[OutboundMedia]:
    """The files of an announcement, in their order."""
    return [OutboundMedia(kind, media_id, name) for media_id, kind, name in announcements.files(turn.tx, id)]


def waits_for_files(turn: Turn, announced: Announcement) -> bool:
    """Whether files are still being fetched that are worth waiting for."""
    since = announced.started_at or announced.created_at
    return turn.now - since < WAIT_FOR_FILES and media.is_waiting(turn.tx, announced.id)


def buttons(turn: Turn, announced: Announcement, officer: bool) -> list[Button]:
    """The answers it takes, for an officer *Bản gửi nhóm Zalo*, and *Vì sao tôi nhận tin này?*."""
    id = announced.id
    return [
        *(standing_button(turn, "ack", id, Option(choice)) for choice in choices(announced)),
        *([group_button(turn, f"a.{id}")] if officer else []),
        standing_button(turn, "why", f"{ORIGIN}.{id}", Option("why_this")),
    ]


def choices(announced: Announcement) -> tuple[str, ...]:
    """The buttons a question has: its choices, or one to write one's own words."""
    return ("answer_notice",) if announced.question == "words" else QUESTIONS[announced.question]


def is_closed(turn: Turn, announced: Announcement) -> bool:
    """Whether its question takes no more answers: it is of no more use, nor is anything that carried it once more."""
    if turn.now < announced.valid_until:
        return False
    carried = [one for one in announcements.following(turn.tx, announced.id) if one.purpose in ASK_AGAIN]
    return all(turn.now >= one.valid_until for one in carried if one.started_at is not None)


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
        now, mark = as_it_stands(announced)
        shown = _shown(turn, now, mark)["body"]
        line = turn.at.texts.words["notice_recalled"].show if mark == "recalled" else quote(shown)
        listed.append(
            Listed(
                id=announced.id,
                label=label(turn, replace(now, body=shown)),
                line=line or turn.at.texts.words["notice_files"].show,
                acknowledged=done,
            )
        )
    return Page(notices=listed, older=len(found) > PAGE)


def label(turn: Turn, announced: Announcement) -> str:
    """An announcement on a button: its day and first words; of what takes one back, those of that one."""
    taken_back = announcements.by_id(turn.tx, announced.of_id or 0) if announced.purpose == "recall" else None
    shown = taken_back or announced
    day = civil_date(shown.created_at, turn.at.zone)
    body = _ADDRESS.sub("", shown.body).lstrip(" ,.:")  # no room for what is the same in every one
    words = quoted(turn, replace(shown, body=body), 18).rstrip(" .,;:")  # it stands within sentences
    return f"{day.day}/{day.month} {words}"


def quoted(turn: Turn, announced: Announcement, length: int = QUOTED) -> str:
    """The first words of an announcement for an officer; of files alone, that they are files."""
    return quote(neutral(turn, announced.body), length) or turn.at.texts.words["notice_files"].show


def waits_for_unit(turn: Turn) -> bool:
    """Whether the member gets no unit's announcements yet, because nobody has confirmed them."""
    return turn.me.unit_state in ("pending", "sought")


def as_it_stands(announced: Announcement) -> tuple[Announcement, str]:
    """An announcement with the right text where it was wrong, and how to mark it; or taken back."""
    if announced.recalled_at is not None:
        return announced, "recalled"
    return announced, "corrected" if announced.corrected_at is not None else ""


def read(turn: Turn, id: int) -> Read | None:
    """One of the member's announcements; None if not theirs."""
    announced = announcements.by_id(turn.tx, id)
    done = recipients.answer_of(turn.tx, id, turn.me.id)
    if announced is None or done is None:
        return None
    answer, words, _ = done
    now, mark = as_it_stands(announced)
    gone = mark == "recalled"
    return Read(
        notice=_shown(turn, now, mark),
        choices=[] if gone or is_closed(turn, announced) else list(choices(announced)),
        answer=turn.at.texts.words[answer].show if answer and not words else "",
        words=words,
        files=0 if gone else len(announcements.files(turn.tx, id)),
    )


def send_files(turn: Turn, id: int) -> bool:
    """Send the files of one of the member's announcements once more; False when some cannot be sent here."""
    assert turn.address is not None
    if recipients.answer_of(turn.tx, id, turn.me.id) is None:
        return False
    wanted = files(turn, id)
    where = turn.at.capabilities[turn.address.account_id]
    ids = media.sendable(turn.tx, [file.media_id for file in wanted], turn.address.account_id, uploads=where.uploads)
    posting.reply(turn, turn.address, [], media=[file for file in wanted if file.media_id in ids])
    return len(ids) == len(wanted)


def _shown(turn: Turn, announced: Announcement, mark: str) -> dict[str, Any]:
    unit = units.by_id(turn.tx, turn.me.unit_id) if turn.me.unit_id is not None else None
    return notice(turn.at, announced, turn.me.name, turn.me.form, unit.name if unit else None, mark)


# -- why


def why_announcement(turn: Turn, id: str) -> dict[str, Any] | None:
    """What fills `notices.why`: the rule, the unit, the officer, who approved; None when it was not for this member.

    JSON.
    """
    if not is_id(id) or recipients.answer_of(turn.tx, int(id), turn.me.id) is None:
        return None
    announced = announcements.by_id(turn.tx, int(id))
    assert announced is not None
    audience = announced.audience
    return {
        "unit": announced.unit_name,
        "who": ", ".join(part for part in (announced.speaker, announced.title) if part),
        "narrowed": bool(audience.as_json()),
        "rule": audience_words.rule(turn, audience),
        "audience": audience_words.unit_name(turn, audience.top),
        "kind": announced.kind,
        "approver": ", ".join(part for part in (announced.approver, announced.approver_title) if part),
    }


def is_id(typed: str) -> bool:
    """Whether a button's id can be a number of ours."""
    return typed.isascii() and typed.isdecimal() and len(typed) < 19

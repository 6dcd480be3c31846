"""Recordings in other languages: sent by a holder of a role, heard and approved by a second person, withdrawn.

They are of cards, questions and scripts. Members hear them wherever they are, so the second person is a reviewer,
staff or an administrator over the sender's unit: of the nearest level that has one. Nobody decides about their own.
"""

from typing import Any, Final, TypedDict

from bot.domain.messages import Attachment, InboundKind, OutboundMedia
from bot.domain.people import RoleKind
from bot.domain.prompts import Option, text
from bot.services import access, big_files, media, posting, recordable, roster
from bot.services.media import Sent
from bot.services.recordable import Named
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import installation, members, recordings, units
from bot.storage import media as files
from bot.storage.recordings import Recording
from bot.vietnamese import fold
from content.models import AUDIO, RECORDING_BYTES, is_of

DECIDING: Final = (*access.REVIEWING, RoleKind.ADMIN)
LISTED: Final = 8


class Known(TypedDict):
    """What a wish like «tiếng Thái cho bài Hòn đá» already says; `languages` and `targets` are what is to choose from.

    `language` is an id, "" while not known; `kind` what it says to be of, "" where it does not.
    """

    may: bool
    language: str
    languages: list[tuple[str, str]]
    kind: str
    targets: list[Named]


class Line(TypedDict):
    """A recording on a button."""

    id: int
    label: str


class Case(TypedDict):
    """A recording as its second person hears it. `problem` is "", no_right, late, not_here or changed."""

    problem: str
    language: str
    speaker: str
    author: str


def duties(turn: Turn) -> list[str]:
    """What the acting person may do about recordings, as flow names; what there is nothing for is left out."""
    if not turn.at.pack.languages or _unit(turn) is None:
        return []
    may = ["recordings_waiting"] if waiting(turn) else []
    return [*may, "record", *(["recordings_mine"] if mine(turn) else [])]


# -- sending


def offered(turn: Turn, typed: str, file: Attachment | None) -> Reply | None:
    """A voice note of a holder of a role, out of nowhere: a recording if its caption says so, else they are asked."""
    if file is None or file.kind is not InboundKind.VOICE or _unit(turn) is None or not turn.at.pack.languages:
        return None
    wish = _telling_wish(turn, typed)
    if wish is None and (not access.officer_units(turn) or not big_files.carried(turn, media.sent(file))):
        return None
    problem = unfit(file)
    if wish is None:
        return Reply(flow="offer_recording", args={"body": typed, "file": media.sent(file), "unfit": problem})
    if problem:
        return Reply((text(problem),))
    return Reply(flow="record", args={"wish": wish, "file": media.sent(file)})


def wished(turn: Turn, typed: str) -> str | None:
    """What follows «Ghi âm» in a text that begins so; None when it does not."""
    word = turn.at.texts.words["record"]
    folded = fold(typed)
    for begin in sorted((fold(each) for each in (word.show, *word.accept)), key=len, reverse=True):
        if folded == begin or folded.startswith(f"{begin} "):
            return " ".join(typed.split()[len(begin.split()) :])
    return None


def _telling_wish(turn: Turn, typed: str) -> str | None:
    """The same of a caption: one that names neither a language nor one thing («Ghi âm buổi họp») may mean anything."""
    wish = wished(turn, typed)
    known = understood(turn, wish) if wish else None
    return wish if known is None or known["language"] or len(known["targets"]) == 1 else None


def unfit(file: Attachment) -> str:
    """The sentence that says why a file is no recording to be played, by its name; "" when it is one."""
    by_name = file.kind is InboundKind.DOCUMENT and (file.name or "").lower().endswith(AUDIO)
    if file.kind is not InboundKind.VOICE and not by_name:
        return "recording.other_kind"
    return "recording.too_big" if file.size is not None and file.size > RECORDING_BYTES else ""


def understood(turn: Turn, wish: str) -> Known:
    """The language and the thing that a wish names, in whatever order, with or without accents."""
    languages = [(language.id, language.name) for language in turn.at.pack.languages]
    left, language = f" {fold(wish)} ", ""
    tongue = fold(turn.at.texts.words["tongue"].show)
    for id, name in sorted(languages, key=lambda pair: -len(pair[1])):
        named = f" {tongue} {fold(name)} "
        if not language and left.startswith(f" {fold(name)} "):
            named = f" {fold(name)} "
        if not language and named in left:
            language, left = id, left.replace(named, " ", 1)
    found = recordable.find(turn, left)
    return Known(
        may=_unit(turn) is not None and bool(languages),
        language=language,
        languages=languages,
        **found,
    )


def submit(turn: Turn, target: str, language: str, file: Sent, speaker: str) -> int | None:
    """Have it fetched, and ask the second person; `speaker` "" is the sender. Returns how many were asked.

    None when the sender may not, or the target (`card-hon-da`) or the language is gone.
    """
    unit = _unit(turn)
    revision = turn.at.pack.revision_of(target)
    if unit is None or not revision or language not in turn.at.pack.language_by_id:
        return None
    who = speaker or turn.me.name
    media_id = media.want(turn, file)
    sent = recordings.add(turn.tx, target, language, revision, media_id, turn.me.id, unit, who, turn.now)
    _audit(turn, sent, "recording_sent")
    return _ask(turn, sent)


def _ask(turn: Turn, sent: Recording) -> int:
    asked = _deciders(turn, sent)
    button = standing_button(turn, "rec", sent.id, Option("open", word="recording_open"))
    for member_id in asked:
        roster.tell_with(turn, member_id, text("recording.waits", **_named(turn, sent)), [button], _origin(sent))
    return len(asked)


def _origin(sent: Recording) -> str:
    return f"recording:{sent.id}"


def _unit(turn: Turn) -> int | None:
    """The unit in whose name the acting person sends recordings; None for who holds no role."""
    held = [role.unit_id for role in access.roles(turn)]
    return next(iter([*access.officer_units(turn), *held, *access.admin_units(turn)]), None)


# -- deciding


def waiting(turn: Turn) -> list[Line]:
    """What the acting person may decide about, oldest first."""
    found = [sent for sent in recordings.in_state(turn.tx, "waiting") if _may_decide(turn, sent)]
    return [_line(turn, sent) for sent in found[:LISTED]]


def opened(turn: Turn, id: str, choice: str) -> Reply:
    """*Nghe và duyệt* under the message about a new recording; *Vẫn đúng* under the one about a text that changed."""
    number = int(id) if id.isdecimal() and len(id) <= 12 else 0
    if choice == "still":
        return Reply((text(f"recording.{_still_right(turn, number)}"),))
    return Reply(flow="recordings_waiting", args={"recording": number})


def show(turn: Turn, id: int) -> Case:
    """Send a recording to its second person: the voice, then the words it is of."""
    sent = recordings.by_id(turn.tx, id)
    problem = _problem(turn, sent)
    if problem or sent is None:
        return Case(problem=problem, language="", speaker="", author="")
    assert turn.address is not None
    author = members.by_id(turn.tx, sent.author_id)
    file = files.lies_here(turn.tx, sent.media_id)
    if file is None:
        problem = "not_here"
    else:
        posting.reply(turn, turn.address, [], media=[OutboundMedia("voice", sent.media_id, file[0])])
    named = _named(turn, sent)
    words = recordable.words_of(turn, sent.target)
    posting.reply(turn, turn.address, [turn.render(text("recording.of", **named, words=words))])
    by = author.name if author is not None else ""
    return Case(problem=problem, language=_language(turn, sent), speaker=sent.speaker, author=by)


def approve(turn: Turn, id: int) -> str:
    """Members hear it from now on; returns "" or the problem. Its sender is told."""
    sent = recordings.by_id(turn.tx, id)
    problem = _problem(turn, sent)
    if sent is None or problem:
        return problem
    file = files.lies_here(turn.tx, sent.media_id)
    if file is None or file[1] > RECORDING_BYTES:
        return "not_here" if file is None else "too_heavy"
    recordings.approve(turn.tx, id, turn.now)
    _audit(turn, sent, "recording_approved")
    button = ("recordings_mine", "recordings_mine")
    roster.tell(turn, sent.author_id, text("recording.was_approved", **_named(turn, sent)), button, _origin(sent))
    return ""


def refuse(turn: Turn, id: int, reason: str) -> str:
    """It goes, and its sender reads why; returns "" or the problem."""
    sent = recordings.by_id(turn.tx, id)
    problem = _problem(turn, sent)
    if sent is None or problem not in ("", "changed"):
        return problem
    recordings.remove(turn.tx, sent)
    _audit(turn, sent, "recording_refused")
    told = text("recording.was_refused", **_named(turn, sent), reason=reason)
    roster.tell(turn, sent.author_id, told, ("record", "record"), _origin(sent))
    return ""


def _problem(turn: Turn, sent: Recording | None) -> str:
    if sent is None or sent.state != "waiting":
        return "late"
    if not _may_decide(turn, sent):
        return "no_right"
    return "" if sent.revision == turn.at.pack.revision_of(sent.target) else "changed"


def _deciding_units(turn: Turn) -> list[int]:
    return [*(role.unit_id for role in access.roles(turn) if role.kind in DECIDING), *access.admin_units(turn)]


def _may_decide(turn: Turn, sent: Recording) -> bool:
    return sent.author_id != turn.me.id and units.within(turn.tx, sent.unit_id, _deciding_units(turn))


def _deciders(turn: Turn, sent: Recording) -> list[int]:
    """Whom to ask: who may decide on the nearest level that has anybody, else the administrators of the whole tree."""
    for id in units.path(turn.tx, sent.unit_id):
        held = [role.member_id for kind in DECIDING for role in units.holders(turn.tx, id, kind, turn.now)]
        found = [members.by_id(turn.tx, member_id) for member_id in dict.fromkeys(held) if member_id != sent.author_id]
        active = [member.id for member in found if member is not None and member.state == "active"]
        if active:
            return active
    return [id for id in roster.administrators(turn) if id != sent.author_id]


# -- afterwards


def own(turn: Turn) -> list[str]:
    """What the acting person sent, as read, the newest first."""
    return [_line(turn, sent)["label"] for sent in recordings.of_author(turn.tx, turn.me.id)]


def mine(turn: Turn) -> list[Line]:
    """Recordings the acting person may withdraw, the newest first: their own, and those they might decide about."""
    every = [*recordings.in_state(turn.tx, "approved"), *recordings.in_state(turn.tx, "waiting")]
    found = sorted((sent for sent in every if _may_withdraw(turn, sent)), key=lambda sent: -sent.id)
    return [_line(turn, sent) for sent in found[:LISTED]]


def withdraw(turn: Turn, id: int) -> bool:
    """Nobody hears it any more, and the file goes; its sender is told when others did it. False when too late."""
    sent = recordings.by_id(turn.tx, id)
    if sent is None or not _may_withdraw(turn, sent):
        return False
    recordings.remove(turn.tx, sent)
    _audit(turn, sent, "recording_withdrawn")
    if sent.author_id != turn.me.id:
        told = text("recording.was_withdrawn", **_named(turn, sent))
        roster.tell(turn, sent.author_id, told, ("record", "record"), _origin(sent))
    return True


def _may_withdraw(turn: Turn, sent: Recording) -> bool:
    return sent.author_id == turn.me.id or _may_decide(turn, sent)


def look(turn: Turn) -> None:
    """Every morning: whose recording is of a text that was changed since, and is not played, hears of it once."""
    for sent in recordings.in_state(turn.tx, "approved"):
        current = turn.at.pack.revision_of(sent.target)
        if current in (sent.revision, sent.told_of):
            continue
        recordings.set_told(turn.tx, sent.id, current)
        button = standing_button(turn, "rec", sent.id, Option("still", word="recording_still"))
        told = text("recording.text_changed", **_named(turn, sent), gone=not current)
        roster.tell_with(turn, sent.author_id, told, [button] if current else [], _origin(sent))


def adopt(turn: Turn) -> None:
    """At a start: those of when a card's file alone was written down are of the quotation it has now."""
    for sent in [*recordings.in_state(turn.tx, "approved"), *recordings.in_state(turn.tx, "waiting")]:
        current = turn.at.pack.revision_of(sent.target)
        if sent.revision != current and is_of(sent.revision, current):
            recordings.set_revision(turn.tx, sent.id, current)


def _still_right(turn: Turn, id: int) -> str:
    """Its sender says that it fits the text as it is now: the second person hears it again."""
    sent = recordings.by_id(turn.tx, id)
    current = turn.at.pack.revision_of(sent.target) if sent is not None else ""
    if sent is None or sent.author_id != turn.me.id or not current:
        return "late"
    if sent.revision != current:
        recordings.ask_again(turn.tx, id, current)
        _audit(turn, sent, "recording_sent")
        _ask(turn, sent)
    return "asked_again"


# -- naming


def _named(turn: Turn, sent: Recording) -> dict[str, Any]:
    """What it is of, and in which language, as read; ids where the pack has them no more."""
    what = recordable.named(turn, sent.target)
    return {"of": recordable.of(what["kind"], what["title"]), "language": _language(turn, sent)}


def _language(turn: Turn, sent: Recording) -> str:
    language = turn.at.pack.language_by_id.get(sent.language)
    return language.name if language is not None else sent.language


def _line(turn: Turn, sent: Recording) -> Line:
    params = {"title": recordable.named(turn, sent.target)["label"], "language": _language(turn, sent)}
    word = "recording_waits" if sent.state == "waiting" else "recording_played"
    return Line(id=sent.id, label=turn.at.texts.spoken(Option(word, params=params)).label)


def _audit(turn: Turn, sent: Recording, act: str) -> None:
    detail = f"{sent.language} {sent.target}"
    installation.record_audit(turn.tx, turn.now, turn.me.id, act, sent.unit_id, detail)

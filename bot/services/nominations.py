"""Introducing a good deed, and what the one who introduced it may still do."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple, TypedDict

from bot.dialog import Answer, Invalid
from bot.domain.prompts import Text, text
from bot.domain.time import DAY
from bot.services import joining, media, review_levels
from bot.services.media import Sent
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import nominations, privacy, units
from bot.storage.nominations import Nomination
from bot.vietnamese import fold, format_date

OPEN_AT_MOST: Final = 3
TOLD_LIMIT: Final = 1500
LISTED: Final = 8
"""One's own nominations shown at once."""
WITHDRAWABLE: Final = (*nominations.OPEN, "kept", "not_chosen")
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH: Final = 6
_CLEAR_WORDS: Final = 2


class Facts(TypedDict):
    """A deed as people read it. `happened` is an ISO date, "often" or "" (not remembered); `told` "" while only a voice
    note tells it."""

    kind: str
    nominee: str
    unit_name: str
    told: str
    by_voice: bool
    happened: str
    why: str
    photos: int
    named: bool
    straight_up: bool


class Deed(Facts):
    """What is sent: the facts, the unit if it is one of the tree, the voice note and photos."""

    unit_id: int | None
    files: list[Sent]


class Beginning(TypedDict):
    """What the conversation needs to know of who introduces: folded words that mean themselves, their unit."""

    full: bool
    selves: list[str]
    unit_id: int | None
    unit: str


class Named(TypedDict):
    """A typed unit: `unit` is its id when it is clear; else (id, name) of those it could be."""

    unit: int | None
    name: str
    others: list[tuple[int, str]]


class Mine(TypedDict):
    """One of one's own nominations; `id` is 0 when it is not theirs."""

    id: int
    code: str
    state: str
    nominee: str
    question: str
    told: str
    reason: str
    withdrawable: bool
    facts: Facts


class Page(TypedDict):
    """Some of one's own nominations, newest first; `more` whether there are older ones."""

    mine: list[Mine]
    more: bool


class Escalated(NamedTuple):
    """How many went a level up, and how many nobody may review without there being an administrator to tell."""

    moved: int
    unheard: int


def begin(turn: Turn) -> Beginning:
    """Who introduces, and whether they have as many open as they may."""
    word = turn.at.texts.words["myself"]
    selves = [fold(phrase) for phrase in (word.show, *word.accept, turn.me.name) if phrase]
    unit = units.by_id(turn.tx, turn.me.unit_id) if turn.me.unit_id is not None else None
    return Beginning(
        full=_open_count(turn) >= OPEN_AT_MOST,
        selves=selves,
        unit_id=unit.id if unit else None,
        unit=unit.name if unit else "",
    )


def unit_named(turn: Turn, typed: str) -> Named:
    """The unit that was typed, if it is clear which."""
    found = joining.find_unit(turn, typed)["units"]
    if len(found) == 1:
        id, name = found[0]
        words = fold(typed).split()
        clear = len(words) >= _CLEAR_WORDS and f" {' '.join(words)} " in f" {fold(name)} "
        by_code = joining.unit_code(turn, typed) is not None
        if clear or by_code:
            return Named(unit=id, name=name, others=[])
    return Named(unit=None, name=typed, others=found)


def submit(turn: Turn, deed: Deed) -> str:
    """Keep a nomination and give it to its reviewers; returns its code, "" when three are open already."""
    if _open_count(turn) >= OPEN_AT_MOST:
        return ""
    code = _new_code(turn)
    id = nominations.add(
        turn.tx,
        code=code,
        nominator_id=turn.me.id,
        kind=deed["kind"],
        nominee=deed["nominee"],
        unit_id=deed["unit_id"],
        unit_name=deed["unit_name"],
        told=deed["told"],
        happened=deed["happened"],
        why=deed["why"],
        by_voice=int(deed["by_voice"]),
        named=int(deed["named"]),
        straight_up=int(deed["straight_up"]),
        anchor_id=deed["unit_id"] or turn.me.unit_id,
        created_at=turn.now,
        moved_at=turn.now,
    )
    for file in deed["files"]:
        nominations.attach(turn.tx, id, media.want(turn, file))
    nomination = nominations.by_id(turn.tx, id)
    assert nomination is not None
    if not review_levels.hand_over(turn, nomination):
        review_levels.call_for_reviewers(turn, nomination)
    return code


def mine(turn: Turn, skip: int) -> Page:
    """One's own nominations after the newest `skip`."""
    found = nominations.of_member(turn.tx, turn.me.id)[skip:]
    return Page(mine=[_as_mine(turn, n) for n in found[:LISTED]], more=len(found) > LISTED)


def one_of_mine(turn: Turn, id: int) -> Mine | None:
    """One nomination, if it is the acting member's own."""
    nomination = _own(turn, id)
    return _as_mine(turn, nomination) if nomination else None


def withdraw(turn: Turn, id: int) -> bool:
    """Take a nomination back and delete what was written; False when it was accepted meanwhile."""
    if _own(turn, id) is None or not nominations.change(turn.tx, id, WITHDRAWABLE, state="withdrawn"):
        return False
    nominations.blank(turn.tx, id)
    privacy.want_wipe(turn.tx)
    return True


def answer(turn: Turn, id: int, said: str) -> bool:
    """Answer a reviewer's question; False when nothing is asked any more."""
    if _own(turn, id) is None:
        return False
    if not nominations.change(turn.tx, id, ["asked"], state="waiting", answer=said, moved_at=turn.now):
        return False
    review_levels.announce(turn, id, "answered")
    return True


def confirm(turn: Turn, id: int, corrected: str) -> bool:
    """The nominator agrees with how their voice note was written down, or corrects it; False when that was done."""
    if _own(turn, id) is None:
        return False
    fields = {"told": corrected} if corrected else {}
    if not nominations.change(turn.tx, id, ["confirm"], state="waiting", moved_at=turn.now, **fields):
        return False
    review_levels.announce(turn, id, "confirmed")
    return True


def escalate(turn: Turn) -> Escalated:
    """Move up what waited too long, or waits where nobody may review it any more."""
    limit = turn.now - turn.at.federation.review_days * DAY
    moved, unheard = 0, 0
    for nomination in nominations.waiting(turn.tx):
        level = nomination.level_id
        held = level is not None and bool(review_levels.eligible(turn, level, nomination))
        if held and nomination.moved_at > limit:
            continue
        if review_levels.hand_over(turn, nomination):
            moved += 1
        elif not held and not review_levels.call_for_reviewers(turn, nomination):
            unheard += 1
    return Escalated(moved, unheard)


def written_pressed(turn: Turn, id: str, choice: str) -> Reply:
    """«Đúng» or «Sửa lại» under a voice note written down, or the button that opens a reviewer's question."""
    number = int(id) if id.isdecimal() and len(id) <= 12 else 0
    if _own(turn, number) is None:
        return Reply((text("errors.not_yours"),))
    if choice == "yes":
        done = confirm(turn, number, "")
        return Reply((text("good_deed.confirmed" if done else "good_deed.settled"),))
    return Reply(flow="my_nominations", args={"nomination": number, "fix": choice == "fix"})


def line(limit: int) -> Callable[[Answer], str | Invalid]:
    """Reads a line of words of at most `limit` characters."""

    def parse(answer: Answer) -> str | Invalid:
        typed = " ".join(answer.text.split())
        return _within(typed, limit) if any(map(str.isalpha, typed)) else Invalid(text("good_deed.empty"))

    return parse


def paragraphs(limit: int) -> Callable[[Answer], str | Invalid]:
    """Reads a text of at most `limit` characters, line breaks kept."""

    def parse(answer: Answer) -> str | Invalid:
        typed = answer.text
        return _within(typed, limit) if any(map(str.isalnum, typed)) else Invalid(text("good_deed.empty"))

    return parse


def facts_of(turn: Turn, nomination: Nomination) -> Facts:
    """A stored nomination as people read it."""
    files = nominations.files(turn.tx, nomination.id)
    return Facts(
        kind=nomination.kind,
        nominee=nomination.nominee,
        unit_name=nomination.unit_name,
        told=nomination.told,
        by_voice=bool(nomination.by_voice),
        happened=nomination.happened,
        why=nomination.why,
        photos=sum(file.kind != "voice" for file in files),
        named=bool(nomination.named),
        straight_up=bool(nomination.straight_up),
    )


def lines(facts: Facts) -> list[tuple[str, Text]]:
    """A deed as lines to read, each under the key of the question that it answers."""
    kind = text(f"good_deed.kind_{facts['kind']}")
    told = facts["told"] or text("good_deed.by_voice")
    found = [
        ("kind", text("good_deed.line_kind", value=kind)),
        ("who", text("good_deed.line_who", value=facts["nominee"])),
        ("unit", text("good_deed.line_unit", value=facts["unit_name"])),
        ("told", text("good_deed.line_told", value=told)),
    ]
    if not facts["by_voice"]:
        found.append(("when", text("good_deed.line_when", value=_happened(facts["happened"]))))
        found.append(("why", text("good_deed.line_why", value=facts["why"] or text("good_deed.unsaid"))))
    found.append(("photos", text("good_deed.line_photos", value=facts["photos"])))
    named, up = facts["named"], facts["straight_up"]
    found.append(("naming", text("good_deed.line_naming", named=named, straight_up=up)))
    return found


def _within(typed: str, limit: int) -> str | Invalid:
    return Invalid(text("errors.too_long", limit=limit)) if len(typed) > limit else typed


def _happened(happened: str) -> str | Text:
    if happened in ("", "often"):
        return text(f"good_deed.when_{happened or 'unknown'}")
    return format_date(date.fromisoformat(happened))


def _as_mine(turn: Turn, nomination: Nomination) -> Mine:
    return Mine(
        id=nomination.id,
        code=nomination.code,
        state=nomination.state,
        nominee=nomination.nominee,
        question=nomination.question,
        told=nomination.told,
        reason=nomination.reason,
        withdrawable=nomination.state in WITHDRAWABLE,
        facts=facts_of(turn, nomination),
    )


def _own(turn: Turn, id: int) -> Nomination | None:
    nomination = nominations.by_id(turn.tx, id)
    mine = nomination is not None and turn.member is not None and nomination.nominator_id == turn.member.id
    return nomination if mine else None


def _open_count(turn: Turn) -> int:
    return sum(n.state in nominations.OPEN for n in nominations.of_member(turn.tx, turn.me.id))


def _new_code(turn: Turn) -> str:
    while True:
        code = "GT-" + "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        if not nominations.code_taken(turn.tx, code):
            return code

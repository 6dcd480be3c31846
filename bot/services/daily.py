"""The day's one unasked message to a member: what is due that day, put together; and why they get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypedDict

from bot.domain.lanes import Lane
from bot.domain.messages import Button
from bot.domain.people import Member, Slot
from bot.domain.prompts import Option, Text, text
from bot.domain.time import after_quiet, instant
from bot.services import access, calendar, card_image, errata, learning, notices, posting, questions, reading, solemn
from bot.services.calendar import Step
from bot.services.preferences import period_shown
from bot.services.quota import is_reserved
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import schedule
from bot.storage.schedule import Occurrence
from bot.vietnamese import format_date

SLICE: Final = 50
"""Members a slice: at half a millisecond each, below 50 ms."""
CHOSEN: Final = (Slot.MORNING, Slot.NOON, Slot.EVENING)
DAY_MINUTES: Final = 24 * 60
ERRATUM: Final = "erratum:"
"""What a part of a message begins with that is an erratum."""


@dataclass(frozen=True, slots=True)
class _Day:
    """What a day brings to everybody: milestone steps by id, a line on its other milestones, where it is solemn.

    `concerned` are those of the slice who saw a card that was wrong.
    """

    steps: dict[str, Text]
    others: tuple[Text, ...]
    solemn: frozenset[int | None]
    concerned: frozenset[int]


def write_to_slot(turn: Turn, slot: Slot, cursor: int) -> int | None:
    """Write the day's message to the members of a slot with ids above `cursor`, at most SLICE of them.

    Returns the last id, None when there are no more. Those who chose no hour get milestone steps and errata only.
    """
    steps = {step.milestone_id: step_text(turn, step) for step in calendar.steps_due(turn.at.pack, turn.today)}
    if not steps and (_is_off(turn) or (slot not in CHOSEN and not turn.at.pack.errata)):
        return None
    found = schedule.recipients(turn.tx, slot, turn.today, cursor, SLICE)
    wrong = errata.concerned(turn, [member.id for member in found])
    day = _Day(steps, others_today(turn), solemn.areas(turn), wrong)
    for member in found:
        _write(replace(turn, cause=f"daily:{turn.today}:{member.id}", member=member), day)
    return found[-1].id if len(found) == SLICE else None


def _write(turn: Turn, day: _Day) -> None:
    wrong = errata.due(turn) if turn.me.id in day.concerned and not _is_off(turn) else []
    if turn.me.slot not in CHOSEN and not day.steps and not wrong:
        return
    parts = [f"step:{id}" for id in day.steps]
    window = _window(turn)
    if window is None or solemn.covers(turn, day.solemn, turn.me.unit_id):
        _record(turn, "missed", parts, None)
        return
    not_before, valid_until = window
    if not day.steps and is_reserved(turn, turn.me.id):
        _record(turn, "missed", ["card"], None)
        return
    parts += [f"{ERRATUM}{erratum.id}" for erratum in wrong]
    texts, card = [*day.steps.values(), *(errata.correction(turn, erratum) for erratum in wrong)], ""
    if turn.me.slot in CHOSEN and not _is_off(turn):
        lesson, card = _learning_texts(turn, day, parts)
        texts += lesson
    if not parts:
        return
    row = posting.push(
        turn,
        turn.me.id,
        texts,
        buttons(turn, parts, card),
        lane=Lane.MILESTONE if day.steps else Lane.DAILY,
        origin=_origin(turn.today),
        valid_until=valid_until,
        not_before=not_before,
        illustration=card_image.of_card(turn, card) if card else None,
    )
    _record(turn, "queued", parts, row)
    if row is not None:
        errata.told(turn, wrong, row)


def _is_off(turn: Turn) -> bool:
    """Whether today is one of the federation's days off: no piece comes, only a countdown."""
    return turn.today in turn.at.federation.days_off


def _window(turn: Turn) -> tuple[int, int] | None:
    """From when (0: at once) until when today's message may reach the member; None when quiet hours leave no time."""
    member, zone = turn.me, turn.at.zone
    start = after_quiet(turn.now, member.quiet_from, member.quiet_to, zone)
    end = instant(turn.today, DAY_MINUTES, zone) - 1
    if start > end:
        return None
    quiet = instant(turn.today, member.quiet_from, zone)
    if member.quiet_from != member.quiet_to and quiet > start:
        end = min(end, quiet - 1)
    return (start if start > turn.now else 0), end


def _record(turn: Turn, state: str, parts: Sequence[str], row: int | None) -> None:
    schedule.add_occurrence(turn.tx, Occurrence(turn.me.id, turn.today, state, tuple(parts)), row, turn.now)


def step_text(turn: Turn, step: Step) -> Text:
    """What is said of a milestone that many days ahead, or on its day."""
    milestone = turn.at.pack.milestone_by_id[step.milestone_id]
    return text(
        "daily.step",
        days_left=step.days_left,
        phrase=milestone.phrase or milestone.name,
        anniversary=step.anniversary or 0,
        since=f"{milestone.day}/{milestone.month}/{milestone.since}",
        on=format_date(step.occurs_on),
        lunar=calendar.lunar_shown(milestone),
        note=milestone.note or "",
        sources=[source.title for source in turn.at.pack.sources_of(milestone)],
    )


def others_today(turn: Turn) -> tuple[Text, ...]:
    """One line on the day's milestones that are not counted down, if there are any."""
    pack, today = turn.at.pack, turn.today
    found = [
        {
            "name": milestone.name,
            "anniversary": step.anniversary or 0,
            "lunar": calendar.lunar_shown(milestone),
        }
        for step in calendar.occurrences(pack, today, 0)
        if not (milestone := pack.milestone_by_id[step.milestone_id]).push
    ]
    return (text("daily.also_today", on=f"{today.day}/{today.month}", milestones=found),) if found else ()


def _learning_texts(turn: Turn, day: _Day, parts: list[str]) -> tuple[list[Text], str]:
    """The day's piece, the other milestones in a line under it, the questions that return; and the piece's id."""
    card = learning.next_card(turn, unasked=True)
    missed = questions.due(turn)
    parts += [*(["card"] if card is not None else []), *(["missed"] if missed else [])]
    return lesson_texts(card, day.others if parts else (), missed), card["id"] if card is not None else ""


def lesson_texts(card: Mapping[str, Any] | None, others: Sequence[Text], missed: int) -> list[Text]:
    """A piece, the line on the day's other milestones under it, and how many questions return."""
    lesson = [text("learning.card", **card)] if card is not None else []
    return [*lesson, *others, *([text("daily.missed", count=missed)] if missed else [])]


def buttons(turn: Turn, parts: Sequence[str], card: str) -> list[Button]:
    """What stands under the message of today, with a piece ("" for none); for nobody in particular, less."""
    words = turn.at.texts
    return [
        Button(words.spoken(Option("more" if "card" in parts else "today")).label, "m:today"),
        Button(words.spoken(Option("quiz")).label, "m:quiz"),
        *(reading.buttons(turn, card) if card else []),
        *([notices.group_button(turn)] if access.officer_units(turn) else []),
        why_button(turn, _origin(turn.today)),
    ]


def _origin(day: date) -> str:
    return f"daily:{day.isoformat()}"


# -- why


class Reason(TypedDict):
    """Why a message came: the text that says so and what fills it."""

    text: str
    params: dict[str, Any]


_OWN: Final = ("ending", "handover", "offer", "role", "term", "unit")
_DUTIES: Final = (
    *(
        "approval",
        "approval_again",
        "approved",
        "backup",
        "ended",
        "held",
        "left",
        "merged",
        "moved",
        "names",
        "newcomers",
        "pack",
    ),
    *(
        "progress",
        "quota",
        "recording",
        "result",
        "returned",
        "seekers",
        "stopped",
        "unanswered",
        "unreviewed",
        "vacant",
    ),
)
WHY: Final = {
    "nomination": "daily.why_nomination",
    "outage": "daily.why_outage",
    "room": "daily.why_room",
    **dict.fromkeys(_OWN, "daily.why_other"),
    **dict.fromkeys(_DUTIES, "daily.why_duty"),
}
"""By the kind of its origin, why a push came that is neither an announcement nor the day's message."""


def why_button(turn: Turn, origin: str) -> Button:
    """*Vì sao tôi nhận tin này?* for a push of this origin (`kind:id`)."""
    return standing_button(turn, "why", origin.replace(":", "."), Option("why_this"))


def explain(turn: Turn, origin: str, _choice: str) -> Reply:
    """The standing service behind `why_button`; `origin` has a point for its colon, as the button carries it."""
    reason = _reason(turn, origin.replace(".", ":", 1))
    settings = Button(turn.at.texts.spoken(Option("settings")).label, "m:settings")
    return Reply((text(reason["text"], **reason["params"]),), (settings,))


def explain_last(turn: Turn) -> Reason:
    """Why the member got the last message that nobody had asked for."""
    return _reason(turn, schedule.last_push(turn.tx, turn.me.id))


def _reason(turn: Turn, origin: str) -> Reason:
    kind, _, id = origin.partition(":")
    if kind == notices.ORIGIN:
        params = notices.why_announcement(turn, id)
        return Reason(text="errors.not_yours" if params is None else "notices.why", params=params or {})
    if kind == "daily":
        return Reason(text="daily.why_daily", params=_daily_reason(turn, turn.me, _day(id)))
    return Reason(text=WHY.get(kind, "daily.why_other"), params={})


def _daily_reason(turn: Turn, member: Member, day: date | None) -> dict[str, Any]:
    hours, pack = turn.at.federation.hours, turn.at.pack
    chosen = member.slot in CHOSEN
    found = schedule.occurrence(turn.tx, member.id, day) if day is not None else None
    parts = found.parts if found is not None else ()
    ids = [part.removeprefix("step:") for part in parts if part.startswith("step:")]
    return {
        "slot": turn.at.texts.spoken(Option(f"slot_{member.slot}")).label if chosen else "",
        "hour": getattr(hours, member.slot if chosen else "milestone"),
        "names": [pack.milestone_by_id[id].name for id in ids if id in pack.milestone_by_id],
        "missed": "missed" in parts,
        "corrected": any(part.startswith(ERRATUM) for part in parts),
        "quiet": period_shown(member.quiet_from, member.quiet_to),
    }


def _day(typed: str) -> date | None:
    """The day a button names, None when it was forged."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None

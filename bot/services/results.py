"""Results: what became of announcements, in numbers and by unit, for the officers of the units that spoke."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NotRequired, TypedDict

import orjson

from bot.domain.announcements import QUESTIONS
from bot.domain.people import Unit
from bot.services import access, concealing, notices, reasons, roster
from bot.services.turn import Turn
from bot.storage import announcements, recipients, units
from bot.storage.announcements import Announcement

SENT_SHOWN: Final = 8
LINES_SHOWN: Final = 8
FEW: Final = 5
"""Answers from which on their number is shown: nobody learns from it who answered what."""
OUTCOMES: Final = ("sent", "unreachable", "failed", "uncertain", "expired", "cancelled", "pending")
"""What can have become of a message, in the order shown; pending is what waits or is on the wire."""
OVER: Final = ("done", "stopped")


class Sent(TypedDict):
    """Some announcements, newest first, each with id and label; `more` whether there are older ones."""

    sent: list[dict[str, Any]]
    more: bool


class Counts(TypedDict):
    """What became of an announcement, in people; `pending` includes those not yet queued.

    `untold` is whether these numbers are not to be shown (see `conceals`).
    """

    label: str
    untold: bool
    state: str
    people: int
    sent: int
    unreachable: int
    failed: int
    uncertain: int
    expired: int
    cancelled: int
    pending: int


class Status(Counts):
    """The same with how many answered, which is known to lie between two numbers; None where nothing was asked.

    `recalled` is missing from what was read before it was told.
    """

    acknowledged: tuple[int, int] | None
    recalled: NotRequired[bool]


class Line(TypedDict):
    """A unit with everything under it: people by outcome and by answer; `deeper` whether units below have any.

    An answer's number is known to lie between two, which are the same where it is exact (see `Known`). `people` is None
    where their number is not to be shown.
    """

    unit: int
    name: str
    people: int | None
    outcomes: dict[str, int]
    answers: dict[str, tuple[int, int]]
    deeper: bool


class Report(TypedDict):
    """A unit's subtree, and its parts after the first `skip`; `up` the unit above (0 for none), `more` further parts.

    `reasons` are why messages did not arrive, each with how many; `elsewhere` people of other subtrees. `choices` are
    what may be answered, with its label. `untold` is as in `Counts`.
    """

    label: str
    untold: bool
    kind: str
    top: Line
    own: Line | None
    parts: list[Line]
    more: bool
    up: int
    reasons: list[tuple[str, int]]
    elsewhere: int
    choices: list[tuple[str, str]]


@dataclass(slots=True)
class Counted:
    """People of a unit: by outcome, by reason, by answer ("" for none yet)."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counted") -> None:
        """Count others with these."""
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        self.answers.update(other.answers)


@dataclass(frozen=True, slots=True)
class Known:
    """What may be known of a number of answers: that it lies from `low` to `high`. `count` is what it is."""

    low: int
    high: int
    count: int


@dataclass(slots=True)
class Tree:
    """Units with recipients: what was counted in each alone and with all below, children in official order."""

    roots: list[Unit]
    children: dict[int, list[Unit]]
    alone: dict[int, Counted]
    whole: dict[int, Counted]
    elsewhere: Counted


def sent_list(turn: Turn, skip: int) -> Sent:
    """Announcements of the units the acting person is an officer of, after the newest `skip`."""
    found = announcements.of_units(turn.tx, access.officer_units(turn), skip, SENT_SHOWN + 1)
    sent = [{"id": announced.id, "label": notices.label(turn, announced)} for announced in found[:SENT_SHOWN]]
    return Sent(sent=sent, more=len(found) > SENT_SHOWN)


def status(turn: Turn, id: int) -> Status | None:
    """What became of an announcement of the officer's units; None when it is not one."""
    announced = mine(turn, id)
    if announced is None:
        return None
    return Status(
        **counted(turn, announced),
        acknowledged=acknowledged(turn, announced),
        recalled=announced.recalled_at is not None,
    )


def acknowledged(turn: Turn, announced: Announcement) -> tuple[int, int] | None:
    """Between which numbers the acting officer may know that of the answers to lie, beside those of the units.

    None where nothing was asked.
    """
    asked = choices(announced)
    if not asked:
        return None
    if recipients.answered(turn.tx, announced.id) < FEW:
        return 0, FEW - 1
    answers = _known_everywhere(by_unit(turn, announced), asked)
    return answers.low, answers.high


def _known_everywhere(tree: Tree, asked: Sequence[str]) -> Known:
    whole, elsewhere = known_of_all(tree, asked), known_alone(tree.elsewhere, asked)
    return together([together([whole[choice], elsewhere[choice]]) for choice in asked])


def mine(turn: Turn, id: int) -> Announcement | None:
    """An announcement that a unit of the acting officer's subtrees spoke; None when it is none."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.unit_id is None or not access.access_unit_by_officer(turn, announced.unit_id):
        return None
    return announced


def conceals(turn: Turn, announced: Announcement) -> bool:
    """Whether who got it tells who answered a question, or what: nobody is named then, nor anybody counted.

    Of a named question, too, only the officer of somebody's own unit may know, and not from this.
    """
    return announced.audience.asked is not None or concealing.conceals(turn, announced.audience)


def counted(turn: Turn, announced: Announcement) -> Counts:
    """What became of an announcement so far."""
    outcomes: Counter[str] = Counter()
    for part in recipients.tally(turn.tx, announced.id, notices.origin(announced.id)):
        outcomes[_outcome(part.outcome)] += part.people
    people = outcomes.total()
    if announced.result:
        _count_gone(outcomes, orjson.loads(announced.result))
    if announced.state == "queueing":
        outcomes["pending"] += max(0, roster.reach(turn, announced.audience)["people"] - people)
    return Counts(
        label=notices.label(turn, announced),
        untold=conceals(turn, announced),
        state=announced.state,
        people=outcomes.total(),
        sent=outcomes["sent"],
        unreachable=outcomes["unreachable"],
        failed=outcomes["failed"],
        uncertain=outcomes["uncertain"],
        expired=outcomes["expired"],
        cancelled=outcomes["cancelled"],
        pending=outcomes["pending"],
    )


def _count_gone(outcomes: Counter[str], result: Counts) -> None:
    """Count those too who erased themselves since, as it was when the announcement was over."""
    for outcome, before in [(outcome, result[outcome]) for outcome in OUTCOMES]:
        outcomes[outcome] += max(0, min(before - outcomes[outcome], result["people"] - outcomes.total()))


def _outcome(state: str) -> str:
    return "pending" if state == "sending" else state


# -- by unit


def report(turn: Turn, id: int, unit: int, skip: int) -> Report | None:
    """What became of an announcement in a unit's subtree (0: all of the officer's); None when it is not theirs."""
    announced = mine(turn, id)
    if announced is None:
        return None
    tree = by_unit(turn, announced)
    inside = units.within(turn.tx, unit, access.officer_units(turn)) if unit else False
    if not inside and len(tree.roots) == 1:
        unit, inside = tree.roots[0].id, True
    whole = Counted()
    for root in tree.roots:
        whole.add(tree.whole[root.id])
    here = units.by_id(turn.tx, unit) if inside else None
    asked = choices(announced)
    parts = tree.children.get(here.id, []) if here is not None else tree.roots
    counts = tree.whole.get(here.id, Counted()) if here is not None else whole
    alone = tree.alone.get(here.id) if here is not None and parts else None
    answers = known(tree, here, asked) if here is not None else known_of_all(tree, asked)
    own = known_alone(alone, asked) if alone is not None else {}
    above = here.parent_id if here is not None and here.id not in [root.id for root in tree.roots] else None
    untold = conceals(turn, announced)
    top = _line(here.id if here is not None else 0, here.name if here is not None else "", counts, answers, False)
    if untold:
        top, counts, tree.elsewhere = {**top, "people": None, "outcomes": {}}, Counted(), Counted()
    return Report(
        label=notices.label(turn, announced),
        untold=untold,
        kind=announced.kind,
        top=top,
        own=_line(here.id, here.name, alone, own, False) if here is not None and alone is not None else None,
        parts=[
            _line(part.id, part.name, tree.whole[part.id], known(tree, part, asked), bool(tree.children.get(part.id)))
            for part in parts[skip : skip + LINES_SHOWN]
        ],
        more=len(parts) > skip + LINES_SHOWN,
        up=above or 0,
        reasons=[(_word(turn, f"reason_{reason}"), people) for reason, people in counts.reasons.most_common()],
        elsewhere=tree.elsewhere.outcomes.total() if here is None or above is None else 0,
        choices=[(choice, _word(turn, f"answer_{choice}")) for choice in asked],
    )


def choices(announced: Announcement) -> tuple[str, ...]:
    """What may be answered; `words` stands for own words."""
    return QUESTIONS[announced.question] or (("words",) if announced.question == "words" else ())


def _word(turn: Turn, word: str) -> str:
    return turn.at.texts.words[word].show


def _line(id: int, name: str, found: Counted, known: Mapping[str, Known], deeper: bool) -> Line:
    outcomes = {outcome: found.outcomes[outcome] for outcome in OUTCOMES}
    answers = {choice: (answer.low, answer.high) for choice, answer in known.items()}
    return Line(unit=id, name=name, people=found.outcomes.total(), outcomes=outcomes, answers=answers, deeper=deeper)


def known(tree: Tree, unit: Unit, asked: Sequence[str]) -> dict[str, Known]:
    """What may be known of a subtree's answers, so that no total gives away a number below it that is hidden."""
    below = [known(tree, child, asked) for child in tree.children.get(unit.id, [])]
    alone = tree.alone.get(unit.id)
    if alone is not None:
        below.append(known_alone(alone, asked))
    return {choice: together([part[choice] for part in below]) for choice in asked}


def known_of_all(tree: Tree, asked: Sequence[str]) -> dict[str, Known]:
    """What may be known of the answers in all of the officer's subtrees."""
    below = [known(tree, root, asked) for root in tree.roots]
    return {choice: together([part[choice] for part in below]) for choice in asked}


def known_alone(found: Counted, asked: Sequence[str]) -> dict[str, Known]:
    """What may be known of the answers of people who are shown together only."""
    return {choice: single(found.answers[choice], found.outcomes.total()) for choice in asked}


def single(count: int, people: int) -> Known:
    """What may be known of one number, of answers of so many people, by itself."""
    return Known(count, count, count) if count >= FEW else Known(0, min(FEW - 1, people), count)


def together(parts: Sequence[Known]) -> Known:
    """What may be known of a sum beside its parts: exact only where several hidden ones could still be otherwise."""
    low, high, count = (sum(part.low for part in parts), sum(part.high for part in parts), sum(p.count for p in parts))
    hidden = sum(part.low < part.high for part in parts)
    return Known(count, count, count) if hidden > 1 and low < count < high else Known(low, high, count)


def by_unit(turn: Turn, announced: Announcement) -> Tree:
    """Recipients in the acting officer's subtrees, counted unit by unit and summed up to the officer's own units."""
    alone = _alone(turn, announced)
    if conceals(turn, announced):
        together = Counted()
        for found in alone.values():
            together.add(found)
        alone = {announced.unit_id: together}
    every = {unit.id: unit for unit in units.in_order(units.every(turn.tx))}
    over = set(access.officer_units(turn))
    whole: dict[int, Counted] = {}
    elsewhere = Counted()
    roots: set[int] = set()
    for id, found in alone.items():
        path = _path(every, id)
        reached = [place for place, above in enumerate(path) if above in over]
        if not reached:
            elsewhere.add(found)
            continue
        roots.add(path[reached[-1]])
        for above in path[: reached[-1] + 1]:
            whole.setdefault(above, Counted()).add(found)
    children: dict[int, list[Unit]] = {}
    for unit in every.values():
        if unit.id in whole and unit.id not in roots and unit.parent_id is not None:
            children.setdefault(unit.parent_id, []).append(unit)
    here = {id: found for id, found in alone.items() if id is not None and id in whole}
    return Tree(units.listed(turn.tx, roots), children, here, whole, elsewhere)


def _alone(turn: Turn, announced: Announcement) -> dict[int | None, Counted]:
    found: dict[int | None, Counted] = {}
    for part in recipients.tally(turn.tx, announced.id, notices.origin(announced.id)):
        unit = found.setdefault(part.unit_id, Counted())
        unit.outcomes[_outcome(part.outcome)] += part.people
        reason = part.reason or reasons.of(part.outcome, part.detail)
        if reason:
            unit.reasons[reason] += part.people
    for unit_id, answer, people in recipients.answers(turn.tx, announced.id):
        found.setdefault(unit_id, Counted()).answers[answer] += people
    return found


def _path(every: Mapping[int, Unit], id: int | None) -> list[int]:
    """A unit and those above it, nearest first."""
    path: list[int] = []
    while id is not None and id in every and id not in path:
        path.append(id)
        id = every[id].parent_id
    return path

"""*Tập xin ý kiến lãnh đạo*: everything the bot says in some days, each thing numbered, with where it can be read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Final

from bot.channels.render import plain
from bot.domain.prompts import Text, text
from bot.domain.time import instant
from bot.services import calendar, daily, learning, sheets
from bot.services.turn import Turn
from bot.vietnamese import format_date
from content.approval import Approval
from content.changes import Change, Was, runs
from content.models import Card, Meeting, Milestone, Pack, Question, Source, Variant, Week
from content.printing.signing import (
    AskedPiece,
    Booklet,
    CardPiece,
    ChangePage,
    ChangePiece,
    Cited,
    Day,
    Differs,
    MeetingPiece,
    Said,
    Since,
)

NOON: Final = 12 * 60


@dataclass(slots=True)
class _Making:
    """A booklet in the making: the next number, the sources that were named so far by number, the cards of its days."""

    turn: Turn
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    named: dict[str, int] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    @property
    def pack(self) -> Pack:
        return self.turn.at.pack

    def cited(self, sources: Iterable[Source]) -> tuple[int, ...]:
        """The numbers of some sources."""
        return tuple(self.named.setdefault(source.id, len(self.named) + 1) for source in sources)


def booklet(turn: Turn, days: list[date], since: Since | None) -> Booklet:
    """Everything of the pack that is said on these days, and what else of it may be met by who reads on."""
    making = _Making(turn)
    pack = turn.at.pack
    reminders = tuple(said for day in days for said in _reminders(making, day))
    read = _days(making, days)
    months = dict.fromkeys(day.month for day in days)
    held = [meeting for month in months for meeting in pack.meetings if meeting.month == month]
    meetings = tuple(_meeting(making, meeting) for meeting in held)
    scripts = tuple(_script(making, day, week) for day, week in _weeks(pack, days))
    rest = tuple(_card(making, card) for card in pack.cards if card.id not in making.met)
    errata = tuple(
        Said(next(making.numbers), pack.card_by_id[each.card].title, each.text, making.cited(pack.sources_of(each)))
        for each in pack.errata
    )
    return Booklet(
        federation=turn.at.federation.name,
        title=pack.title,
        revision=pack.revision,
        first=format_date(days[0]),
        last=format_date(days[-1]),
        printed=format_date(turn.today),
        hour=turn.at.federation.hours.milestone,
        cards=len(pack.cards),
        questions=len(pack.questions),
        reminders=reminders,
        days=read,
        meetings=meetings,
        scripts=scripts,
        rest=rest,
        errata=errata,
        told=tuple(_told(making)),
        sources=tuple(Cited(pack.source_by_id[id].title, pack.source_by_id[id].url or "") for id in making.named),
        since=since,
    )


def _on(making: _Making, day: date) -> Turn:
    """The turn as of a day."""
    return replace(making.turn, now=instant(day, NOON, making.turn.at.zone))


def _reminders(making: _Making, day: date) -> Iterator[Said]:
    """What a day reminds of: the steps of countdowns, and the line under the day's card."""
    turn, pack = _on(making, day), making.pack
    for step in calendar.steps_due(pack, day):
        said = daily.step_text(turn, step)
        # The booklet numbers its sources itself.
        unsourced = replace(said, params={**said.params, "sources": []})
        yield _said(making, day, unsourced, [pack.milestone_by_id[step.milestone_id]])
    others = [
        milestone
        for step in calendar.occurrences(pack, day, 0)
        if not (milestone := pack.milestone_by_id[step.milestone_id]).push
    ]
    for line in daily.others_today(turn):
        yield _said(making, day, line, others)


def _said(making: _Making, day: date, said: Text, about: list[Milestone]) -> Said:
    sources = dict.fromkeys(source for milestone in about for source in making.pack.sources_of(milestone))
    return Said(next(making.numbers), format_date(day), plain(making.turn.render(said)), making.cited(sources))


def _days(making: _Making, days: list[date]) -> tuple[Day, ...]:
    """A card a day in reading order, as for who begins on the first day; none on the federation's days off."""
    cards = iter(making.pack.cards)
    off = making.turn.at.federation.days_off
    found = []
    for day in days:
        card = None if day in off else next(cards, None)
        making.met |= {card.id} if card is not None else set()
        found.append(Day(day.weekday(), format_date(day), _card(making, card) if card is not None else None))
    return tuple(found)


def _card(making: _Making, card: Card, *, asked: bool = True) -> CardPiece:
    pack = making.pack
    shown = learning.as_params(pack, card)
    number, sources = next(making.numbers), making.cited(pack.sources_of(card))
    questions = pack.questions_by_card.get(card.id, ()) if asked else ()
    return CardPiece(
        number=number,
        theme=pack.theme_by_id[card.theme].title,
        title=card.title,
        body=card.body,
        quotation=shown["quotation"],
        work=", ".join(part for part in (shown["work"], shown["quoted_on"]) if part),
        do_this=shown["do_this"],
        do_this_for=tuple((pack.works[work], said) for work, said in card.do_this_for.items()),
        alt=card.image.alt if card.image is not None else "",
        sources=sources,
        questions=tuple(_asked(making, question) for question in questions),
    )


def _asked(making: _Making, question: Question) -> AskedPiece:
    number, sources = next(making.numbers), making.cited(making.pack.sources_of(question))
    letters, why = question.correct_letters, question.explanation
    return AskedPiece(number, question.text, question.options, letters, why, sources)


def _meeting(making: _Making, meeting: Meeting) -> MeetingPiece:
    number, pack = next(making.numbers), making.pack
    card, story = (_card(making, pack.card_by_id[id], asked=False) for id in (meeting.card, meeting.story))
    heading = sheets.heading(making.turn, meeting)
    return MeetingPiece(number, heading, card, story, meeting.discuss, meeting.do_this)


def _weeks(pack: Pack, days: list[date]) -> list[tuple[date, Week]]:
    """The weeks that have a script, each with its first day among these."""
    begun: dict[tuple[int, int], date] = {}
    for day in days:
        begun.setdefault((day.isocalendar().year, day.isocalendar().week), day)
    known = {week.week: week for week in pack.weeks}
    return [(day, known[number]) for (_, number), day in begun.items() if number in known]


def _script(making: _Making, day: date, week: Week) -> Said:
    turn, pack = _on(making, day), making.pack
    first, last = sheets.days(day.isocalendar().year, week.week)
    named = text("sign_off.week", week=week.week, first=format_date(first), last=format_date(last))
    sources = dict.fromkeys(source for id in week.cards for source in pack.sources_of(pack.card_by_id[id]))
    heading = plain(turn.render(named))
    return Said(next(making.numbers), heading, sheets.script(turn, week), making.cited(sources))


def _told(making: _Making) -> Iterator[Said]:
    """What there is in other languages, written or spoken, each with who made it."""
    for (language, target), told in making.pack.told.items():
        named = text(
            "sign_off.told",
            language=making.pack.language_by_id[language].name,
            kind=target.partition("-")[0],
            title=_target_title(making.pack, target),
            speaker=told.speaker,
        )
        said = (
            told.body
            if isinstance(told, Variant)
            else plain(making.turn.render(text("sign_off.spoken", file=told.file)))
        )
        yield Said(next(making.numbers), plain(making.turn.render(named)), said, ())


def _target_title(pack: Pack, target: str) -> str:
    kind, _, id = target.partition("-")
    if kind == "card":
        return pack.card_by_id[id].title
    return pack.question_by_id[id].text if kind == "question" else id


# -- what changed since an approval


def since(turn: Turn, given: Approval, found: Iterable[Change]) -> Since:
    """Changes since an approval, in words."""
    day = format_date(replace(turn, now=given.at).today)
    pieces = tuple(_change(turn, number, change) for number, change in enumerate(found, start=1))
    return Since(given.revision, day, given.by, pieces)


def _change(turn: Turn, number: int, change: Change) -> ChangePiece:
    def word(name: str) -> str:
        return plain(turn.render(text("sign_off.word", name=name)))

    def differs(was: Was) -> Differs:
        old, new = (word("yes") if said == str(True) else said for said in (was.old, was.new))
        return Differs(word(was.field), old, new, runs(old, new))

    fields = tuple(differs(was) for was in change.fields)
    return ChangePiece(number, word(change.kind), word(change.how), change.title, fields)


def change_page(turn: Turn, pack: Pack, changed: Since) -> ChangePage:
    """The changes on a sheet of their own; `pack` is what is to be approved."""
    return ChangePage(turn.at.federation.name, pack.title, pack.revision, format_date(turn.today), changed)

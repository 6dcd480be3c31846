"""*Tài liệu sinh hoạt*: the sheet of a month's meeting and the loudspeaker's script of a week, out of the pack."""

from datetime import date, timedelta
from typing import Any, Final, TypedDict

from markupsafe import escape

from bot.channels.render import plain
from bot.domain.prompts import Option, text
from bot.services import access, learning, posters, posting, told
from bot.services.turn import Turn
from bot.vietnamese import format_date
from bot.vietnamese.spoken import spoken
from content import printing
from content.models import Card, Meeting, Milestone, Week
from content.printing import CardPicture, Lesson, MeetingSheet, Picture

WEEKS: Final = 52


class Now(TypedDict):
    """The month and the week (ISO, at most 52) it is."""

    month: int
    week: int


def now(turn: Turn) -> Now | None:
    """Where the year stands; None for who is no officer."""
    if not access.officer_units(turn):
        return None
    return Now(month=turn.today.month, week=this_week(turn))


def this_week(turn: Turn) -> int:
    """The number of the week it is; the last days of a year may be of its 52nd."""
    return min(turn.today.isocalendar().week, WEEKS)


# -- the loudspeaker


def script(turn: Turn, week: Week) -> str:
    """What the loudspeaker reads out in a week, all in words: about two minutes."""
    cards = [_lesson(turn, turn.at.pack.card_by_id[id]) for id in week.cards]
    # A week is of the month, as of the year, of its Thursday.
    middle = days(turn.at.pack.year, week.week)[0] + timedelta(days=3)
    month = turn.at.texts.spoken(Option("month", params={"month": middle.month})).label
    said = text("sheets.script", week=week.week, month=month.lower(), year=turn.at.pack.year, cards=cards)
    return spoken(plain(turn.render(said)), {term.term: term.opened for term in turn.at.pack.glossary})


def script_with_sources(turn: Turn, week: Week) -> str:
    """The script between what says when it is for and where its claims can be read."""
    first, last = days(turn.at.pack.year, week.week)
    head = text("sheets.script_head", week=week.week, first=format_date(first), last=format_date(last))
    parts = [head, text("sheets.script_sources", sources=_sources(turn, week.cards))]
    above, below = (plain(turn.render(part)) for part in parts)
    return f"{above}\n\n{script(turn, week)}\n\n{below}"


def days(year: int, week: int) -> tuple[date, date]:
    """The first and the last day of a week of an ISO year."""
    return date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7)


# -- the meeting


def meeting_text(turn: Turn, meeting: Meeting) -> str:
    """A month's meeting as a text to read on a phone or to paste."""
    pack = turn.at.pack
    return plain(turn.render(text(
        "sheets.meeting",
        heading=heading(turn, meeting),
        card=_lesson(turn, pack.card_by_id[meeting.card]),
        story=_lesson(turn, pack.card_by_id[meeting.story]),
        discuss=list(meeting.discuss),
        do_this=meeting.do_this,
        sources=_sources(turn, (meeting.card, meeting.story)),
    )))  # fmt: skip


def meeting_sheet(turn: Turn, meeting: Meeting) -> bytes:
    """The same as an A4 PDF."""
    card, story = (_printed(turn, turn.at.pack.card_by_id[id]) for id in (meeting.card, meeting.story))
    sources = "; ".join(_sources(turn, (meeting.card, meeting.story)))
    return printing.meeting_sheet(
        MeetingSheet(
            turn.at.federation.name, heading(turn, meeting), card, story, meeting.discuss, meeting.do_this, sources
        )
    )


def heading(turn: Turn, meeting: Meeting) -> str:
    """What stands above a month's meeting."""
    return plain(turn.render(text("sheets.heading", month=meeting.month, year=turn.at.pack.year)))


def _lesson(turn: Turn, card: Card) -> dict[str, Any]:
    return learning.as_params(turn.at.pack, card)


def _printed(turn: Turn, card: Card) -> Lesson:
    shown = _lesson(turn, card)
    work = ", ".join(part for part in (shown["work"], shown["quoted_on"]) if part)
    return Lesson(card.title, tuple(card.body.split("\n\n")), shown["quotation"], work)


def _sources(turn: Turn, cards: tuple[str, ...]) -> list[str]:
    pack = turn.at.pack
    return list(dict.fromkeys(source.title for id in cards for source in pack.sources_of(pack.card_by_id[id])))


# -- the picture of a card


def card_picture(turn: Turn, card: Card) -> CardPicture:
    """What stands in a card's picture: its quotation, or else its own words."""
    shown = _lesson(turn, card)
    place = text("group.place", year=shown["year"], number=shown["number"], total=shown["total"])
    sources = text("group.sources", sources=shown["sources"])
    work = ", ".join(part for part in (shown["work"], shown["quoted_on"]) if part)
    words = shown["quotation"] or card.body
    kicker, cited = (plain(turn.render(part)) for part in (place, sources))
    return CardPicture(turn.at.federation.name, kicker, card.title, words, work, cited)


def milestone_picture(turn: Turn, milestone: Milestone) -> Picture:
    """What stands in a milestone's picture that is no countdown: its day, its name, the note."""
    day = f"{milestone.day}/{milestone.month}"
    lunar = turn.at.texts.spoken(Option("lunar_day", params={"day": day})).label if milestone.lunar else day
    return Picture(turn.at.federation.name, "", lunar, milestone.name, milestone.note or "")


# -- giving


def give_meeting(turn: Turn, month: int) -> bool:
    """Send the acting officer a month's meeting as text and as a file. False: the pack has none, or no officer."""
    meeting = next((meeting for meeting in turn.at.pack.meetings if meeting.month == month), None)
    if meeting is None or not access.officer_units(turn):
        return False
    assert turn.address is not None
    posting.reply(turn, turn.address, [str(escape(meeting_text(turn, meeting)))])
    name = turn.at.texts.spoken(Option("sheet_file", params={"month": month})).label
    posters.send_file(turn, "document", meeting_sheet(turn, meeting), name)
    return True


def give_script(turn: Turn, week: int) -> bool:
    """Send the acting officer a week's script, and what there is of it in other languages.

    False: the pack has none, or no officer.
    """
    found = next((one for one in turn.at.pack.weeks if one.week == week), None)
    if found is None or not access.officer_units(turn):
        return False
    assert turn.address is not None
    posting.reply(turn, turn.address, [str(escape(script_with_sources(turn, found)))])
    languages = told.send_all(turn, f"script-{week}")
    if languages:
        posting.reply(turn, turn.address, [turn.render(text("listening.also", languages=languages))])
    return True

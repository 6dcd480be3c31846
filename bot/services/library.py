"""The shelves of the library: cards by theme, documents, quotations, abbreviations, the plan of the year."""

import re
from collections import Counter
from itertools import groupby
from typing import TypedDict

from bot.domain.prompts import Option
from bot.services.paging import PAGE, Page, page
from bot.services.turn import Turn
from bot.vietnamese import format_date, sort_key
from content.models import PLAN_SOURCE, Paragraph, Source

TERMS: int = 2 * PAGE
"""Abbreviations on one page: they are a line each."""
_NUMBER = re.compile(r"^[IVX0-9][IVX0-9.]*\. ")


class Described(TypedDict):
    """A document with what it says in short, who issued it (empty: unknown) and where it can be read.

    `in_plan` is whether that is the plan of the year, which can be read here.
    """

    number: str
    date: str
    title: str
    issuer: str
    summary: str
    sources: list[dict[str, str]]
    in_plan: bool


class PlanPart(TypedDict):
    """What stands under one heading of the plan, letter for letter, and which part follows ("" after the last)."""

    heading: str
    paragraphs: list[str]
    following: str


class Quoted(TypedDict):
    """Words quoted, from which work, of when ("" when unknown), and where they can be read."""

    quotation: str
    work: str
    quoted_on: str
    sources: list[dict[str, str]]


class OfTheme(TypedDict):
    """A page of a theme's cards, and what the theme is called ("" when there is none)."""

    title: str
    page: Page


class Terms(TypedDict):
    """A page of abbreviations as (abbreviation, what it stands for)."""

    terms: list[tuple[str, str]]
    earlier: bool
    more: bool


def themes(turn: Turn, skip: int) -> Page:
    """A page of the themes that have cards, with how many."""
    counts = Counter(card.theme for card in turn.at.pack.cards)
    spoken = turn.at.texts.spoken
    return page(
        [
            (theme.id, spoken(Option("theme_counted", params={"title": theme.title, "count": counts[theme.id]})).label)
            for theme in turn.at.pack.themes
            if counts[theme.id]
        ],
        skip,
    )


def cards_of(turn: Turn, theme_id: str, skip: int) -> OfTheme:
    """A page of a theme's cards in reading order."""
    theme = turn.at.pack.theme_by_id.get(theme_id)
    cards = [(card.id, card.title) for card in turn.at.pack.cards if card.theme == theme_id]
    return OfTheme(title=theme.title if theme is not None and cards else "", page=page(cards, skip))


def documents(turn: Turn, skip: int) -> Page:
    """A page of the documents, in the pack's order."""
    return page([(found.id, f"{found.number}: {found.title}") for found in turn.at.pack.documents], skip)


def quotations(turn: Turn, skip: int) -> Page:
    """A page of the quotations by their first words."""
    return page([(found.id, found.text) for found in turn.at.pack.quotations], skip)


def terms(turn: Turn, skip: int) -> Terms:
    """A page of abbreviations by the alphabet."""
    found = sorted(((term.term, term.opened) for term in turn.at.pack.glossary), key=lambda term: sort_key(term[0]))
    return Terms(terms=found[skip : skip + TERMS], earlier=skip > 0, more=skip + TERMS < len(found))


def document(turn: Turn, document_id: str) -> Described | None:
    """One document; None when it was withdrawn."""
    found = turn.at.pack.document_by_id.get(document_id)
    if found is None:
        return None
    return Described(
        number=found.number,
        date=format_date(found.date),
        title=found.title,
        issuer=found.issuer or "",
        summary=found.summary,
        sources=_where(turn.at.pack.sources_of(found)),
        in_plan=PLAN_SOURCE in found.sources and bool(turn.at.pack.paragraphs),
    )


def plan_parts(turn: Turn, skip: int) -> Page:
    """A page of the plan's headings, without their numbers, each with the id of its first paragraph."""
    return page([(part[0].id, _NUMBER.sub("", part[0].heading.rpartition("; ")[2])) for part in _plan(turn)], skip)


def plan_part(turn: Turn, id: str) -> PlanPart | None:
    """The part of the plan that begins with this paragraph; None when none does."""
    parts = _plan(turn)
    place = next((place for place, part in enumerate(parts) if part[0].id == id), None)
    if place is None:
        return None
    following = parts[place + 1][0].id if place + 1 < len(parts) else ""
    paragraphs = [paragraph.text for paragraph in parts[place]]
    return PlanPart(heading=parts[place][0].heading, paragraphs=paragraphs, following=following)


def _plan(turn: Turn) -> list[list[Paragraph]]:
    """The paragraphs of the plan by their headings, in its order."""
    return [list(part) for _, part in groupby(turn.at.pack.paragraphs, key=lambda paragraph: paragraph.heading)]


def quotation(turn: Turn, quotation_id: str) -> Quoted | None:
    """One quotation; None when it was withdrawn."""
    found = turn.at.pack.quotation_by_id.get(quotation_id)
    if found is None:
        return None
    sources = _where(turn.at.pack.sources_of(found))
    return Quoted(quotation=found.text, work=found.work, quoted_on=found.date or "", sources=sources)


def term(turn: Turn, term_id: str) -> dict[str, str] | None:
    """One abbreviation and what it stands for; None when it was withdrawn."""
    found = next((term for term in turn.at.pack.glossary if term.id == term_id), None)
    return {"term": found.term, "opened": found.opened} if found is not None else None


def _where(sources: tuple[Source, ...]) -> list[dict[str, str]]:
    return [{"title": source.title, "url": source.url or ""} for source in sources]

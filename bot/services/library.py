"""The official documents the year's plan names."""

from typing import TypedDict

from bot.services.turn import Turn
from bot.vietnamese import format_date


class Listed(TypedDict):
    """A document in the list."""

    id: str
    number: str
    date: str
    title: str


class Described(TypedDict):
    """A document with what it says in short, who issued it (empty: unknown) and where it can be read."""

    number: str
    date: str
    title: str
    issuer: str
    summary: str
    sources: list[dict[str, str]]


def documents(turn: Turn) -> list[Listed]:
    """Every document of the pack, in its order."""
    return [
        Listed(id=found.id, number=found.number, date=format_date(found.date), title=found.title)
        for found in turn.at.pack.documents
    ]


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
        sources=[{"title": source.title, "url": source.url or ""} for source in turn.at.pack.sources_of(found)],
    )

"""A pack as the rules read it: which entries are what, the texts in them, and what each of them cites."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from content.checks.finding import Finding, finding
from content.files import CITABLE, Entry, PackFiles
from content.models import OPTION_LETTERS

Place = tuple[str | int, ...]

LESSONS = ("card", "question", "erratum", "meeting")
"""Kinds written by us for members to read, each sentence of which stands in what is cited."""
# Values that are names for machines, not text for people.
_NOT_PROSE = {
    *("id", "url", "theme", "card", "cards", "story", "quotation", "sources", "facts", "plan"),
    *("revision", "text_revision", "kind", "wrong", "file", "language", "of", "path", "digest"),
}
# Of a picture only what it shows is ours to word: a licence is written as its owner wants it.
_OF_IMAGES = {("image", "file"), ("image", "licence")}
# Words of others, which keep their spelling.
_OTHERS = {
    ("source", "title"),
    ("quotation", "text"),
    ("quotation", "work"),
    ("document", "title"),
    ("document", "issuer"),
    ("paragraph", "text"),
    ("paragraph", "heading"),
    ("variant", "body"),
    ("variant", "speaker"),
    ("recording", "speaker"),
}
IN_QUOTES = re.compile("“([^”]*)”")


class Reading:
    """One pack, indexed once for all rules."""

    def __init__(self, files: PackFiles) -> None:
        self.files = files
        self.entries = files.entries
        self._kinds: dict[str, list[Entry]] = {}
        for entry in files.entries:
            self._kinds.setdefault(entry.kind, []).append(entry)

    def of_kind(self, *kinds: str) -> list[Entry]:
        """The entries of these kinds, in the order read."""
        return [entry for kind in kinds for entry in self._kinds.get(kind, ())]

    def by_id(self, *kinds: str) -> dict[str, Entry]:
        """The entries of these kinds by id."""
        return {id_of(entry): entry for entry in self.of_kind(*kinds)}

    @cached_property
    def citable(self) -> dict[str, Entry]:
        """Whatever may be cited, by id."""
        return self.by_id(*CITABLE)

    @cached_property
    def cards(self) -> dict[str, Entry]:
        """Cards by id."""
        return self.by_id("card")

    @cached_property
    def prose(self) -> list[tuple[Entry, Place, str]]:
        """Every text for people, with where it stands."""
        return [(entry, place, text) for entry in self.entries for place, text in prose_of(entry)]

    @cached_property
    def _titles(self) -> list[str]:
        named = (("pack", "title"), ("document", "title"), ("quotation", "work"), ("source", "title"))
        titles = [one_line(str(entry.values.get(key))) for kind, key in named for entry in self.of_kind(kind)]
        quoted = [one_line(str(entry.values.get("text"))) for entry in self.of_kind("quotation")]
        statements = [str(fact.values.get("statement")) for fact in self.of_kind("fact")]
        spans = {one_line(span) for statement in statements for span in IN_QUOTES.findall(statement)}
        return titles + [span for span in spans if not any(span in quotation for quotation in quoted)]

    def is_title(self, span: str) -> bool:
        """Whether the words are, or stand in, the title of a work, a document or a source of the pack.

        What a fact has in quotation marks and no quotation says is the title of a work, too.
        """
        return any(one_line(span) in title for title in self._titles)

    def cited_ids(self, entry: Entry) -> list[tuple[Place, str]]:
        """What an entry cites, with where it says so; a meeting cites what its cards cite."""
        if entry.kind == "meeting":
            cards = [self.cards.get(str(entry.values.get(key))) for key in ("card", "story")]
            return [pair for card in cards if card is not None for pair in self.cited_ids(card)]
        places: list[tuple[Place, str]] = [
            (("facts", number), str(id)) for number, id in enumerate(listed(entry, "facts"))
        ]
        if entry.kind == "card" and entry.values.get("quotation") is not None:
            places.append((("quotation",), str(entry.values["quotation"])))
        return places

    def cited(self, entry: Entry) -> list[Entry]:
        """The things an entry cites, those that exist."""
        return [self.citable[id] for _, id in self.cited_ids(entry) if id in self.citable]


def id_of(entry: Entry) -> str:
    """An entry's id as text, also where it is missing or of a wrong type."""
    return str(entry.values.get("id"))


def listed(entry: Entry, key: str) -> list[Any]:
    """The list under `key`; empty where there is none."""
    value = entry.values.get(key)
    return value if isinstance(value, list) else []


def strings(entry: Entry) -> Iterator[tuple[Place, str]]:
    """The texts of an entry, also those inside lists and mappings, with their places."""
    return _strings((), entry.values)


def _strings(place: Place, value: object) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings((*place, key), item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strings((*place, number), item)


def prose_of(entry: Entry) -> list[tuple[Place, str]]:
    """The texts of an entry that people read."""
    return [(place, text) for place, text in strings(entry) if place[0] not in _NOT_PROSE and place not in _OF_IMAGES]


def is_of_others(entry: Entry, place: Place) -> bool:
    """Whether the text is in the words of others."""
    return (entry.kind, place[0]) in _OTHERS


def is_wrong_option(entry: Entry, place: Place) -> bool:
    """Whether the text is an option of a question that is not correct."""
    return entry.kind == "question" and place[0] == "options" and place[-1] not in listed(entry, "correct")


def letters_of(question: Entry) -> str:
    """The letters of a question's correct options."""
    return "".join(OPTION_LETTERS[place] for place in listed(question, "correct"))


def without_quoted(text: str) -> str:
    """The text with what stands in “ ” blanked out, every character keeping its place."""
    return IN_QUOTES.sub(lambda found: re.sub(r"[^\s“”]", "_", found[0]), text)


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def at(rule: str, entry: Entry, *place: str | int, offset: int = 0, **details: object) -> Finding:
    """A finding at a place of an entry; `offset` is where in a card's body it begins."""
    line = entry.line(*place)
    if place == ("body",):
        line += str(entry.values["body"])[:offset].count("\n")
    return finding(rule, entry.file, line, **details)


def around(text: str, start: int, end: int) -> str:
    """A few words on both sides of a place, on one line."""
    return one_line(text[max(0, start - 15) : end + 15])


def at_file(rule: str, file: Path, **details: object) -> Finding:
    """A finding on a file as a whole."""
    return finding(rule, file, 1, **details)

"""How things are written: spelling, spaces, names, abbreviations, and what is out of place in a solemn text."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from content.checks.finding import Finding, finding, rulebook
from content.checks.reading import (
    LESSONS,
    Place,
    Reading,
    around,
    at,
    is_of_others,
    prose_of,
    without_quoted,
)
from content.files import Entry

_COMPOUND = re.compile(r"\w+(?:[./-]+\w+)*")
_ROMAN = re.compile(r"[IVXLCDM]+$")
# Where a text is not read on from the one before: one of these is shown instead of another.
_ALTERNATIVES = {"do_this_for", "image"}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A rule that looks for a regular expression, in our own words only where it spares those of others."""

    rule: str
    pattern: re.Pattern[str]
    spares_others: bool


def check(reading: Reading) -> Iterator[Finding]:
    """Every rule on wording."""
    yield from _patterns(reading)
    yield from _solemn(reading)
    terms = {
        str(term.values.get("term")): (str(term.values.get("opened")).casefold(), bool(term.values.get("common")))
        for term in reading.of_kind("term")
    }
    for entry in reading.of_kind(*LESSONS):
        yield from _abbreviations(entry, terms)
    yield from _names(reading)


def _patterns(reading: Reading) -> Iterator[Finding]:
    patterns = [
        _Pattern(rule, re.compile(wording["pattern"], re.IGNORECASE), wording.get("spares_others_words", False))
        for rule, wording in rulebook()["rules"].items()
        if "pattern" in wording
    ]
    for entry, place, text in reading.prose:
        if not unicodedata.is_normalized("NFC", text):
            yield finding("not-nfc", entry.file, entry.line(*place), found=text[:40])
            text = unicodedata.normalize("NFC", text)
        own = "" if is_of_others(entry, place) else without_quoted(text)
        for one in patterns:
            found = one.pattern.search(own if one.spares_others else text)
            if found:
                yield at(one.rule, entry, *place, offset=found.start(), found=around(text, *found.span()))


def _solemn(reading: Reading) -> Iterator[Finding]:
    words = rulebook()["words"]
    about, loud = re.compile(words["solemn"], re.IGNORECASE), re.compile(words["loud"])
    for entry in reading.of_kind(*LESSONS, "milestone"):
        texts = [text for thing in (entry, *reading.cited(entry)) for _, text in prose_of(thing)]
        if not any(about.search(text) for text in texts):
            continue
        for place, text in prose_of(entry):
            found = loud.search(without_quoted(text))
            if found:
                yield at("loud", entry, *place, offset=found.start(), found=around(text, *found.span()))


def _abbreviations(entry: Entry, terms: dict[str, tuple[str, bool]]) -> Iterator[Finding]:
    """A lesson is read from top to bottom; each of its alternatives is read after what it stands for."""
    read = ""
    opened: set[str] = set()
    for place, text in prose_of(entry):
        before = "" if place[0] in _ALTERNATIVES else read
        for start, term in _capitals(text):
            stands_for, is_common = terms.get(term, ("", False))
            if is_common or term in opened:
                continue
            opened.add(term)
            if not stands_for:
                yield at("unknown-abbreviation", entry, *place, offset=start, term=term)
            elif not _is_opened(before + text[:start], text[start + len(term) :], stands_for):
                yield at("abbreviation", entry, *place, offset=start, term=term, opened=stands_for)
        if place[0] not in _ALTERNATIVES:
            read += f"{text}\n"


def _capitals(text: str) -> Iterator[tuple[int, str]]:
    """Abbreviations outside document numbers and Roman numerals."""
    for compound in _COMPOUND.finditer(without_quoted(text)):
        if compound[0].islower() or any(character.isdigit() for character in compound[0]):
            continue
        for word in re.finditer(r"\w+", compound[0]):
            if len(word[0]) > 1 and word[0].isupper() and not _ROMAN.match(word[0]):
                yield compound.start() + word.start(), word[0]


def _is_opened(before: str, after: str, stands_for: str) -> bool:
    said_before = before.endswith("(") and stands_for in before.casefold()
    return said_before or after.lstrip().casefold().startswith(f"({stands_for}")


def _names(reading: Reading) -> Iterator[Finding]:
    """The President's full name and office come before the short one."""
    words = rulebook()["words"]
    for kind, key in (("card", "body"), ("question", "text")):
        for entry in reading.of_kind(kind):
            text = str(entry.values.get(key))
            start = text.find(words["short_name"])
            if start >= 0 and words["full_name"] not in text[:start]:
                place: Place = (key,)
                yield at("full-name-first", entry, *place, offset=start)

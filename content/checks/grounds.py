"""Whether everything asserted stands in what is cited: dates, numbers in digits, and words in quotation marks."""

import datetime
from collections.abc import Iterator

from content.checks.figures import Sign, figures, known_from
from content.checks.finding import Finding
from content.checks.reading import (
    IN_QUOTES,
    LESSONS,
    Place,
    Reading,
    at,
    id_of,
    is_wrong_option,
    one_line,
    prose_of,
)
from content.files import Entry

# What is a suggestion of ours and claims nothing.
_SUGGESTIONS = {"do_this", "do_this_for"}
_VERBATIM = (("quotation", "text"), ("fact", "statement"), ("paragraph", "text"), ("paragraph", "heading"))


def check(reading: Reading) -> Iterator[Finding]:
    """Dates, numbers and quoted words of lessons that are not in what these cite; words that nobody said."""
    yield from _figures(reading)
    yield from _quotations(reading)


def _figures(reading: Reading) -> Iterator[Finding]:
    year = next((about.values.get("year") for about in reading.of_kind("pack")), None)
    titles = [str(about.values.get("title")) for about in reading.of_kind("pack")]
    numbers = [str(document.values.get("number")) for document in reading.of_kind("document")]
    # A document's number is its name, as a title is: whoever names it claims nothing yet.
    names = {sign for sign in known_from(numbers) if sign[0] == "code"}
    always = known_from([str(year), *titles]) | names
    said: dict[str, set[Sign]] = {id: known_from(_texts(entry, year)) for id, entry in reading.citable.items()}
    for entry in reading.of_kind(*LESSONS):
        known = always.union(*(said[id_of(cited)] for cited in reading.cited(entry)))
        for place, text in _asserted(entry):
            for figure in figures(text):
                if not figure.stands_in(known) and not _falls_in(year, figure.meanings, known):
                    yield at("not-in-facts", entry, *place, offset=figure.start, found=figure.shown)


def _falls_in(year: object, meanings: tuple[frozenset[Sign], ...], known: set[Sign]) -> bool:
    """Whether a date is a known day of the pack's own year."""
    for meaning in meanings:
        for kind, value in meaning:
            if kind == "date" and isinstance(value, tuple) and value[2] == year and ("day", value[:2]) in known:
                return True
    return False


def _texts(cited: Entry, pack_year: object) -> list[str]:
    """What a citable thing says, its date and day written out, and which anniversary the pack's year brings."""
    values = cited.values
    texts = [text for _, text in prose_of(cited)]
    date = values.get("date")
    if isinstance(date, datetime.date):
        texts.append(f"{date.day}/{date.month}/{date.year}")
    if cited.kind == "milestone" and not values.get("lunar"):
        year = values.get("since") or values.get("year")
        texts.append("/".join(str(part) for part in (values.get("day"), values.get("month"), year) if part))
        since = values.get("since")
        if isinstance(since, int) and isinstance(pack_year, int):
            texts.append(str(pack_year - since))
    return texts


def _asserted(entry: Entry) -> list[tuple[Place, str]]:
    return [
        (place, text)
        for place, text in prose_of(entry)
        if place[0] not in _SUGGESTIONS and not is_wrong_option(entry, place)
    ]


def _quotations(reading: Reading) -> Iterator[Finding]:
    sayings = [
        one_line(str(entry.values.get(key))) for kind, key in _VERBATIM for entry in reading.of_kind(kind)
    ]  # fmt: skip
    quoted = [one_line(str(entry.values.get("text"))) for entry in reading.of_kind("quotation")]
    for entry in reading.entries:
        asserted = {place for place, _ in _asserted(entry)} if entry.kind in LESSONS else set()
        count = 1 if entry.kind == "card" and entry.values.get("quotation") else 0
        for place, text in prose_of(entry):
            for found in IN_QUOTES.finditer(text):
                span = one_line(found[1])
                if reading.is_title(span) or is_wrong_option(entry, place):
                    continue
                count += place == ("body",) and any(span in quotation for quotation in quoted)
                if not any(span in saying for saying in sayings):
                    yield at("quotation-not-verbatim", entry, *place, offset=found.start(), found=span[:60])
                elif place in asserted and not _is_cited(reading, entry, span):
                    yield at("quotation-not-cited", entry, *place, offset=found.start(), found=span[:60])
        if count > 1:
            yield at("two-quotations", entry, "body", count=count)


def _is_cited(reading: Reading, entry: Entry, span: str) -> bool:
    return any(span in one_line(text) for cited in reading.cited(entry) for _, text in prose_of(cited))

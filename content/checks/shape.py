"""Whether every entry has the shape of its kind, an id of its own, and a place of its own."""

from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from content.checks.finding import Finding
from content.checks.reading import Reading, at, id_of
from content.files import CITABLE
from content.models import (
    Card,
    Document,
    Erratum,
    Fact,
    Language,
    Meeting,
    Milestone,
    PackHeader,
    Paragraph,
    Part,
    Question,
    Quotation,
    Recording,
    Source,
    Term,
    Theme,
    Variant,
    Week,
)

MODELS: dict[str, type[Part]] = {
    "pack": PackHeader,
    "theme": Theme,
    "card": Card,
    "question": Question,
    "milestone": Milestone,
    "document": Document,
    "quotation": Quotation,
    "source": Source,
    "fact": Fact,
    "paragraph": Paragraph,
    "term": Term,
    "week": Week,
    "meeting": Meeting,
    "erratum": Erratum,
    "language": Language,
    "variant": Variant,
    "recording": Recording,
}
RESERVED: Final = frozenset({"keep", "none", "library", "themes"})
"""Ids of the bot's own choices, offered beside themes, cards and kinds of work by theirs."""
_RULES = {"extra_forbidden": "unknown-key", "missing": "missing-key"}
_OWN_RULES: dict[tuple[int | str, ...], str] = {
    ("image", "alt"): "image-without-alt",
    ("image", "licence"): "image-without-licence",
    ("speaker",): "variant-without-speaker",
    ("consent",): "recording-without-consent",
}


def check(reading: Reading) -> Iterator[Finding]:
    """Wrong keys and values; ids repeated or reserved; repeated orders, weeks and months; themes and their folders."""
    yield from _values(reading)
    yield from _ids(reading)
    yield from _reserved(reading)
    yield from _places(reading)
    for milestone in reading.of_kind("milestone"):
        if milestone.values.get("push") and not milestone.values.get("phrase"):
            yield at("push-without-phrase", milestone, "push", id=id_of(milestone))


def _values(reading: Reading) -> Iterator[Finding]:
    for entry in reading.entries:
        try:
            MODELS[entry.kind].model_validate(entry.values)
        except ValidationError as error:
            for problem in error.errors():
                place = problem["loc"]
                rule = _OWN_RULES.get(place) or _RULES.get(problem["type"], "wrong-value")
                key = ".".join(map(str, place)) or entry.kind
                yield at(rule, entry, *place, key=key, detail=problem["msg"])


def _ids(reading: Reading) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for entry in reading.entries:
        if "id" not in MODELS[entry.kind].model_fields:
            continue
        name = ("citable" if entry.kind in CITABLE else entry.kind, id_of(entry))
        if name in first:
            yield at("repeated-id", entry, "id", id=name[1], first=first[name])
        first.setdefault(name, entry.file.name)


def _reserved(reading: Reading) -> Iterator[Finding]:
    for entry in reading.of_kind("theme", "card"):
        if id_of(entry) in RESERVED:
            yield at("reserved-id", entry, "id", id=id_of(entry))
    for header in reading.of_kind("pack"):
        works = header.values.get("works")
        for id in works if isinstance(works, dict) else ():
            if id in RESERVED:
                yield at("reserved-id", header, "works", id, id=id)


def _places(reading: Reading) -> Iterator[Finding]:
    taken: dict[tuple[object, ...], str] = {}
    for kind, key in (("theme", "order"), ("card", "order"), ("week", "week"), ("meeting", "month")):
        for entry in reading.of_kind(kind):
            name = (kind, entry.values.get("theme"), str(entry.values.get(key)))
            if name in taken and key in entry.values:
                yield at("repeated-place", entry, key, place=entry.values[key], first=taken[name])
            taken.setdefault(name, entry.file.name if kind in {"week", "meeting"} else id_of(entry))
    themes = set()
    for theme in reading.of_kind("theme"):
        themes.add(id_of(theme))
        if id_of(theme) != theme.file.parent.name:
            yield at("theme-folder", theme, "id", id=id_of(theme), folder=theme.file.parent.name)
    for card in reading.of_kind("card"):
        if card.values["theme"] not in themes:
            yield at("card-without-theme", card, folder=card.values["theme"])

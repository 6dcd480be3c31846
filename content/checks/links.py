"""Whether what an entry names is there, and may still be named."""

from collections.abc import Iterator

from content.checks.finding import Finding
from content.checks.reading import Place, Reading, at, id_of
from content.checks.shape import MODELS
from content.models import PLAN_SOURCE, STORIES, is_of

# Where an entry names others: the key, and the kind it names. A fact may be anything that can be cited.
_LINKS = {
    "sources": "source",
    "facts": "fact",
    "plan": "paragraph",
    "quotation": "quotation",
    "card": "card",
    "cards": "card",
    "story": "card",
    "do_this_for": "work",
}


def check(reading: Reading) -> Iterator[Finding]:
    """Unknown names, withdrawn facts, cards without questions, stories that are none."""
    known = {kind: {id_of(entry) for entry in reading.of_kind(kind)} for kind in MODELS}
    known["fact"] = set(reading.citable)
    known["work"] = {work for pack in reading.of_kind("pack") for work in _keys(pack.values.get("works"))}
    for entry in reading.entries:
        for key, kind in _LINKS.items():
            for place, id in _named(key, entry.values.get(key)):
                if id not in known[kind]:
                    yield at(f"unknown-{kind}", entry, *place, id=id)
    if reading.of_kind("paragraph") and PLAN_SOURCE not in known["source"]:
        yield at("unknown-source", reading.of_kind("paragraph")[0], "id", id=PLAN_SOURCE)
    yield from _withdrawn(reading)
    yield from _errata(reading)
    yield from _cards(reading)


def _named(key: str, value: object) -> list[tuple[Place, str]]:
    if isinstance(value, list):
        return [((key, number), str(id)) for number, id in enumerate(value)]
    if isinstance(value, dict):
        return [((key, name), str(name)) for name in value]
    return [] if value is None else [((key,), str(value))]


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _withdrawn(reading: Reading) -> Iterator[Finding]:
    withdrawn = {id: fact.values["withdrawn"] for id, fact in reading.citable.items() if fact.values.get("withdrawn")}
    for entry in reading.of_kind("card", "question", "erratum") if withdrawn else ():
        for place, id in reading.cited_ids(entry):
            if id in withdrawn:
                yield at("withdrawn-fact", entry, *place, id=id, why=withdrawn[id])


def _errata(reading: Reading) -> Iterator[Finding]:
    """A correction of the very words that the pack has now."""
    for erratum in reading.of_kind("erratum"):
        card = reading.cards.get(str(erratum.values.get("card")))
        for place, revision in _named("wrong", erratum.values.get("wrong")):
            if card is not None and is_of(revision, str(card.values.get("revision"))):
                yield at("erratum-of-now", erratum, *place, id=id_of(card), revision=revision)


def _cards(reading: Reading) -> Iterator[Finding]:
    taught = {str(question.values.get("card")) for question in reading.of_kind("question")}
    for id, card in reading.cards.items():
        if id not in taught:
            yield at("card-without-question", card, "id", id=id)
    for meeting in reading.of_kind("meeting"):
        story = reading.cards.get(str(meeting.values.get("story")))
        if story is not None and story.values["theme"] != STORIES:
            yield at("story-of-another-theme", meeting, "story", id=id_of(story), theme=STORIES)

"""Whether everything fits: one message on the channel with the shortest, a line on a phone, a button."""

from collections.abc import Iterator
from typing import Final

from content.checks.finding import Finding
from content.checks.reading import Reading, at, id_of, listed, one_line, prose_of
from content.files import Entry
from content.models import PLAN_SOURCE
from content.texts import LABEL_LIMIT

CARD_WORDS: Final = (40, 90)
MESSAGE: Final = 1_500
"""What one card or document may have: Zalo's 1,800 less what is said around it, and all a group's text may have."""
TITLE: Final = 60
_LIMITS: Final = {
    ("question", "text"): ("long-question", 300),
    ("question", "options"): ("long-option", 100),
    ("question", "explanation"): ("long-explanation", 200),
    ("card", "title"): ("long-title", TITLE),
    ("theme", "title"): ("long-title", TITLE),
    ("meeting", "discuss"): ("long-question", 300),
    ("erratum", "text"): ("long-erratum", 600),
    ("document", "number"): ("long-label", LABEL_LIMIT),
    ("pack", "works"): ("long-label", LABEL_LIMIT),
}


def check(reading: Reading) -> Iterator[Finding]:
    """Texts over their limits, and cards with too few or too many words."""
    for entry, place, text in reading.prose:
        rule, limit = _LIMITS.get((entry.kind, str(place[0])), ("", len(text)))
        if len(text) > limit:
            yield at(rule, entry, *place, length=len(text), limit=limit)
    titles = {id: str(source.values.get("title")) for id, source in reading.by_id("source").items()}
    for card in reading.of_kind("card"):
        words = len(str(card.values["body"]).split())
        if not CARD_WORDS[0] <= words <= CARD_WORDS[1]:
            yield at("card-words", card, "body", words=words, least=CARD_WORDS[0], most=CARD_WORDS[1])
        length = _card_length(reading, card, titles)
        if length > MESSAGE:
            yield at("long-card", card, "body", length=length, limit=MESSAGE)
    addresses = {id: str(source.values.get("url") or "") for id, source in reading.by_id("source").items()}
    for document in reading.of_kind("document"):
        sources = [titles.get(str(id), "") + addresses.get(str(id), "") for id in listed(document, "sources")]
        length = len("\n".join([*(text for _, text in prose_of(document)), *sources]))
        if length > MESSAGE:
            yield at("long-document", document, "id", id=id_of(document), length=length, limit=MESSAGE)


def _card_length(reading: Reading, card: Entry, titles: dict[str, str]) -> int:
    """What a card shows at most: its text, the longest suggestion, what it quotes, its sources, its picture's words."""
    suggestions = [text for place, text in prose_of(card) if place[0] in {"do_this", "do_this_for"}]
    parts = [str(card.values.get("title")), str(card.values["body"]), max(suggestions, key=len, default="")]
    image = card.values.get("image")
    if isinstance(image, dict):
        parts += [str(image.get("alt")), str(image.get("licence"))]
    cited = reading.cited(card)
    for thing in cited:
        if id_of(thing) == str(card.values.get("quotation")):
            parts += [text for _, text in prose_of(thing)]
    first = dict.fromkeys(str(next(iter(listed(thing, "sources")), PLAN_SOURCE)) for thing in cited)
    return len("\n".join([*parts, one_line("; ".join(titles.get(source, "") for source in first))]))

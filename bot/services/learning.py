"""The year's topic, a card at a time, each member from where they stopped."""

from typing import Any, Final

from bot.services import listening, works
from bot.services.turn import Turn
from bot.storage import learning
from content.models import Card, Pack

LOST: Final = ("expired", "failed", "unreachable", "cancelled")
"""How a message ended that nobody can have read."""
PERHAPS_LOST: Final = "uncertain"
"""How one ended of which nobody knows whether it was read."""


def next_card(turn: Turn, unasked: bool = False) -> dict[str, Any] | None:
    """The next card this member has not had, and mark it read; None when they have had all.

    One that was sent `unasked` and did not arrive was not had; of one that perhaps did not, who asks for more says
    that it did.
    """
    learning.take_back(turn.tx, turn.me.id, (*LOST, PERHAPS_LOST) if unasked else LOST)
    read = learning.cards_read(turn.tx, turn.me.id)
    card = next((card for card in turn.at.pack.cards if card.id not in read), None)
    if card is None:
        return None
    saw(turn, card.id)
    return as_mine(turn, card)


def saw(turn: Turn, card_id: str) -> bool:
    """Write down that the member got a card, and in which words; False when it was withdrawn."""
    card = turn.at.pack.card_by_id.get(card_id)
    if card is not None:
        learning.mark_read(turn.tx, turn.me.id, card.id, card.revision, turn.now)
    return card is not None


def reread(turn: Turn, card_id: str) -> dict[str, Any] | None:
    """A card once more, with whether the member `saved` it; None when it was withdrawn."""
    card = turn.at.pack.card_by_id.get(card_id)
    if card is None:
        return None
    return as_mine(turn, card) | {"saved": card_id in learning.cards_saved(turn.tx, turn.me.id)}


def cards_had(turn: Turn) -> list[str]:
    """Ids of the cards this member has had, in reading order."""
    read = learning.cards_read(turn.tx, turn.me.id)
    return [card.id for card in turn.at.pack.cards if card.id in read]


def as_mine(turn: Turn, card: Card) -> dict[str, Any]:
    """A card as `as_params`, with what it suggests to this member's kind of work, and what they can hear of it."""
    heard = listening.of(turn, f"card-{card.id}")
    return as_params(turn.at.pack, card) | {"do_this": works.suggestion(turn, card)} | dict(heard)


def as_params(pack: Pack, card: Card) -> dict[str, Any]:
    """A card as the parameters of `learning.card`; JSON. `number` is its place among `total` cards."""
    quotation = pack.quotation_of(card)
    return {
        "id": card.id,
        "year": pack.year,
        "number": pack.cards.index(card) + 1,
        "total": len(pack.cards),
        "title": card.title,
        "body": card.body,
        "quotation": quotation.text if quotation else "",
        "work": quotation.work if quotation else "",
        "quoted_on": (quotation.date or "") if quotation else "",
        "do_this": card.do_this or "",
        "sources": [source.title for source in pack.sources_of(card)],
    }

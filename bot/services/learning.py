"""The year's topic, a card at a time, each member from where they stopped."""

from typing import Any

from bot.services.turn import Turn
from bot.storage import learning
from content.models import Card, Pack


def next_card(turn: Turn) -> dict[str, Any] | None:
    """The next card this member has not had, and mark it read; None when they have had all."""
    read = learning.cards_read(turn.tx, turn.me.id)
    card = next((card for card in turn.at.pack.cards if card.id not in read), None)
    if card is None:
        return None
    learning.mark_read(turn.tx, turn.me.id, card.id, turn.now)
    return as_params(turn.at.pack, card)


def as_params(pack: Pack, card: Card) -> dict[str, Any]:
    """A card as the parameters of `learning.card`; JSON."""
    quotation = pack.quotation_of(card)
    return {
        "id": card.id,
        "title": card.title,
        "body": card.body,
        "quotation": quotation.text if quotation else "",
        "work": quotation.work if quotation else "",
        "quoted_on": (quotation.date or "") if quotation else "",
        "do_this": card.do_this or "",
        "sources": [source.title for source in pack.sources_of(card)],
    }

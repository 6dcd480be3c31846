"""The picture that belongs to a card of the pack, as members get it with the card."""

import hashlib
from collections.abc import Iterable

from bot.domain.messages import OutboundMedia
from bot.domain.prompts import Text
from bot.services import drawing, solemn
from bot.services.posting import Illustration
from bot.services.turn import Turn

SHOWN_BY = "learning.card"
"""The text that shows a card to a member."""


def of_card(turn: Turn, card_id: str) -> Illustration | None:
    """A card's picture for the acting member; None when it has none, and where the mode is solemn."""
    content = turn.at.pack.images.get(card_id)
    image = turn.at.pack.card_by_id[card_id].image if content is not None else None
    if content is None or image is None or solemn.covers_me(turn):
        return None
    same = f"card image {image.file} {hashlib.sha256(content).hexdigest()}"
    id = drawing.kept(turn, same, lambda: content, image.file)
    return Illustration(OutboundMedia("photo", id, image.file, image.alt), image.licence)


def of_said(turn: Turn, said: Iterable[Text]) -> Illustration | None:
    """The picture of the card that is shown by one of these texts, if one is."""
    shown = next((text.params["id"] for text in said if text.name == SHOWN_BY), "")
    return of_card(turn, shown) if shown else None

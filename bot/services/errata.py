"""Who saw a card that was wrong is told once what is right, in the day's message. Nobody else learns who that was."""

from bot.domain.prompts import Text, text
from bot.services.learning import LOST
from bot.services.turn import Turn
from bot.storage import learning
from content.models import Erratum


def due(turn: Turn) -> list[Erratum]:
    """The errata of the pack in use that the member is yet to be told.

    A card whose message was lost was not seen; an erratum whose message was lost was not told.
    """
    cards = {erratum.card for erratum in turn.at.pack.errata}
    if not any(_saw_wrong(turn, card) for card in cards):
        return []
    learning.take_back(turn.tx, turn.me.id, LOST)
    told = learning.corrected(turn.tx, turn.me.id, LOST)
    return [
        erratum
        for erratum in turn.at.pack.errata
        if erratum.id not in told and not learning.saw(turn.tx, turn.me.id, erratum.card).isdisjoint(erratum.wrong)
    ]


def _saw_wrong(turn: Turn, card_id: str) -> bool:
    wrong = {revision for each in turn.at.pack.errata if each.card == card_id for revision in each.wrong}
    return not learning.saw(turn.tx, turn.me.id, card_id).isdisjoint(wrong)


def correction(turn: Turn, erratum: Erratum) -> Text:
    """Which card it was, what is right, and where that stands."""
    pack = turn.at.pack
    return text(
        "errata.correction",
        title=pack.card_by_id[erratum.card].title,
        right=erratum.text,
        sources=[source.title for source in pack.sources_of(erratum)],
    )


def told(turn: Turn, errata: list[Erratum], outbox_id: int) -> None:
    """They stand in this message to the member."""
    for erratum in errata:
        learning.mark_corrected(turn.tx, turn.me.id, erratum.id, outbox_id, turn.now)

"""Who saw a card that was wrong is told once what is right, in the day's message. Nobody else learns who that was."""

from collections.abc import Sequence

from bot.domain.prompts import Text, text
from bot.services.learning import LOST
from bot.services.turn import Turn
from bot.storage import learning
from content.models import Erratum


def concerned(turn: Turn, member_ids: Sequence[int]) -> frozenset[int]:
    """Which of these members got a card of the pack in use as it is now called wrong."""
    errata: dict[str, list[Erratum]] = {}
    for erratum in turn.at.pack.errata:
        errata.setdefault(erratum.card, []).append(erratum)
    seen = learning.who_saw(turn.tx, member_ids, errata)
    return frozenset(
        member_id for member_id, card, revision in seen if any(erratum.is_wrong(revision) for erratum in errata[card])
    )


def due(turn: Turn) -> list[Erratum]:
    """The errata of the pack in use that the member, who is concerned, is yet to be told.

    A card whose message was lost was not seen; an erratum whose message was lost was not told.
    """
    learning.take_back(turn.tx, turn.me.id, LOST)
    told = learning.corrected(turn.tx, turn.me.id, LOST)
    return [
        erratum
        for erratum in turn.at.pack.errata
        if erratum.id not in told and any(map(erratum.is_wrong, learning.saw(turn.tx, turn.me.id, erratum.card)))
    ]


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

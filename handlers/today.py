"""The piece of the day: the next card for this member, and the ones they have had."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import learning, listening


async def today(dialog: Dialog, card: str = "", noted: bool = False) -> Go:
    """Show the next new card, or `card` again; one card a dialog, so that no journal grows.

    That it was shown again is `noted`, unless an earlier version began this.
    """
    piece = await dialog.load("again", learning.reread, card) if card else None
    if piece is not None and noted:
        await dialog.commit("saw", learning.saw, card)
    if piece is None:
        piece = await dialog.commit("next", learning.next_card)
    had = await dialog.load("had", learning.cards_had)
    if piece is None:
        options = [*([Option("reread")] if had else []), Option("quiz")]
        chosen = await dialog.choose("all_read", text("learning.all_read"), options)
        return Go("today", {"card": had[0], "noted": True}) if chosen == "reread" else Go("quiz", {})
    place = had.index(piece["id"])
    await dialog.say(text("learning.card", **piece))
    keep = Option("unsave" if piece.get("saved") else "save")
    options = [Option("more"), *([Option("earlier_card")] if place else []), *listening.option(piece.get("told", ""))]
    options += [Option("quiz"), keep, Option("share")]
    chosen = await dialog.choose("then", text("learning.next"), options)
    if chosen == "more":
        return Go("today", {"card": "".join(had[place + 1 : place + 2]), "noted": True})
    if chosen == "earlier_card":
        return Go("today", {"card": had[place - 1], "noted": True})
    if chosen != "quiz":
        return Go("card", {"card": piece["id"], "act": chosen})
    return Go("quiz", {"card": piece["id"]})


FLOWS = (Flow("today", today, commands=("bai",), word="today", resumable=False),)

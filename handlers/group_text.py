"""An officer takes what to paste into the unit's Zalo group."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import group_text as pieces
from bot.services.group_text import PAGE, Offer


async def group_text(dialog: Dialog, what: str = "", ref: str = "") -> None:
    """Choose a piece, unless a button named one; get its text, its picture, and the button that declares it."""
    if not what:
        offers = await dialog.load("offers", pieces.offered)
        if offers is None:
            await dialog.say(text("errors.no_right"))
            return
        options = [*_options(offers), Option("other_cards")]
        chosen = await dialog.choose("which", text("group.which"), options)
        offer = await _any_card(dialog) if chosen == "other_cards" else offers[int(chosen)]
        what, ref = offer["what"], offer["ref"]
    given = await dialog.commit("give", pieces.give, what, ref)
    if given != "given":
        await dialog.say(text("solemn.piece_held" if given == "held" else "group.gone"))


async def _any_card(dialog: Dialog) -> Offer:
    skip, step = 0, 0
    while True:
        step += 1
        page = await dialog.load(f"page:{step}", pieces.cards, skip)
        options = _options(page["offers"])
        options += [Option("later_cards")] if page["later"] else []
        options += [Option("earlier_cards")] if page["earlier"] else []
        chosen = await dialog.choose(f"card:{step}", text("group.which_card"), options)
        if chosen == "later_cards":
            skip += PAGE
        elif chosen == "earlier_cards":
            skip -= PAGE
        else:
            return page["offers"][int(chosen)]


def _options(offers: list[Offer]) -> list[Option]:
    return [Option(str(number), label=offer["label"]) for number, offer in enumerate(offers)]


FLOWS = (Flow("group_text", group_text, commands=("guinhom",), word="group_text", open_to="role", resumable=False),)

"""A card that was chosen, found, saved or shared: read, put aside, passed on, and on to the next."""

from typing import Any

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import listening, paging, reading, sharing


async def card(dialog: Dialog, card: str = "", act: str = "", back: list[Any] | None = None) -> Go:
    """Show a card, unless `act` (listen, save, unsave, share) is done to the one above; `back` is its list."""
    piece = await dialog.commit("open", reading.open_card, card)
    if piece is None:
        await dialog.say(text("card.gone"))
        return Go(back[0], back[1]) if back else Go("library", {})
    saved, prompt = piece["saved"], text(f"card.{act or 'next'}", title=piece["title"])
    if act == "share":
        await dialog.commit("share", sharing.share, card)
    elif act == "listen":
        prompt = listening.said(await dialog.commit("listen", listening.play, f"card-{card}"))
    elif act:
        saved = await dialog.commit("save", reading.save, card, act == "save")
    else:
        await dialog.say(text("learning.card", **piece))
    keep = Option("unsave" if saved else "save")
    options = [Option("more"), *listening.option(piece.get("told", "")), keep, Option("share"), Option("quiz")]
    options.append(Option("to_shelf" if back else "library"))
    chosen = await dialog.choose("then", prompt, options)
    if chosen in ("listen", "save", "unsave", "share"):
        return Go("card", {"card": card, "act": chosen, "back": back})
    if chosen == "more":
        return Go("read_on", {"theme": piece["theme"], "back": back})
    if chosen == "quiz":
        return Go("quiz", {"card": card})
    return Go(back[0], back[1]) if chosen == "to_shelf" and back else Go(chosen, {})


async def read_on(dialog: Dialog, theme: str = "", back: list[Any] | None = None) -> Go:
    """The next card not read yet: of this theme, else of the one read last, else of all."""
    following = await dialog.load("next", reading.next_unread, theme)
    if following:
        return Go("card", {"card": following, "back": back})
    return Go(await dialog.choose("all_read", text("learning.all_read"), [Option("library"), Option("quiz")]), {})


async def saved(dialog: Dialog, skip: int = 0) -> Go:
    """The cards put aside."""
    found = await dialog.load("saved", reading.saved, skip)
    if not found["page"]["entries"]:
        prompt = text("card.none_saved", gone=found["gone"])
        return Go(await dialog.choose("none", prompt, [Option("themes"), Option("find")]), {})
    options = [*paging.options(found["page"]), Option("library")]
    chosen = await dialog.choose("card", text("card.saved", gone=found["gone"]), options)
    turned = paging.turned(chosen, skip)
    if turned is not None:
        return Go("saved", {"skip": turned})
    if chosen == "library":
        return Go("library", {})
    return Go("card", {"card": chosen, "back": ["saved", {"skip": skip}]})


async def read_map(dialog: Dialog) -> Go:
    """How much of each theme one has read, and nothing else."""
    found = await dialog.load("map", reading.read_map)
    options = [Option("read_on", word="more"), Option("themes")]
    return Go(await dialog.choose("then", text("card.map", **found), options), {})


FLOWS = (
    Flow("card", card, resumable=False),
    Flow("read_on", read_on, resumable=False),
    Flow("saved", saved, commands=("daluu",), word="saved", resumable=False),
    Flow("read_map", read_map, commands=("bando",), word="read_map", resumable=False),
)

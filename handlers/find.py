"""Search: a few words, what has them, and back to the list."""

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, text
from bot.services import finding, paging
from bot.vietnamese import fold, quote

LIMIT = 80
COMMAND = "tim"


async def find(dialog: Dialog, typed: str = "", skip: int = 0) -> Go:
    """Ask what for, unless it was typed already; list what was found, a page at a time."""
    if not typed:
        wanted = await dialog.ask("what", text("find.ask"), _typed, options=[Option("library")])
        return Go("library", {}) if wanted == "library" else Go("find", {"typed": wanted})
    hits = await dialog.load("hits", finding.find, typed, skip)
    if not hits["count"]:
        prompt = text("find.nothing", quoted=quote(typed))
        wanted = await dialog.ask("again", prompt, _typed, options=[Option("themes"), Option("documents")])
        return Go(wanted, {}) if wanted in ("themes", "documents") else Go("find", {"typed": wanted})
    prompt = text("find.hits", quoted=quote(typed), count=hits["count"], exact=hits["exact"])
    chosen = await dialog.choose("hit", prompt, paging.options(hits["page"]))
    turned = paging.turned(chosen, skip)
    if turned is not None:
        return Go("find", {"typed": typed, "skip": turned})
    letter, _, id = chosen.partition(".")
    back = ["find", {"typed": typed, "skip": skip}]
    if letter == finding.LETTERS["card"]:
        return Go("card", {"card": id, "back": back})
    return Go("piece", {"letter": letter, "id": id, "back": back})


def _typed(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > LIMIT:
        return Invalid(text("find.too_long" if answer.text else "find.ask", limit=LIMIT))
    first, _, rest = answer.text.partition(" ")
    # As from anywhere else: the word that starts a search is not searched for.
    return rest.strip() if rest.strip() and fold(first) == COMMAND else answer.text


FLOWS = (Flow("find", find, commands=(COMMAND,), word="find", takes="typed", resumable=False),)

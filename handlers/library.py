"""The library: cards by theme, documents, quotations, abbreviations, the plan; one thing at a time, and back again."""

from typing import Any

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import finding, paging
from bot.services import library as shelf

SHELVES = ("themes", "find", "saved", "read_map", "documents", "quotations", "glossary")


async def library(dialog: Dialog) -> Go:
    """Where to look, or just read on."""
    options = [Option("read_on", word="more"), *(Option(name) for name in SHELVES)]
    return Go(await dialog.choose("shelf", text("library.shelves"), options), {})


async def themes(dialog: Dialog, skip: int = 0) -> Go:
    """The themes, with how many cards each has."""
    page = await dialog.load("themes", shelf.themes, skip)
    chosen = await dialog.choose("theme", text("library.themes"), [*paging.options(page), Option("library")])
    turned = paging.turned(chosen, skip)
    if turned is not None:
        return Go("themes", {"skip": turned})
    return Go("library", {}) if chosen == "library" else Go("theme", {"theme": chosen})


async def theme(dialog: Dialog, theme: str = "", skip: int = 0) -> Go:
    """A theme's cards."""
    found = await dialog.load("cards", shelf.cards_of, theme, skip)
    if not found["title"]:
        return Go("themes", {})
    options = [*paging.options(found["page"]), Option("themes")]
    chosen = await dialog.choose("card", text("library.theme", title=found["title"]), options)
    turned = paging.turned(chosen, skip)
    if turned is not None:
        return Go("theme", {"theme": theme, "skip": turned})
    if chosen == "themes":
        return Go("themes", {})
    return Go("card", {"card": chosen, "back": ["theme", {"theme": theme, "skip": skip}]})


async def documents(dialog: Dialog, skip: int = 0) -> Go | None:
    """The documents."""
    page = await dialog.load("documents", shelf.documents, skip)
    return await _shelf(dialog, "documents", "document", page, skip)


async def quotations(dialog: Dialog, skip: int = 0) -> Go | None:
    """The quotations."""
    page = await dialog.load("quotations", shelf.quotations, skip)
    return await _shelf(dialog, "quotations", "quotation", page, skip)


async def _shelf(dialog: Dialog, flow: str, what: str, page: paging.Page, skip: int) -> Go | None:
    if not page["entries"]:
        await dialog.say(text("library.empty"))
        return None
    chosen = await dialog.choose(what, text(f"library.{flow}"), paging.options(page))
    turned = paging.turned(chosen, skip)
    if turned is not None:
        return Go(flow, {"skip": turned})
    return Go("piece", {"letter": finding.LETTERS[what], "id": chosen, "back": [flow, {"skip": skip}]})


async def glossary(dialog: Dialog, skip: int = 0) -> Go | None:
    """What abbreviations stand for."""
    found = await dialog.load("terms", shelf.terms, skip)
    if not found["terms"]:
        await dialog.say(text("library.empty"))
        return None
    options = [Option("list_more")] if found["more"] else []
    options += [Option("list_earlier")] if found["earlier"] else []
    chosen = await dialog.choose("then", text("library.glossary", terms=found["terms"]), [*options, Option("library")])
    if chosen == "library":
        return Go("library", {})
    return Go("glossary", {"skip": skip + shelf.TERMS if chosen == "list_more" else max(0, skip - shelf.TERMS)})


async def piece(dialog: Dialog, letter: str = "", id: str = "", back: list[Any] | None = None) -> Go:
    """A document, a quotation, an abbreviation or a question that was chosen from a list."""
    look, name = {
        "document": (shelf.document, "library.document"),
        "quotation": (shelf.quotation, "library.quotation"),
        "term": (shelf.term, "library.term"),
        "question": (finding.taught, "find.taught"),
    }[next(what for what, known in finding.LETTERS.items() if known == letter)]
    found = await dialog.load("piece", look, id)
    list_of = Go(back[0], back[1]) if back else Go("library", {})
    if found is None:
        await dialog.say(text("library.withdrawn"))
        return list_of
    teaches: object = found.get("card")
    options = [*([Option("read_taught")] if teaches else []), *([Option("plan")] if found.get("in_plan") else [])]
    chosen = await dialog.choose("then", text(name, **found), [*options, Option("to_shelf")])
    if chosen == "plan":
        return Go("plan", {})
    return Go("card", {"card": teaches, "back": back}) if chosen == "read_taught" else list_of


async def plan(dialog: Dialog, part: str = "", skip: int = 0) -> Go | None:
    """The plan of the year, letter for letter: its headings, or what stands under one of them."""
    if not part:
        page = await dialog.load("parts", shelf.plan_parts, skip)
        if not page["entries"]:
            await dialog.say(text("library.empty"))
            return None
        chosen = await dialog.choose("part", text("library.plan"), paging.options(page))
        turned = paging.turned(chosen, skip)
        return Go("plan", {"part": chosen, "skip": skip} if turned is None else {"skip": turned})
    found = await dialog.load("read", shelf.plan_part, part)
    if found is None:
        await dialog.say(text("library.withdrawn"))
        return Go("plan", {})
    await dialog.say(text("library.plan_heading", heading=found["heading"]))
    for paragraph in found["paragraphs"]:
        await dialog.say(text("library.plan_paragraph", paragraph=paragraph))
    options = [*([Option("next", word="more")] if found["following"] else []), Option("to_shelf")]
    chosen = await dialog.choose("then", text("library.plan_next", following=found["following"]), options)
    return Go("plan", {"part": found["following"] if chosen == "next" else "", "skip": skip})


FLOWS = (
    Flow("library", library, commands=("thuvien",), word="library", resumable=False),
    Flow("themes", themes, word="themes", resumable=False),
    Flow("theme", theme, resumable=False),
    Flow("documents", documents, commands=("tailieu",), word="documents", resumable=False),
    Flow("quotations", quotations, commands=("loitrich",), word="quotations", resumable=False),
    Flow("glossary", glossary, commands=("viettat",), word="glossary", resumable=False),
    Flow("plan", plan, commands=("kehoach",), word="plan", resumable=False),
    Flow("piece", piece, resumable=False),
)

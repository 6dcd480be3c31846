"""The official documents behind the year's topic."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import library as shelf


async def library(dialog: Dialog) -> Go | None:
    """List the documents, show one, and back to the list."""
    documents = await dialog.load("documents", shelf.documents)
    if not documents:
        await dialog.say(text("library.empty"))
        return None
    options = [Option(document["id"], label=document["number"]) for document in documents]
    chosen = await dialog.choose("document", text("library.list", documents=documents), options)
    document = await dialog.load("chosen", shelf.document, chosen)
    if document is None:
        await dialog.say(text("library.withdrawn"))
    else:
        await dialog.choose("then", text("library.document", **document), [Option("documents")])
    return Go("library", {})


FLOWS = (Flow("library", library, commands=("tailieu",), word="library", resumable=False),)

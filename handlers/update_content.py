"""The content's files were changed: an administrator has them checked and used."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import pack_updates


async def update_content(dialog: Dialog) -> None:
    """Show what is in use, and read the files again; what became of it is told when they were checked."""
    used = await dialog.load("used", pack_updates.overview)
    if used is None:
        await dialog.say(text("errors.no_right"))
        return
    options = [Option("update_now"), Option("later")]
    if await dialog.choose("sure", text("pack.in_use", **used), options) == "later":
        await dialog.say(text("pack.kept"))
        return
    asked = await dialog.commit("ask", pack_updates.ask)
    await dialog.say(text("pack.reading" if asked else "errors.no_right"))


FLOWS = (
    Flow(
        "update_content", update_content, commands=("capnhat",), word="update_content", open_to="role", resumable=False
    ),
)

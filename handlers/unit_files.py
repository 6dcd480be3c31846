"""An administrator takes the union tree as a file."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import text
from bot.services import unit_files


async def export_units(dialog: Dialog) -> None:
    """The file, at once."""
    count = await dialog.commit("send", unit_files.send)
    await dialog.say(text("unit_ending.exported", count=count) if count else text("errors.no_right"))


FLOWS = (
    Flow("export_units", export_units, commands=("caydonvi",), word="export_units", open_to="role", resumable=False),
)

"""An administrator takes the union tree as a file, or sends one."""

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.messages import InboundKind
from bot.domain.prompts import text
from bot.services import media, unit_files, unit_upload


async def export_units(dialog: Dialog) -> None:
    """The file, at once."""
    count = await dialog.commit("send", unit_files.send)
    await dialog.say(text("unit_ending.exported", count=count) if count else text("errors.no_right"))


async def import_units(dialog: Dialog) -> None:
    """Take a file; what it would change is said when it was checked."""
    problem = await dialog.load("problem", unit_upload.problem)
    if problem:
        await dialog.say(text(f"unit_files.problem_{problem}"))
        return
    prompt = text("unit_files.send", megabytes=media.FILE_MEGABYTES)
    file = await dialog.ask("file", prompt, _file, accepts=frozenset({InboundKind.DOCUMENT}))
    assert not isinstance(file, str), "the question has no options"
    begun = await dialog.commit("begin", unit_upload.begin, file)
    await dialog.say(text("unit_files.received" if begun else "errors.no_right"))


def _file(answer: Answer) -> media.Sent | Invalid:
    if answer.attachment is None or media.is_too_big(answer.attachment):
        return Invalid(text("unit_files.too_big", megabytes=media.FILE_MEGABYTES))
    return media.sent(answer.attachment)


FLOWS = (
    Flow("export_units", export_units, commands=("caydonvi",), word="export_units", open_to="role", resumable=False),
    Flow("import_units", import_units, commands=("capnhatcay",), word="import_units", open_to="role", resumable=False),
)

"""One's own data: shown, and erased."""

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.prompts import Option, text
from bot.services import linking, privacy


async def my_data(dialog: Dialog) -> None:
    """Everything kept, in the chat and as a file."""
    shown = await dialog.commit("export", privacy.export)
    await dialog.say(text("privacy.shown", **shown))


async def erase(dialog: Dialog) -> None:
    """Everything removed, once the word is typed."""
    places = await dialog.load("places", linking.places)
    typed = await dialog.ask("confirm", text("privacy.ask", places=places), _typed, options=[Option("erase_no")])
    if typed == "erase_no" or not await dialog.load("confirmed", privacy.is_confirmation, typed):
        await dialog.say(text("privacy.kept"))
        return
    code = await dialog.commit("erase", privacy.erase)
    await dialog.say(text("privacy.erased", code=code))


def _typed(answer: Answer) -> str | Invalid:
    return answer.text[:20]


FLOWS = (
    Flow("my_data", my_data, commands=("dulieu",), word="my_data", resumable=False),
    Flow("erase", erase, commands=("xoadulieu",), word="erase", resumable=False),
)

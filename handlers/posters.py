"""An officer or administrator takes the poster of a unit."""

from bot.dialog import Answer, Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import posters as sheets
from bot.services.joining import TREE_PAGE, Found
from bot.vietnamese import quote


async def posters(dialog: Dialog, unit: int = 0) -> None:
    """Choose a unit, or type part of its name, unless a button named it; and get the file."""
    listed = await dialog.load("listed", sheets.offered, 0)
    if not listed["units"]:
        await dialog.say(text("errors.no_right"))
        return
    if not unit:
        unit = listed["units"][0][0] if len(listed["units"]) == 1 else await _unit(dialog, listed)
    sent = await dialog.commit("send", sheets.send, unit)
    if sent is None:
        await dialog.say(text("errors.no_right"))
    elif sent["held"]:
        await dialog.say(text("solemn.piece_held"))
    else:
        await dialog.say(text("group.poster_sent", unit=sent["unit"], officer=sent["officer"]))


async def _unit(dialog: Dialog, listed: Found) -> int:
    prompt, step, skip = text("group.poster_which"), 0, 0
    while True:
        step += 1
        options = [Option(str(id), label=name) for id, name in listed["units"]]
        options += [Option("more", word="unit_more")] if listed["more"] else []
        answer = await dialog.ask(f"unit:{step}", prompt, _typed, options=options)
        if answer in [str(id) for id, _ in listed["units"]]:
            return int(answer)
        if answer == "more":
            skip += TREE_PAGE
            listed = await dialog.load(f"more:{step}", sheets.offered, skip)
            continue
        found = await dialog.load(f"found:{step}", sheets.find, answer)
        if found:
            listed, prompt = Found(units=found, more=False, ended=""), text("group.poster_found")
        else:
            prompt = text("group.poster_nothing", quoted=quote(answer))


def _typed(answer: Answer) -> str:
    return answer.text[:120]


FLOWS = (Flow("posters", posters, commands=("togioithieu",), word="posters", open_to="role", resumable=False),)

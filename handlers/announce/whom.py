"""Who gets an announcement: in a small unit one question, else the whole unit, one below, or narrower."""

from bot.dialog import Answer, Dialog
from bot.domain.prompts import Option, text
from bot.services import joining, reaching, roster
from bot.services.drafts import Draft
from bot.vietnamese import quote
from handlers.announce.filters import narrow


async def choose_whom(dialog: Dialog, key: str, draft: Draft, *, anew: bool = False) -> Draft:
    """The draft with its audience; nobody is refused. `anew` is when they want others than before."""
    size = await dialog.load(f"{key}:size", reaching.size, draft["unit"])
    step = 0
    while True:
        step += 1
        chosen = ""
        if size["small"] and step == 1 and not anew:
            options = [Option("whole_unit"), Option("choose_who")]
            chosen = await dialog.choose(f"{key}:whole", text("compose.whole", people=size["people"]), options)
        if chosen == "whole_unit":
            wanted: Draft = {**draft, "to": draft["unit"], "audience": {}}
        else:
            wanted = await _elsewhere(dialog, f"{key}:{step}", draft)
        found = await dialog.load(f"{key}:reached:{step}", reaching.reached, wanted)
        if found["few"] or found["reach"]["people"]:
            return wanted
        await dialog.say(text("compose.nobody", rule=found["rule"]))


async def _elsewhere(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """The whole unit, one under it from a long list or by a few words of its name, or a narrower audience."""
    unit = draft["unit"]
    listed = await dialog.load(f"{key}:below", joining.under, unit, 0)
    prompt, step, skip = text("compose.who", below=bool(listed["units"])), 0, 0
    while True:
        step += 1
        options = [Option("whole_unit"), *(Option(str(id), label=name) for id, name in listed["units"])]
        options += [Option("more", word="unit_more")] if listed["more"] else []
        options.append(Option("narrower"))
        answer = await dialog.ask(f"{key}:who:{step}", prompt, _typed, options=options)
        if answer == "narrower":
            return await narrow(dialog, f"{key}:narrow", {**draft, "to": unit, "audience": {}})
        if answer == "whole_unit":
            return {**draft, "to": unit, "audience": {}}
        if answer in [str(id) for id, _ in listed["units"]]:
            return {**draft, "to": int(answer), "audience": {}}
        if answer == "more":
            skip += joining.TREE_PAGE
            listed = await dialog.load(f"{key}:more:{step}", joining.under, unit, skip)
            continue
        found = await dialog.load(f"{key}:found:{step}", roster.find_within, [unit], answer)
        listed = joining.Found(units=found, more=False, ended="")
        prompt = text("officer.who_found") if found else text("officer.who_nothing", quoted=quote(answer))


def _typed(answer: Answer) -> str:
    return answer.text[:120]

"""Administrators end or merge a unit, or take that back; members of a unit that ends choose where to go."""

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.prompts import Option, Text, text
from bot.services import administration, roster, unit_ending
from bot.services.unit_ending import Decision
from bot.vietnamese import parse_date, quote


async def end_unit(dialog: Dialog) -> None:
    """Which unit, into which, until when; the numbers; then it is decided."""
    roots = await dialog.load("roots", administration.admin_roots)
    if not roots:
        await dialog.say(text("errors.no_right"))
        return
    standing = await dialog.load("standing", unit_ending.standing)
    kinds = [Option("ending_merge"), Option("ending_end"), *([Option("ending_revoke")] if standing else [])]
    what = await dialog.choose("what", text("unit_ending.what", standing=standing), kinds)
    if what == "ending_revoke":
        await _take_back(dialog, standing)
        return
    unit = await _unit(dialog, "unit", text("unit_ending.which"), roots)
    successor = await _unit(dialog, "into", text("unit_ending.into"), roots) if what == "ending_merge" else 0
    last_day = await dialog.ask("last_day", text("unit_ending.last_day"), _day)
    decision = Decision(unit=unit, successor=successor, last_day=last_day)
    numbers = await dialog.load("numbers", unit_ending.numbers, decision)
    if numbers["problem"]:
        await dialog.say(text(f"unit_ending.problem_{numbers['problem']}"))
        return
    prompt = text("unit_ending.sure", **numbers)
    if await dialog.choose("sure", prompt, [Option("ending_decide"), Option("ending_keep")]) == "ending_keep":
        await dialog.say(text("administration.kept"))
        return
    problem = await dialog.commit("decide", unit_ending.decide, decision)
    await dialog.say(text(f"unit_ending.problem_{problem}") if problem else text("unit_ending.decided"))


async def _take_back(dialog: Dialog, standing: list[unit_ending.Standing]) -> None:
    options = [Option(str(ending["id"]), label=ending["unit"]) for ending in standing]
    chosen = await dialog.choose("which", text("unit_ending.which_back"), options)
    done = await dialog.commit("back", unit_ending.take_back, int(chosen))
    await dialog.say(text("unit_ending.taken_back" if done else "administration.dealt_with"))


async def leaving_unit(dialog: Dialog, ending: int) -> None:
    """A member of a unit that ends finds the next one."""
    prompt, found, step = text("unit_ending.where"), list[tuple[int, str]](), 0
    while True:
        step += 1
        options = [Option(str(id), label=name) for id, name in found]
        answer = await dialog.ask(f"unit:{step}", prompt, _typed, options=options)
        if answer in [str(id) for id, _ in found]:
            break
        found = await dialog.load(f"found:{step}", unit_ending.find, answer)
        prompt = _found(found, answer)
    done = await dialog.commit("choose", unit_ending.choose, ending, int(answer))
    await dialog.say(text("unit_ending.chosen" if done else "unit_ending.over"))


async def _unit(dialog: Dialog, key: str, prompt: Text, roots: list[int]) -> int:
    """A unit found by part of its name."""
    found: list[tuple[int, str]] = []
    step = 0
    while True:
        step += 1
        options = [Option(str(id), label=name) for id, name in found]
        answer = await dialog.ask(f"{key}:{step}", prompt, _typed, options=options)
        if answer in [str(id) for id, _ in found]:
            return int(answer)
        found = await dialog.load(f"{key}:found:{step}", roster.find_within, roots, answer)
        prompt = _found(found, answer)


def _found(found: list[tuple[int, str]], typed: str) -> Text:
    return text("administration.unit_found") if found else text("administration.unit_nothing", quoted=quote(typed))


def _typed(answer: Answer) -> str:
    return answer.text[:120]


def _day(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today, "future")
    if day is None or day < answer.today:
        return Invalid(text("unit_ending.bad_day"))
    return day.isoformat()


FLOWS = (
    Flow("end_unit", end_unit, commands=("ketthucdonvi",), word="end_unit", open_to="role", resumable=False),
    Flow("leaving_unit", leaving_unit, resumable=False),
)

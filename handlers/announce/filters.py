"""Narrowing an audience: several units, all but some, by role, standing, channel, date of joining, answers, receipt.

There is nothing here by what people read, how they did in quizzes, or their language.
"""

from collections.abc import Sequence
from typing import Any, Final

from bot.dialog import Answer, Dialog, Invalid
from bot.domain.announcements import QUESTIONS
from bot.domain.people import RoleKind
from bot.domain.prompts import Option, Text, text
from bot.services import reaching, roster
from bot.services.drafts import Draft
from bot.vietnamese import parse_date

FILTERS: Final = ("units", "except_units", "roles", "standings", "channels", "joined_since", "asked", "not_received")
STANDINGS: Final = ("member", "worker", "former")


async def narrow(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """Add one condition after another, seeing how many are left, until *Xong*."""
    step = 0
    while True:
        step += 1
        found = await dialog.load(f"{key}:reached:{step}", reaching.reached, draft)
        options = [Option(name, f"filter_{name}") for name in FILTERS]
        options += [Option("clear", "filter_clear")] if draft["audience"] else []
        options += [Option("done", "filter_done")] if found["few"] or found["reach"]["people"] else []
        prompt = text(
            "compose.filters", rule=found["rule"], reach=found["reach"], few=found["few"], by_unit=found["by_unit"]
        )
        what = await dialog.choose(f"{key}:{step}", prompt, options)
        if what == "done":
            return draft
        conditions: dict[str, Any] = {}
        if what != "clear":
            conditions = {**draft["audience"], **await _condition(dialog, f"{key}:{step}", draft, what)}
        draft = {**draft, "audience": {name: value for name, value in conditions.items() if value not in ([], None)}}


async def _condition(dialog: Dialog, key: str, draft: Draft, what: str) -> dict[str, Any]:
    """What one condition adds to the audience; empty where there is nothing to choose from."""
    if what in ("units", "except_units"):
        return {what: await _units(dialog, key, draft["unit"], text(f"compose.ask_{what}"))}
    if what == "roles":
        return {what: await _several(dialog, key, what, [Option(kind.value, f"role_{kind}") for kind in RoleKind])}
    if what == "standings":
        return {what: await _several(dialog, key, what, [Option(name, f"standing_{name}") for name in STANDINGS])}
    if what == "channels":
        accounts = await dialog.load(f"{key}:channels", reaching.channels)
        chosen = await _several(dialog, key, what, [Option(str(id), label=name) for id, name in accounts])
        return {what: [int(id) for id in chosen]}
    if what == "joined_since":
        day = await dialog.ask(f"{key}:since", text("compose.ask_since"), _past_day)
        return {what: await dialog.load(f"{key}:midnight", reaching.midnight, day)}
    recent = await dialog.load(f"{key}:recent", reaching.recent, draft["unit"])
    if what == "asked":
        recent = [each for each in recent if each["question"] != "none"]
    if not recent:
        await dialog.say(text("compose.none_sent"))
        return {}
    options = [Option(str(each["id"]), label=each["label"]) for each in recent]
    id = await dialog.choose(f"{key}:which", text(f"compose.ask_{what}"), options)
    if what == "not_received":
        return {what: int(id)}
    question = next(each["question"] for each in recent if str(each["id"]) == id)
    answers = [Option("unanswered"), Option("any_answer")]
    answers += [Option(choice) for choice in QUESTIONS[question] if len(QUESTIONS[question]) > 1]
    answer = await dialog.choose(f"{key}:answer", text("compose.ask_answer"), answers)
    return {what: int(id), "answer": {"unanswered": "", "any_answer": "*"}.get(answer, answer)}


async def _units(dialog: Dialog, key: str, root: int, prompt: Text) -> list[int]:
    """Units of the subtree, found one by one by a few words of their names."""
    chosen: list[tuple[int, str]] = []
    offered: list[tuple[int, str]] = await dialog.load(f"{key}:first", roster.offered, root)
    step = 0
    while True:
        step += 1
        taken = [id for id, _ in chosen]
        options = [Option(str(id), label=name) for id, name in offered if id not in taken]
        options.append(Option("done", "filter_done"))
        shown = text("compose.units_so_far", ask=prompt, names=[name for _, name in chosen])
        answer = await dialog.ask(f"{key}:unit:{step}", shown, _typed, options=options)
        if answer == "done":
            return taken
        named = [(id, name) for id, name in offered if str(id) == answer]
        if named:
            chosen += named
        else:
            offered = await dialog.load(f"{key}:found:{step}", roster.find_within, [root], answer)


async def _several(dialog: Dialog, key: str, what: str, options: Sequence[Option]) -> list[str]:
    """One or more of the options."""
    chosen: list[str] = []
    while True:
        left = [option for option in options if option.id not in chosen]
        done = [Option("done", "filter_done")] if chosen else []
        if not left:
            return chosen
        prompt = text("compose.ask_another" if chosen else f"compose.ask_{what}")
        answer = await dialog.choose(f"{key}:{len(chosen)}", prompt, [*left, *done])
        if answer == "done":
            return chosen
        chosen.append(answer)


def _past_day(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today)
    if day is None:
        return Invalid(text("compose.bad_date"))
    return Invalid(text("compose.future_day")) if day > answer.today else day.isoformat()


def _typed(answer: Answer) -> str:
    return answer.text[:120]

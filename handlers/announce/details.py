"""What most announcements do without: an official reference, another question, times, other files."""

from typing import Any

from bot.dialog import Answer, Dialog, Invalid
from bot.domain.announcements import KINDS, QUESTIONS
from bot.domain.prompts import Option, Text, text
from bot.services import drafts, references
from bot.services.drafts import Draft, Reference
from bot.vietnamese import parse_day_and_hour
from handlers.announce.content import gather
from handlers.announce.filters import narrow


async def change_detail(dialog: Dialog, key: str, draft: Draft, what: str) -> Draft:
    """The draft after what was chosen under *Thêm lựa chọn*."""
    if what == "reference":
        return await _reference(dialog, key, draft)
    if what == "question":
        return await _question(dialog, key, draft)
    if what == "send_at":
        return await _send_at(dialog, key, draft)
    if what == "valid_until":
        return await _valid_until(dialog, key, draft)
    if what == "files":
        return await _files(dialog, key, draft)
    if what == "filters":
        return await narrow(dialog, key, draft)
    return draft


async def _reference(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """Number and symbol, then what of the rest there is; or without it again."""
    if draft["reference"] is not None:
        return {**draft, "reference": None}
    given = {}
    for part in references.PARTS:
        options = [] if part == "number" else [Option("skip")]
        asked, parse = text(f"compose.ask_{part}"), references.parser(part)
        answer = await dialog.ask(f"{key}:{part}", asked, parse, options=options, numbered=False)
        given[part] = "" if answer == "skip" else answer
    reference = Reference(
        number=given["number"],
        date=given["date"],
        summary=given["summary"],
        signer=given["signer"],
        due=given["due"],
    )
    checked = await dialog.load(f"{key}:checked", drafts.check, draft["body"], reference)
    if checked["too_long"]:
        await dialog.say(text("compose.reference_too_long"))
        return draft
    return {**draft, "reference": reference}


async def _question(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """What is asked, and, where the class allows it, whether the unit's officer learns who answered."""
    options = [Option(name, f"question_{name}") for name in QUESTIONS]
    question = await dialog.choose(f"{key}:question", text("compose.ask_question"), options)
    named = False
    if question != "none" and KINDS[draft["kind"]].lists_names:
        options = [Option("named", "answers_named"), Option("counted", "answers_counted")]
        named = await dialog.choose(f"{key}:named", text("compose.ask_named"), options) == "named"
    return {**draft, "question": question, "named": named}


async def _send_at(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """At once, or when."""
    at = await _moment(dialog, key, draft, Option("at_once"), text("compose.ask_send_at"), ends=False)
    return {**draft, "send_at": at}


async def _valid_until(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """As long as usual, or until when."""
    at = await _moment(dialog, key, draft, Option("until_usual"), text("compose.ask_valid_until"), ends=True)
    return {**draft, "valid_until": at}


async def _moment(dialog: Dialog, key: str, draft: Draft, none: Option, prompt: Text, *, ends: bool) -> int | None:
    step, problem = 0, ""
    while True:
        step += 1
        shown = text(f"compose.moment_{problem}") if problem else prompt
        answer: Any = await dialog.ask(f"{key}:{step}", shown, _day_and_hour, options=[none], numbered=False)
        if answer == none.id:
            return None
        day, minute = answer
        found = await dialog.load(f"{key}:at:{step}", drafts.moment, draft, day, minute, ends)
        if not found["problem"]:
            return found["at"]
        problem = found["problem"]


async def _files(dialog: Dialog, key: str, draft: Draft) -> Draft:
    """Other files in place of those there are, or none."""
    if draft["files"]:
        options = [Option("files_other"), Option("files_none"), Option("files_keep")]
        prompt = text("compose.files_now", count=len(draft["files"]))
        what = await dialog.choose(f"{key}:what", prompt, options)
        if what == "files_keep":
            return draft
        if what == "files_none":
            if not draft["body"]:
                await dialog.say(text("compose.nothing_left"))
                return draft
            return {**draft, "files": []}
    content = await gather(dialog, f"{key}:new", None, "", [])
    return {**draft, "files": content["files"] or draft["files"], "body": content["body"] or draft["body"]}


def _day_and_hour(answer: Answer) -> tuple[str, int | None] | Invalid:
    found = parse_day_and_hour(answer.text, answer.today)
    if found is None:
        return Invalid(text("compose.bad_moment"))
    day, minute = found
    return (day.isoformat() if day is not None else ""), minute

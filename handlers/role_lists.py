"""An administrator gives many roles at once: a pasted list, shown again line by line, then offered."""

from typing import Any

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, Text, text
from bot.services import list_files, list_granting, media, role_lists
from bot.services.list_granting import CODE, NOBODY
from bot.services.media import Sent
from bot.services.role_lists import ListedRole

_INSTEAD = {"make_code": CODE, "leave_out": NOBODY}
ACCEPTED = frozenset({InboundKind.TEXT, InboundKind.DOCUMENT})


async def grant_list(dialog: Dialog) -> None:
    """Read a list, show what was understood, let lines be corrected or added, then give."""
    typed, step = "", 0
    prompt, options = text("role_list.paste", limit=role_lists.LINES_AT_MOST), [Option("cancel")]
    lines: list[ListedRole] = []
    while True:
        step += 1
        answer: Any = await dialog.ask(
            f"list:{step}", prompt, _pasted, options=options, accepts=ACCEPTED, numbered=False
        )
        if not isinstance(answer, str):
            answer = await _contents(dialog, step, answer)
            if not answer:
                await dialog.say(text("role_list.unreadable"))
                continue
        if answer == "cancel":
            await dialog.say(text("administration.kept"))
            return
        if answer == "give_list" and any(not line["problem"] for line in lines):
            break
        if answer == "fix_it":
            prompt = text("role_list.fix")
            continue
        read = await dialog.load(f"read:{step}", role_lists.read, f"{typed}\n{answer}".strip())
        if read["problem"] == "right":
            await dialog.say(text("errors.no_right"))
            return
        if read["problem"]:
            await dialog.say(text(f"role_list.{read['problem']}", limit=role_lists.LINES_AT_MOST))
            continue
        typed, lines = f"{typed}\n{answer}".strip(), read["lines"]
        prompt = _understood(lines)
        ready = [Option("give_list")] if any(not line["problem"] for line in lines) else []
        options = [*ready, Option("fix_it"), Option("cancel")]
    await _give(dialog, [line for line in lines if not line["problem"]])


async def _contents(dialog: Dialog, step: int, file: Sent) -> str:
    """The lines of a file, "" when it cannot be read; "cancel"."""
    id = await dialog.commit(f"file:{step}", list_files.receive, file)
    prompt, number = text("role_list.fetching"), 0
    while True:
        number += 1
        key = f"{step}:{number}"
        if await dialog.choose(f"ready:{key}", prompt, [Option("read_file"), Option("cancel")]) == "cancel":
            return "cancel"
        found = await dialog.load(f"contents:{key}", list_files.contents, id)
        if found["state"] != "coming":
            return found["lines"]
        prompt = text("role_list.coming")


def _understood(lines: list[ListedRole]) -> Text:
    bad = [
        text(f"role_list.problem_{line['problem']}", about=line["about"]) if line["problem"] else "" for line in lines
    ]
    return text("role_list.understood", lines=lines, bad=bad, good=sum(not line["problem"] for line in lines))


async def _give(dialog: Dialog, lines: list[ListedRole]) -> None:
    chosen = []
    for number, line in enumerate(lines):
        who = line["who"]
        meant = who[0]["id"] if who else CODE
        if len(who) > 1:
            people = [Option(str(p["id"]), label=f"{p['name']} ({p['joined']})") for p in who]
            prompt = text("role_list.which_person", line=line)
            options = [*people, Option("make_code"), Option("leave_out")]
            answer = await dialog.choose(f"who:{number}", prompt, options)
            meant = _INSTEAD[answer] if answer in _INSTEAD else int(answer)
        chosen.append(meant)
    given = await dialog.commit("give", list_granting.give, lines, chosen)
    await dialog.say(text("role_list.given", given=given))


def _pasted(answer: Answer) -> str | Sent | Invalid:
    if answer.attachment is not None:
        too_big = media.is_too_big(answer.attachment)
        return Invalid(text("role_list.unreadable")) if too_big else media.sent(answer.attachment)
    if len(answer.text) > role_lists.LONGEST:
        return Invalid(text("role_list.long", limit=role_lists.LINES_AT_MOST))
    return answer.text


FLOWS = (
    Flow("grant_list", grant_list, commands=("giaodanhsach",), word="grant_list", open_to="role", resumable=False),
)

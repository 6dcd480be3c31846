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
SHORT = 10
"""Lines up to which the whole list is shown again after each message."""
ACCEPTED = frozenset({InboundKind.TEXT, InboundKind.DOCUMENT})


async def grant_list(dialog: Dialog) -> None:
    """Read a list, show what was understood, let lines be corrected or added, then give."""
    typed, step = "", 0
    prompt, options = text("role_list.paste", limit=role_lists.LINES_AT_MOST), [Option("cancel")]
    lines: list[ListedRole] = []
    whole = True
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
        if answer == "give_list" and whole and any(not line["problem"] for line in lines):
            break
        if answer in ("give_list", "show_list") and lines:
            whole, prompt, options = True, _understood(lines, last=answer == "give_list"), _options(lines, whole=True)
            continue
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
        added = len(read["lines"]) - len(lines)
        whole = not lines or len(read["lines"]) <= SHORT
        typed, lines = f"{typed}\n{answer}".strip(), read["lines"]
        prompt = _understood(lines) if whole else _so_far(lines, added)
        options = _options(lines, whole=whole)
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


def _options(lines: list[ListedRole], *, whole: bool) -> list[Option]:
    ready = [Option("give_list")] if any(not line["problem"] for line in lines) else []
    return [*ready, *([] if whole else [Option("show_list")]), Option("fix_it"), Option("cancel")]


def _understood(lines: list[ListedRole], *, last: bool = False) -> Text:
    """Every line; `last` before they are given."""
    bad = [
        text(f"role_list.problem_{line['problem']}", about=line["about"]) if line["problem"] else "" for line in lines
    ]
    good = sum(not line["problem"] for line in lines)
    return text("role_list.understood", lines=lines, bad=bad, good=good, last=last)


def _so_far(lines: list[ListedRole], added: int) -> Text:
    """How many there are, and those not understood: a long list is not told again after each message."""
    wrong = [line for line in lines if line["problem"]]
    bad = [text(f"role_list.problem_{line['problem']}", about=line["about"]) for line in wrong[:SHORT]]
    count, more = len(lines), len(wrong) - len(bad)
    return text("role_list.so_far", count=count, added=added, lines=wrong[:SHORT], bad=bad, more=more)


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

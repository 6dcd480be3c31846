"""The last announcements a member got, to be read again and answered."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import answers, notices, reminding
from bot.services.notices import PAGE

ELSEWHERE = {"answer_notice": "answer_notice", "see_words": "own_words"}
"""Choices under an announcement that go on to another conversation."""


async def read_notices(dialog: Dialog) -> Go | None:
    """Page through them, five at a time; open one."""
    skip, step = 0, 0
    while True:
        step += 1
        page = await dialog.load(f"page:{step}", notices.page, skip)
        if not page["notices"]:
            waits = await dialog.load("waits", notices.waits_for_unit)
            await dialog.say(text("notices.waits_for_unit" if waits else "notices.empty"))
            return None
        options = [Option(str(listed["id"]), label=listed["label"]) for listed in page["notices"]]
        options += [Option("older_notices")] if page["older"] else []
        options += [Option("newer_notices")] if skip else []
        chosen = await dialog.choose(f"which:{step}", text("notices.list", notices=page["notices"]), options)
        if chosen == "older_notices":
            skip += PAGE
        elif chosen == "newer_notices":
            skip -= PAGE
        else:
            what = await _open(dialog, step, int(chosen))
            if what in ELSEWHERE:
                return Go(ELSEWHERE[what], {"id": int(chosen)})


async def _open(dialog: Dialog, step: int, id: int) -> str:
    """Show one until the reader has seen enough of it; returns what they chose."""
    reads_words, look = await dialog.load(f"words:{step}", reminding.may_read_words, id), 0
    while True:
        look += 1
        read = await dialog.load(f"read:{step}:{look}", notices.read, id)
        if read is None:
            await dialog.say(text("errors.not_yours"))
            return "to_list"
        shown = text("notices.read", answer=read["answer"], words=read["words"], **read["notice"])
        choices = [] if read["answer"] and read["choices"] == ["received"] else read["choices"]
        options = [Option(choice) for choice in choices]
        options += [Option("see_files")] if read["files"] else []
        options += [Option("see_words")] if reads_words else []
        what = await dialog.choose(f"open:{step}:{look}", shown, [*options, Option("to_list")])
        if what == "see_files":
            whole = await dialog.commit(f"files:{step}:{look}", notices.send_files, id)
            if not whole:
                await dialog.say(text("errors.no_files_here"))
        elif what == "to_list" or what in ELSEWHERE:
            return what
        else:
            given = await dialog.commit(f"answer:{step}:{look}", answers.give, id, what)
            await dialog.say(text(given["text"], label=given["label"]))
            return what


FLOWS = (Flow("notices", read_notices, commands=("thongbao",), word="notices", resumable=False),)

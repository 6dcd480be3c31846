"""The last announcements a member got, to be read again and acknowledged."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import notices
from bot.services.notices import PAGE


async def read_notices(dialog: Dialog) -> None:
    """Page through them, five at a time; open one."""
    skip, step = 0, 0
    while True:
        step += 1
        page = await dialog.load(f"page:{step}", notices.page, skip)
        if not page["notices"]:
            waits = await dialog.load("waits", notices.waits_for_unit)
            await dialog.say(text("notices.waits_for_unit" if waits else "notices.empty"))
            return
        options = [Option(str(listed["id"]), label=listed["label"]) for listed in page["notices"]]
        options += [Option("older_notices")] if page["older"] else []
        options += [Option("newer_notices")] if skip else []
        chosen = await dialog.choose(f"which:{step}", text("notices.list", notices=page["notices"]), options)
        if chosen == "older_notices":
            skip += PAGE
        elif chosen == "newer_notices":
            skip -= PAGE
        else:
            await _open(dialog, step, int(chosen))


async def _open(dialog: Dialog, step: int, id: int) -> None:
    notice = await dialog.load(f"read:{step}", notices.read, id)
    if notice is None:
        await dialog.say(text("errors.not_yours"))
        return
    options = [] if notice["acknowledged"] else [Option("received")]
    what = await dialog.choose(f"open:{step}", text("notices.notice", **notice), [*options, Option("to_list")])
    if what == "received":
        await dialog.commit(f"ack:{step}", notices.acknowledge_one, id)
        await dialog.say(text("notices.acknowledged"))


FLOWS = (Flow("notices", read_notices, commands=("thongbao",), word="notices", resumable=False),)

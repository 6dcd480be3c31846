"""An officer follows what became of announcements."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import controls, group_text, results


async def sent_list(dialog: Dialog) -> Go | None:
    """What became of the last announcements; stop one that is still going out, or take it for the unit's group."""
    chosen, step, skip = 0, 0, 0
    while True:
        step += 1
        if not chosen:
            listed = await dialog.load(f"list:{step}", results.sent_list, skip)
            if not listed["sent"]:
                await dialog.say(text("officer.none_sent"))
                return None
            options = [Option(str(sent["id"]), label=sent["label"]) for sent in listed["sent"]]
            options += [Option("more", word="list_more")] if listed["more"] else []
            answer = await dialog.choose(f"which:{step}", text("officer.sent_list"), options)
            if answer == "more":
                skip += results.SENT_SHOWN
                continue
            chosen = int(answer)
        status = await dialog.load(f"status:{step}", results.status, chosen)
        if status is None:
            await dialog.say(text("errors.no_right"))
            return None
        posted = await dialog.load(f"posted:{step}", group_text.declared, group_text.ANNOUNCEMENT, str(chosen))
        options = [Option("stop_sending")] if status["state"] in ("queueing", "sending") else []
        options += [Option("refresh_counts"), Option("group_text"), Option("to_list")]
        what = await dialog.choose(f"what:{step}", text("officer.status", **status, posted=posted), options)
        if what == "to_list":
            chosen, skip = 0, 0
        elif what == "group_text":
            return Go("group_text", {"what": group_text.ANNOUNCEMENT, "ref": str(chosen)})
        elif what == "stop_sending":
            options = [Option("stop_sending"), Option("keep_sending")]
            if await dialog.choose(f"sure:{step}", text("officer.sure_stop"), options) == "stop_sending":
                stopped = await dialog.commit(f"stop:{step}", controls.stop, chosen)
                await dialog.say(text("officer.stopped" if stopped else "officer.already_over"))


FLOWS = (Flow("sent_list", sent_list, word="sent_list", open_to="role", resumable=False),)

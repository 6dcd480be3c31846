"""An officer follows what became of announcements: results, what was answered, and what is still to be done."""

from typing import Any, Final

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, Text, text
from bot.services import controls, corrections, group_text, reminding, result_files, results
from bot.services.results import FEW, Line, Report

LEADS_TO: Final = {
    "open_again": "reopen",
    "resend": "resend_sent",
    "uncertain": "uncertain_sent",
    "correct": "correct",
    "recall": "recall",
}
"""The flow of each thing that may be done about an announcement."""


async def sent_list(dialog: Dialog) -> Go | None:
    """What became of the last announcements; go on to one of them."""
    step, skip = 0, 0
    while True:
        step += 1
        listed = await dialog.load(f"list:{step}", results.sent_list, skip)
        if not listed["sent"]:
            await dialog.say(text("officer.none_sent"))
            return None
        options = [Option(str(sent["id"]), label=sent["label"]) for sent in listed["sent"]]
        options += [Option("more", word="list_more")] if listed["more"] else []
        answer = await dialog.choose(f"which:{step}", text("officer.sent_list"), options)
        if answer != "more":
            return Go("sent_one", {"id": int(answer)})
        skip += results.SENT_SHOWN


async def sent_one(dialog: Dialog, id: int) -> Go | None:
    """Where one announcement stands; stop it, look closer, do what is to be done, or take it for the unit's group."""
    step = 0
    while True:
        step += 1
        status = await dialog.load(f"status:{step}", results.status, id)
        if status is None:
            await dialog.say(text("errors.no_right"))
            return None
        may = (await dialog.load(f"may:{step}", corrections.may, id))["may"]
        posted = await dialog.load(f"posted:{step}", group_text.declared, group_text.ANNOUNCEMENT, str(id))
        options = [Option("stop_sending")] if status["state"] in controls.GOING_OUT else []
        options += [Option("by_unit"), *([Option("see_answers")] if status["acknowledged"] is not None else [])]
        options += [Option(what) for what in may]
        options += [Option("refresh_counts")]
        options += [Option("group_text")] if status["state"] not in group_text.NOT_FOR_GROUPS else []
        options += [Option("to_list")]
        what = await dialog.choose(f"what:{step}", text("officer.status", **status, posted=posted), options)
        if what == "to_list":
            return Go("sent_list", {})
        if what == "group_text":
            return Go("group_text", {"what": group_text.ANNOUNCEMENT, "ref": str(id)})
        if what in ("by_unit", "see_answers"):
            return Go("result", {"id": id, "view": what})
        if what in may:
            return Go(LEADS_TO[what], {"id": id})
        if what == "stop_sending":
            options = [Option("stop_sending", "stop_sending_sure"), Option("keep_sending")]
            if await dialog.choose(f"sure:{step}", text("officer.sure_stop"), options) == "stop_sending":
                stopped = await dialog.commit(f"stop:{step}", controls.stop, id)
                await dialog.say(text("officer.stopped" if stopped else "officer.already_over"))


async def result(dialog: Dialog, id: int, view: str) -> Go | None:
    """Unit by unit, down the tree: what became of the messages, or what was answered; as a file too."""
    step, unit, skip = 0, 0, 0
    while True:
        step += 1
        report = await dialog.load(f"report:{step}", results.report, id, unit, skip)
        if report is None:
            await dialog.say(text("errors.no_right"))
            return None
        deeper = [part for part in report["parts"] if part["deeper"]]
        options = [Option(str(part["unit"]), label=part["name"]) for part in deeper]
        options += [Option("more", word="list_more")] if report["more"] else []
        options += [Option("list_up")] if report["up"] else []
        options += [Option("see_words")] if [choice for choice, _ in report["choices"]] == ["words"] else []
        options += [] if report.get("untold", False) else [Option("as_workbook")]
        options += [Option("to_result")]
        what = await dialog.choose(f"what:{step}", _shown(report, view, bool(deeper)), options)
        if what == "to_result":
            return Go("sent_one", {"id": id})
        if what == "see_words":
            return Go("own_words", {"id": id})
        if what == "as_workbook":
            sent = await dialog.commit(f"file:{step}", result_files.send, id)
            await dialog.say(text("results.file_sent" if sent else "errors.no_right"))
        elif what == "more":
            skip += results.LINES_SHOWN
        else:
            unit, skip = report["up"] if what == "list_up" else int(what), 0


def _shown(report: Report, view: str, deeper: bool) -> Text:
    labels = dict(report["choices"])

    def counts(line: Line) -> Text:
        if view == "see_answers":
            answers = [(labels[choice], count) for choice, count in line["answers"].items()]
            return text("results.answers", people=line["people"], answers=answers, few=FEW)
        return text("results.counts", people=line["people"], outcomes=line["outcomes"])

    own = [text("results.line", name="", counts=counts(report["own"]))] if report["own"] else []
    parts = [text("results.line", name=part["name"], counts=counts(part)) for part in report["parts"]]
    return text(
        "results.report",
        label=report["label"],
        name=report["top"]["name"],
        top=counts(report["top"]),
        lines=[*own, *parts],
        reasons=report["reasons"] if view == "by_unit" else [],
        elsewhere=report["elsewhere"],
        deeper=deeper,
    )


async def own_words(dialog: Dialog, id: int) -> None:
    """What was answered in own words, page by page."""
    step, skip = 0, 0
    while True:
        step += 1
        found = await dialog.load(f"words:{step}", reminding.words, id, skip)
        if found is None:
            await dialog.say(text("errors.no_right"))
            return
        shown = text("results.words", label=found["label"], words=found["words"], few=found["few"])
        if not found["more"]:
            await dialog.say(shown)
            return
        if await dialog.choose(f"more:{step}", shown, [Option("more", word="list_more"), Option("do_not")]) != "more":
            return
        skip = found["skip"]


async def unanswered(dialog: Dialog, id: int, unit: int) -> None:
    """Who of the officer's own unit has not answered, page by page."""
    step, skip = 0, 0
    while True:
        step += 1
        found = await dialog.load(f"names:{step}", reminding.names, id, unit, skip)
        if found is None:
            await dialog.say(text("errors.no_right"))
            return
        params: dict[str, Any] = {**found, "skip": skip}
        shown = text("results.names", **params)
        skip += reminding.PAGE
        if found["count"] <= skip:
            await dialog.say(shown)
            return
        if await dialog.choose(f"more:{step}", shown, [Option("more", word="list_more"), Option("do_not")]) != "more":
            return


FLOWS = (
    Flow("sent_list", sent_list, word="sent_list", open_to="role", resumable=False),
    Flow("sent_one", sent_one, open_to="role", resumable=False),
    Flow("result", result, open_to="role", resumable=False),
    Flow("own_words", own_words, open_to="role", resumable=False),
    Flow("unanswered", unanswered, open_to="role", resumable=False),
)

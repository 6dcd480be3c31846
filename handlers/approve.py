"""A second person decides about announcements; officers put off what waits, pause and stop what goes out."""

from typing import Final

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, text
from bot.services import approvals, controls, deciding, results
from bot.vietnamese import parse_moment

NOTE_LIMIT: Final = 500


async def to_approve(dialog: Dialog) -> Go | None:
    """What waits for a decision, one shown whole."""
    listed = await dialog.load("waiting", deciding.waiting)
    if not listed:
        await dialog.say(text("sending.none_to_approve"))
        return None
    options = [Option(str(one["id"]), label=one["label"]) for one in listed]
    id = int(await dialog.choose("which", text("sending.which_to_approve"), options))
    digest = next(one["digest"] for one in listed if one["id"] == id)
    piece = await dialog.load("piece", deciding.show, id, digest)
    if piece is None:
        await dialog.say(text("sending.decided_before", who=""))
        return None
    decisions = [Option("approve_send"), Option("give_back")]
    if await dialog.choose("decide", approvals.shown(piece), decisions) == "give_back":
        return Go("give_back", {"id": id, "digest": digest})
    decided = await dialog.commit("approve", deciding.approve, id, digest)
    await dialog.say(text(decided["text"], **decided["params"]))
    return None


async def give_back(dialog: Dialog, id: int, digest: str) -> None:
    """A note to the author in one's own words."""
    note = await dialog.ask("note", text("sending.ask_note"), _note)
    decided = await dialog.commit("give_back", deciding.give_back, id, digest, note)
    await dialog.say(text(decided["text"], **decided["params"]))


async def reopen(dialog: Dialog, id: int) -> Go | None:
    """What was given back, with all it held: looked at, changed and sent again as any draft."""
    draft = await dialog.load("draft", deciding.reopened, id)
    if draft is None:
        await dialog.say(text("errors.not_yours"))
        return None
    return Go("announce", {"draft": draft})


async def planned(dialog: Dialog) -> None:
    """What will go out: at another time, or not at all."""
    listed = await dialog.load("ahead", controls.ahead)
    if not listed:
        await dialog.say(text("sending.none_planned"))
        return
    options = [Option(str(one["id"]), label=one["label"]) for one in listed]
    chosen = await dialog.choose("which", text("sending.which_planned", listed=listed), options)
    one = next(one for one in listed if str(one["id"]) == chosen)
    shown = text("sending.planned_one", label=one["label"], state=one["state"], at=one["at"])
    what = await dialog.choose("what", shown, [Option("put_off"), Option("cancel_planned"), Option("keep_planned")])
    if what == "put_off":
        await _put_off(dialog, one["id"])
    elif what == "cancel_planned":
        options = [Option("cancel_planned", "cancel_planned_sure"), Option("keep_planned")]
        if await dialog.choose("sure", text("sending.sure_cancel"), options) == "cancel_planned":
            done = await dialog.commit("cancel", controls.cancel, one["id"])
            await dialog.say(text("sending.cancelled" if done else "sending.too_late"))


async def _put_off(dialog: Dialog, id: int) -> None:
    prompt, step = text("sending.ask_time"), 0
    while True:
        step += 1
        day, _, minute = (await dialog.ask(f"time:{step}", prompt, _moment)).partition(" ")
        done = await dialog.commit(f"put_off:{step}", controls.put_off, id, day, int(minute))
        if done is not None:
            await dialog.say(text("sending.put_off", state=done["state"], at=done["at"]))
            return
        prompt = text("sending.time_refused")


async def going_out(dialog: Dialog, id: int = 0, wish: str = "") -> None:
    """What goes out now: paused, gone on with, stopped."""
    step = 0
    while True:
        step += 1
        if not id:
            listed = await dialog.load(f"list:{step}", controls.going_out)
            if not listed:
                await dialog.say(text("sending.none_going_out"))
                return
            options = [Option(str(one["id"]), label=one["label"]) for one in listed]
            id = int(await dialog.choose(f"which:{step}", text("sending.which_going_out"), options))
        status = await dialog.load(f"status:{step}", results.status, id)
        if status is None or status["state"] not in controls.GOING_OUT:
            await dialog.say(text("errors.no_right" if status is None else "sending.too_late"))
            return
        if not wish:
            options = [Option("resume_sending" if status["state"] == "paused" else "pause_sending")]
            options += [Option("stop_for_good"), Option("refresh_counts")]
            wish = await dialog.choose(f"what:{step}", text("officer.status", **status, posted=0), options)
        if wish == "pause_sending":
            done = await dialog.commit(f"pause:{step}", controls.pause, id)
            await dialog.say(text("sending.paused" if done else "sending.too_late"))
        elif wish == "resume_sending":
            done = await dialog.commit(f"resume:{step}", controls.resume, id)
            await dialog.say(text("sending.resumed" if done else "sending.too_late"))
        elif wish == "stop_for_good":
            sure = [Option("stop_for_good", "stop_for_good_sure"), Option("keep_sending")]
            if await dialog.choose(f"sure:{step}", text("officer.sure_stop"), sure) == "stop_for_good":
                done = await dialog.commit(f"stop:{step}", controls.stop, id)
                await dialog.say(text("officer.stopped" if done else "officer.already_over"))
        if wish != "refresh_counts":
            return
        wish = ""


def _note(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > NOTE_LIMIT:
        return Invalid(text("errors.too_long", limit=NOTE_LIMIT))
    return answer.text


def _moment(answer: Answer) -> str | Invalid:
    found = parse_moment(answer.text, answer.today)
    return Invalid(text("sending.time_unclear")) if found is None else f"{found[0].isoformat()} {found[1]}"


FLOWS = (
    Flow("to_approve", to_approve, commands=("choduyet",), word="to_approve", open_to="role", resumable=False),
    Flow("give_back", give_back, open_to="role", resumable=False),
    Flow("reopen", reopen, open_to="role"),
    Flow("planned", planned, commands=("hengio",), word="planned", open_to="role", resumable=False),
    Flow("going_out", going_out, commands=("danggui",), word="going_out", open_to="role", resumable=False),
)

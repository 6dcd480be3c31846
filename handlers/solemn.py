"""Administrators hold what is festive while it would hurt; officers and administrators stop everything at once."""

from typing import Final

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, text
from bot.services import roster, solemn, stopping
from bot.vietnamese import quote

REASON_LIMIT: Final = 200
SHOWN: Final = 20


async def solemn_mode(dialog: Dialog) -> None:
    """Where it holds and what is held; begin it, end it, decide about what was held."""
    found = await dialog.load("overview", solemn.overview)
    if found is None:
        await dialog.say(text("errors.no_right"))
        return
    if not found["modes"] and await _decide_held(dialog, "before"):
        return
    what = "solemn_more"
    if found["modes"]:
        shown = text("solemn.overview", modes=found["modes"], held=found["held"], pieces=found["pieces"])
        options = [Option("solemn_end"), Option("solemn_more"), Option("solemn_leave")]
        what = await dialog.choose("what", shown, options)
    if what == "solemn_end":
        await _end(dialog, found)
    elif what == "solemn_more":
        await _start(dialog, found)


async def _start(dialog: Dialog, found: solemn.Overview) -> None:
    unit, area = await _area(dialog, found)
    reason = await dialog.ask("reason", text("solemn.ask_reason"), _reason)
    held = await dialog.load("would_hold", solemn.would_hold, unit)
    prompt = text("solemn.sure_start", area=area, reason=reason, held=held)
    if await dialog.choose("sure", prompt, [Option("solemn_start"), Option("solemn_leave")]) == "solemn_start":
        done = await dialog.commit("start", solemn.start, unit, reason)
        await dialog.say(text("solemn.started" if done else "solemn.dealt_with"))


async def _area(dialog: Dialog, found: solemn.Overview) -> tuple[int | None, str]:
    """The unit whose subtree becomes solemn with its name, None and "" for everywhere."""
    units: list[tuple[int, str]] = []
    prompt, step = text("solemn.which_area"), 0
    whole = [Option("solemn_whole")] if found["whole"] else []
    while True:
        step += 1
        options = [*whole, *(Option(str(id), label=name) for id, name in units)]
        answer = await dialog.ask(f"area:{step}", prompt, _typed, options=options)
        if answer == "solemn_whole":
            return None, ""
        chosen = [(id, name) for id, name in units if str(id) == answer]
        if chosen:
            return chosen[0]
        units = await dialog.load(f"found:{step}", roster.find_within, found["roots"], answer)
        prompt = (
            text("administration.unit_found") if units else text("administration.unit_nothing", quoted=quote(answer))
        )


async def _end(dialog: Dialog, found: solemn.Overview) -> None:
    id = found["modes"][0]["id"]
    if len(found["modes"]) > 1:
        options = [Option(str(mode["id"]), label=mode["area"] or mode["reason"]) for mode in found["modes"]]
        id = int(await dialog.choose("which", text("solemn.which_mode"), options))
    sure = [Option("solemn_end"), Option("solemn_leave")]
    if await dialog.choose("sure_end", text("solemn.sure_end"), sure) == "solemn_leave":
        return
    done = await dialog.commit("end", solemn.end, id)
    await dialog.say(text("solemn.ended" if done else "solemn.dealt_with"))
    if done:
        await _decide_held(dialog, "after")


async def _decide_held(dialog: Dialog, key: str) -> bool:
    """What the mode had held goes out or not, all of it or one by one; whether there was any."""
    listed = await dialog.load(f"{key}:held", stopping.released)
    if not listed:
        return False
    options = [Option("held_drop_all"), Option("held_each"), Option("held_later")]
    if not all(one["over"] for one in listed):
        options.insert(0, Option("held_send_all"))
    how = await dialog.choose(f"{key}:how", text("solemn.held", listed=listed), options)
    counts = {"held_send": 0, "held_drop": 0}
    for one in listed if how != "held_later" else []:
        what = how.removesuffix("_all")
        if how == "held_each":
            each = [*([] if one["over"] else [Option("held_send")]), Option("held_drop"), Option("held_later")]
            what = await dialog.choose(f"{key}:{one['key']}", text("solemn.held_one", **one), each)
        if what == "held_send" and one["over"]:
            what = "held_drop"
        if what in counts:
            done = f"{key}:done:{one['key']}"
            settled = await dialog.commit(done, stopping.settle_held, one["key"], what == "held_send")
            counts[what] += settled
    left = len(listed) - counts["held_send"] - counts["held_drop"]
    await dialog.say(text("solemn.held_end", sent=counts["held_send"], dropped=counts["held_drop"], left=left))
    return True


async def stop_all(dialog: Dialog) -> Go | None:
    """Everything of one's subtrees that goes out or will, stopped at once."""
    listed = await dialog.load("listed", stopping.would_stop)
    if not listed:
        await dialog.say(text("solemn.stop_nothing"))
        return None
    prompt = text("solemn.sure_stop_all", listed=listed[:SHOWN], count=len(listed))
    if await dialog.choose("sure", prompt, [Option("stop_all", "stop_all_sure"), Option("stop_none")]) == "stop_none":
        return None
    stopped = await dialog.commit("stop", stopping.stop_all)
    mine = [(id, label) for id, label, _ in stopped["reached"] if id in stopped["mine"]]
    done = text("solemn.all_stopped", count=stopped["count"], reached=stopped["reached"], mine=mine)
    if not mine:
        await dialog.say(done)
        return None
    options = [Option(str(id), label=label) for id, label in mine[:SHOWN]]
    chosen = await dialog.choose("correct", done, [*options, Option("no_correction")])
    return None if chosen == "no_correction" else Go("correct", {"id": int(chosen)})


def _typed(answer: Answer) -> str:
    return answer.text[:120]


def _reason(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > REASON_LIMIT:
        return Invalid(text("errors.too_long", limit=REASON_LIMIT))
    return answer.text


FLOWS = (
    Flow("solemn", solemn_mode, commands=("trangtrong",), word="solemn", open_to="role", resumable=False),
    Flow("stop_all", stop_all, commands=("dungtatca",), word="stop_all", open_to="role", resumable=False),
)

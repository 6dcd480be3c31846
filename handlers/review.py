"""A reviewer's queue: a nomination is shown, then decided, asked about, or written down from its voice note."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, Text, text
from bot.services import nominations, reviews

REASON_LIMIT = 300
DECISIONS = ("accept", "keep", "not_now", "not_good")


async def review(dialog: Dialog, nomination: int = 0) -> Go | None:
    """The queue, or one nomination of it."""
    if not nomination:
        queue = await dialog.load("queue", reviews.queue)
        if not queue["allowed"] or not queue["items"]:
            await dialog.say(text("review.nothing" if queue["allowed"] else "errors.no_right"))
            return None
        items = [(w["code"], text(f"good_deed.kind_{w['kind']}"), w["days"]) for w in queue["items"]]
        options = [Option(str(w["id"]), label=w["code"]) for w in queue["items"]]
        prompt = text("review.queue", items=items, total=queue["total"])
        nomination = int(await dialog.choose("which", prompt, options))
    case = await dialog.commit("show", reviews.show, nomination)
    if case["problem"]:
        await dialog.say(_problem(case["problem"]))
        return None
    code, unwritten = case["code"], case["unwritten"]
    names = ["write", "not_good"] if unwritten else [*DECISIONS, *(["ask"] if case["may_ask"] else [])]
    options = [Option(name, word=f"review_{name}") for name in (*names, "later")]
    prompt = text("review.decide_voice" if unwritten else "review.decide", code=code)
    decision = await dialog.choose("decision", prompt, options)
    if decision != "later":
        problem = await _do(dialog, nomination, decision)
        await dialog.say(_problem(problem) if problem else text(f"review.done_{decision}", code=code))
    return Go("review", {})


async def _do(dialog: Dialog, nomination: int, decision: str) -> str:
    """Carry a decision out; returns "" or the problem."""
    if decision == "write":
        told = await dialog.ask("told", text("review.ask_told"), nominations.paragraphs(nominations.TOLD_LIMIT))
        return await dialog.commit("write", reviews.write_down, nomination, told)
    if decision == "ask":
        question = await dialog.ask("question", text("review.ask_question"), nominations.paragraphs(REASON_LIMIT))
        return await dialog.commit("ask", reviews.ask_more, nomination, question)
    reason = ""
    if decision == "not_now":
        reason = await dialog.ask("reason", text("review.ask_reason"), nominations.paragraphs(REASON_LIMIT))
    return await dialog.commit("decide", reviews.decide, nomination, decision, reason)


def _problem(problem: str) -> Text:
    return text("errors.no_right" if problem == "no_right" else f"review.{problem}")


FLOWS = (Flow("review", review, commands=("xetduyet",), word="review_queue", open_to="role"),)

"""*Gương tôi đã giới thiệu*: how each stands, taking one back, answering the reviewer."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import nominations
from bot.services.nominations import Mine
from bot.vietnamese import quote

LABEL_LIMIT = 25
ANSWER_LIMIT = 1000


async def my_nominations(dialog: Dialog, nomination: int = 0, fix: bool = False) -> Go | None:
    """The list; or what a button under a message is for: answering about `nomination`, or to `fix` what was written."""
    skip, pressed = 0, bool(nomination)
    while not nomination:
        page = await dialog.load(f"mine:{skip}", nominations.mine, skip)
        if not page["mine"]:
            await dialog.say(text("good_deed.none_mine"))
            return None
        items = [(m["code"], m["nominee"], text(f"good_deed.state_{m['state']}")) for m in page["mine"]]
        options = [Option(str(m["id"]), label=quote(m["nominee"] or m["code"], LABEL_LIMIT)) for m in page["mine"]]
        options += [Option("more", word="list_more")] if page["more"] else []
        chosen = await dialog.choose(f"which:{skip}", text("good_deed.list_mine", items=items), options)
        if chosen == "more":
            skip += nominations.LISTED
        else:
            nomination = int(chosen)
    one = await dialog.load("one", nominations.one_of_mine, nomination)
    if one is None:
        await dialog.say(text("errors.not_yours"))
        return None
    if fix and one["state"] == "confirm":
        await _correct(dialog, one)
        return None
    if pressed and one["state"] == "asked":
        await _answer(dialog, one)
        return None
    return await _act(dialog, one)


async def _act(dialog: Dialog, one: Mine) -> Go | None:
    """What may be done with one nomination."""
    state = one["state"]
    erased = state in ("withdrawn", "not_good")
    await dialog.say(
        text(
            "good_deed.detail",
            code=one["code"],
            state=text(f"good_deed.state_{state}"),
            lines=[] if erased else [line for _, line in nominations.lines(one["facts"])],
            reason=one["reason"],
            question=one["question"] if state == "asked" else "",
            accepted=state == "accepted",
            open=one["withdrawable"],
        )
    )
    options = []
    if state == "asked":
        options.append(Option("answer", word="nomination_answer"))
    if state == "confirm":
        options += [Option("right", word="written_right"), Option("fix", word="written_wrong")]
    if one["withdrawable"]:
        options.append(Option("withdraw", word="nomination_withdraw"))
    options.append(Option("list", word="nomination_list"))
    what = await dialog.choose("what", text("good_deed.what_now", code=one["code"]), options)
    if what == "list":
        return Go("my_nominations", {})
    if what == "answer":
        await _answer(dialog, one)
    elif what == "fix":
        await _correct(dialog, one)
    elif what == "right":
        done = await dialog.commit("confirm", nominations.confirm, one["id"], "")
        await dialog.say(text("good_deed.confirmed" if done else "good_deed.settled"))
    else:
        await _withdraw(dialog, one)
    return None


async def _answer(dialog: Dialog, one: Mine) -> None:
    said = await dialog.ask(
        "said", text("good_deed.ask_answer", question=one["question"]), nominations.paragraphs(ANSWER_LIMIT)
    )
    done = await dialog.commit("answer", nominations.answer, one["id"], said)
    await dialog.say(text("good_deed.answered" if done else "good_deed.settled"))


async def _correct(dialog: Dialog, one: Mine) -> None:
    prompt = text("good_deed.ask_corrected", told=one["told"])
    corrected = await dialog.ask("corrected", prompt, nominations.paragraphs(nominations.TOLD_LIMIT))
    done = await dialog.commit("correct", nominations.confirm, one["id"], corrected)
    await dialog.say(text("good_deed.confirmed" if done else "good_deed.settled"))


async def _withdraw(dialog: Dialog, one: Mine) -> None:
    code = one["code"]
    options = [Option("sure", word="withdraw_sure"), Option("not", word="withdraw_not")]
    if await dialog.choose("sure", text("good_deed.sure_withdraw", code=code), options) == "not":
        await dialog.say(text("good_deed.not_withdrawn", code=code))
        return
    done = await dialog.commit("withdraw", nominations.withdraw, one["id"])
    await dialog.say(text("good_deed.withdrawn", code=code) if done else text("good_deed.too_late"))


FLOWS = (Flow("my_nominations", my_nominations, commands=("guongtoi",), word="my_nominations", resumable=False),)

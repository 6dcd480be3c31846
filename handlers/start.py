"""Joining: consent, the first piece, then the unit and the few things worth asking."""

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, text
from bot.services import card_links, joining, reading, waiting
from bot.vietnamese import quote, tidy_name

DESCRIPTION_LIMIT = 300


async def start(dialog: Dialog, payload: str = "") -> Go | None:
    """`/start`, any first message, the link or code of a unit or of a card that was shared."""
    if await dialog.load("full", waiting.no_room):
        return Go("waiting", {})
    link = await dialog.load("arrive", joining.arrive, payload)
    shared = card_links.card_named(payload)
    if link["known"] and not link["left"]:
        return Go("card", {"card": shared}) if shared else await _member(dialog, link)
    if link["problem"] and not link["known"]:
        await dialog.say(text(f"welcome.{link['problem']}_link", unit=link["name"]))
    consent = await dialog.choose("consent", text("welcome.consent"), [Option("agree"), Option("later")])
    if consent == "later":
        await dialog.commit("decline", joining.decline)
        await dialog.say(text("welcome.declined"))
        return None
    if await dialog.load("still_full", waiting.no_room):  # somebody else may have taken the last place meanwhile
        return Go("waiting", {})
    if link["left"]:
        await dialog.commit("rejoin", joining.rejoin)
        await dialog.say(text("welcome.rejoined"))
        return Go("card", {"card": shared}) if shared else await _member(dialog, link)
    await dialog.commit("agree", joining.agree, link["unit"])
    card = await dialog.commit("first_card", reading.first_card, shared)
    await dialog.say(text("welcome.agreed"))
    if shared and (card is None or card["id"] != shared):
        await dialog.say(text("card.gone_first"))
    if card is not None:
        await dialog.say(text("learning.card", **card))
    if link["unit"] is not None:
        await dialog.say(text("welcome.unit_pending", unit=link["name"]))
        return Go("about_me", {})
    return Go("unit", {"then": "about_me"})


async def _member(dialog: Dialog, link: joining.Link) -> Go | None:
    """A member with a link or a code: into its unit when they have none, or when they wish to move there."""
    if link["own"] is None and link["unit"] is not None:
        await dialog.commit("join", joining.join_unit, link["unit"])
        await dialog.say(text("welcome.unit_pending", unit=link["name"]))
    elif link["own"] is None and link["problem"]:
        await dialog.say(text(f"welcome.{link['problem']}_link", unit=link["name"]))
        return Go("unit", {"then": "today"})
    elif link["problem"]:
        await dialog.say(text(f"welcome.{link['problem']}_kept", unit=link["name"], own=link["own_name"]))
    elif link["unit"] is not None and link["unit"] == link["own"]:
        await dialog.say(text("welcome.same_unit", unit=link["name"], pending=link["pending"]))
    elif link["unit"] is not None:
        prompt = text("welcome.ask_move", own=link["own_name"], unit=link["name"])
        if await dialog.choose("move", prompt, [Option("yes"), Option("no")]) == "no":
            await dialog.say(text("welcome.not_moved", own=link["own_name"]))
            return None
        await dialog.commit("join", joining.join_unit, link["unit"])
        await dialog.say(text("welcome.unit_pending", unit=link["name"]))
        return None
    elif not link["left"]:
        await dialog.say(text("welcome.back"))
    return Go("today", {})


async def unit(dialog: Dialog, then: str = "") -> Go | None:
    """Find one's unit: by code, by part of the name, or down the tree."""
    chosen, name = 0, ""
    prompt, listed = text("welcome.ask_unit"), joining.Found(units=[], more=False, ended="")
    step, parent, skip = 0, 0, 0
    while not chosen:
        step += 1
        options = [Option(str(id), label=label) for id, label in listed["units"]]
        options += [Option("more", word="unit_more")] if listed["more"] else []
        options += [Option("here", word="unit_here")] if parent else []
        options += [Option("unit_tree"), Option("unit_missing")]
        answer = await dialog.ask(f"unit:{step}", prompt, _typed, options=options)
        if answer == "unit_missing":
            described = await dialog.ask("describe", text("welcome.describe_unit"), _description)
            await dialog.commit("seek", joining.seek_unit, described)
            await dialog.say(text("welcome.unit_sought"))
            return Go(then, {}) if then else None
        if answer == "here":
            chosen = parent
        elif answer == "unit_tree":
            parent, skip, prompt = 0, 0, text("welcome.unit_tree")
            listed = await dialog.load(f"tree:{step}", joining.under, None, skip)
        elif answer == "more":
            skip += joining.TREE_PAGE
            listed = await dialog.load(f"more:{step}", joining.under, parent or None, skip)
        elif answer in [str(id) for id, _ in listed["units"]]:
            id = int(answer)
            name = dict(listed["units"])[id]
            below = await dialog.load(f"below:{step}", joining.under, id, 0)
            if below["units"] and (parent or prompt.name == "welcome.unit_tree"):
                listed, parent, skip, prompt = below, id, 0, text("welcome.unit_under", parent=name)
                continue
            chosen = id
        else:
            listed, parent = await dialog.load(f"find:{step}", joining.find_unit, answer), 0
            if listed["ended"]:
                prompt = text("welcome.unit_ended", unit=listed["ended"])
            elif listed["units"]:
                prompt = text("welcome.unit_candidates")
            else:
                prompt = text("welcome.unit_nothing", quoted=quote(answer))
    moved = await dialog.commit("join", joining.join_unit, chosen)
    await dialog.say(text("welcome.unit_pending", unit=name) if moved else text("welcome.not_moved", own=name))
    return Go(then, {}) if then else None


async def about_me(dialog: Dialog) -> None:
    """How to be addressed, the name, the hour."""
    form = await dialog.choose(
        "form", text("welcome.ask_form"), [Option(form, word=f"form_{form}") for form in joining.FORMS]
    )
    await dialog.commit("set_form", joining.set_form, form)
    name = await dialog.ask("name", text("welcome.ask_name"), _name, options=[Option("skip")])
    if name != "skip":
        await dialog.commit("set_name", joining.set_profile, "name", name)
    slots = ("morning", "noon", "evening", "none")
    slot = await dialog.choose("hour", text("welcome.ask_hour"), [Option(slot, word=f"slot_{slot}") for slot in slots])
    await dialog.commit("set_slot", joining.set_profile, "slot", slot)
    await dialog.say(text("welcome.ready"))


def _typed(answer: Answer) -> str | Invalid:
    if not answer.text:
        return Invalid(text("welcome.ask_unit"))
    return answer.text[:120]


def _description(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > DESCRIPTION_LIMIT:
        return Invalid(text("errors.too_long", limit=DESCRIPTION_LIMIT))
    return answer.text


def _name(answer: Answer) -> str | Invalid:
    name = tidy_name(answer.text)
    return Invalid(text("welcome.bad_name")) if name is None else name


FLOWS = (
    Flow("start", start, commands=("start",), takes="payload", open_to="anyone"),
    Flow("unit", unit, word="change_unit"),
    Flow("about_me", about_me, word="about_me"),
)

"""One person at several phones and apps: a code joins them, a place may be chosen for messages or taken off."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, Text, text
from bot.services import linking, merging
from bot.services.linking import Known, Linked, Place
from bot.services.merging import HERE, THERE, Pair, Side


async def places(dialog: Dialog) -> Go:
    """Where one writes from, and what may be done about it."""
    mine = await dialog.load("places", linking.places)
    options = [Option("link")]
    if any(place["here"] and place["channel"] == "webchat" for place in mine):
        options.append(Option("move"))
    if len(mine) > 1:
        options += [Option("push_place"), Option("drop_place")]
    flow = await dialog.choose("what", text("linking.places", places=mine), options)
    return Go(flow, {})


async def link(dialog: Dialog) -> None:
    """A code for a further phone or app."""
    issued = await dialog.commit("issue", linking.issue, linking.LINK)
    await dialog.say(text("linking.code", **issued) if issued else text("linking.left"))


async def move(dialog: Dialog) -> None:
    """A code for the phone that takes the place of this one."""
    issued = await dialog.commit("issue", linking.issue, linking.MOVE)
    await dialog.say(text("linking.move_code", **issued) if issued else text("linking.left"))


async def push_place(dialog: Dialog) -> Go | None:
    """Where unasked messages go."""
    mine = await dialog.load("places", linking.places)
    if len(mine) < 2:
        await dialog.say(text("linking.one_place", place=mine[0]["label"]))
        return None
    pushed = next((place["label"] for place in mine if place["pushed"]), "")
    chosen = await dialog.choose("which", text("linking.which_push", place=pushed, here=_here(mine)), _options(mine))
    label = await dialog.commit("prefer", linking.prefer, int(chosen))
    await dialog.say(text("linking.push_set", place=label) if label else text("linking.place_gone"))
    return Go("places", {})


async def drop_place(dialog: Dialog) -> Go | None:
    """One place less; never the last."""
    mine = await dialog.load("places", linking.places)
    if len(mine) < 2:
        await dialog.say(text("linking.only_place"))
        return None
    chosen = await dialog.choose("which", text("linking.which_drop", here=_here(mine)), _options(mine))
    place = next(place for place in mine if str(place["id"]) == chosen)
    prompt = text("linking.sure_drop", place=place["label"], here=place["here"])
    if await dialog.choose("sure", prompt, [Option("drop_yes"), Option("link_no")]) == "link_no":
        await dialog.say(text("linking.kept"))
        return None
    if not await dialog.commit("drop", linking.drop, place["id"]):
        await dialog.say(text("linking.place_gone"))
        return Go("places", {})
    await dialog.say(text("linking.dropped", place=place["label"], here=place["here"]))
    return None if place["here"] else Go("places", {})


async def link_join(dialog: Dialog, code: str, shown_at: int, moving: bool) -> Go | None:
    """A code was typed where nobody is known yet, or by its own member: is it theirs?"""
    owner = await dialog.load("who", linking.who, code)
    if owner is None:
        await dialog.say(text("linking.code_over"))
        return None
    options = [Option("link_yes"), Option("link_no")]
    if await dialog.choose("sure", text("linking.sure_join", **owner, moving=moving), options) == "link_no":
        await _declined(dialog, code)
        return None
    linked = await dialog.commit("join", linking.join, code, shown_at)
    if linked["problem"]:
        await dialog.say(text("linking.no_room" if linked["problem"] == "full" else "linking.code_over"))
        return None
    return await _linked(dialog, linked, moving)


async def link_merge(dialog: Dialog, code: str, shown_at: int) -> Go | None:
    """A code was typed by another member: both are shown, and become one if they are one person."""
    pair = await dialog.load("pair", merging.pair, code)
    if pair is None:
        await dialog.say(text("linking.code_over"))
        return None
    unit, prefs = pair["unit"], pair["prefs"]
    await dialog.say(text("linking.both", here=_person(pair["here"]["known"]), there=_person(pair["there"]["known"])))
    if pair["ask_unit"]:
        options = [Option(side, label=shown["known"]["unit"]) for side, shown in _sides(pair).items()]
        unit = await dialog.choose("unit", text("linking.which_unit"), [*options, Option("link_no")])
    if pair["ask_prefs"] and unit != "link_no":
        prompt = text("linking.which_prefs", here=_habits(pair["here"]), there=_habits(pair["there"]))
        options = [Option(HERE, word="keep_here"), Option(THERE, word="keep_there"), Option("link_no")]
        prefs = await dialog.choose("prefs", prompt, options)
    if "link_no" in (unit, prefs):
        await _declined(dialog, code)
        return None
    prompt, step = _summary(pair, unit, prefs), 0
    while True:
        step += 1
        if await dialog.choose(f"sure:{step}", prompt, [Option("merge_yes"), Option("link_no")]) == "link_no":
            await _declined(dialog, code)
            return None
        linked = await dialog.commit(f"merge:{step}", merging.merge, code, shown_at, unit, prefs)
        if linked["problem"] != "busy":
            break
        prompt = text("linking.busy")
    if linked["problem"]:
        await dialog.say(text("linking.code_over"))
        return None
    return await _linked(dialog, linked, pair["moving"])


def _sides(pair: Pair) -> dict[str, Side]:
    return {HERE: pair["here"], THERE: pair["there"]}


def _person(known: Known) -> Text:
    return text("linking.person", **known)


def _habits(side: Side, other: Side | None = None) -> Text:
    """How one side is spoken and written to; what it leaves open is as on the other."""
    mine, others = side["prefers"], (other or side)["prefers"]
    return text(
        "linking.habits",
        form=mine["form"] or others["form"],
        name=mine["name"] or others["name"],
        slot=mine["slot"] or others["slot"],
        quiet=mine["quiet"],
    )


def _summary(pair: Pair, unit: str, prefs: str) -> Text:
    return text(
        "linking.sure_merge",
        habits=_habits(_sides(pair)[prefs], _sides(pair)[THERE if prefs == HERE else HERE]),
        unit=_sides(pair)[unit]["known"]["unit"],
        lost=pair["lost"],
        left=pair["here"]["known"]["left"],
        moving=pair["moving"],
    )


async def _declined(dialog: Dialog, code: str) -> None:
    """Two people, or not now: nothing changes, and the code is used up."""
    await dialog.commit("decline", linking.decline, code)
    await dialog.say(text("linking.declined"))


async def _linked(dialog: Dialog, linked: Linked, moving: bool) -> Go | None:
    """Said at the end, and the way to a unit that still exists."""
    await dialog.say(text("linking.moved" if moving else "linking.linked", **linked))
    if linked["ended"]:
        await dialog.say(text("linking.unit_ended", unit=linked["ended"]))
        return Go("unit", {})
    return None


def _here(mine: list[Place]) -> str:
    return next((place["label"] for place in mine if place["here"]), "")


def _options(mine: list[Place]) -> list[Option]:
    return [Option(str(place["id"]), label=place["label"]) for place in mine]


FLOWS = (
    Flow("places", places, commands=("noi",), word="places", resumable=False),
    Flow("link", link, word="link", resumable=False),
    Flow("move", move, word="move", resumable=False),
    Flow("push_place", push_place, word="push_place", resumable=False),
    Flow("drop_place", drop_place, word="drop_place", resumable=False),
    Flow("link_join", link_join, open_to="anyone"),
    Flow("link_merge", link_merge),
)

"""An officer confirms newcomers: all in one message, or one by one."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import newcomers


async def confirm_newcomers(dialog: Dialog) -> None:
    """List who waits; confirm them or turn them away."""
    waiting = await dialog.load("waiting", newcomers.waiting)
    people = waiting["people"]
    if not people:
        await dialog.say(text("officer.nobody_waits"))
        return
    options = [Option("confirm_all"), Option("one_by_one"), Option("later")]
    what = await dialog.choose("what", text("officer.newcomers", people=people, count=waiting["count"]), options)
    if what == "confirm_all":
        count = await dialog.commit("all", newcomers.confirm, [person["id"] for person in people])
        await dialog.say(text("officer.confirmed", count=count))
        return
    for person in people if what == "one_by_one" else ():
        id = person["id"]
        prompt = text("officer.newcomer", name=person["name"], unit=person["unit"])
        options = [Option("confirm_one"), Option("not_ours"), Option("skip"), Option("stop_here")]
        decision = await dialog.choose(f"one:{id}", prompt, options)
        if decision == "confirm_one":
            count = await dialog.commit(f"confirm:{id}", newcomers.confirm, [id])
            await dialog.say(text("officer.confirmed", count=count))
        elif decision == "not_ours":
            gone = await dialog.commit(f"away:{id}", newcomers.turn_away, id)
            await dialog.say(text("officer.turned_away_done" if gone else "administration.dealt_with"))
        elif decision == "stop_here":
            break
    await dialog.say(text("officer.newcomers_end"))


FLOWS = (
    Flow(
        "newcomers",
        confirm_newcomers,
        commands=("xacnhan",),
        word="newcomers",
        open_to="role",
        resumable=False,
    ),
)

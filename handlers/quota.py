"""Plans with a quota: administrators see what is used; newcomers beyond the number of users may wait."""

from bot.dialog import Dialog, Flow, Go
from bot.domain.prompts import Option, text
from bot.services import quota
from bot.services import waiting as places


async def overview(dialog: Dialog) -> None:
    """What is used of every plan."""
    used = await dialog.load("used", quota.overview)
    if used is None:
        await dialog.say(text("errors.no_right"))
        return
    await dialog.say(text("quota.overview", **used))


async def waiting(dialog: Dialog) -> Go | None:
    """No place for a newcomer: other ways in, and the waiting list."""
    offer = await dialog.load("offer", places.offer)
    if offer is None:
        return Go("start", {})
    if offer["since"]:
        still = await dialog.choose(
            "still", text("quota.still_full", **offer), [Option("keep_waiting"), Option("stop_waiting")]
        )
        if still == "keep_waiting":
            await dialog.say(text("quota.listed"))
            return None
        await dialog.commit("stop", places.stop_waiting)
        await dialog.say(text("welcome.declined"))
        return None
    wish = await dialog.choose("wish", text("quota.full", **offer), [Option("wait_yes"), Option("wait_no")])
    if wish == "wait_yes":
        await dialog.commit("wait", places.wait)
        await dialog.say(text("quota.listed"))
    else:
        await dialog.commit("decline", places.stop_waiting)
        await dialog.say(text("welcome.declined"))
    return None


FLOWS = (
    Flow("quota", overview, word="quota", open_to="role", resumable=False),
    Flow("waiting", waiting, open_to="anyone"),
)

"""An officer confirms, moves or turns away newcomers: many in one message, or one by one."""

from typing import Any

from bot.dialog import Answer, Dialog, Flow, Go
from bot.domain.prompts import Option, Text, text
from bot.services import newcomer_orders, newcomers
from bot.services.newcomer_orders import MOVE, Order
from bot.services.newcomers import Newcomer
from bot.vietnamese import quote


async def confirm_newcomers(dialog: Dialog, typed: str = "") -> Go | None:
    """List who waits; do what one message says about them. `typed` is such a message that was written already."""
    waiting = await dialog.load("waiting", newcomers.waiting)
    people = waiting["people"]
    if not people:
        await dialog.say(text("officer.nobody_waits"))
        return None
    listed = text("officer.newcomers", people=people, count=waiting["count"])
    prompt, step, options = text("officer.newcomers_how", waiting=listed), 0, _options()
    while True:
        step += 1
        what = typed or await dialog.ask(f"what:{step}", prompt, _typed, options=options, numbered=False)
        typed = ""
        if what == "one_by_one":
            await _one_by_one(dialog, people)
            return None
        if what == "later":
            await dialog.say(text("officer.newcomers_end"))
            return None
        if what == "confirm_all":
            count = await dialog.commit("all", newcomers.confirm, [person["id"] for person in people])
            await dialog.say(text("officer.confirmed", count=count))
            break
        problem = await _orders(dialog, step, people, what)
        if problem is None:
            break
        prompt = problem
    return Go("newcomers", {}) if waiting["count"] > len(people) else None


def _options() -> list[Option]:
    return [Option("confirm_all"), Option("one_by_one"), Option("later")]


async def _orders(dialog: Dialog, step: int, people: list[Newcomer], typed: str) -> Text | None:
    """Read one message, show it again, carry it out; returns what to ask instead when that did not come to pass."""
    read = await dialog.load(f"read:{step}", newcomer_orders.read, len(people), typed)
    orders = read["orders"]
    if not orders:
        about, limit = quote(read["about"]), newcomer_orders.LONGEST
        return text(f"officer.order_{read['problem'] or 'unclear'}", about=about, count=len(people), limit=limit)
    places: list[dict[str, Any]] = []
    for number, order in enumerate(orders):
        place = await _place(dialog, f"{step}:{number}", order)
        if place is None:
            return text("officer.order_no_place", quoted=quote(order["unit"]))
        places.append(place)
    shown = [
        {"what": order["what"], "names": [_called(people, index) for index in order["who"]], **place}
        for order, place in zip(orders, places, strict=True)
    ]
    summary = text("officer.order_summary", orders=shown)
    if await dialog.choose(f"sure:{step}", summary, [Option("do_it"), Option("fix_it")]) == "fix_it":
        listed = text("officer.newcomers", people=people, count=len(people))
        return text("officer.newcomers_how", waiting=listed)
    destinations = [place["unit"] for place in places]
    done = await dialog.commit(f"do:{step}", newcomer_orders.carry_out, people, orders, destinations)
    await dialog.say(text("officer.orders_done", done=done))
    return None


async def _place(dialog: Dialog, key: str, order: Order) -> dict[str, Any] | None:
    """Where the people of an order go; None for a name that no unit has."""
    if order["what"] != MOVE:
        return {"unit": 0, "place": "", "beyond": False}
    found = await dialog.load(f"places:{key}", newcomer_orders.places, order["unit"])
    listed = found["units"]
    if not listed:
        return None
    unit, name = listed[0]
    if len(listed) > 1:
        options = [Option(str(id), label=shown) for id, shown in listed]
        prompt = text("officer.order_place", quoted=quote(order["unit"]))
        chosen = await dialog.choose(f"place:{key}", prompt, options)
        unit, name = next((id, shown) for id, shown in listed if str(id) == chosen)
    return {"unit": unit, "place": name, "beyond": found["beyond"]}


def _called(people: list[Newcomer], index: int) -> str:
    return f"{index + 1}. {people[index]['name']}" if people[index]["name"] else str(index + 1)


async def _one_by_one(dialog: Dialog, people: list[Newcomer]) -> None:
    for person in people:
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


def _typed(answer: Answer) -> str:
    return answer.text[: newcomer_orders.LONGEST + 1]


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

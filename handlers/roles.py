"""What one was given to do: seen, lent to a deputy, handed over; administrators see and renew everybody's."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, Text, text
from bot.services import audit_log as acts
from bot.services import offers, role_files, roster, terms
from bot.services.offers import Person
from bot.vietnamese import format_date, parse_date, quote

Search = tuple[Any, tuple[Any, ...]]


async def my_roles(dialog: Dialog) -> Go | None:
    """One's own roles, and what can be done with them."""
    mine = await dialog.load("mine", terms.mine)
    if not mine:
        await dialog.say(text("roles.none"))
        return None
    shown = [text("roles.one", role=role) for role in mine]
    deputies = [deputy for role in mine for deputy in role["deputies"]]
    lend = await dialog.load("lend", offers.to_deputise)
    options = [Option("deputise")] if lend else []
    options += [Option("end_deputy")] if deputies else []
    what = await dialog.choose("what", text("roles.mine", shown=shown), [*options, Option("handover"), Option("later")])
    if what == "end_deputy":
        people = [Option(str(id), label=name) for id, name, _ in deputies]
        chosen = await dialog.choose("deputy", text("roles.which"), people)
        done = await dialog.commit("end", offers.end_deputy, int(chosen))
        await dialog.say(text("roles.deputy_over" if done else "administration.dealt_with"))
        return None
    return Go(what, {}) if what != "later" else None


async def deputise(dialog: Dialog) -> None:
    """Ask somebody to stand in for a role, over its unit or part of it, for a time."""
    lend = await dialog.load("lend", offers.to_deputise)
    if not lend:
        await dialog.say(text("errors.no_right"))
        return
    duty = lend[0]
    if len(lend) > 1:
        options = [Option(str(d["id"]), label=f"{d['role']}, {d['unit']}") for d in lend]
        chosen = await dialog.choose("which", text("roles.which"), options)
        duty = next(d for d in lend if str(d["id"]) == chosen)
    unit = await _part(dialog, duty["unit_id"])
    person = await _person(dialog, "who", text("roles.person"), (offers.find_person, ([duty["unit_id"]],)))
    latest = await dialog.load("latest", offers.last_day, duty["id"])
    until = await dialog.ask("until", text("roles.deputy_until", latest=_shown(latest)), _until_by(latest))
    done = await dialog.commit("offer", offers.deputise, duty["id"], person["id"], unit, until)
    await dialog.say(text("roles.offered" if done else "roles.not_offered"))


async def handover(dialog: Dialog, other: bool = False) -> None:
    """Hand everything over to a successor: one's own, or for an administrator somebody else's."""
    holder = 0
    if other:
        holder = (await _person(dialog, "holder", text("roles.holder"), (offers.find_holder, ())))["id"]
    handed = await dialog.load("handed", offers.to_hand, holder)
    if handed is None:
        await dialog.say(text("errors.no_right"))
        return
    where = await dialog.load("where", offers.successors_in, holder)
    person = await _person(dialog, "who", text("roles.person"), (offers.find_person, (where,)))
    prompt = text("roles.sure_handover", handed=handed, successor=person["name"])
    if await dialog.choose("sure", prompt, [Option("offer_it"), Option("cancel")]) == "cancel":
        await dialog.say(text("administration.kept"))
        return
    done = await dialog.commit("offer", offers.offer_handover, holder, person["id"])
    await dialog.say(text("roles.offered" if done else "roles.not_offered"))


async def role_list(dialog: Dialog) -> Go | None:
    """Who holds what, page by page; renew one, or hand over for who left."""
    skip = 0
    while True:
        page = await dialog.load(f"page:{skip}", terms.under, skip)
        if not page["roles"]:
            await dialog.say(text("administration.no_roles"))
            return None
        options = [Option(str(r["id"]), label=f"{r['holder']} – {r['role']}") for r in page["roles"]]
        options += [Option("more", word="list_more")] if page["more"] else []
        options += [Option("handover_other"), Option("as_file"), Option("later")]
        chosen = await dialog.choose(f"which:{skip}", text("roles.list", roles=page["roles"]), options)
        if chosen == "later":
            return None
        if chosen == "as_file":
            await _file(dialog, role_files.send_roles)
            return None
        if chosen == "handover_other":
            return Go("handover", {"other": True})
        if chosen != "more":
            return Go("renew_role", {"role": int(chosen)})
        skip += terms.SHOWN


async def audit_log(dialog: Dialog) -> None:
    """What staff did, page by page."""
    skip, chosen = 0, "more"
    while chosen == "more":
        page = await dialog.load(f"page:{skip}", acts.page, skip)
        shown = text("roles.log", entries=page["entries"])
        if not page["entries"]:
            await dialog.say(shown)
            return
        options = [Option("more", word="list_more")] if page["more"] else []
        chosen = await dialog.choose(f"on:{skip}", shown, [*options, Option("as_file"), Option("later")])
        skip += acts.SHOWN
    if chosen == "as_file":
        await _file(dialog, role_files.send_acts)


async def _file(dialog: Dialog, send: Callable[[Any], int]) -> None:
    count = await dialog.commit("file", send)
    await dialog.say(text("roles.file", count=count) if count else text("errors.no_right"))


async def renew_role(dialog: Dialog, role: int) -> None:
    """A new term for a role."""
    listed = await dialog.load("role", terms.to_renew, role)
    if listed is None:
        await dialog.say(text("errors.no_right"))
        return
    until = await dialog.ask("until", text("roles.renew_until", role=listed), _until, options=[Option("no_end")])
    done = await dialog.commit("renew", terms.renew, role, "" if until == "no_end" else until)
    await dialog.say(text("roles.renewed" if done else "administration.dealt_with"))


async def _part(dialog: Dialog, unit: int) -> int:
    """The unit itself, or one below it found by part of its name."""
    found: list[tuple[int, str]] = []
    prompt, step = text("roles.where"), 0
    while True:
        step += 1
        options = [Option("whole_unit"), *(Option(str(id), label=name) for id, name in found)]
        answer = await dialog.ask(f"part:{step}", prompt, _typed, options=options)
        if answer == "whole_unit":
            return unit
        if answer in [str(id) for id, _ in found]:
            return int(answer)
        found = await dialog.load(f"part:found:{step}", roster.find_within, [unit], answer)
        quoted = quote(answer)
        prompt = text("officer.who_found") if found else text("officer.who_nothing", quoted=quoted)


async def _person(dialog: Dialog, key: str, prompt: Text, search: Search) -> Person:
    """Somebody found by part of their name: `search` is a service with what it takes before the typed name."""
    function, args = search
    found: list[Person] = []
    step = 0
    while True:
        step += 1
        options = [Option(str(p["id"]), label=f"{p['name']}, {p['unit']}") for p in found]
        answer = await dialog.ask(f"{key}:{step}", prompt, _typed, options=options)
        for person in found:
            if answer == str(person["id"]):
                return person
        found = await dialog.load(f"{key}:found:{step}", function, *args, answer)
        prompt = text("roles.person_which") if found else text("roles.person_nobody", quoted=quote(answer))


def _typed(answer: Answer) -> str:
    return answer.text[:120]


def _until(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today, "future")
    if day is None or day < answer.today:
        return Invalid(text("administration.bad_until"))
    return day.isoformat()


def _until_by(latest: str) -> Callable[[Answer], str | Invalid]:
    def parse(answer: Answer) -> str | Invalid:
        day = parse_date(answer.text, answer.today, "future")
        if day is None or day < answer.today:
            return Invalid(text("roles.bad_deputy_until"))
        late = day.isoformat() > latest
        return Invalid(text("roles.late_deputy_until", latest=_shown(latest))) if late else day.isoformat()

    return parse


def _shown(day: str) -> str:
    return format_date(date.fromisoformat(day))


FLOWS = (
    Flow("my_roles", my_roles, commands=("viecduocgiao",), word="my_roles", open_to="role", resumable=False),
    Flow("deputise", deputise, word="deputise", open_to="role", resumable=False),
    Flow("handover", handover, commands=("bangiao",), word="handover", open_to="role", resumable=False),
    Flow("role_list", role_list, word="role_list", open_to="role", resumable=False),
    Flow("audit_log", audit_log, commands=("nhatky",), word="audit_log", open_to="role", resumable=False),
    Flow("renew_role", renew_role, open_to="role", resumable=False),
)

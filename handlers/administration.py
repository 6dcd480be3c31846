"""Administrators find units for members and give or take back roles; officers leave their phone."""

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.people import RoleKind
from bot.domain.prompts import Option, Text, text
from bot.services import administration, roster
from bot.services.administration import Grant
from bot.vietnamese import parse_date, parse_phone, quote, show_phone

TITLE_LIMIT = 60


async def assign_units(dialog: Dialog) -> None:
    """One by one, the members who did not find their unit."""
    seekers = await dialog.load("seekers", administration.seekers)
    if not seekers:
        await dialog.say(text("administration.nobody_seeks"))
        return
    roots = await dialog.load("roots", administration.admin_roots)
    for seeker in seekers:
        id = seeker["id"]
        prompt = text("administration.seeker", name=seeker["name"], description=seeker["description"])
        options = [Option("skip"), Option("stop_here")]
        chosen, name = await _unit(dialog, f"unit:{id}", prompt, roots, options)
        if chosen == "stop_here":
            break
        if chosen == "skip":
            continue
        done = await dialog.commit(f"assign:{id}", administration.assign, id, int(chosen))
        await dialog.say(text("administration.assigned_done", unit=name) if done else text("administration.dealt_with"))
    await dialog.say(text("administration.seekers_end"))


async def grant_role(dialog: Dialog) -> None:
    """Make a one-time code for a role over a unit."""
    roots = await dialog.load("roots", administration.admin_roots)
    if not roots:
        await dialog.say(text("errors.no_right"))
        return
    kinds = [Option(kind.value, f"role_{kind.value}") for kind in RoleKind]
    kind = await dialog.choose("kind", text("administration.which_role"), kinds)
    unit, name = await _unit(dialog, "unit", text("administration.which_unit"), roots, [])
    title = ""
    if kind == RoleKind.OFFICER:
        known = await dialog.load("titles", administration.titles)
        options = [Option(str(number), label=label) for number, label in enumerate(known)]
        title = await dialog.ask("title", text("administration.which_title"), _title, options=options)
        title = known[int(title)] if title.isdecimal() and int(title) < len(known) else title
    until = await dialog.ask("until", text("administration.until"), _until, options=[Option("no_end")])
    grant = Grant(kind=kind, unit=int(unit), title=title, until="" if until == "no_end" else until)
    issued = await dialog.commit("issue", administration.issue_role_code, grant)
    if issued is None:
        await dialog.say(text("errors.no_right"))
    else:
        await dialog.say(text("administration.role_code", code=issued["code"], role=issued["role"], unit=name))


async def revoke_role(dialog: Dialog) -> None:
    """Take a role back."""
    skip, chosen, held = 0, "more", []
    while chosen == "more":
        page = await dialog.load(f"held:{skip}", administration.held_roles, skip)
        held = page["roles"]
        if not held:
            await dialog.say(text("administration.no_roles"))
            return
        options = [Option(str(role["id"]), label=f"{role['holder']} – {role['role']}") for role in held]
        options += [Option("more", word="list_more")] if page["more"] else []
        chosen = await dialog.choose(f"which:{skip}", text("administration.roles", roles=held), options)
        skip += administration.ROLES_SHOWN
    role = next(role for role in held if str(role["id"]) == chosen)
    prompt = text("administration.sure_revoke", holder=role["holder"], role=role["role"], unit=role["unit"])
    if await dialog.choose("sure", prompt, [Option("end_role"), Option("keep_role")]) == "keep_role":
        await dialog.say(text("administration.kept"))
        return
    done = await dialog.commit("revoke", administration.revoke, role["id"])
    await dialog.say(text("administration.revoked" if done else "administration.dealt_with"))


async def my_phone(dialog: Dialog) -> None:
    """An officer's phone, and whether members may see it."""
    phone = await dialog.ask("phone", text("administration.ask_phone"), _phone, options=[Option("skip")])
    if phone == "skip":
        await dialog.say(text("administration.no_phone"))
        return
    prompt = text("administration.show_phone", phone=show_phone(phone))
    shown = await dialog.choose("shown", prompt, [Option("yes"), Option("no")]) == "yes"
    await dialog.commit("save", administration.set_phone, phone, shown)
    await dialog.say(text("administration.phone_shown" if shown else "administration.phone_hidden"))


async def _unit(dialog: Dialog, key: str, prompt: Text, roots: list[int], options: list[Option]) -> tuple[str, str]:
    """A unit found by part of its name: (id, name); or one of `options` chosen instead: (its id, "")."""
    found: list[tuple[int, str]] = []
    step = 0
    while True:
        step += 1
        units = [Option(str(id), label=name) for id, name in found]
        answer = await dialog.ask(f"{key}:{step}", prompt, _typed, options=[*units, *options])
        if answer in [option.id for option in options]:
            return answer, ""
        if answer in [option.id for option in units]:
            return answer, {str(id): name for id, name in found}[answer]
        found = await dialog.load(f"{key}:found:{step}", roster.find_within, roots, answer)
        prompt = (
            text("administration.unit_found") if found else text("administration.unit_nothing", quoted=quote(answer))
        )


def _typed(answer: Answer) -> str:
    return answer.text[:120]


def _title(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > TITLE_LIMIT or "\n" in answer.text:
        return Invalid(text("errors.too_long", limit=TITLE_LIMIT))
    return answer.text


def _until(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today, "future")
    if day is None or day < answer.today:
        return Invalid(text("administration.bad_until"))
    return day.isoformat()


def _phone(answer: Answer) -> str | Invalid:
    phone = parse_phone(answer.text)
    return Invalid(text("administration.bad_phone")) if phone is None else phone


FLOWS = (
    Flow("assign_units", assign_units, commands=("gandonvi",), word="assign_units", open_to="role", resumable=False),
    Flow("grant_role", grant_role, word="grant_role", open_to="role", resumable=False),
    Flow("revoke_role", revoke_role, word="revoke_role", open_to="role", resumable=False),
    Flow("my_phone", my_phone, word="my_phone", open_to="role", resumable=False),
)

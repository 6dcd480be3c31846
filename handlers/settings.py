"""Settings: how one is addressed, when one is written to, whether at all."""

from datetime import timedelta

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.prompts import Option, text
from bot.services import joining, listening, preferences, role_ends, works
from bot.vietnamese import parse_date, parse_period, tidy_name

SLOTS = ("morning", "noon", "evening", "none")
STANDINGS = ("member", "worker", "former")


async def settings(dialog: Dialog) -> Go:
    """What is set now, and what may be changed."""
    now = await dialog.load("now", preferences.current)
    work = await dialog.load("work", works.current)
    heard = await dialog.load("language", listening.current)
    options = [Option(name) for name in ("set_form", "set_hour", "set_quiet", "set_pause")]
    options += [
        Option("unit", word="change_unit"),
        Option("set_standing"),
        *([Option("set_work")] if work["offered"] else []),
        *([Option("set_language")] if heard["offered"] else []),
        Option("places"),
        Option("my_data"),
        Option("erase"),
    ]
    options.append(Option("rejoin" if now["left"] else "leave"))
    flow = await dialog.choose(
        "what", text("settings.list", work=work["work"], language=heard["language"], **now), options
    )
    return Go(flow, {"then": "settings"} if flow == "unit" else {})


async def set_form(dialog: Dialog) -> Go:
    """How to be addressed, then the name."""
    now = await dialog.load("now", preferences.current)
    forms = [Option(form, word=f"form_{form}") for form in joining.FORMS]
    form = await dialog.choose("form", text("welcome.ask_form"), forms)
    shown = await dialog.load("shown", joining.form_shown, form)
    keep = Option("keep", word="keep_name") if now["name"] else Option("skip")
    name = await dialog.ask("name", text("settings.ask_name", form=shown, now=now["name"]), _name, options=[keep])
    await dialog.commit("set_form", joining.set_form, form)
    if name not in ("keep", "skip"):
        await dialog.commit("set_name", joining.set_profile, "name", name)
    await dialog.say(text("settings.form_set"))
    return Go("settings", {})


async def set_hour(dialog: Dialog) -> Go:
    """When the day's piece comes."""
    options = [Option(slot, word=f"slot_{slot}") for slot in SLOTS]
    slot = await dialog.choose("hour", text("welcome.ask_hour"), options)
    chosen = await dialog.commit("set_slot", preferences.set_slot, slot)
    await dialog.say(text("settings.hour_set", **chosen))
    return Go("settings", {})


async def set_quiet(dialog: Dialog) -> Go:
    """When nothing unasked may come."""
    usual = await dialog.load("usual", preferences.usual_quiet)
    options = [
        Option("usual", word="quiet_usual", params={"hours": usual["shown"]}),
        Option("none", word="quiet_none"),
        Option("keep", word="keep_name"),
    ]
    period = await dialog.ask("period", text("settings.ask_quiet"), _period, options=options)
    if period == "keep":
        return Go("settings", {})
    named = {"usual": (usual["start"], usual["end"]), "none": (0, 0)}
    start, end = named[period] if isinstance(period, str) else period
    quiet = await dialog.commit("set_quiet", preferences.set_quiet, start, end)
    await dialog.say(text("settings.quiet_set", quiet=quiet))
    return Go("settings", {})


async def set_pause(dialog: Dialog) -> Go:
    """Rest until a date, or end a rest."""
    now = await dialog.load("now", preferences.current)
    options = [*([Option("again", word="receive_again")] if now["paused"] else []), Option("keep", word="keep_name")]
    until = await dialog.ask("until", text("settings.ask_pause", paused=now["paused"]), _until, options=options)
    if until == "again":
        await dialog.commit("end_pause", preferences.end_pause)
        await dialog.say(text("settings.pause_ended"))
    elif until != "keep":
        day = await dialog.commit("pause", preferences.pause, until)
        await dialog.say(text("settings.paused", until=day))
    return Go("settings", {})


async def set_standing(dialog: Dialog) -> Go:
    """What one is to the union."""
    options = [Option(standing, word=f"standing_{standing}") for standing in STANDINGS]
    standing = await dialog.choose("standing", text("settings.ask_standing"), options)
    shown = await dialog.commit("set_standing", preferences.set_standing, standing)
    await dialog.say(text("settings.standing_set", standing=shown))
    return Go("settings", {})


async def set_work(dialog: Dialog) -> Go:
    """The kind of work suggestions are about, or none."""
    now = await dialog.load("now", works.current)
    options = [Option(id, label=label) for id, label in now["offered"]]
    options += [*([Option("none", word="work_none")] if now["work"] else []), Option("keep", word="keep_name")]
    work = await dialog.choose("work", text("settings.ask_work", work=now["work"]), options)
    if work != "keep":
        chosen = await dialog.commit("set_work", works.choose, "" if work == "none" else work)
        await dialog.say(text("settings.work_set", work=chosen))
    return Go("settings", {})


async def set_language(dialog: Dialog) -> Go:
    """The language to listen in, or none."""
    now = await dialog.load("now", listening.current)
    options = [Option(id, label=name) for id, name in now["offered"]]
    options += [*([Option("none", word="language_none")] if now["language"] else []), Option("keep", word="keep_name")]
    language = await dialog.choose("language", text("listening.ask", language=now["language"]), options)
    if language != "keep":
        chosen = await dialog.commit("set_language", listening.choose, "" if language == "none" else language)
        await dialog.say(text("listening.chosen", language=chosen))
    return Go("settings", {})


async def leave(dialog: Dialog) -> None:
    """Nothing unasked comes any more; what is kept stays."""
    now = await dialog.load("now", preferences.current)
    if now["left"]:
        await dialog.say(text("settings.left_already"))
        return
    sure = await dialog.choose("sure", text("settings.ask_leave"), [Option("leave_yes"), Option("leave_no")])
    if sure == "leave_no":
        await dialog.say(text("settings.stayed"))
        return
    await dialog.commit("leave", role_ends.leave)
    await dialog.say(text("settings.left"))


async def rejoin(dialog: Dialog) -> Go:
    """Back through the door: consent is asked again."""
    return Go("start", {})


def _name(answer: Answer) -> str | Invalid:
    name = tidy_name(answer.text)
    return Invalid(text("welcome.bad_name")) if name is None else name


def _period(answer: Answer) -> tuple[int, int] | Invalid:
    period = parse_period(answer.text)
    return Invalid(text("settings.bad_period")) if period is None else period


def _until(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today, prefer="future")
    if day is None:
        return Invalid(text("settings.bad_date"))
    if not timedelta() <= day - answer.today <= preferences.LONGEST_PAUSE:
        return Invalid(text("settings.pause_range"))
    return day.isoformat()


FLOWS = (
    Flow("settings", settings, commands=("caidat",), word="settings", resumable=False),
    Flow("set_form", set_form, resumable=False),
    Flow("set_hour", set_hour, word="set_hour", resumable=False),
    Flow("set_quiet", set_quiet, word="set_quiet", resumable=False),
    Flow("set_pause", set_pause, word="set_pause", resumable=False),
    Flow("set_standing", set_standing, word="set_standing", resumable=False),
    Flow("set_work", set_work, word="set_work", resumable=False),
    Flow("set_language", set_language, word="set_language", resumable=False),
    Flow("leave", leave, commands=("ngung",), word="leave", resumable=False),
    Flow("rejoin", rejoin, word="rejoin", resumable=False),
)

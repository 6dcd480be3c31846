"""A unit ends or is merged: decided with the numbers in view, each member asked, done on the day, undone until then."""

from dataclasses import replace
from datetime import date
from typing import Final, TypedDict

from bot.channels.render import plain
from bot.domain.lanes import Lane
from bot.domain.messages import Button
from bot.domain.prompts import Option, Text, text
from bot.domain.time import DAY, after_quiet
from bot.services import access, joining, newcomers, nominations, posting, preferences, roster
from bot.services.daily import why_button
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import installation, members, unit_endings, units
from bot.storage import roster as rows
from bot.storage.unit_endings import Asked, Ending
from bot.vietnamese import format_date

SLICE: Final = 50
REMINDED_AFTER: Final = 2 * DAY
TOLD_FOR: Final = 7 * DAY


class Decision(TypedDict):
    """What is to be decided; `successor` is 0 when the unit ends without one, `last_day` an ISO date."""

    unit: int
    successor: int
    last_day: str


class Numbers(TypedDict):
    """What a decision means. `problem`: "", or why it cannot be made: right, top, twice, under, level, gone, past."""

    problem: str
    unit: str
    successor: str
    last_day: str
    under: int
    moved: int
    people: int
    roles: int
    deeds: int


class Standing(TypedDict):
    """A decision that may still be taken back, in words."""

    id: int
    unit: str
    successor: str
    last_day: str


def duties(turn: Turn) -> list[str]:
    """What the acting person may do to the tree, as flow names."""
    may = ["end_unit", "export_units"] if access.is_admin(turn) else []
    return [*may, "import_units"] if access.access_tree(turn) else may


def standing(turn: Turn) -> list[Standing]:
    """Decisions over the acting administrator's units that may still be taken back."""
    mine = [e for e in unit_endings.in_state(turn.tx, "set") if access.access_unit_by_admin(turn, e.unit_id)]
    return [_shown(turn, ending) for ending in mine if ending.last_day >= turn.today.isoformat()]


def _shown(turn: Turn, ending: Ending) -> Standing:
    return Standing(
        id=ending.id,
        unit=_name(turn, ending.unit_id),
        successor=_name(turn, ending.successor_id),
        last_day=format_date(date.fromisoformat(ending.last_day)),
    )


def _name(turn: Turn, unit_id: int | None) -> str:
    unit = units.by_id(turn.tx, unit_id) if unit_id else None
    return unit.name if unit is not None else ""


def numbers(turn: Turn, decision: Decision) -> Numbers:
    """What it would mean, before anything is done."""
    covered = _covered(turn, decision)
    people, roles, deeds = unit_endings.counts(turn.tx, covered, turn.now)
    under = len(unit_endings.below(turn.tx, decision["unit"])) - 1
    return Numbers(
        problem=_problem(turn, decision),
        unit=_name(turn, decision["unit"]),
        successor=_name(turn, decision["successor"]),
        last_day=format_date(date.fromisoformat(decision["last_day"])),
        under=0 if decision["successor"] else under,
        moved=under if decision["successor"] else 0,
        people=people,
        roles=roles,
        deeds=deeds,
    )


def _covered(turn: Turn, decision: Decision) -> list[int]:
    """A unit that ends takes those under it along; a merged one leaves them to its successor."""
    return [decision["unit"]] if decision["successor"] else unit_endings.below(turn.tx, decision["unit"])


def _problem(turn: Turn, decision: Decision) -> str:
    unit = units.by_id(turn.tx, decision["unit"])
    if unit is None or not access.access_unit_by_admin(turn, decision["unit"]):
        return "right"
    if unit.parent_id is None:
        return "top"
    if not unit.exists_on(turn.today) or date.fromisoformat(decision["last_day"]) < turn.today:
        return "past"
    if any(unit_endings.covering(turn.tx, id) is not None for id in unit_endings.below(turn.tx, unit.id)):
        return "twice"
    successor = units.by_id(turn.tx, decision["successor"]) if decision["successor"] else None
    if successor is None:
        return "gone" if decision["successor"] else ""
    if successor.id in unit_endings.below(turn.tx, unit.id):
        return "under"
    levels = {kind.id: kind.level for kind in turn.at.federation.unit_kinds}
    if levels.get(successor.kind, 0) > levels.get(unit.kind, 0):
        return "level"
    ends = successor.valid_until is not None and successor.valid_until.isoformat() <= decision["last_day"]
    return "gone" if ends or not successor.exists_on(turn.today) else ""


def decide(turn: Turn, decision: Decision) -> str:
    """Make the decision; its members are asked within minutes. Returns the problem, "" when it was made."""
    problem = _problem(turn, decision)
    if problem:
        return problem
    successor = decision["successor"] or None
    covered = _covered(turn, decision)
    id = unit_endings.add(turn.tx, decision["unit"], successor, decision["last_day"], covered, turn.me.id, turn.now)
    unit_endings.add_members(turn.tx, id)
    detail = f"{decision['last_day']} -> {successor or ''}"
    installation.record_audit(turn.tx, turn.now, turn.me.id, "unit_ending_decided", decision["unit"], detail)
    return ""


def take_back(turn: Turn, id: int) -> bool:
    """Take a decision back; False when it is over or not the acting administrator's."""
    ending = unit_endings.by_id(turn.tx, id)
    if ending is None or ending.state != "set" or ending.last_day < turn.today.isoformat():
        return False
    if not access.access_unit_by_admin(turn, ending.unit_id):
        return False
    unit_endings.revoke(turn.tx, ending, turn.now)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "unit_ending_revoked", ending.unit_id, str(id))
    return True


# -- what members answer


def pressed(turn: Turn, id: str, choice: str) -> Reply:
    """One of the choices under the question."""
    ending = _mine(turn, int(id) if id.isascii() and id.isdecimal() and len(id) < 12 else 0)
    if ending is None or choice not in ("move", "other", "stay", "leave"):
        return Reply((text("unit_ending.over"),))
    if choice == "other" or (choice == "move" and ending.successor_id is None):
        return Reply(flow="leaving_unit", args={"ending": ending.id})
    unit_endings.mark(turn.tx, ending.id, turn.me.id, answer=choice, target_id=None)
    if choice == "leave":
        preferences.leave(turn)
    shown = _shown(turn, ending)
    return Reply((text(f"unit_ending.answered_{choice}", unit=shown["successor"], last_day=shown["last_day"]),))


def _mine(turn: Turn, id: int) -> Ending | None:
    """A decision that stands and asks the acting member."""
    ending = unit_endings.by_id(turn.tx, id)
    if turn.member is None or ending is None or ending.state != "set" or ending.last_day < turn.today.isoformat():
        return None
    return ending if turn.me.unit_id in unit_endings.covered(turn.tx, id) else None


def find(turn: Turn, typed: str) -> list[tuple[int, str]]:
    """Units a member may move to, whose code or part of the name was typed."""
    found = joining.find_unit(turn, typed)["units"]
    return [(id, name) for id, name in found if unit_endings.covering(turn.tx, id) is None]


def choose(turn: Turn, id: int, unit_id: int) -> bool:
    """Where the acting member wants to go on the last day; False when it is over."""
    unit = units.by_id(turn.tx, unit_id)
    if _mine(turn, id) is None or unit is None or not unit.exists_on(turn.today):
        return False
    return unit_endings.mark(turn.tx, id, turn.me.id, answer="move", target_id=unit_id)


# -- what becomes due


def work(turn: Turn) -> bool:
    """Some of what is due: questions, a reminder, news of what was taken back, and the end itself. Whether more is."""
    for ending in unit_endings.in_state(turn.tx, "revoked"):
        if _tell_of_revocation(turn, ending):
            return True
    for ending in unit_endings.in_state(turn.tx, "set"):
        unit_endings.add_members(turn.tx, ending.id)
        over = ending.last_day < turn.today.isoformat()
        if _end(turn, ending) if over else _ask(turn, ending):
            return True
    return False


def _ask(turn: Turn, ending: Ending) -> bool:
    ids = unit_endings.unasked(turn.tx, ending.id, SLICE)
    for id in ids:
        unit_endings.mark(turn.tx, ending.id, id, asked_at=turn.now)
        _put_question(turn, ending, id, "ask")
    late = unit_endings.unanswered(turn.tx, ending.id, turn.now - REMINDED_AFTER, SLICE)
    for id in late:
        unit_endings.mark(turn.tx, ending.id, id, reminded=1)
        _put_question(turn, ending, id, "remind")
    return SLICE in (len(ids), len(late))


def _put_question(turn: Turn, ending: Ending, member_id: int, what: str) -> None:
    choices = [
        *([Option("move", word="ending_successor")] if ending.successor_id is not None else []),
        Option("other", word="ending_move"),
        Option("stay", word="ending_stay"),
        Option("leave", word="ending_leave"),
    ]
    buttons = [standing_button(turn, "uend", ending.id, option) for option in choices]
    shown = _shown(turn, ending)
    params = {"unit": shown["unit"], "successor": shown["successor"], "last_day": shown["last_day"]}
    _tell(turn, ending, member_id, text(f"unit_ending.{what}", **params), buttons)


def _tell(turn: Turn, ending: Ending, member_id: int, news: Text, buttons: list[Button]) -> None:
    member = members.by_id(turn.tx, member_id)
    if member is None:
        return
    awake = after_quiet(turn.now, member.quiet_from, member.quiet_to, turn.at.zone)
    origin = unit_endings.origin(ending.id)
    posting.push(
        turn,
        member_id,
        [news],
        [*buttons, why_button(turn, origin)],
        lane=Lane.ANNOUNCEMENT,
        origin=origin,
        valid_until=awake + TOLD_FOR,
        not_before=awake if awake > turn.now else 0,
    )


def _tell_of_revocation(turn: Turn, ending: Ending) -> bool:
    found = unit_endings.untold(turn.tx, ending.id, SLICE)
    for asked in found:
        unit_endings.mark(turn.tx, ending.id, asked.member_id, told=1)
        _tell(turn, ending, asked.member_id, text("unit_ending.revoked", unit=_name(turn, ending.unit_id)), [])
    return len(found) == SLICE


def _end(turn: Turn, ending: Ending) -> bool:
    """The last day is over: roles first, then members by slices, then the rest."""
    covered = unit_endings.covered(turn.tx, ending.id)
    _end_roles(turn, covered)
    found = unit_endings.untold(turn.tx, ending.id, SLICE)
    for asked in found:
        unit_endings.mark(turn.tx, ending.id, asked.member_id, told=1)
        _carry_out(turn, ending, covered, asked)
    if len(found) == SLICE:
        return True
    unit_endings.finish(turn.tx, ending)
    counted = unit_endings.answers(turn.tx, ending.id)
    detail = " ".join(f"{answer or 'none'}={count}" for answer, count in sorted(counted.items()))
    installation.record_audit(turn.tx, turn.now, None, "unit_ended", ending.unit_id, detail)
    nominations.escalate(turn)
    for id in roster.administrators(turn, ending.unit_id):
        silent = counted.get("", 0) if ending.successor_id is None else 0
        news = text("unit_ending.done", unit=_name(turn, ending.unit_id), silent=silent)
        roster.tell(turn, id, news, ("work", "work"), f"ended:{ending.id}")
    return False


def _end_roles(turn: Turn, covered: list[int]) -> None:
    for held in rows.roles_under(turn.tx, covered, turn.now):
        if held.unit_id not in covered:
            continue
        rows.revoke(turn.tx, held.id)
        installation.record_audit(turn.tx, turn.now, None, "role_ended", held.unit_id, f"{held.member_id} {held.kind}")
        role = held.title or turn.at.texts.words[f"role_{held.kind}"].show
        news = text("unit_ending.role_ended", role=role, unit=held.unit)
        roster.tell(turn, held.member_id, news, ("person", "person"), f"role:{held.id}")


def _carry_out(turn: Turn, ending: Ending, covered: list[int], asked: Asked) -> None:
    """What a member chose, or what holds for who did not answer; nothing for who moved on by themselves."""
    member = members.by_id(turn.tx, asked.member_id)
    if member is None or member.unit_id not in covered:
        return
    old = _name(turn, member.unit_id)
    target = asked.target_id or ending.successor_id
    unit = units.by_id(turn.tx, target) if target is not None else None
    if asked.answer in ("", "move") and unit is not None and unit.exists_on(turn.today):
        state = member.unit_state if asked.target_id is None else "pending"
        members.set_fields(turn.tx, member.id, unit_id=unit.id, unit_state=state)
        if state == "pending":
            newcomers.tell_officers(replace(turn, member=member), unit.id)
        news = text("unit_ending.moved", unit=old, successor=unit.name)
    elif asked.answer in ("stay", "leave"):
        standing = {"standing": "former"} if asked.answer == "stay" else {}
        members.set_fields(turn.tx, member.id, unit_id=None, unit_state="none", **standing)
        news = text("unit_ending.stayed", unit=old)
    else:
        members.set_fields(turn.tx, member.id, unit_id=None, unit_state="sought")
        about = plain(turn.render(text("unit_ending.was_in", unit=old)))
        members.put_unit_request(turn.tx, member.id, about, turn.now)
        news = text("unit_ending.without_unit", unit=old)
    _tell(turn, ending, member.id, news, [])

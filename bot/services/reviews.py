"""Reviewing introduced good deeds. Every decision is checked when it is taken, and audited without the deed's words."""

from typing import Final, TypedDict

from bot.domain.messages import Button, OutboundMedia
from bot.domain.prompts import Option, Text, text
from bot.domain.time import DAY
from bot.services import access, posting
from bot.services import nominations as deeds
from bot.services.review_levels import may_review, tell
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import installation, members, nominations, privacy
from bot.storage.nominations import Nomination

QUEUE_SHOWN: Final = 8
_STATES: Final = {"accept": "accepted", "keep": "kept", "not_now": "not_chosen", "not_good": "not_good"}


class Waiting(TypedDict):
    """A line of the queue; `days` it has waited here. Names are only in the nomination itself."""

    id: int
    code: str
    kind: str
    days: int


class Queue(TypedDict):
    """What waits for the acting reviewer, oldest first; `total` counts also what is not in `items`."""

    allowed: bool
    total: int
    items: list[Waiting]


class Case(TypedDict):
    """How a nomination stands for its reviewer. `problem` is "", no_right or late."""

    problem: str
    code: str
    unwritten: bool
    may_ask: bool


def access_nomination_by_reviewer(turn: Turn, nomination_id: int) -> Nomination | None:
    """The nomination, if the acting member may review it now: it lies at their level and is not about or by them."""
    nomination = nominations.by_id(turn.tx, nomination_id)
    if nomination is None or turn.member is None or nomination.level_id not in _my_units(turn):
        return None
    return nomination if may_review(turn.member, nomination) else None


def queue(turn: Turn) -> Queue:
    """What waits for the acting member."""
    mine = _my_units(turn)
    waiting = [n for n in nominations.waiting_at(turn.tx, mine) if may_review(turn.me, n)]
    items = [
        Waiting(id=n.id, code=n.code, kind=n.kind, days=max(0, (turn.now - n.moved_at) // DAY))
        for n in waiting[:QUEUE_SHOWN]
    ]
    return Queue(allowed=bool(mine), total=len(waiting), items=items)


def opened(turn: Turn, id: str, choice: str) -> Reply:
    """*Xem và xử lý* under the message about a new nomination."""
    number = int(id) if id.isdecimal() and len(id) <= 12 else 0
    if choice != "open" or access_nomination_by_reviewer(turn, number) is None:
        return Reply((text("errors.no_right"),))
    return Reply(flow="review", args={"nomination": number})


def show(turn: Turn, id: int) -> Case:
    """Send a nomination to the acting reviewer: its files, then its words. Nothing of it stays in the dialog."""
    nomination = access_nomination_by_reviewer(turn, id)
    if nomination is None or nomination.state != "waiting":
        return Case(problem="no_right" if nomination is None else "late", code="", unwritten=False, may_ask=False)
    address = turn.address
    assert address is not None
    files = nominations.files(turn.tx, id)
    usable = [f for f in files if f.state == "stored" or (f.state == "wanted" and f.account_id == address.account_id)]
    nominator = members.by_id(turn.tx, nomination.nominator_id or 0)
    told = text(
        "review.case",
        code=nomination.code,
        lines=[line for _, line in deeds.lines(deeds.facts_of(turn, nomination))],
        nominator=nominator.name if nominator else "",
        question=nomination.question,
        answer=nomination.answer,
        missing=len(files) - len(usable),
    )
    media = [OutboundMedia(f.kind, f.id, f.name) for f in usable]
    posting.reply(turn, address, [turn.render(told)], media=media, origin=nominations.origin(id))
    return Case(problem="", code=nomination.code, unwritten=nomination.unwritten, may_ask=not nomination.question)


def decide(turn: Turn, id: int, decision: str, reason: str) -> str:
    """Accept, keep, not now (with the reason), not a good deed; returns "" or the problem. The nominator hears it."""
    nomination = access_nomination_by_reviewer(turn, id)
    if nomination is not None and nomination.unwritten and decision != "not_good":
        return "unwritten"
    problem = _take(turn, nomination, _STATES[decision], reason=reason)
    if problem or nomination is None:
        return problem
    buttons: list[Button] = []
    if decision == "not_good":
        nominations.blank(turn.tx, id)
        privacy.want_wipe(turn.tx)
        buttons = [Button(turn.at.texts.spoken(Option("person")).label, "m:person")]
    _tell_nominator(turn, nomination, text(f"good_deed.heard_{decision}", code=nomination.code, reason=reason), buttons)
    return ""


def ask_more(turn: Turn, id: int, question: str) -> str:
    """One question to the nominator; returns "" or the problem."""
    nomination = access_nomination_by_reviewer(turn, id)
    if nomination is not None and nomination.question:
        return "late"
    problem = _take(turn, nomination, "asked", question=question)
    if not problem and nomination is not None:
        button = standing_button(turn, "voi", id, Option("answer", word="nomination_answer"))
        _tell_nominator(
            turn, nomination, text("good_deed.need_more", code=nomination.code, question=question), [button]
        )
    return problem


def write_down(turn: Turn, id: int, told: str) -> str:
    """Write a voice note down; the nominator confirms it. Returns "" or the problem."""
    nomination = access_nomination_by_reviewer(turn, id)
    if nomination is not None and not nomination.unwritten:
        return "late"
    problem = _take(turn, nomination, "confirm", told=told)
    if not problem and nomination is not None:
        options = (Option("yes", word="written_right"), Option("fix", word="written_wrong"))
        buttons = [standing_button(turn, "voi", id, option) for option in options]
        _tell_nominator(turn, nomination, text("good_deed.written", code=nomination.code, told=told), buttons)
    return problem


def _take(turn: Turn, nomination: Nomination | None, state: str, **fields: str) -> str:
    """Move a waiting nomination on; the first who does wins."""
    if nomination is None:
        return "no_right"
    if not nominations.change(turn.tx, nomination.id, ["waiting"], state=state, **fields):
        return "late"
    origin = nominations.origin(nomination.id)
    installation.record_audit(turn.tx, turn.now, turn.me.id, f"nomination_{state}", nomination.level_id, origin)
    return ""


def _tell_nominator(turn: Turn, nomination: Nomination, told: Text, buttons: list[Button]) -> None:
    if nomination.nominator_id is not None:
        tell(turn, nomination.nominator_id, told, buttons, nomination.id)


def _my_units(turn: Turn) -> list[int]:
    return [role.unit_id for role in access.roles(turn) if role.kind in access.REVIEWING]

"""Roles given by a list: offered to who is found, a one-time code for who is not there yet. Nobody gets one by name."""

from datetime import date
from typing import Final, TypedDict

from bot.domain.people import RoleKind
from bot.domain.prompts import text
from bot.services import access, administration, offers
from bot.services.administration import Grant
from bot.services.role_lists import ListedRole
from bot.services.turn import Turn
from bot.storage import installation, members, roles, units
from bot.vietnamese import format_date

CODE: Final = 0
NOBODY: Final = -1
"""Instead of a member: CODE makes a code, NOBODY leaves the line out."""


class Given(TypedDict):
    """What became of a line: `code` "" when it was offered; `done` False when it may not be any more."""

    name: str
    role: str
    unit: str
    code: str
    done: bool


def give(turn: Turn, lines: list[ListedRole], chosen: list[int]) -> list[Given]:
    """Offer each role, each checked again at this moment; `chosen` are members, or CODE, or NOBODY."""
    found = []
    for line, member_id in zip(lines, chosen, strict=True):
        if member_id == NOBODY:
            continue
        code, done = "", False
        if member_id == CODE:
            grant = Grant(kind=line["kind"], unit=line["unit"], title=line["title"], until=line["until"])
            issued = administration.issue_role_code(turn, grant)
            code, done = (issued["code"], True) if issued is not None else ("", False)
        else:
            done = _offer(turn, line, member_id)
        found.append(Given(name=line["name"], role=line["role"], unit=line["unit_name"], code=code, done=done))
    return found


def _offer(turn: Turn, line: ListedRole, member_id: int) -> bool:
    member, unit = members.by_id(turn.tx, member_id), units.by_id(turn.tx, line["unit"])
    if (
        member is None
        or unit is None
        or member_id == turn.me.id
        or line["kind"] not in list(RoleKind)
        or not unit.exists_on(turn.today)
        or not access.access_unit_by_admin(turn, unit.id)
        or (member.state, member.unit_state, member.unit_id) != ("active", "confirmed", unit.id)
        or roles.has_or_is_offered(turn.tx, member_id, unit.id, line["kind"], turn.now)
    ):
        return False
    id = offers.add(
        turn, "role", member_id, unit_id=unit.id, kind=line["kind"], title=line["title"], until=line["until"]
    )
    day = format_date(date.fromisoformat(line["until"])) if line["until"] else ""
    news = text("role_list.asked", by=turn.me.name, role=line["role"], unit=unit.name, until=day)
    offers.ask(turn, id, member_id, news, refuse="offer_not_me")
    installation.record_audit(turn.tx, turn.now, turn.me.id, "role_offered", unit.id, f"{member_id} {line['kind']}")
    return True

"""The console: announcements in the federation's name, from the machine the bot runs on."""

from bot.channels.render import plain
from bot.domain.announcements import Audience
from bot.domain.prompts import text
from bot.services import drafts, quota, roster, sending
from bot.services.roster import Reach
from bot.services.turn import Turn
from bot.storage import units
from bot.storage.announcements import Announcement


class UnknownUnit(Exception):
    """The console named a unit that does not exist; `str()` is its code."""


class DoesNotFit(Exception):
    """An announcement needs more messages than a plan has left; `str()` says so, and what would fit."""


def count_for_console(turn: Turn, code: str) -> Reach:
    """How many `broadcast --to CODE` reaches; `all` is everyone. Raises UnknownUnit, DoesNotFit."""
    audience = _audience(turn, code)
    _make_sure_it_fits(turn, audience)
    return roster.reach(turn, audience)


def announce_from_console(turn: Turn, code: str, body: str) -> int:
    """Write an announcement in the federation's name; the running process sends it. Returns its id.

    Raises UnknownUnit, DoesNotFit; ValueError when the text is empty or too long.
    """
    audience = _audience(turn, code)
    _make_sure_it_fits(turn, audience)
    if not body.strip() or drafts.check(turn, body)["too_long"]:
        raise ValueError(f"the text must have 1 to {drafts.longest(turn)} characters")
    federation = turn.at.federation
    return sending.submit(
        turn,
        Announcement(
            id=0,
            author_id=None,
            unit_id=None,
            unit_name=federation.name,
            speaker=federation.contact.name,
            title=federation.contact.title,
            audience=audience,
            kind="information",
            reason="",
            body=body.strip(),
            created_at=turn.now,
            valid_until=turn.now + drafts.VALID_FOR,
        ),
    )


def _make_sure_it_fits(turn: Turn, audience: Audience) -> None:
    shortage = quota.shortage(turn, audience)
    if shortage is not None:
        raise DoesNotFit(plain(turn.render(text("quota.short", **shortage))))


def _audience(turn: Turn, code: str) -> Audience:
    if code == "all":
        return Audience()
    unit = units.by_code(turn.tx, code.upper())
    if unit is None:
        raise UnknownUnit(code)
    return Audience(unit.id)

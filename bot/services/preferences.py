"""What a member may set: how they are addressed, when they are written to, whether at all."""

from datetime import date, timedelta
from typing import Any, Final, TypedDict

from bot.domain.lanes import Lane
from bot.domain.people import Member, Slot
from bot.domain.prompts import Option
from bot.services.turn import Turn
from bot.storage import members, privacy, units
from bot.vietnamese import format_date

LONGEST_PAUSE: Final = timedelta(days=365)


class Preferences(TypedDict):
    """A member's settings as they read them: hours as "21:00", dates as 19/5/2025, "" for none."""

    form: str
    name: str
    slot: str
    hour: str
    quiet: str
    paused: str
    unit: str
    unit_state: str
    standing: str
    left: bool


def current(turn: Turn) -> Preferences:
    """The acting member's settings now."""
    return of(turn, turn.me)


def of(turn: Turn, member: Member) -> Preferences:
    """A member's settings now, for who is that member."""
    unit = units.by_id(turn.tx, member.unit_id) if member.unit_id is not None else None
    paused = member.paused_until if member.paused_until is not None and member.paused_until >= turn.today else None
    return Preferences(
        form=member.form,
        name=member.name,
        slot=_slot_shown(turn, member.slot),
        hour=_hour_of(turn, member.slot),
        quiet=period_shown(member.quiet_from, member.quiet_to),
        paused=format_date(paused) if paused else "",
        unit=unit.name if unit else "",
        unit_state=member.unit_state,
        standing=standing_shown(turn, member.standing),
        left=member.state == "left",
    )


def standing_shown(turn: Turn, standing: str) -> str:
    """What a person is to the union, as read."""
    return turn.at.texts.spoken(Option(standing, word=f"standing_{standing}")).label


def period_shown(start: int, end: int) -> str:
    """Minutes after midnight as "21:00–06:00"; "" when the period is empty."""
    return "" if start == end else f"{start // 60:02}:{start % 60:02}–{end // 60:02}:{end % 60:02}"


class Chosen(TypedDict):
    """A slot and its hour as read; `hour` "" for none."""

    slot: str
    hour: str


def set_slot(turn: Turn, slot: str) -> Chosen:
    """When the day's piece comes."""
    members.set_fields(turn.tx, turn.me.id, slot=slot)
    return Chosen(slot=_slot_shown(turn, slot), hour=_hour_of(turn, slot))


class Usual(TypedDict):
    """The federation's quiet hours, in minutes after midnight and as read."""

    start: int
    end: int
    shown: str


def usual_quiet(turn: Turn) -> Usual:
    """The quiet hours everyone starts with."""
    start, end = (turn.at.federation.hours.minutes(name) for name in ("quiet_from", "quiet_to"))
    return Usual(start=start, end=end, shown=period_shown(start, end))


def set_quiet(turn: Turn, start: int, end: int) -> str:
    """When nothing unasked may come; equal bounds for never. Returns the period as read."""
    members.set_fields(turn.tx, turn.me.id, quiet_from=start, quiet_to=end)
    return period_shown(start, end)


def pause(turn: Turn, until: str) -> str:
    """No pieces or reminders up to and including the ISO date `until`, which is returned as read."""
    day = date.fromisoformat(until)
    members.set_fields(turn.tx, turn.me.id, paused_until=day)
    privacy.cancel_pushes(turn.tx, turn.me.id, Lane.MILESTONE, turn.now)
    return format_date(day)


def end_pause(turn: Turn) -> dict[str, Any]:
    """Write to the member again, from now on."""
    members.set_fields(turn.tx, turn.me.id, paused_until=None)
    return {}


def set_standing(turn: Turn, standing: str) -> str:
    """Set what the member is to the union. Returns it as read."""
    members.set_fields(turn.tx, turn.me.id, standing=standing)
    return standing_shown(turn, standing)


def leave(turn: Turn) -> dict[str, Any]:
    """Nothing unasked goes out any more; what is kept stays until the member erases it or comes back."""
    members.set_fields(turn.tx, turn.me.id, state="left")
    privacy.cancel_pushes(turn.tx, turn.me.id, Lane.URGENT, turn.now)
    return {}


def _slot_shown(turn: Turn, slot: str) -> str:
    if slot == Slot.UNASKED:
        return ""
    return turn.at.texts.spoken(Option(slot, word=f"slot_{slot}")).label


def _hour_of(turn: Turn, slot: str) -> str:
    if slot in (Slot.UNASKED, Slot.NONE):
        return ""
    hour: str = getattr(turn.at.federation.hours, slot)
    return hour

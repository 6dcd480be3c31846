"""What a plan allows an account (`Capabilities.quota`): counted, shown, warned of, and refused where it cannot fit."""

from datetime import date, timedelta
from typing import Final, TypedDict

import structlog

from bot.channels.contract import Quota
from bot.domain.announcements import Audience
from bot.domain.prompts import Text, text
from bot.domain.time import civil_date
from bot.services import access, roster
from bot.services.turn import Installation, Turn
from bot.storage import audiences, installation, members, units
from bot.storage import quota as rows
from bot.storage.database import Transaction
from bot.storage.quota import Use
from bot.vietnamese import format_date

log = structlog.get_logger(__name__)

WARN_PERCENT: Final = 80
FITTING_SHOWN: Final = 8
RESERVE_PERCENT: Final = 10
"""What is kept of a month's messages for replies and announcements."""


class Account(TypedDict):
    """An account with a plan; of its limits 0 means none. `since` is the day since when the first of the list waits."""

    channel: str
    users: int
    most_users: int
    sent: int
    received: int
    used: int
    messages: int
    waiting: int
    since: str


class Overview(TypedDict):
    """Every account with a plan, and how many days are left until the month's messages are counted anew."""

    accounts: list[Account]
    days_left: int


class Room(TypedDict):
    """What a channel's plan still has: messages left of the month's."""

    channel: str
    left: int
    messages: int


class Shortage(TypedDict):
    """Why an announcement does not fit: messages it needs, those left of the month's, the day they are counted anew.

    `fits` are units directly below that it would fit for, as (name, messages).
    """

    channel: str
    needs: int
    left: int
    messages: int
    renewed: str
    fits: list[tuple[str, int]]


def plans(at: Installation) -> dict[int, Quota]:
    """The accounts with a plan."""
    return {id: has.quota for id, has in at.capabilities.items() if has.quota is not None}


# -- counting


def count_received(at: Installation, tx: Transaction, account_id: int, count: int, now: int) -> None:
    """New messages came in, stored by the same transaction."""
    if count and at.capabilities[account_id].quota is not None:
        rows.add(tx, account_id, _month(civil_date(now, at.zone)), received=count)


def count_sent(at: Installation, account_id: int, tx: Transaction, now: int) -> None:
    """A message went out, or may have; marked by the same transaction. For accounts with a plan only."""
    rows.add(tx, account_id, _month(civil_date(now, at.zone)), sent=1)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _used(quota: Quota, use: Use) -> int:
    return use.sent + (use.received if quota.counts_received else 0)


def _renewed(turn: Turn) -> date:
    """The first day of the next month."""
    return (turn.today.replace(day=1) + timedelta(days=31)).replace(day=1)


# -- for administrators


def overview(turn: Turn) -> Overview | None:
    """What is used of every plan; None for who is no administrator."""
    if not access.is_admin(turn):
        return None
    accounts = [_account(turn, id, quota) for id, quota in plans(turn.at).items()]
    return Overview(accounts=accounts, days_left=(_renewed(turn) - turn.today).days)


def _account(turn: Turn, id: int, quota: Quota) -> Account:
    use = rows.use(turn.tx, id, _month(turn.today))
    listed = rows.waiting(turn.tx, id)
    return Account(
        channel=channel_name(turn, id),
        users=rows.users(turn.tx, id),
        most_users=quota.users,
        sent=use.sent,
        received=use.received,
        used=_used(quota, use),
        messages=quota.messages,
        waiting=len(listed),
        since=format_date(civil_date(listed[0].since, turn.at.zone)) if listed else "",
    )


def channel_name(turn: Turn, id: int) -> str:
    """How people call the channel of an account."""
    name = rows.channels(turn.tx)[id]
    word = turn.at.texts.words.get(f"channel_{name}")
    return word.show if word is not None else name


def warn(turn: Turn) -> None:
    """Tell administrators that a plan is nearly used: its messages once a month, its people once."""
    for id, quota in plans(turn.at).items():
        account = _account(turn, id, quota)
        month = _month(turn.today)
        known = rows.use(turn.tx, id, month).warned
        if is_near(account["used"], quota.messages) and not known:
            rows.set_warned(turn.tx, id, month)
            days = (_renewed(turn) - turn.today).days
            _tell_administrators(turn, id, "messages", text("quota.messages_near", **account, days_left=days))
        told = f"quota_users:{id}"
        if is_near(account["users"], quota.users) and installation.setting(turn.tx, told) != str(quota.users):
            installation.set_setting(turn.tx, told, str(quota.users))
            _tell_administrators(turn, id, "users", text("quota.users_near", **account))


def is_near(used: int, limit: int) -> bool:
    """Whether so much of a limit (0: none) is used that it is time to say so."""
    return bool(limit) and used * 100 >= limit * WARN_PERCENT


def _tell_administrators(turn: Turn, id: int, what: str, news: Text) -> None:
    log.warning("quota_nearly_used", account=id, what=what)
    for member_id in roster.administrators(turn):
        roster.tell(turn, member_id, news, ("quota", "quota"), f"quota:{what}")


# -- for announcements


def rooms(turn: Turn) -> list[Room]:
    """What is left of every plan that limits the messages of a month; what waits to go out is left no more."""
    return [
        Room(channel=channel_name(turn, id), left=_left(turn, id, quota), messages=quota.messages)
        for id, quota in _limited(turn).items()
    ]


def shortage(turn: Turn, audience: Audience) -> Shortage | None:
    """Whether an announcement to an audience needs more than a plan has left; None if it fits.

    What waits to go out is left no more.
    """
    limited = _limited(turn)
    if not limited:
        return None
    reached = audiences.reach(turn.tx, audience, turn.now)
    for id, quota in limited.items():
        needs = reached.get(id, 0)
        left = _left(turn, id, quota)
        if needs > left:
            return Shortage(
                channel=channel_name(turn, id),
                needs=needs,
                left=left,
                messages=quota.messages,
                renewed=format_date(_renewed(turn)),
                fits=_fitting(turn, audience.top, id, left),
            )
    return None


def is_reserved(turn: Turn, member_id: int) -> bool:
    """Whether what is left of the month, where a member is written to, is kept for replies and announcements."""
    limited = _limited(turn)
    address = members.push_address(turn.tx, member_id) if limited else None
    if address is None or address.account_id not in limited:
        return False
    plan = limited[address.account_id]
    return _left(turn, address.account_id, plan) * 100 < plan.messages * RESERVE_PERCENT


def _limited(turn: Turn) -> dict[int, Quota]:
    """The accounts whose plan limits the messages of a month."""
    return {id: quota for id, quota in plans(turn.at).items() if quota.messages}


def _left(turn: Turn, id: int, quota: Quota) -> int:
    used = _used(quota, rows.use(turn.tx, id, _month(turn.today)))
    return max(0, quota.messages - used - rows.promised(turn.tx, id, turn.now))


def _fitting(turn: Turn, audience_id: int | None, account_id: int, left: int) -> list[tuple[str, int]]:
    needed = rows.needs_below(turn.tx, audience_id, account_id)
    below = [unit for unit in units.children(turn.tx, audience_id, turn.today) if unit.id in needed]
    return [(unit.name, needed[unit.id]) for unit in below if needed[unit.id] <= left][:FITTING_SHOWN]

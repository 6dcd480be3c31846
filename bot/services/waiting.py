"""Newcomers beyond a plan's number of users: who may begin, the waiting list, and telling the longest waiting."""

from typing import Final, TypedDict

from bot.channels.contract import Quota
from bot.domain.lanes import Lane
from bot.domain.prompts import text
from bot.domain.time import DAY, after_quiet, civil_date
from bot.services import joining, posting
from bot.services.turn import Turn
from bot.storage import dialogs, outbox, quota
from bot.storage.quota import Waiting
from bot.vietnamese import format_date

KEPT_DAYS: Final = 3
"""How long a place is kept for who was told of it."""


JOINING: Final = "start"
"""The flow in which people join."""


class Offer(TypedDict):
    """What somebody is told for whom there is no place. Addresses of other ways in are "" where there are none.

    `since` is the day since when they wait ("" when they do not), with `ahead` others before them.
    """

    users: int
    web: str
    telegram: str
    since: str
    ahead: int


def no_room(turn: Turn) -> bool:
    """Whether the plan has no place for whoever writes. Members, former ones too, and who was told have one."""
    plan = _plan(turn)
    if plan is None or turn.member is not None:
        return False
    listed, mine = _list(turn)
    if mine is not None and mine.told_at is not None:
        return False
    return quota.users(turn.tx, _account(turn)) + len(_ahead(listed, mine)) >= plan.users


def offer(turn: Turn) -> Offer | None:
    """What to tell somebody for whom there is no place; None when there is one."""
    plan = _plan(turn)
    if plan is None or not no_room(turn):
        return None
    listed, mine = _list(turn)
    since = format_date(civil_date(mine.since, turn.at.zone)) if mine is not None else ""
    web, telegram = _other_ways(turn)
    return Offer(users=plan.users, web=web, telegram=telegram, since=since, ahead=len(_ahead(listed, mine)))


def wait(turn: Turn) -> None:
    """Keep the address and the moment, and nothing else."""
    assert turn.address is not None
    quota.put_waiting(turn.tx, turn.address.id, turn.now)


def stop_waiting(turn: Turn) -> None:
    """Keep nothing."""
    assert turn.address is not None
    quota.drop_waiting(turn.tx, turn.address.id)
    joining.decline(turn)


def _account(turn: Turn) -> int:
    assert turn.address is not None
    return turn.address.account_id


def _plan(turn: Turn) -> Quota | None:
    """The plan of the account written to, if it limits the number of users."""
    plan = turn.at.capabilities[_account(turn)].quota
    return plan if plan is not None and plan.users else None


def _list(turn: Turn) -> tuple[list[Waiting], Waiting | None]:
    """The account's waiting list, and whoever writes in it."""
    assert turn.address is not None
    listed = quota.waiting(turn.tx, turn.address.account_id)
    return listed, next((each for each in listed if each.address_id == turn.address.id), None)


def _ahead(listed: list[Waiting], mine: Waiting | None) -> list[Waiting]:
    """Whose turn is before: who was told of a place, and who waits longer."""
    place = listed.index(mine) if mine is not None else len(listed)
    return [each for index, each in enumerate(listed) if index < place or each.told_at is not None]


def _other_ways(turn: Turn) -> tuple[str, str]:
    """The addresses of the web chat and, where the federation proposes it to members, of Telegram."""
    channels = quota.channels(turn.tx)
    links = {channels[id]: link for id, link in turn.at.links.items() if id != _account(turn)}
    web = f"{turn.at.public_url}/chat" if turn.at.public_url and "webchat" in links else links.get("webchat", "")
    proposed = turn.at.federation.proposed_channels
    return web, links.get("telegram", "") if "telegram" in proposed else ""


# -- when there is room


def let_in(turn: Turn) -> None:
    """Tell the longest waiting of each account that they may begin, as many as there are places for.

    Places kept for others who were told count as taken.
    """
    quota.end_waiting(turn.tx, turn.now - KEPT_DAYS * DAY)
    for account_id, has in turn.at.capabilities.items():
        listed = quota.waiting(turn.tx, account_id)
        untold = [each for each in listed if each.told_at is None]
        if untold and has.quota is not None and has.quota.users:
            taken = quota.users(turn.tx, account_id) + len(listed) - len(untold)
            untold = untold[: max(0, has.quota.users - taken)]
        for each in untold:
            _tell(turn, account_id, each.address_id)


def _tell(turn: Turn, account_id: int, address_id: int) -> None:
    """There is a place: said outside the usual quiet hours, unless they began meanwhile.

    An open question about waiting is over.
    """
    quota.set_told(turn.tx, address_id, turn.now)
    asked = dialogs.waiting(turn.tx, address_id)
    if asked is not None and asked.flow == JOINING:
        return
    dialogs.end_all(turn.tx, address_id)
    hours = turn.at.federation.hours
    awake = after_quiet(turn.now, hours.minutes("quiet_from"), hours.minutes("quiet_to"), turn.at.zone)
    news = turn.render(text("quota.room", days=KEPT_DAYS))
    for message in posting.compose(turn, account_id, address_id, [news], ()):
        outbox.enqueue(
            turn.tx,
            account_id,
            address_id,
            message,
            turn.now,
            lane=Lane.ANNOUNCEMENT,
            origin=f"room:{address_id}",
            valid_until=turn.now + KEPT_DAYS * DAY,
            not_before=awake if awake > turn.now else 0,
        )

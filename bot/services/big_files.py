"""Files bigger than we fetch: on a platform that sends on by reference they go to whoever is there, and nobody else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from bot.domain.announcements import Audience
from bot.services import quota
from bot.services.media import MEGABYTE, Sent
from bot.services.turn import Turn
from bot.storage import audiences, media


class Stuck(TypedDict):
    """A file that some of an audience cannot get: how big it is in MB (0: not known), the channel that can carry it.

    `channel` is "" when none can; `others` are the channels of those who would not get it.
    """

    size: int
    channel: str
    others: list[str]


def carried(turn: Turn, file: Sent) -> bool:
    """Whether a file that was just sent can be sent on from here."""
    return "size" not in file or (turn.address is not None and _resends(turn, turn.address.account_id))


def stuck(turn: Turn, audience: Audience, files: Sequence[int]) -> Stuck | None:
    """Why an audience cannot get these files (media ids), None when it can.

    Of people chosen by their answers all are looked at who were asked, so that it tells nothing of what they answered.
    """
    big = media.too_big(turn.tx, files) if files else []
    if not big:
        return None
    [first, *rest] = dict.fromkeys(account_id for account_id, _ in big)
    carrier = first if not rest and _resends(turn, first) else None
    counts = audiences.reach(turn.tx, replace(audience, asked=None), turn.now)
    others = [id for id in counts if id is not None and id != carrier]
    if not others:
        return None
    return Stuck(
        size=max(-(-size // MEGABYTE) for _, size in big),
        channel=quota.channel_name(turn, carrier) if carrier is not None else "",
        others=[quota.channel_name(turn, id) for id in sorted(others)],
    )


def _resends(turn: Turn, account_id: int) -> bool:
    has = turn.at.capabilities.get(account_id)
    return has is not None and has.resends

"""What follows an announcement, on its way: sent again, reminders, errata and recalls."""

from dataclasses import replace
from typing import Final

from bot.domain.announcements import KINDS
from bot.domain.messages import Outbound
from bot.domain.time import HOUR
from bot.services import notices, posting
from bot.services.notices import Reader
from bot.services.turn import Turn
from bot.storage import announcements, following, outbox, partial
from bot.storage.announcements import Announcement
from bot.storage.following import Target
from bot.storage.outbox import Claimed

OVER: Final = ("done", "stopped")
STOPPABLE: Final = ("queueing", "sending", "paused", "waiting", "scheduled", "held")
NOT_BEGUN: Final = ("returned", "waiting", "scheduled", "held")


def origins(turn: Turn, id: int) -> list[str]:
    """What outbox rows come from that carry an announcement's text as its own: itself and being sent again."""
    again = [child.id for child in announcements.following(turn.tx, id) if child.purpose == "again"]
    return [notices.origin(one) for one in (id, *again)]


# -- carrying it out


def begin(turn: Turn, announced: Announcement) -> bool:
    """Do what must come before its rows are made; False while it has to wait for what it follows to be over."""
    parent = _parent(turn, announced)
    if parent is None:
        return True
    if announced.purpose == "erratum":
        return _begin_erratum(turn, announced, parent)
    if announced.purpose == "recall":
        following.recall(turn.tx, parent.id, turn.now)
        for going in (parent, *announcements.following(turn.tx, parent.id)):
            if going.id != announced.id:
                announcements.move(turn.tx, going.id, STOPPABLE, "stopping")
    if announced.purpose == "reminder":
        return True
    under_way = [parent, *(c for c in announcements.following(turn.tx, parent.id) if c.id < announced.id)]
    return all(one.state in (*OVER, *NOT_BEGUN) for one in under_way)


def _begin_erratum(turn: Turn, announced: Announcement, parent: Announcement) -> bool:
    """What waits gets the right text from now on; what is on the wire is waited for, to know who got the wrong one."""
    before = origins(turn, parent.id)
    if announced.corrected_at is None:
        following.correct(turn.tx, parent.id, announced.id, turn.now)
        following.forget_bodies(turn.tx, before)
    return not following.on_the_wire(turn.tx, before)


def look_back(turn: Turn, announced: Announcement, limit: int) -> bool:
    """Before an erratum's rows are made: who had the wrong text of what still goes out, a slice; whether there is more.

    Of what is over that is written down.
    """
    parent = _parent(turn, announced) if announced.purpose == "erratum" else None
    if parent is None or parent.state in OVER:
        return False
    since = announced.corrected_at or turn.now
    return following.settle_wrong_slice(turn.tx, announced.id, parent.id, origins(turn, parent.id), since, limit)


def aim(turn: Turn, announced: Announcement, after: int) -> None:
    """Let the rows just added, above `after`, change or delete what their people have, where that can be done."""
    parent = _parent(turn, announced)
    if parent is None or announced.purpose not in ("erratum", "recall"):
        return
    origin, before = notices.origin(announced.id), origins(turn, parent.id)
    if announced.purpose == "erratum":
        if parent.corrected_at is not None:
            following.leave_out_right(turn.tx, announced.id, origin, after, before, parent.corrected_at)
        found = following.targets(turn.tx, origin, after, before)
        following.aim(turn.tx, "edit", [t for t in found if turn.at.capabilities[t.account_id].edits])
        return
    lane, until = int(KINDS[announced.kind].lane), announced.valid_until
    later = [notices.origin(child.id) for child in came_after(turn, parent.id)]
    beside = following.sent_before(turn.tx, origin, after, later)
    goes = _deletable(turn, beside)
    following.delete_beside(turn.tx, announced.id, origin, lane, goes, turn.now, until)
    stays = [target for target in beside if target not in goes]
    following.keep_beside(turn.tx, announced.id, origin, lane, stays, turn.now)
    following.aim(turn.tx, "delete", _deletable(turn, following.targets(turn.tx, origin, after, before)))
    if not announced.body:
        following.give_up(turn.tx, announced.id, origin, after, "cannot_delete")


def came_after(turn: Turn, id: int) -> list[Announcement]:
    """The reminders and errata of an announcement that began to go out: some of them as messages of their own."""
    found = announcements.following(turn.tx, id)
    return [child for child in found if child.purpose in ("reminder", "erratum") and child.started_at is not None]


def _deletable(turn: Turn, found: list[Target]) -> list[Target]:
    return [target for target in found if can_delete(turn, target.account_id, target.sent_at)]


def can_delete(turn: Turn, account_id: int, sent_at: int) -> bool:
    """Whether what was sent then can still be taken back."""
    has = turn.at.capabilities.get(account_id)
    if has is None or has.delete_hours == 0:
        return False
    return has.delete_hours is None or turn.now - sent_at < has.delete_hours * HOUR


def instead(turn: Turn, announced: Announcement, limit: int) -> bool:
    """Send a message where an edit, or a recall that is to be told, came to nothing, a slice; whether there is more."""
    if announced.purpose == "erratum" or (announced.purpose == "recall" and announced.body):
        return following.send_instead_slice(turn.tx, announced.id, notices.origin(announced.id), limit)
    return False


def finish(turn: Turn, announced: Announcement, limit: int) -> bool:
    """It is over: what it changes in what it follows, a slice; whether there is more."""
    if announced.purpose == "again" and announced.of_id is not None:
        return following.arrived_slice(turn.tx, announced.of_id, announced.id, limit)
    return False


# -- as members see it


def compose(turn: Turn, row: Claimed, announced: Announcement, reader: Reader) -> Outbound | None:
    """The message of a claimed row of what follows an announcement; None when it must not go out any more.

    Its buttons are those of the announcement it follows: an answer is one, whichever message it is given under.
    """
    parent = _parent(turn, announced)
    if parent is None:
        return None
    if row.operation == "delete":
        return Outbound("")
    if parent.recalled_at is not None and announced.purpose != "recall":
        return None
    match announced.purpose:
        case "recall":
            return notices.message(turn, replace(announced, question="none"), [], reader)
        case "erratum":
            if row.operation != "edit":
                return notices.message(turn, parent, [], reader, "erratum")
            below = notices.files(turn, parent.id) if _is_caption(turn, row) else []
            return notices.message(turn, parent, below, reader, "corrected")
        case "reminder":
            return notices.message(turn, parent, [], reader, "reminder")
        case _:
            return posting.chain(_missing(turn, parent, reader))


def _is_caption(turn: Turn, row: Claimed) -> bool:
    """Whether the text that an edit changes stands below files; one too long for that is refused by the channel."""
    target = outbox.body(turn.tx, row.target_id) if row.target_id is not None else None
    return target is not None and bool(target.media) and bool(target.html)


def _missing(turn: Turn, parent: Announcement, reader: Reader) -> list[Outbound]:
    """What a reader lacks of an announcement that is sent again."""
    whole = notices.messages(turn, parent, notices.files(turn, parent.id), reader)
    arrived = partial.arrived(turn.tx, parent.id, reader.address_id, origins(turn, parent.id))
    if arrived is None:
        return whole
    if len(arrived) != len(whole):  # elsewhere, or long ago: the files came, whatever their messages were
        return notices.messages(turn, parent, [], reader)
    return [message for message, there in zip(whole, arrived, strict=True) if not there]


def _parent(turn: Turn, announced: Announcement) -> Announcement | None:
    return announcements.by_id(turn.tx, announced.of_id) if announced.of_id is not None else None

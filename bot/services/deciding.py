"""Deciding about an announcement that waits for a second person: approved, or given back with a note."""

from dataclasses import replace
from typing import Any, Final, TypedDict

import orjson

from bot.domain.announcements import KINDS
from bot.domain.messages import Button
from bot.domain.prompts import Option, Text, text
from bot.domain.time import HOUR, civil_date, instant
from bot.services import access, approvals, moments, notices, posting, roster, sending
from bot.services.drafts import Draft
from bot.services.media import Kept
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import announcements, installation, media
from bot.storage import roster as rows
from bot.storage.announcements import Announcement

SHOWN: Final = 8


class Waiting(TypedDict):
    """An announcement that the acting person may decide about, on a button; `digest` as its buttons carry it."""

    id: int
    label: str
    digest: str


class Decided(TypedDict):
    """What came of a decision: `done`, and the text that says so with what fills it. JSON."""

    done: bool
    text: str
    params: dict[str, Any]


def waiting(turn: Turn) -> list[Waiting]:
    """What waits for the acting person, oldest first."""
    over = [*access.officer_units(turn), *access.admin_units(turn)]
    found = announcements.in_states(turn.tx, over, ("waiting",))
    return [
        Waiting(id=a.id, label=notices.label(turn, a), digest=a.digest[: approvals.SHOWN_DIGEST])
        for a in found
        if a.author_id != turn.me.id and a.valid_until > turn.now
    ][:SHOWN]


def show(turn: Turn, id: int, digest: str) -> dict[str, Any] | None:
    """The frozen piece as `approvals.shown` takes it; None when there is nothing for them to decide."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or _refusal(turn, announced, digest) is not None:
        return None
    return approvals.piece(turn, announced, turn.me.id)


def pressed(turn: Turn, named: str, choice: str) -> Reply:
    """The standing service behind *Duyệt gửi* and *Trả lại để sửa*."""
    id, _, digest = named.partition(".")
    if choice not in ("y", "n", "f") or not notices.is_id(id):
        return Reply((text("errors.not_yours"),))
    if choice == "y":
        decided = approve(turn, int(id), digest)
        return Reply((text(decided["text"], **decided["params"]),))
    announced = announcements.by_id(turn.tx, int(id))
    refusal = _refusal(turn, announced, digest)
    if refusal is not None:
        return Reply((text(refusal["text"], **refusal["params"]),))
    if choice == "f":
        return Reply((_show_files(turn, int(id)),))
    return Reply(flow="give_back", args={"id": int(id), "digest": digest})


def _show_files(turn: Turn, id: int) -> Text:
    """Send whoever decides the files; the text that says so."""
    assert turn.address is not None
    wanted, where = notices.files(turn, id), turn.at.capabilities[turn.address.account_id]
    ids = media.sendable(turn.tx, [f.media_id for f in wanted], turn.address.account_id, uploads=where.uploads)
    posting.reply(turn, turn.address, [], media=[file for file in wanted if file.media_id in ids])
    return text("sending.files_follow" if len(ids) == len(wanted) else "errors.no_files_here")


def approve(turn: Turn, id: int, digest: str) -> Decided:
    """Let it go as it was frozen; a sentence when it cannot."""
    announced = announcements.by_id(turn.tx, id)
    refusal = _refusal(turn, announced, digest)
    if refusal is not None:
        return refusal
    assert announced is not None
    assert announced.unit_id is not None
    approved = _decided(turn, announced, "scheduled", "")
    who = moments.titled(approved.approver, approved.approver_title)
    # The state it is decided into is left in the same transaction.
    if not announcements.decide(turn.tx, approved):
        return _decided_before(turn, id)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "announcement_approved", announced.unit_id, str(id))
    sending.begin(turn, approved)
    after = announcements.by_id(turn.tx, id)
    assert after is not None
    params = {"state": after.state, "at": moments.moment(turn.at, after.send_at)}
    if announced.author_id is not None and after.state != "stopped":
        news = text(
            "sending.was_approved",
            label=notices.label(turn, announced),
            who=who,
            **params,
        )
        roster.tell(turn, announced.author_id, news, ("sent_list", "sent_list"), f"approved:{id}")
    return Decided(done=True, text="sending.approved", params=params)


def give_back(turn: Turn, id: int, digest: str, note: str) -> Decided:
    """Give it back to its author with a note; they may open it again with all it held."""
    announced = announcements.by_id(turn.tx, id)
    refusal = _refusal(turn, announced, digest)
    if refusal is not None:
        return refusal
    assert announced is not None
    returned = _decided(turn, announced, "returned", note)
    who = moments.titled(returned.approver, returned.approver_title)
    if not announcements.decide(turn.tx, returned):
        return _decided_before(turn, id)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "announcement_returned", announced.unit_id, str(id))
    if announced.author_id is not None:
        news = text(
            "sending.was_returned",
            label=notices.label(turn, announced),
            who=who,
            note=note,
        )
        roster.tell_with(turn, announced.author_id, news, [again(turn, id)], f"returned:{id}")
    return Decided(done=True, text="sending.returned", params={})


def again(turn: Turn, id: int) -> Button:
    """*Mở lại để sửa*: the author's draft with all it held."""
    return standing_button(turn, "drf", id, Option("open", "open_again"))


def opened_again(turn: Turn, id: str, _choice: str) -> Reply:
    """The standing service behind `again`."""
    if not notices.is_id(id) or reopened(turn, int(id)) is None:
        return Reply((text("errors.not_yours"),))
    return Reply(flow="reopen", args={"id": int(id)})


def reopened(turn: Turn, id: int) -> Draft | None:
    """What the acting person wrote and was given back, as a draft again; None when it is none of theirs."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or announced.state != "returned" or announced.author_id != turn.me.id:
        return None
    if announced.unit_id is None or announced.audience.top is None:
        return None
    files = [Kept(media=media, kind=kind, name=name) for media, kind, name in announcements.files(turn.tx, id)]
    return Draft(
        unit=announced.unit_id,
        to=announced.audience.top,
        body=announced.body,
        kind=announced.kind,
        reason=announced.reason,
        audience=announced.audience.as_json(),
        reference=orjson.loads(announced.reference) if announced.reference else None,
        question=announced.question,
        named=bool(announced.named),
        files=files,
        send_at=announced.send_at if announced.send_at is not None and announced.send_at > turn.now else None,
        valid_until=announced.valid_until if announced.valid_until > turn.now else None,
    )


def _decided(turn: Turn, announced: Announcement, state: str, note: str) -> Announcement:
    assert announced.unit_id is not None
    title = approvals.title_of(turn, announced.unit_id)
    return replace(
        announced,
        state=state,
        approver_id=turn.me.id,
        approver=turn.me.name,
        approver_title=title,
        decided_at=turn.now,
        note=note,
    )


def _decided_before(turn: Turn, id: int) -> Decided:
    """Somebody else was quicker by a moment: who, and nothing else is done."""
    announced = announcements.by_id(turn.tx, id)
    who = moments.titled(announced.approver, announced.approver_title) if announced is not None else ""
    return Decided(done=False, text="sending.decided_before", params={"who": who})


def _refusal(turn: Turn, announced: Announcement | None, digest: str) -> Decided | None:
    """Why the acting person may not decide about it now; None when they may."""

    def no(name: str, **params: Any) -> Decided:
        return Decided(done=False, text=name, params=params)

    if announced is None or announced.unit_id is None:
        return no("errors.not_yours")
    if announced.author_id == turn.me.id:
        return no("sending.own")
    if not access.access_approval(turn, announced.unit_id, announced.author_id):
        shown = len(digest) == approvals.SHOWN_DIGEST and announced.digest.startswith(digest)
        ended = shown and not approvals.author_may(turn, announced)
        return no("sending.author_ended", unit=announced.unit_name) if ended else no("errors.no_right")
    if announced.state != "waiting":
        return _decided_before(turn, announced.id)
    if announced.valid_until <= turn.now:
        return no("sending.over")
    if not digest or not announced.digest.startswith(digest):
        return no("sending.changed")
    if announced.digest != approvals.digest_now(turn, announced):
        return no("sending.changed")
    if not approvals.author_may(turn, announced):
        return no("sending.author_ended", unit=announced.unit_name)
    return None


# -- by itself


def look_after(turn: Turn) -> None:
    """Remind of what waits, and end what waited too long or for a role or a unit that is no more. Few wait."""
    for announced in announcements.waiting(turn.tx):
        if announced.valid_until <= turn.now:
            _lapse(turn, announced)
        elif not approvals.author_may(turn, announced):
            _fall(turn, announced)
        elif turn.now >= _remind_at(turn, announced):
            for member_id in approvals.approvers(turn, announced):
                origin = f"approval_again:{announced.id}"
                if not rows.told_since(turn.tx, member_id, origin, 0):
                    approvals.tell(turn, announced, member_id, text("sending.still_waits"), origin)


def _remind_at(turn: Turn, announced: Announcement) -> int:
    """An hour after an urgent one was written, else the next morning."""
    if KINDS[announced.kind].four_eyes:
        return announced.created_at + HOUR
    morning = turn.at.federation.hours.minutes("milestone")
    return instant(civil_date(announced.created_at, turn.at.zone), 24 * 60 + morning, turn.at.zone)


def _lapse(turn: Turn, announced: Announcement) -> None:
    if not announcements.move(turn.tx, announced.id, ("waiting",), "returned"):
        return
    installation.record_audit(turn.tx, turn.now, None, "announcement_lapsed", announced.unit_id, str(announced.id))
    if announced.author_id is not None:
        news = text("sending.lapsed", label=notices.label(turn, announced))
        roster.tell_with(turn, announced.author_id, news, [again(turn, announced.id)], f"returned:{announced.id}")


def _fall(turn: Turn, announced: Announcement) -> None:
    """Nobody can approve it any more: its author gets it back, administrators hear of it."""
    if not announcements.move(turn.tx, announced.id, ("waiting",), "returned"):
        return
    unit = announced.unit_id
    installation.record_audit(turn.tx, turn.now, None, "announcement_not_sent", unit, str(announced.id))
    why = text("sending.author_ended", unit=announced.unit_name)
    news = text("sending.did_not_start", label=notices.label(turn, announced), why=why)
    if announced.author_id is not None:
        roster.tell_with(turn, announced.author_id, news, [again(turn, announced.id)], f"returned:{announced.id}")
    for id in roster.administrators(turn, unit):
        if id != announced.author_id:
            roster.tell(turn, id, news, ("sent_list", "sent_list"), f"result:{announced.id}")

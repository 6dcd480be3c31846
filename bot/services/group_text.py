"""*Bản gửi nhóm Zalo*: what an officer pastes into the unit's group, and what they declare as pasted.

A group is no address of ours: what is pasted there is counted apart, as declared, never as received. A piece is named
by `what` (announcement, card, milestone) and `ref`: the id of an announcement or a card, or `id.YYYYMMDD.days left`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from markupsafe import escape

from bot.channels.render import plain
from bot.domain.messages import Button
from bot.domain.prompts import Option, Text, text
from bot.services import (
    access,
    calendar,
    card_links,
    daily,
    drawing,
    learning,
    notices,
    posters,
    posting,
    sheets,
    solemn,
)
from bot.services.calendar import Step
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import announcements, group_posts, installation, units
from bot.storage.announcements import Announcement
from bot.vietnamese import quote
from content import printing
from content.printing import CardPicture, Picture

LIMIT: Final = 1_500
"""UTF-16 units of a text: what people still read in a group."""
SOURCES_LIMIT: Final = 300
OFFERED: Final = 4
"""Pieces of a kind offered at once."""
PAGE: Final = 8
AHEAD: Final = 30
"""Days ahead a milestone is offered."""
ANNOUNCEMENT: Final = "announcement"
NOT_FOR_GROUPS: Final = ("waiting", "returned", "scheduled", "stopping", "stopped")
"""States of an announcement that goes to nobody: not yet, or not any more."""
KINDS: Final = {"a": ANNOUNCEMENT, "c": "card", "m": "milestone"}
"""Kinds of pieces by the letter that stands for them on a button."""
LETTERS: Final = {what: letter for letter, what in KINDS.items()}
POSTER: Final = "p"
"""The letter that stands for a unit's poster on a button that gives it."""
UNITS_SHOWN: Final = 8
LABEL: Final = 30
"""Characters of a piece's title in a list of what is held."""

_ID: Final = re.compile(r"[0-9]{1,18}")
_SENTENCE_END: Final = re.compile(r"[.!?…][”\")]*(?=\s)|\S(?=[ \t]*\n)")
_STEP: Final = re.compile(r"([a-z0-9-]{1,32})\.(\d{8})\.(\d{1,2})")


class Offer(TypedDict):
    """A piece to choose."""

    what: str
    ref: str
    label: str


class Page(TypedDict):
    """Some cards in reading order; whether there are earlier and later ones."""

    offers: list[Offer]
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A text in its parts, of which only `body` may be cut, and what the picture shows. `ref` is true today.

    `festive` is whether its text, too, waits while the mode is solemn: a picture always does.
    """

    what: str
    ref: str
    head: str
    body: str
    tail: str
    picture: Picture | CardPicture
    festive: bool = True


# -- choosing


def offered(turn: Turn) -> list[Offer] | None:
    """The last announcements, the day's cards and the next milestones; None for who is no officer."""
    mine = access.officer_units(turn)
    if not mine:
        return None
    above = sorted({unit for id in mine for unit in units.path(turn.tx, id)})
    offers = []
    for id in group_posts.announcements_for(turn.tx, mine, above, OFFERED):
        announced = announcements.by_id(turn.tx, id)
        if announced is not None:
            label = notices.label(turn, announced)
            offers.append(_offer(turn, ANNOUNCEMENT, str(id), label))
    offers += [_card_offer(turn, id) for id in _cards_today(turn, mine)]
    return offers + [_step_offer(turn, step) for step in _steps(turn)[:OFFERED]]


def cards(turn: Turn, skip: int) -> Page:
    """A page of all cards after the first `skip`."""
    found = turn.at.pack.cards[skip : skip + PAGE]
    return Page(
        offers=[_card_offer(turn, card.id) for card in found],
        earlier=skip > 0,
        later=skip + PAGE < len(turn.at.pack.cards),
    )


def _cards_today(turn: Turn, mine: Sequence[int]) -> list[str]:
    """The card the officer had last, and the first one that none of their units has put into its group."""
    posted = group_posts.refs_of(turn.tx, "card", mine)
    following = [card.id for card in turn.at.pack.cards if card.id not in posted][:1]
    return list(dict.fromkeys([*learning.cards_had(turn)[-1:], *following]))


def _steps(turn: Turn) -> list[Step]:
    """The coming days that are counted down, as they stand today."""
    pack = turn.at.pack
    return [s for s in calendar.occurrences(pack, turn.today, AHEAD) if pack.milestone_by_id[s.milestone_id].push]


def _offer(turn: Turn, what: str, ref: str, label: str) -> Offer:
    done = group_posts.units_of(turn.tx, what, ref).intersection(access.officer_units(turn))
    return Offer(what=what, ref=ref, label=f"{label} ✓" if done else label)


def _card_offer(turn: Turn, id: str) -> Offer:
    card = learning.as_params(turn.at.pack, turn.at.pack.card_by_id[id])
    params = {"number": card["number"], "title": card["title"]}
    return _offer(turn, "card", id, turn.at.texts.spoken(Option("offer_card", params=params)).label)


def _step_offer(turn: Turn, step: Step) -> Offer:
    params = {"days": step.days_left, "name": turn.at.pack.milestone_by_id[step.milestone_id].name}
    label = turn.at.texts.spoken(Option("offer_step" if step.days_left else "offer_day", params=params)).label
    return _offer(turn, "milestone", _ref(step), label)


# -- the texts


def piece(turn: Turn, what: str, ref: str) -> Piece | None:
    """A piece as it may be pasted today; None when it is none, over, stopped, or of other subtrees."""
    if not access.officer_units(turn):
        return None
    if what == ANNOUNCEMENT:
        announced = _reachable(turn, ref)
        return _of_announcement(turn, announced) if announced is not None else None
    if what == "card":
        return of_card(turn, ref, _channels(turn)) if ref in turn.at.pack.card_by_id else None
    wanted = ref.rpartition(".")[0]
    step = next((step for step in _steps(turn) if _ref(step).rpartition(".")[0] == wanted), None)
    return _of_step(turn, step) if step is not None else None


def _reachable(turn: Turn, ref: str) -> Announcement | None:
    """An announcement that the acting officer's subtrees sent or got."""
    announced = announcements.by_id(turn.tx, int(ref)) if _ID.fullmatch(ref) else None
    if announced is None or announced.state in NOT_FOR_GROUPS:
        return None
    mine = access.officer_units(turn)
    to = announced.audience_id
    sent = announced.unit_id is not None and units.within(turn.tx, announced.unit_id, mine)
    got = to is None or units.within(turn.tx, to, mine) or any(units.within(turn.tx, id, [to]) for id in mine)
    return announced if sent or got else None


def _of_announcement(turn: Turn, announced: Announcement) -> Piece:
    who = ", ".join(part for part in (announced.speaker, announced.title) if part)
    body = notices.neutral(turn, announced.body)
    head = _plain(turn, text("group.announcement", kind=announced.kind, unit=announced.unit_name, who=who))
    kicker = _plain(turn, text("group.kind", kind=announced.kind))
    picture = Picture(announced.unit_name, who, kicker, _first_sentences(body), "")
    return Piece(ANNOUNCEMENT, str(announced.id), head, body, _link(turn), picture, solemn.is_festive(announced))


def of_card(turn: Turn, id: str, channels: Iterable[str]) -> Piece:
    """A card of the pack, with the ways to it on those of these channels that have an address."""
    card = learning.as_params(turn.at.pack, turn.at.pack.card_by_id[id])
    sources = cut(_plain(turn, text("group.sources", sources=card["sources"])), SOURCES_LIMIT)
    tail = "\n".join(part for part in (sources, card_links.lines(turn, id, channels)) if part)
    kicker = _plain(turn, text("group.place", year=card["year"], number=card["number"], total=card["total"]))
    picture = sheets.card_picture(turn, turn.at.pack.card_by_id[id])
    head = _plain(turn, text("group.titled", place=kicker, title=card["title"]))
    return Piece("card", id, head, _plain(turn, text("group.card", **card)), tail, picture)


def _of_step(turn: Turn, step: Step) -> Piece:
    said = daily.step_text(turn, step)
    milestone = turn.at.pack.milestone_by_id[step.milestone_id]
    shown = [_plain(turn, text(f"group.step_{part}", **said.params)) for part in ("kicker", "title", "detail")]
    head = _plain(turn, text("group.titled", place="", title=milestone.name))
    picture = Picture(turn.at.federation.name, "", *shown)
    return Piece("milestone", _ref(step), head, _plain(turn, said), _link(turn), picture)


def _ref(step: Step) -> str:
    return f"{step.milestone_id}.{step.occurs_on:%Y%m%d}.{step.days_left}"


def _plain(turn: Turn, said: Text) -> str:
    return plain(turn.render(said))


def _link(turn: Turn) -> str:
    """The line with the address of the first proposed channel that has one, else of the web chat; "" for none."""
    link = posters.link_to(turn, _channels(turn)[0])
    return _plain(turn, text("group.link", link=link)) if link else ""


def _channels(turn: Turn) -> list[str]:
    """The proposed channels that have an address, else the web chat."""
    proposed: tuple[str, ...] = turn.at.federation.proposed_channels
    return [channel for channel in proposed if posters.link_to(turn, channel)] or ["webchat"]


def _first_sentences(body: str) -> str:
    return cut(" ".join(body.split()), printing.LONGEST["detail"])


def as_text(piece: Piece) -> str:
    """The whole text, at most LIMIT UTF-16 units: a longer body is cut at the end of a sentence."""
    around = sum(_units(part) + 2 for part in (piece.head, piece.tail) if part)
    parts = (piece.head, cut(piece.body, LIMIT - around), piece.tail)
    return "\n\n".join(part for part in parts if part)


def cut(body: str, room: int) -> str:
    """At most `room` UTF-16 units, cut at the end of a sentence, else of a word, with «…»."""
    if _units(body) <= room:
        return body
    kept = body[: room - 2]
    while _units(kept) > room - 2:
        kept = kept[: -max(1, (_units(kept) - room + 2) // 2)]
    ends = [found.end() for found in _SENTENCE_END.finditer(body, 0, len(kept) + 1) if found.end() <= len(kept)]
    if ends and ends[-1] > len(kept) // 2:
        return f"{kept[: ends[-1]]} …"
    words = kept.rpartition(" ")[0]
    return f"{words if len(words) > len(kept) // 2 else kept}…"


def _units(value: str) -> int:
    return len(value.encode("utf-16-le")) // 2


# -- giving and declaring


def give(turn: Turn, what: str, ref: str) -> str:
    """Send the acting officer the text as a message of its own, the picture, and what to do with them.

    Returns given; held where the mode is solemn; gone when there is no such piece for them.
    """
    found = piece(turn, what, ref)
    if found is None:
        return "gone"
    label = f"{found.picture.kicker}: {quote(found.picture.title, LABEL)}"
    held = solemn.hold_piece(turn, access.officer_units(turn), found.what, found.ref, label)
    if held and found.festive:
        return "held"
    assert turn.address is not None
    posting.reply(turn, turn.address, [str(escape(as_text(found)))])
    if not held:
        drawing.send(turn, found.picture, turn.at.texts.words["picture_file"].show)
    count = declared(turn, found.what, found.ref)
    after = turn.render(text("group.after", count=count, held=held))
    posting.reply(turn, turn.address, [after], _buttons(turn, found))
    return "given"


def declared(turn: Turn, what: str, ref: str) -> int:
    """For how many units a piece was declared: of the acting officer's subtrees; of all when nobody acts."""
    found = group_posts.units_of(turn.tx, what, ref)
    if turn.member is None:
        return len(found)
    mine = access.officer_units(turn)
    return sum(units.within(turn.tx, id, mine) for id in found)


def pressed(turn: Turn, id: str, choice: str) -> Reply:
    """The standing service behind the buttons: `t` gives a piece, `s` declares it for a unit, `u` takes that back."""
    letter, _, rest = id.partition(".")
    if letter == POSTER and choice == "t" and _ID.fullmatch(rest):
        return Reply(flow="posters", args={"unit": int(rest)})
    what = KINDS.get(letter)
    if what is None or not access.officer_units(turn):
        return Reply((text("errors.no_right"),))
    if choice == "t":
        return Reply(flow="group_text", args={"what": what, "ref": rest})
    ref, _, unit = rest.rpartition(".")
    if choice not in ("s", "u") or not _ID.fullmatch(unit) or not _is_piece(turn, what, ref):
        return Reply((text("errors.not_yours"),))
    return _declare(turn, what, ref, int(unit), choice == "s")


def _is_piece(turn: Turn, what: str, ref: str) -> bool:
    """Whether a piece may be declared: it may be over by then."""
    if what != "milestone":
        return piece(turn, what, ref) is not None
    step = _STEP.fullmatch(ref)
    milestone = turn.at.pack.milestone_by_id.get(step[1]) if step is not None else None
    if step is None or milestone is None:
        return False
    year = int(step[2][:4])
    return milestone.occurs_in(year) and step[2] == f"{milestone.occurs_on(year):%Y%m%d}"


def is_over(turn: Turn, what: str, ref: str) -> bool:
    """Whether a piece can be had no more, whoever wants it: its day has passed, or it was stopped."""
    if what == "milestone":
        step = _STEP.fullmatch(ref)
        return step is None or step[2] < f"{turn.today:%Y%m%d}"
    if what == ANNOUNCEMENT:
        announced = announcements.by_id(turn.tx, int(ref))
        return announced is None or announced.state in ("stopping", "stopped")
    return False


def _declare(turn: Turn, what: str, ref: str, unit_id: int, sent: bool) -> Reply:
    unit = units.by_id(turn.tx, unit_id)
    if unit is None or not access.access_unit_by_officer(turn, unit_id):
        return Reply((text("errors.no_right"),))
    if sent:
        changed = group_posts.declare(turn.tx, what, ref, unit_id, turn.me.id, turn.now)
    else:
        changed = group_posts.withdraw(turn.tx, what, ref, unit_id)
    if changed:
        act = "group_post_declared" if sent else "group_post_withdrawn"
        installation.record_audit(turn.tx, turn.now, turn.me.id, act, unit_id, f"{what} {ref}")
    said = text("group.declared", unit=unit.name, sent=sent, changed=changed, count=declared(turn, what, ref))
    return Reply((said,), (_button(turn, what, ref, unit_id, not sent), _other(turn)))


def _buttons(turn: Turn, piece: Piece) -> list[Button]:
    """*Đã gửi nhóm*, or *Chưa gửi*, for each unit of the officer; the unit is named when there are several."""
    done = group_posts.units_of(turn.tx, piece.what, piece.ref)
    mine = units.listed(turn.tx, access.officer_units(turn))[:UNITS_SHOWN]
    names = {unit.id: unit.name if len(mine) > 1 else "" for unit in mine}
    found = [_button(turn, piece.what, piece.ref, id, id not in done, name) for id, name in names.items()]
    return [*found, _other(turn)]


def _button(turn: Turn, what: str, ref: str, unit_id: int, send: bool, name: str = "") -> Button:
    word = "group_sent" if send else "group_unsent"
    option = Option("s" if send else "u", f"{word}_by" if name else word, params={"unit": name} if name else {})
    return standing_button(turn, "grp", f"{LETTERS[what]}.{ref}.{unit_id}", option)


def again_button(turn: Turn, what: str, ref: str) -> Button:
    """A button that gives a piece or a poster, by its own name."""
    if what == posters.POSTER:
        return standing_button(turn, "grp", f"{POSTER}.{ref}", Option("t", "posters"))
    return standing_button(turn, "grp", f"{LETTERS[what]}.{ref}", Option("t", "group_text"))


def _other(turn: Turn) -> Button:
    return Button(turn.at.texts.spoken(Option("other_piece")).label, "m:group_text")

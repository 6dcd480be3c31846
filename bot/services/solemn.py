"""*Chế độ trang trọng*: where it holds, and what it holds back."""

from collections.abc import Collection, Iterable
from typing import Final, TypedDict

from bot.domain.announcements import KINDS
from bot.domain.prompts import Text, text
from bot.domain.time import civil_date
from bot.services import access, media, notices
from bot.services.drafts import Draft
from bot.services.media import Kept
from bot.services.turn import Turn
from bot.storage import announcements, held_pieces, installation, rests, solemn, units
from bot.storage.announcements import Announcement
from bot.storage.held_pieces import HeldPiece
from bot.storage.solemn import Solemn
from bot.vietnamese import format_date

SLICE: Final = 500
GOING_OUT: Final = ("queueing", "sending", "paused")


class Mode(TypedDict):
    """The mode as administrators see it; `area` is "" for everywhere."""

    id: int
    area: str
    reason: str
    since: str


class Overview(TypedDict):
    """Where the mode is solemn, what is held there or left from before, whether all of it may be made solemn.

    `held` are announcements, `pieces` what officers wanted for a group or a wall.
    """

    modes: list[Mode]
    held: list[str]
    pieces: list[str]
    whole: bool
    roots: list[int]


def areas(turn: Turn) -> frozenset[int | None]:
    """The units in whose subtrees the mode is solemn; None among them is everywhere."""
    return frozenset(mode.unit_id for mode in solemn.now(turn.tx))


def covers(turn: Turn, over: Collection[int | None], unit_id: int | None) -> bool:
    """Whether areas hold a member of a unit (None: of none)."""
    if None in over or not over or unit_id is None:
        return None in over
    return any(id in over for id in units.path(turn.tx, unit_id))


def covers_me(turn: Turn) -> bool:
    """Whether the mode is solemn for the acting member."""
    return covers(turn, areas(turn), turn.me.unit_id)


def quiz_rests(turn: Turn) -> Text | None:
    """What is said in place of a question to the acting member while the mode is solemn; None when it is not."""
    return text("solemn.no_quiz") if covers_me(turn) else None


def is_festive(announced: Announcement) -> bool:
    """Whether an announcement is held by its class while the mode is solemn: one that takes another back never is."""
    return KINDS[announced.kind].festive and announced.purpose != "recall"


def waits(turn: Turn, announced: Announcement, files: Iterable[Kept] = ()) -> bool:
    """Whether an announcement is held while the mode is solemn: by its class, or by the pictures it shows.

    `files` are those of one that is not stored yet. What follows another shows its pictures only when that is sent
    again.
    """
    if is_festive(announced):
        return True
    if announced.purpose not in ("", "again"):
        return False
    stored = announcements.files(turn.tx, announced.of_id or announced.id)
    shown = [(kind, name) for _, kind, name in stored] + [(file["kind"], file["name"]) for file in files]
    return _pictures_wait(announced.kind, shown)


def why(kind: str, files: Iterable[Kept]) -> str:
    """Why what an officer writes is held while the mode is solemn: festive, pictures, or "" when it is not."""
    if KINDS[kind].festive:
        return "festive"
    return "pictures" if _pictures_wait(kind, [(file["kind"], file["name"]) for file in files]) else ""


def _pictures_wait(kind: str, files: Iterable[tuple[str, str]]) -> bool:
    return KINDS[kind].pictures_wait and any(media.shows_pictures(*file) for file in files)


def holds(turn: Turn, announced: Announcement, files: Iterable[Kept] = ()) -> bool:
    """Whether an announcement waits for the mode's end (`waits`) and would reach into where it is solemn."""
    over = areas(turn)
    return any(_overlaps(turn, area, announced.audience.top) for area in over) and waits(turn, announced, files)


def holds_draft(turn: Turn, draft: Draft) -> str:
    """Why a draft would be held if it were sent now (`why`), "" when it would not."""
    held = why(draft["kind"], draft["files"])
    return held if held and met_by(turn, draft["to"]) is not None else ""


def met_by(turn: Turn, unit_id: int) -> Mode | None:
    """The mode that what is held from a unit to its subtree would meet, the oldest; None where there is none."""
    return next((_as_mode(turn, mode) for mode in solemn.now(turn.tx) if _overlaps(turn, mode.unit_id, unit_id)), None)


def _overlaps(turn: Turn, area: int | None, unit_id: int | None) -> bool:
    if area is None or unit_id is None:
        return True
    return units.within(turn.tx, unit_id, [area]) or units.within(turn.tx, area, [unit_id])


# -- what officers want for a group or a wall


def hold_piece(turn: Turn, unit_ids: Collection[int], what: str, ref: str, label: str) -> bool:
    """Hold what the acting person wants for one of these units, if the mode covers it; whether it does."""
    over = areas(turn)
    unit_id = next((id for id in unit_ids if covers(turn, over, id)), None)
    if unit_id is None:
        return False
    held_pieces.hold(turn.tx, HeldPiece(0, turn.me.id, "", unit_id, what, ref, label), turn.now)
    return True


def labelled(piece: HeldPiece) -> str:
    """A piece as it stands in lists: what it is, and who wanted it."""
    return f"{piece.label} ({piece.who})" if piece.who else piece.label


def released_pieces(turn: Turn) -> list[HeldPiece]:
    """What is held although the mode covers its unit no more, of the acting administrator's units, oldest first."""
    over = areas(turn)
    found = held_pieces.of_units(turn.tx, access.admin_units(turn))
    return [piece for piece in found if not covers(turn, over, piece.unit_id)]


# -- for administrators


def overview(turn: Turn) -> Overview | None:
    """Where the mode is solemn and what is held; None for who is no administrator."""
    if not access.is_admin(turn):
        return None
    modes = [_as_mode(turn, mode) for mode in solemn.now(turn.tx) if _mine(turn, mode.unit_id)]
    held = [notices.label(turn, announced) for announced in _that_wait(turn, ("held",))]
    pieces = [labelled(piece) for piece in held_pieces.of_units(turn.tx, access.admin_units(turn))]
    return Overview(modes=modes, held=held, pieces=pieces, whole=_mine(turn, None), roots=access.admin_units(turn))


def would_hold(turn: Turn, unit_id: int | None) -> list[str]:
    """Announcements that the mode over a unit would hold, as they are listed."""
    found = _that_wait(turn, ("scheduled", *GOING_OUT))
    return [notices.label(turn, one) for one in found if _overlaps(turn, unit_id, one.audience.top)]


def start(turn: Turn, unit_id: int | None, reason: str) -> bool:
    """Begin it, and hold what it holds of what goes out; False when the acting person may not, or it holds already.

    Nothing daily is claimed from this commit on (the outbox looks at each claim), so that what waits need not be taken
    back in it: the rest follows in slices.
    """
    if not _mine(turn, unit_id) or unit_id in areas(turn):
        return False
    solemn.start(turn.tx, unit_id, reason, turn.me.id, turn.now)
    installation.record_audit(turn.tx, turn.now, turn.me.id, "solemn_started", unit_id, reason)
    for announced in _that_wait(turn, GOING_OUT):
        if holds(turn, announced):
            announcements.move(turn.tx, announced.id, (announced.state,), "held")
            rests.hold_rest(turn.tx, notices.origin(announced.id), announced.id)
    hold_slice(turn)
    return True


def end(turn: Turn, id: int) -> bool:
    """End it; nothing goes out by that. False when the acting person may not, or it ended before."""
    mode = next((mode for mode in solemn.now(turn.tx) if mode.id == id), None)
    if mode is None or not _mine(turn, mode.unit_id) or not solemn.end(turn.tx, id, turn.me.id, turn.now):
        return False
    installation.record_audit(turn.tx, turn.now, turn.me.id, "solemn_ended", mode.unit_id, mode.reason)
    return True


def released(turn: Turn) -> list[Announcement]:
    """What is held although the mode is solemn no more, of the acting administrator's units, oldest first."""
    return [announced for announced in _that_wait(turn, ("held",)) if not holds(turn, announced)]


def _that_wait(turn: Turn, states: tuple[str, ...]) -> list[Announcement]:
    found = announcements.in_states(turn.tx, access.admin_units(turn), states)
    return [announced for announced in found if waits(turn, announced)]


def _mine(turn: Turn, unit_id: int | None) -> bool:
    return access.access_seekers(turn) if unit_id is None else access.access_unit_by_admin(turn, unit_id)


def _as_mode(turn: Turn, mode: Solemn) -> Mode:
    unit = units.by_id(turn.tx, mode.unit_id) if mode.unit_id is not None else None
    since = format_date(civil_date(mode.started_at, turn.at.zone))
    return Mode(id=mode.id, area=unit.name if unit is not None else "", reason=mode.reason, since=since)


# -- by itself


def hold_slice(turn: Turn) -> bool:
    """Take back daily pieces that wait where the mode is solemn; whether there are more."""
    over = areas(turn)
    if not over:
        return False
    inside = [] if None in over else [id for id in over if id is not None]
    return solemn.cancel_slice(turn.tx, inside, turn.now, SLICE)

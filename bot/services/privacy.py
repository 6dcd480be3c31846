"""A member's own data: shown to them, written to a file, erased for good."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any, Final, TypedDict

from bot.channels.render import plain
from bot.domain.messages import OutboundMedia
from bot.domain.prompts import Option, text
from bot.domain.time import DAY, civil_date
from bot.services import linking, posting, preferences, role_ends
from bot.services import nominations as deeds
from bot.services import recordings as recorded
from bot.services.linking import Place
from bot.services.preferences import Preferences
from bot.services.turn import Turn
from bot.storage import erasures, installation, nominations, privacy
from bot.storage.nominations import Nomination
from bot.storage.privacy import Held
from bot.vietnamese import format_date, matches

EXPORT_KEPT: Final = DAY
RECEIPT_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
RECEIPT_LENGTH: Final = 8


class Introduced(TypedDict):
    """A good deed the member introduced; `lines` is what they wrote."""

    code: str
    state: str
    on: str
    lines: list[str]


class Waiting(TypedDict):
    """A missed question that will be asked again; `stability` in days, `difficulty` of 10, both as "6,4"."""

    text: str
    answered_on: str
    due_on: str
    returns: int
    stability: str
    difficulty: str


class Returned(TypedDict):
    """The last day on which missed questions were answered again, and how many."""

    day: str
    count: int


class Shown(TypedDict):
    """What is kept, as the member reads it; dates as 19/5/2025, counts as numbers."""

    now: Preferences
    consent: str
    consent_on: str
    joined_on: str
    request: str
    places: list[Place]
    roles: list[tuple[str, str]]
    cards: int
    work: str
    work_since: str
    language: str
    language_since: str
    saved: list[str]
    right: int
    missed: list[Waiting]
    returned: Returned | None
    announced: int
    acknowledged: int
    introduced: list[Introduced]
    recorded: list[str]


def export(turn: Turn) -> Shown:
    """Gather everything, and send it as a file that is deleted after a day."""
    me = turn.me
    held = privacy.held(turn.tx, me.id)
    work, work_at = held["work"] or ("", 0)
    language, language_at = held["language"] or ("", 0)
    known = turn.at.pack.language_by_id.get(language)
    titles = {card.id: card.title for card in turn.at.pack.cards}
    shown = Shown(
        now=preferences.current(turn),
        consent=me.consent_version,
        consent_on=_day(turn, me.consent_at),
        joined_on=_day(turn, held["created_at"]),
        request=held["request"],
        places=linking.places(turn),
        roles=held["roles"],
        cards=len(held["cards"]),
        work=turn.at.pack.works.get(work, work),
        work_since=_day(turn, work_at) if work else "",
        language=known.name if known is not None else language,
        language_since=_day(turn, language_at) if language else "",
        saved=[titles.get(id, id) for id, _ in held["saved"]],
        right=held["right"],
        missed=[_waiting(turn, row) for row in held["missed"]],
        returned=_returned(held["returned"]),
        announced=held["announced"],
        acknowledged=held["acknowledged"],
        introduced=[_introduced(turn, deed) for deed in nominations.of_member(turn.tx, me.id)],
        recorded=recorded.own(turn),
    )
    _send_file(turn, plain(turn.render(text("privacy.file", **shown, **_read(turn, held), moment=_moment(turn)))))
    return shown


def _read(turn: Turn, held: Held) -> dict[str, Any]:
    """The cards the member had, each with its revisions, and the errata they were sent."""
    titles = {card.id: card.title for card in turn.at.pack.cards}
    corrected = {erratum.id: titles[erratum.card] for erratum in turn.at.pack.errata}
    return {
        "card_list": [
            (titles.get(id, id), _day(turn, at), [revision for card, revision, _ in held["revisions"] if card == id])
            for id, at in held["cards"]
        ],
        "corrected": [(corrected.get(id, id), _day(turn, at)) for id, at in held["corrected"]],
    }


def _waiting(turn: Turn, row: tuple[str, str, int, float, float, int]) -> Waiting:
    id, due, days, stability, difficulty, returns = row
    found, due_on = turn.at.pack.question_by_id.get(id), date.fromisoformat(due)
    return Waiting(
        text=found.text if found is not None else id,
        answered_on=format_date(due_on - timedelta(days=days)),
        due_on=format_date(due_on),
        returns=returns,
        stability=f"{stability:.1f}".replace(".", ","),
        difficulty=f"{difficulty:.1f}".replace(".", ","),
    )


def _returned(row: tuple[str, int] | None) -> Returned | None:
    return Returned(day=format_date(date.fromisoformat(row[0])), count=row[1]) if row is not None else None


def _introduced(turn: Turn, deed: Nomination) -> Introduced:
    return Introduced(
        code=deed.code,
        state=turn.render(text(f"good_deed.state_{deed.state}")),
        on=_day(turn, deed.created_at),
        lines=[plain(turn.render(line)) for _, line in deeds.lines(deeds.facts_of(turn, deed))],
    )


def _send_file(turn: Turn, content: str) -> None:
    """The path follows from the turn alone: a turn run again after a crash writes the same file again."""
    assert turn.address is not None
    directory = turn.at.data_dir.absolute() / "exports"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{turn.at.digest('export', turn.cause).hex()}.txt"
    written = content.encode()
    path.write_bytes(written)
    name = turn.at.texts.words["export_file"].show
    id = privacy.add_export(turn.tx, turn.me.id, str(path), name, len(written), turn.now, turn.now + EXPORT_KEPT)
    posting.reply(turn, turn.address, [], media=[OutboundMedia("document", id, name)])


def is_confirmation(turn: Turn, typed: str) -> bool:
    """Whether exactly the word was typed, with its accents or, on a keyboard that has none, without."""
    return matches(typed, (turn.at.texts.spoken(Option("erase_word")).label,))


def erase(turn: Turn) -> str:
    """Remove the member and everything of theirs; returns a receipt, which names nobody."""
    code = "".join(secrets.choice(RECEIPT_LETTERS) for _ in range(RECEIPT_LENGTH))
    erased = erasures.identities(turn.tx, turn.me.id)
    ended = role_ends.with_deputies(turn, turn.me.id)
    privacy.erase(turn.tx, turn.me.id, turn.now)
    erasures.write_down(turn.at.data_dir, erased, turn.now)
    installation.record_audit(turn.tx, turn.now, None, "erased", detail=code)
    turn.member = None
    role_ends.tell_and_look_after(turn, ended)
    return code


def _day(turn: Turn, at: int) -> str:
    return format_date(civil_date(at, turn.at.zone))


def _moment(turn: Turn) -> str:
    return f"{datetime.fromtimestamp(turn.now / 1000, turn.at.zone):%H:%M}, {format_date(turn.today)}"

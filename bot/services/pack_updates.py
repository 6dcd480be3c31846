"""*Cập nhật nội dung*: an administrator asks for the changed pack; it is checked first, and taken up between turns.

The wish is remembered until it was answered; reading and checking happen beside the turns (`scheduler.pack_update`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

import orjson

from bot.domain.messages import Button
from bot.domain.prompts import Option, Text, text
from bot.services import access, pack_approval, posting, roster
from bot.services.turn import Turn
from bot.storage import installation, members
from bot.storage.database import Transaction
from content.loader import BrokenPack, Loaded
from content.models import Card, Pack

FINDINGS_SHOWN: Final = 3
CARDS_SHOWN: Final = 10

_WANTED: Final = "pack_update"
_IN_USE: Final = "pack_in_use"
_TOLD: Final = "pack_broken_told"


class InUse(TypedDict):
    """The content in use, in numbers."""

    year: int
    title: str
    cards: int
    questions: int
    revision: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish that waits: the revision in use when it was first uttered, and at which addresses it was."""

    before: str
    addresses: tuple[int, ...]


class Changed(TypedDict):
    """A card with other words than before, and the revision that was replaced, for an erratum to name."""

    id: str
    before: str


def may_update(turn: Turn) -> bool:
    """Whether the acting person decides on what everybody reads: who administers a whole tree."""
    return access.access_seekers(turn)


def overview(turn: Turn) -> InUse | None:
    """The content in use; None for who may not change it."""
    return _as_shown(turn.at.pack) if may_update(turn) else None


def ask(turn: Turn) -> bool:
    """Have the pack's files read again; False for who may not."""
    if not may_update(turn):
        return False
    assert turn.address is not None
    waiting = wanted(turn.tx) or Wanted(turn.at.pack.revision, ())
    addresses = list(dict.fromkeys([*waiting.addresses, turn.address.id]))
    _want(turn.tx, Wanted(waiting.before, tuple(addresses)))
    installation.record_audit(turn.tx, turn.now, turn.me.id, "content_asked", detail=waiting.before)
    return True


def look_again(tx: Transaction) -> None:
    """Have a running bot choose its pack anew: what is approved has changed."""
    _want(tx, wanted(tx) or Wanted(in_use(tx), ()))


def _want(tx: Transaction, wish: Wanted) -> None:
    value = orjson.dumps({"before": wish.before, "addresses": wish.addresses}).decode()
    installation.set_setting(tx, _WANTED, value)


def wanted(tx: Transaction) -> Wanted | None:
    """The wish that waits."""
    value = installation.setting(tx, _WANTED)
    if value is None:
        return None
    stored = orjson.loads(value)
    return Wanted(stored["before"], tuple(stored["addresses"]))


def in_use(tx: Transaction) -> str:
    """The revision that the bot used last, "" before its first start."""
    return installation.setting(tx, _IN_USE) or ""


def began(turn: Turn, chosen: Loaded | None) -> None:
    """At a start: write down what is used, and tell administrators, once, what was wrong with what is not.

    Of files beside an approved pack they are told otherwise (`pack_approval.tell_changed`).
    """
    installation.set_setting(turn.tx, _IN_USE, turn.at.pack.revision)
    if chosen is None or chosen.broken is None or chosen.approved is not None:
        installation.drop_setting(turn.tx, _TOLD)
        return
    report = _refusal(turn, chosen.broken)
    told = turn.at.digest("pack", turn.render(report)).hex()
    if installation.setting(turn.tx, _TOLD) == told:
        return
    for member_id in roster.administrators(turn):
        installation.set_setting(turn.tx, _TOLD, told)
        roster.tell(turn, member_id, report, ("update_content", "update_content"), f"pack:{turn.at.pack.revision}")


def took(turn: Turn, asked: Wanted, before: Pack, loaded: Loaded) -> None:
    """The files were read: who asked hears what is used now, or what keeps the files from being used."""
    pack = turn.at.pack
    installation.set_setting(turn.tx, _IN_USE, pack.revision)
    if loaded.broken is not None:
        _answer(turn, asked, _refusal(turn, loaded.broken), again=True)
        return
    if loaded.approved is not None and loaded.files != pack.revision:
        _answer(turn, asked, pack_approval.differs(turn, loaded))
        return
    if asked.before == pack.revision:
        _answer(turn, asked, text("pack.same", **_as_shown(pack)))
        return
    changed = _changed(before, pack)
    shown = changed[:CARDS_SHOWN]
    _answer(turn, asked, text("pack.updated", **_as_shown(pack), changed=shown, more=len(changed) - len(shown)))


def unreadable(turn: Turn, asked: Wanted, reason: str) -> None:
    """The folder could not be read, or no copy of it be kept."""
    _answer(turn, asked, text("pack.unreadable", reason=reason), again=True)


def _answer(turn: Turn, asked: Wanted, said: Text, *, again: bool = False) -> None:
    installation.drop_setting(turn.tx, _WANTED)
    buttons = [Button(turn.at.texts.spoken(Option("update_content")).label, "m:update_content")] if again else []
    for address_id in asked.addresses:
        turn.member = members.at_address(turn.tx, address_id)
        if turn.member is not None:
            posting.reply(turn, members.address_by_id(turn.tx, address_id), [turn.render(said)], buttons)


def _refusal(turn: Turn, broken: BrokenPack) -> Text:
    errors = [finding for finding in broken.findings if finding.severity == "error"]
    shown = [
        {"file": _below(finding.file, broken.path), "line": finding.line, "says": finding.message_vi}
        for finding in errors[:FINDINGS_SHOWN]
    ]
    return text("pack.refused", count=len(errors), findings=shown, revision=turn.at.pack.revision)


def _below(file: Path, folder: Path) -> str:
    return (file.relative_to(folder) if file.is_relative_to(folder) else file).as_posix()


def _changed(before: Pack, now: Pack) -> list[Changed]:
    def is_other(card: Card) -> bool:
        known = before.card_by_id.get(card.id)
        return known is not None and known.revision != card.revision

    return [Changed(id=card.id, before=before.card_by_id[card.id].revision) for card in now.cards if is_other(card)]


def _as_shown(pack: Pack) -> InUse:
    return InUse(
        year=pack.year,
        title=pack.title,
        cards=len(pack.cards),
        questions=len(pack.questions),
        revision=pack.revision,
    )

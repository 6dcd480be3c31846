"""What a leader approved is what is sent: it is written down, and administrators hear when the files say otherwise."""

from typing import Final

from bot.domain.prompts import Text, text
from bot.domain.time import civil_date
from bot.services import roster
from bot.services.turn import Turn
from bot.storage import installation, pack_approvals
from bot.storage.database import Transaction
from bot.vietnamese import format_date
from content.loader import Loaded

_TOLD: Final = "pack_changed_told"


def record(tx: Transaction, copy: str, by: str, now: int) -> None:
    """Write an approval down, in its own table and in the log of acts."""
    pack_approvals.add(tx, copy, by, now)
    installation.record_audit(tx, now, None, "pack_approved", None, f"{copy} {by}")


def is_lost(turn: Turn, loaded: Loaded) -> bool:
    """Whether what is sent is not what was approved last: its kept copy is gone or spoilt."""
    recorded = pack_approvals.latest(turn.tx)
    return recorded != "" and (loaded.approved is None or loaded.approved.copy != recorded)


def differs(turn: Turn, loaded: Loaded) -> Text:
    """That an approved pack is sent, and the files are another."""
    assert loaded.approved is not None
    day = format_date(civil_date(loaded.approved.at, turn.at.zone))
    return text("pack.changed", day=day, by=loaded.approved.by, count=len(loaded.changed))


def tell_changed(turn: Turn, loaded: Loaded) -> None:
    """Tell administrators, once for each state of the files, that these are not what was approved and is sent."""
    if loaded.approved is None or loaded.files == loaded.pack.revision:
        return
    if installation.setting(turn.tx, _TOLD) == loaded.files:
        return
    news = differs(turn, loaded)
    for member_id in roster.administrators(turn):
        installation.set_setting(turn.tx, _TOLD, loaded.files)
        roster.tell(turn, member_id, news, ("work", "work"), "pack:changed")

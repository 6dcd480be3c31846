"""Time: the clock, what is due when, and the ticker that does it."""

from collections.abc import Sequence
from pathlib import Path

from bot.domain.people import Slot
from bot.services.daily import CHOSEN
from scheduler.backups import BackupDue
from scheduler.daily import Daily, Errata
from scheduler.expiry import DialogExpiry, Forgetting
from scheduler.intervals import INTERVALS
from scheduler.mornings import MORNINGS
from scheduler.retention import Retention
from scheduler.ticker import Source


def sources(database: Path) -> Sequence[Source]:
    """Everything that becomes due; `database` is the file beside which copies lie."""
    return [
        *(Daily(slot) for slot in Slot),
        *(Errata(slot) for slot in Slot if slot not in CHOSEN),
        *MORNINGS,
        *INTERVALS,
        DialogExpiry(),
        Forgetting(),
        BackupDue(),
        Retention(database),
    ]

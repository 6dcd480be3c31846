"""Time: the clock, what is due when, and the ticker that does it."""

from collections.abc import Sequence
from pathlib import Path

from bot.domain.people import Slot
from scheduler.approvals import Approvals
from scheduler.backups import BackupDue
from scheduler.daily import Daily
from scheduler.expiry import DialogExpiry, Forgetting
from scheduler.mornings import MORNINGS
from scheduler.quota import Plans
from scheduler.retention import Retention
from scheduler.solemn import SolemnHold
from scheduler.ticker import Source
from scheduler.unit_endings import UnitEndings


def sources(database: Path) -> Sequence[Source]:
    """Everything that becomes due; `database` is the file beside which copies lie."""
    return [
        *(Daily(slot) for slot in Slot),
        *MORNINGS,
        Approvals(),
        SolemnHold(),
        DialogExpiry(),
        Forgetting(),
        UnitEndings(),
        Plans(),
        BackupDue(),
        Retention(database),
    ]

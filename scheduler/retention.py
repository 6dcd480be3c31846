"""Nightly: what was kept long enough goes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.domain.time import DAY
from bot.services import questions
from bot.services.turn import Installation, Turn
from bot.storage import expiry, inbox, linking, outbox, privacy, typed
from scheduler.expiry import DIALOG_KEPT
from scheduler.hours import next_at

MESSAGES_KEPT: Final = 30 * DAY
UPDATES_KEPT: Final = 7 * DAY
OCCURRENCES_KEPT: Final = timedelta(days=30)
TYPED_CODES_KEPT: Final = 30 * DAY
"""So long after its seven days a code is still known for what it was."""
BACKUPS_KEPT: Final = 7 * DAY
ROWS_A_SLICE: Final = 1000
MINUTE_OF_DAY: Final = 3 * 60


class Retention:
    """Prunes what is old, kind after kind; the cursor counts the kinds that are through."""

    name = "retention"
    sends = False

    def __init__(self, database: Path) -> None:
        self._database = database
        kinds = (_messages, _updates, _occurrences, _missed, _codes, self._backups)
        self._kinds: tuple[Callable[[Turn], int], ...] = kinds

    def next_due(self, at: Installation, after: int) -> int | None:
        """Three at night."""
        return next_at(at, MINUTE_OF_DAY, after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next night."""
        return next_at(at, MINUTE_OF_DAY, due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Some rows of one kind."""
        if self._kinds[cursor](turn) == ROWS_A_SLICE:
            return cursor
        privacy.want_wipe(turn.tx)
        return cursor + 1 if cursor + 1 < len(self._kinds) else None

    def _backups(self, turn: Turn) -> int:
        """Copies that were made before a migration."""
        for copy in self._database.parent.glob(f"{self._database.name}.before-*"):
            if copy.stat().st_mtime * 1000 < turn.now - BACKUPS_KEPT:
                copy.unlink()
        return 0


def _messages(turn: Turn) -> int:
    return outbox.prune(turn.tx, turn.now - MESSAGES_KEPT, ROWS_A_SLICE)


def _updates(turn: Turn) -> int:
    return inbox.prune(turn.tx, turn.now - UPDATES_KEPT, ROWS_A_SLICE)


def _occurrences(turn: Turn) -> int:
    return expiry.prune_occurrences(turn.tx, (turn.today - OCCURRENCES_KEPT).isoformat(), ROWS_A_SLICE)


def _missed(turn: Turn) -> int:
    return questions.let_lapse(turn, ROWS_A_SLICE)


def _codes(turn: Turn) -> int:
    expiry.drop_codes(turn.tx, turn.now)
    linking.prune_codes(turn.tx, turn.now, turn.now - DIALOG_KEPT)
    typed.drop_expired(turn.tx, turn.now - TYPED_CODES_KEPT)
    return 0

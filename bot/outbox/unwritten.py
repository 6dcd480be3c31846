"""What finished calls leave to be written: the marks of their rows, and whatever follows from them."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from bot.domain.time import Clock
from bot.storage import outbox
from bot.storage.database import Database, Transaction, is_trouble
from bot.storage.outbox import Mark

log = structlog.get_logger(__name__)
T = TypeVar("T")

After = Callable[[Transaction, int], None]
"""What a finished call changes besides its row; the second argument is people's time."""


class Unwritten:
    """Collected between commits; false while there is nothing."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self._after: list[After] = []

    def __bool__(self) -> bool:
        return bool(self.marks or self._after)

    def mark(self, mark: Mark) -> None:
        """A row's call has ended so."""
        self.marks.append(mark)

    def then(self, change: After) -> None:
        """Do this in the same transaction, after the marks."""
        self._after.append(change)

    async def commit(self, db: Database, clock: Clock, work: Callable[[Transaction], T]) -> T:
        """Write everything and do `work` in one transaction; after an error everything is kept for the next."""
        marks, after = self.marks, self._after
        self.marks, self._after = [], []

        def job(tx: Transaction) -> T:
            now = clock.now()
            outbox.mark(tx, marks, now)
            for change in after:
                _change(change, tx, now)
            return work(tx)

        try:
            return await db.write(job)
        except BaseException:
            self.marks[:0] = marks
            self._after[:0] = after
            raise


def _change(change: After, tx: Transaction, now: int) -> None:
    """A fault in what follows a call must not keep marks from being written."""
    try:
        change(tx, now)
    except Exception as error:
        if is_trouble(error):
            raise
        log.exception("after_call_failed")

"""Texts made when a row is claimed, from its origin, so that a fan-out stores no text of its own."""

from bot.domain.messages import Outbound, OutboundMedia
from bot.services import following, notices
from bot.services.notices import Reader
from bot.services.turn import Installation, Turn
from bot.storage import announcements, broadcasts
from bot.storage.announcements import Announcement
from bot.storage.database import Transaction
from bot.storage.outbox import Claimed


class Composing:
    """Makes the messages of the rows of one claim: what many of them share is read and rendered once."""

    def __init__(self, installation: Installation, tx: Transaction, now: int) -> None:
        self._turn = Turn(tx, installation, now, notices.ORIGIN)
        self._read: dict[int, Announcement | None] = {}
        self._files: dict[int, list[OutboundMedia]] = {}
        self._made: dict[tuple[int, Reader], Outbound] = {}

    def compose(self, row: Claimed) -> Outbound | None:
        """The message of a row without a body; None when it was taken back, or its origin is gone or was stopped."""
        kind, _, id = row.origin.partition(":")
        if kind != notices.ORIGIN:
            return None
        announced = self._announced(int(id))
        found = broadcasts.reader(self._turn.tx, row.address_id, self._turn.now)
        if announced is None or announced.state in ("stopping", "stopped") or found is None:
            return None
        reader = Reader(found[0], row.address_id, *found[1:])
        if announced.of_id is not None:
            return following.compose(self._turn, row, announced, reader)
        return self._notice(announced, notices.as_seen(self._turn, announced, reader))

    def _notice(self, announced: Announcement, reader: Reader) -> Outbound:
        made = self._made.get((announced.id, reader))
        if made is None:
            if announced.id not in self._files:
                self._files[announced.id] = notices.files(self._turn, announced.id)
            made = notices.message(self._turn, announced, self._files[announced.id], reader)
            self._made[(announced.id, reader)] = made
        return made

    def _announced(self, id: int) -> Announcement | None:
        if id not in self._read:
            self._read[id] = announcements.by_id(self._turn.tx, id)
        return self._read[id]

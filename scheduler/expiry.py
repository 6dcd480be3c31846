"""What ends by itself: conversations left lying, and everything about people who did not agree to be known."""

from pathlib import Path
from typing import Final

from bot.domain.time import DAY, MINUTE
from bot.services.turn import Installation, Turn
from bot.storage import expiry, media, privacy, unnaming
from scheduler.hours import next_at

DIALOG_KEPT: Final = 180 * DAY
UNKNOWN_KEPT: Final = DAY
DIALOGS_A_SLICE: Final = 500
ADDRESSES_A_SLICE: Final = 100
FILES_A_SLICE: Final = 20
MINUTE_OF_DAY: Final = 3 * 60 + 30


class DialogExpiry:
    """Once a night, conversations nobody has touched for 180 days end."""

    name = "dialog_expiry"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """Half past three."""
        return next_at(at, MINUTE_OF_DAY, after)

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next night."""
        return next_at(at, MINUTE_OF_DAY, due_at) - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Some of them."""
        ended = expiry.end_dialogs(turn.tx, turn.now - DIALOG_KEPT, DIALOGS_A_SLICE)
        return cursor + 1 if ended == DIALOGS_A_SLICE else None


class Forgetting:
    """Every minute: addresses without a member, silent for a day or to be forgotten, of who waits for a place only what
    was said; files whose time is up; names of erased officers in what others were shown."""

    name = "forgetting"
    sends = False

    def next_due(self, at: Installation, after: int) -> int | None:
        """The next full minute."""
        return after - after % MINUTE + MINUTE

    def valid_until(self, at: Installation, due_at: int) -> int:
        """Until the next minute."""
        return due_at + MINUTE - 1

    def run_slice(self, turn: Turn, due_at: int, cursor: int) -> int | None:
        """Some of them; a file is unlinked before its row goes, so that a crash leaves the row."""
        addresses = expiry.unknown_addresses(turn.tx, turn.now, turn.now - UNKNOWN_KEPT, ADDRESSES_A_SLICE)
        for address_id in addresses:
            expiry.forget_address(turn.tx, address_id)
        said = expiry.forget_said_to_waiting(turn.tx, turn.now - UNKNOWN_KEPT)
        files = expiry.expired_media(turn.tx, turn.now, FILES_A_SLICE)
        for id, path in files:
            if path:
                Path(path).unlink(missing_ok=True)
                Path(path).with_suffix(media.PART).unlink(missing_ok=True)  # of a fetch that a kill cut short
            expiry.forget_media(turn.tx, id)
        named = unnaming.take_out_slice(turn.tx)
        if addresses or said or files or named:
            privacy.want_wipe(turn.tx)
        more = named or len(addresses) == ADDRESSES_A_SLICE or len(files) == FILES_A_SLICE
        return cursor + 1 if more else None

"""Pictures that are the same for everybody: drawn by whoever wants them first, uploaded once, sent to many."""

from collections.abc import Callable
from typing import Final

from bot.domain.messages import OutboundMedia
from bot.domain.time import DAY
from bot.services import posting
from bot.services.turn import Turn
from bot.storage import media

KEPT: Final = 30 * DAY
STILL_NEEDED: Final = 2 * DAY
"""Nothing is sent later than that by a row that was queued now."""


def send(turn: Turn, content: object, draw: Callable[[], bytes], name: str) -> None:
    """Answer with the picture of `content`, whose `repr` says all that stands on it; `draw` makes it if need be.

    Drawing takes as long as a hundred turns; the picture is kept for a month, and nobody's name is with it.
    """
    assert turn.address is not None
    key = turn.at.digest("drawn", repr(content))
    id = media.drawn(turn.tx, key, turn.now + STILL_NEEDED)
    if id is None:
        directory = turn.at.data_dir.absolute() / "exports"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The path follows from the turn: one run again after a crash writes the same file again.
        path = directory / f"{turn.at.digest('drawn', f'{turn.cause}:{key.hex()}').hex()}.png"
        drawn = draw()
        path.write_bytes(drawn)
        id = media.keep_drawn(turn.tx, key, str(path), name, len(drawn), turn.now, turn.now + KEPT)
    posting.reply(turn, turn.address, [], media=[OutboundMedia("photo", id, name)])

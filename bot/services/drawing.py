"""Pictures that are the same for everybody: made by whoever wants them first, uploaded once, sent to many."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bot.channels.render import plain
from bot.domain.messages import OutboundMedia
from bot.domain.prompts import text
from bot.domain.time import DAY
from bot.services import posting
from bot.services.turn import Turn
from bot.storage import media
from content import printing
from content.printing import CardPicture, Picture

KEPT: Final = 30 * DAY
STILL_NEEDED: Final = 2 * DAY
"""Nothing is sent later than that by a row that was queued now."""


def alternative(turn: Turn, picture: Picture | CardPicture) -> str:
    """What a picture says, for who does not see it: the very words that stand on it."""
    block = "card" if isinstance(picture, CardPicture) else "piece"
    return plain(turn.render(text(f"pictures.{block}", **asdict(picture))))


def send(turn: Turn, picture: Picture | CardPicture, name: str) -> None:
    """Answer with a picture that we draw, without a caption: its words stand in the message beside it."""
    assert turn.address is not None
    id = kept(turn, repr(picture), lambda: drawn(picture), name)
    shown = OutboundMedia("photo", id, name, alternative(turn, picture))
    posting.reply(turn, turn.address, [], media=[shown])


def drawn(picture: Picture | CardPicture) -> bytes:
    """The picture as a PNG."""
    return printing.card_picture(picture) if isinstance(picture, CardPicture) else printing.picture(picture)


def kept(turn: Turn, content: str, make: Callable[[], bytes], name: str, kind: str = "photo") -> int:
    """The media row of what `content` tells from all others; `make` gives its bytes if there is none.

    A picture, or another `kind` of file that is the same for everybody.

    Drawing takes some 60 ms (the first after a start 100), as long as a hundred turns, which wait; the picture is kept
    for a month, and nobody's name is with it.
    """
    key = turn.at.digest("drawn", content)
    id = media.drawn(turn.tx, key, turn.now + STILL_NEEDED)
    # Files go astray where somebody tidies up: then everybody would get nothing for a month.
    if id is not None and Path(media.stored(turn.tx, id, turn.now) or "").is_file():
        return id
    directory = turn.at.data_dir.absolute() / "exports"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The path follows from the turn: one run again after a crash writes the same file again.
    path = directory / f"{turn.at.digest('drawn', f'{turn.cause}:{key.hex()}').hex()}{name[name.rfind('.') :]}"
    made = make()
    path.write_bytes(made)
    return media.keep_drawn(turn.tx, key, kind, str(path), name, len(made), turn.now, turn.now + KEPT)

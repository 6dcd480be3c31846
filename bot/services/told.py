"""What there is of a card, a question or a script in another language: the pack's own before what was recorded here."""

import hashlib
from pathlib import Path
from typing import Final

from markupsafe import escape

from bot.domain.messages import OutboundMedia
from bot.domain.prompts import text
from bot.services import drawing, posting
from bot.services.turn import Turn
from bot.storage import recordings
from content.models import Recording, Variant

SPOKEN: Final = "spoken"
WRITTEN: Final = "written"


def there_is(turn: Turn, language: str, target: str) -> str:
    """What there is of a target (`card-hon-da`) in the language with this code: SPOKEN, WRITTEN or ""."""
    found = turn.at.pack.told.get((language, target))
    if isinstance(found, Recording) or _recorded(turn, language, target) is not None:
        return SPOKEN
    return WRITTEN if found is not None else ""


def send(turn: Turn, language: str, target: str) -> bool:
    """Answer with it: a recording before a text, the pack's recording before one that was sent here.

    False when there is nothing that can be sent.
    """
    assert turn.address is not None
    found, sent = turn.at.pack.told.get((language, target)), _recorded(turn, language, target)
    if isinstance(found, Recording):
        return _send_from_pack(turn, found)
    if sent is not None:
        posting.reply(turn, turn.address, [], media=[OutboundMedia("voice", sent.media_id, sent.name)])
    elif isinstance(found, Variant):
        by = turn.render(text("listening.written", speaker=found.speaker))
        posting.reply(turn, turn.address, [f"{escape(found.body)}\n\n{by}"])
    return sent is not None or found is not None


def send_all(turn: Turn, target: str) -> list[str]:
    """Send what there is in any language, for whoever plays it to others; returns the languages' names."""
    return [each.name for each in turn.at.pack.languages if send(turn, each.id, target)]


def _recorded(turn: Turn, language: str, target: str) -> recordings.Played | None:
    return recordings.played(turn.tx, language, target, turn.at.pack.revision_of(target))


def _send_from_pack(turn: Turn, found: Recording) -> bool:
    """The pack's folder may be changed under a running bot: only the very recording that was checked goes out."""
    path = Path(found.path)
    raw = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(raw).hexdigest() != found.digest:
        return False
    assert turn.address is not None
    id = drawing.kept(turn, repr(found), lambda: raw, found.file, kind="voice")
    posting.reply(turn, turn.address, [], media=[OutboundMedia("voice", id, found.file)])
    return True

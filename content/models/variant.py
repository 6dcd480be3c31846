"""What of a pack there is in other languages: written or spoken by people who speak them, never made up."""

import datetime
import hashlib
from typing import Annotated, Final

from pydantic import StringConstraints

from content.models.part import Part, Text

AUDIO: Final = (".ogg", ".mp3")
"""What recordings may be: every channel plays these, or has a link that does."""
RECORDING_BYTES: Final = 2_000_000
"""Eight minutes of a voice note."""
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]


class Language(Part):
    """A language one may listen in: its ISO 639-3 code, and what it is called where it is spoken.

    `note` is what people who know the language still have to confirm.
    """

    id: LanguageCode
    name: Text
    note: Text | None = None


class Variant(Part):
    """A text in another language, told by `speaker`.

    `of` names what it is of: `card-hon-da`, `question-hon-da-1`, `script-12` (the week's). `revision` is that of what
    was told; once there is another, the variant is not shown.
    """

    language: LanguageCode
    of: Text
    speaker: Text
    provided_on: datetime.date
    revision: str = ""
    body: Text


class Recording(Part):
    """The same spoken: `file` beside the list, `path` and `digest` (of its bytes) as it was read.

    `consent` says how the speaker agreed that members hear it.
    """

    language: LanguageCode
    of: Text
    file: Text
    speaker: Text
    provided_on: datetime.date
    consent: Text
    revision: str = ""
    path: str
    digest: str


def revision_over(parts: list[str]) -> str:
    """One revision for several texts: it changes with any of them."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

"""A pack in which two cards and a script are told in another language. What stands in them is a placeholder: nobody told it."""

import hashlib
from datetime import date
from pathlib import Path

from content.models import Pack, Recording, Variant
from tests.support.house import PACK

SOUND = b"OggS a voice"
WORDS = "«…»"
UNTOLD = PACK.questions[0].id
"""The one question that is not."""


def told_pack(directory: Path) -> Pack:
    """The pack with its first card and the script of week 20 spoken, and its second card and all questions but one written, in blt."""
    path = directory / "mot.ogg"
    path.write_bytes(SOUND)
    first, second = PACK.cards[:2]
    spoken = Recording(
        language="blt",
        of=f"card-{first.id}",
        file=path.name,
        speaker="Bà A",
        provided_on=date(2025, 5, 1),
        consent="Đồng ý",
        revision=first.text_revision,
        path=str(path),
        digest=hashlib.sha256(SOUND).hexdigest(),
    )
    written = Variant(
        language="blt",
        of=f"card-{second.id}",
        speaker="Bà <b>A</b>",
        provided_on=date(2025, 5, 1),
        revision=second.text_revision,
        body=WORDS,
    )
    script = spoken.model_copy(update={"of": "script-20", "revision": PACK.revision_of("script-20")})
    asked = [
        written.model_copy(update={"of": f"question-{each.id}", "revision": PACK.revision_of(f"question-{each.id}")})
        for each in PACK.questions
        if each.id != UNTOLD
    ]
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    return Pack(**parts | {"recordings": (spoken, script), "variants": (written, *asked)})

"""Tables looked up by what people type, with or without accents."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from bot.vietnamese.folding import fold, fold_phrase, has_accents, normalise, spell_phrase, spelling

Value = TypeVar("Value")

_PARTICLE = re.compile(r"[\s,]+(?:ạ|nhé|nhe|nha)\W*$", re.IGNORECASE)


@lru_cache(maxsize=64)
def without_particle(text: str) -> str:
    """Return a short answer normalised and without the polite word that may end it («2 ạ», «hôm qua nhé»)."""
    return _PARTICLE.sub("", normalise(text))


class PhraseTable(Generic[Value]):
    """Values by phrase: a text with accents must be spelled like the phrase, one with none is folded.

    Of two phrases that fold alike the one that has no accents answers to the text without accents («nghe», not «nghề»),
    else the first one.
    """

    __slots__ = ("_folded", "_spelled")

    def __init__(self, values: Mapping[str, Value]) -> None:
        """Build both indexes of `values`."""
        self._spelled = {spell_phrase(phrase): value for phrase, value in values.items()}
        self._folded: dict[str, Value] = {}
        for phrase in sorted(values, key=has_accents):
            self._folded.setdefault(fold_phrase(phrase), values[phrase])

    def get(self, text: str) -> Value | None:
        """Return the value of the phrase that `text` is, or None."""
        return self._spelled.get(spelling(text)) if has_accents(text) else self._folded.get(fold(text))

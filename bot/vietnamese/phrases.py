"""Tables looked up by what people type, with or without accents."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from bot.vietnamese.folding import fold, has_accents, spelling

Value = TypeVar("Value")


class PhraseTable(Generic[Value]):
    """Values by phrase: a text with accents must be spelled like the phrase, one with none is folded.

    Of two phrases that fold alike the first one answers to the text without accents.
    """

    __slots__ = ("_folded", "_spelled")

    def __init__(self, values: Mapping[str, Value]) -> None:
        """Build both indexes of `values`."""
        self._spelled = {spelling(phrase): value for phrase, value in values.items()}
        self._folded: dict[str, Value] = {}
        for phrase, value in values.items():
            self._folded.setdefault(fold(phrase), value)

    def get(self, text: str) -> Value | None:
        """Return the value of the phrase that `text` is, or None."""
        return self._spelled.get(spelling(text)) if has_accents(text) else self._folded.get(fold(text))

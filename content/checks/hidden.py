"""Characters nobody sees: they make a text read otherwise than it is written, or break what it is sent with."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from content.checks.finding import Finding
from content.checks.reading import Reading, around, at, strings

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's controls, formats (zero width, direction), halves of characters, separators of lines and paragraphs."""


def check(reading: Reading) -> Iterator[Finding]:
    """The first of them in every value, also in what others wrote and in addresses."""
    for entry in reading.entries:
        for place, text in strings(entry):
            start = next((place for place, character in enumerate(text) if _is_hidden(character)), None)
            if start is not None:
                shown = "".join(f"‹{_code(one)}›" if _is_hidden(one) else one for one in around(text, start, start + 1))
                yield at("hidden-character", entry, *place, offset=start, code=_code(text[start]), found=shown)


def _is_hidden(character: str) -> bool:
    # Ends of lines and tabs are white space, which other rules are about.
    return not character.isprintable() and character not in "\n\t" and unicodedata.category(character) in _UNSEEN


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"

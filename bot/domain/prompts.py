"""Names of texts and choices; the words themselves live in `content/texts`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A template block `file.block` and what it is filled with. Rendering escapes every parameter."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)


def text(name: str, /, **params: Any) -> Text:
    """Shorthand: `text("welcome.consent", person=…)`."""
    return Text(name, params)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a question offers. `id` is what the flow gets.

    The label and the accepted words come from the lexicon entry `word` (default: `id`), or the label is `label` itself
    when it is data (a unit's name). `params` fill the entry's placeholders. `row` > 0 puts options of equal row side by
    side where a channel has buttons.
    """

    id: str
    word: str = ""
    label: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """An option as people see and type it."""

    label: str
    accept: tuple[str, ...] = ()

"""The journal: what a dialog has asked, read and done so far, as JSON."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

LIMIT: Final = 300
"""Entries a journal may hold; a flow that needs more is a loop (grammyjs/conversations#100)."""

ASK: Final = "ask"
LOAD: Final = "load"
COMMIT: Final = "commit"


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is ask, load or commit; `value` what the flow got; `raw` an ask's answer as it was given."""

    kind: str
    key: str
    value: Any
    raw: dict[str, Any] | None = None


@dataclass(slots=True)
class Journal:
    """Entries in order, the flow's arguments, and answers and commits kept by key to be fed again.

    `kept` holds what an edit or a new version of the flow cut off; an entry leaves it when its key is reached. `marks`
    are the options chosen so far at a pending question that takes several.
    """

    args: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    kept: dict[str, Entry] = field(default_factory=dict)
    marks: tuple[str, ...] = ()

    def dump(self) -> str:
        """As JSON text; marks are left out while there are none."""
        return orjson.dumps(
            [
                self.args,
                [_short(e) for e in self.entries],
                [_short(e) for e in self.kept.values()],
                *([self.marks] if self.marks else []),
            ]
        ).decode()

    @staticmethod
    def load(stored: str) -> "Journal":
        """The inverse of `dump`."""
        args, entries, kept, *rest = orjson.loads(stored)
        marks = tuple(rest[0]) if rest else ()
        return Journal(args, [Entry(*e) for e in entries], {e[1]: Entry(*e) for e in kept}, marks)

    def copy(self) -> "Journal":
        """An independent copy; values are shared and never changed."""
        return Journal(self.args, list(self.entries), dict(self.kept), self.marks)

    def without(self, word: str) -> "Journal":
        """The same with `word` emptied where it stands alone in what was loaded or typed; never a key or a choice."""

        def clean(entry: Entry) -> Entry:
            if entry.kind == LOAD:
                return replace(entry, value=_without(entry.value, word))
            if entry.raw is not None and entry.raw.get("t") == word:
                value = "" if entry.value == word else entry.value
                return replace(entry, value=value, raw={**entry.raw, "t": ""})
            return entry

        kept = {key: clean(entry) for key, entry in self.kept.items()}
        return Journal(self.args, [clean(entry) for entry in self.entries], kept, self.marks)


def _without(value: Any, word: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, word) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, word) for each in value]
    return "" if value == word else value


def _short(entry: Entry) -> list[Any]:
    if entry.raw is None:
        return [entry.kind, entry.key, entry.value]
    return [entry.kind, entry.key, entry.value, entry.raw]


def through_json(value: Any) -> Any:
    """The value as a replay would see it; a flow never gets anything else."""
    return orjson.loads(orjson.dumps(value))

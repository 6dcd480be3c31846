"""What differs between two packs, thing by thing, for people to read."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from content.models import (
    OPTION_LETTERS,
    Card,
    Citable,
    Document,
    Erratum,
    Fact,
    Meeting,
    Milestone,
    Pack,
    Paragraph,
    Part,
    Quotation,
    Recording,
    Variant,
    Week,
)

_KINDS: Final = {
    "card": "cards",
    "question": "questions",
    "milestone": "milestones",
    "quotation": "quotations",
    "document": "documents",
    "fact": "facts",
    "week": "weeks",
    "meeting": "meetings",
    "erratum": "errata",
    "theme": "themes",
    "source": "sources",
    "term": "glossary",
    "paragraph": "paragraphs",
    "language": "languages",
    "variant": "variants",
    "recording": "recordings",
}
"""Where each kind of thing stands in a pack, in the order people read of it."""
_UNSAID: Final = frozenset({"id", "path"})
_NAMES: Final = ("title", "name", "heading", "term", "number", "text", "statement", "of")
"""What a thing is known by: the first of these that it has."""
_ANOTHER_TEXT: Final = 0.5
"""Below this likeness two texts are shown one after the other: words that happen to be in both explain nothing."""
_AROUND: Final = 20
"""Words that are shown before and after what differs."""


@dataclass(frozen=True, slots=True)
class Was:
    """A part of a thing (`field`) before and now; "" for nothing."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stayed, went, or came; or that there are more of those that stayed ("left out", no words)."""

    kind: Literal["same", "gone", "new", "left out"]
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """A thing that is new, other, or gone; `title` is how people know it, `fields` what of it differs."""

    kind: str
    title: str
    how: Literal["added", "changed", "withdrawn"]
    fields: tuple[Was, ...]


def changes(old: Pack, new: Pack) -> tuple[Change, ...]:
    """Everything that differs; empty when nothing does."""
    header = _differ(_header(old), _header(new))
    found = [Change("pack", new.title, "changed", header)] if header else []
    for kind, name in _KINDS.items():
        before, now = _by_key(getattr(old, name)), _by_key(getattr(new, name))
        for key, part in now.items():
            was = before.get(key)
            if was is None:
                found.append(Change(kind, _title(new, part), "added", _differ({}, _shown(new, part, _names(part)))))
            elif own := _own(old, was, new, part):
                fields = _differ(_shown(old, was, own), _shown(new, part, own))
                found.append(Change(kind, _title(new, part), "changed", fields))
        gone = (part for key, part in before.items() if key not in now)
        found += [Change(kind, _title(old, part), "withdrawn", ()) for part in gone]
    return tuple(found)


def runs(old: str, new: str) -> tuple[Run, ...]:
    """What became of a text, word by word, as it is read; far from anything that differs it is left out."""
    before, now = (re.findall(r"\S+\s*", text) for text in (old, new))
    matcher = SequenceMatcher(None, _bare(before), _bare(now), autojunk=False)
    if matcher.ratio() < _ANOTHER_TEXT:
        return tuple(_replaced(old, new))
    found: list[Run] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            found += _same(now[j:j_end], is_first=j == 0, is_last=j_end == len(now))
        else:
            found += _replaced("".join(before[i:i_end]), "".join(now[j:j_end]))
    return tuple(found)


def _bare(words: list[str]) -> list[str]:
    """A word is the same at the end of a text; at the end of a paragraph it is not."""
    return [word.rstrip(" ") for word in words]


def _replaced(gone: str, new: str) -> Iterator[Run]:
    if gone:
        yield Run("gone", gone)
    if new:
        yield Run("new", new)


def _same(words: list[str], *, is_first: bool, is_last: bool) -> Iterator[Run]:
    """Words that stayed, but for the middle of many."""
    head, tail = 0 if is_first else _AROUND, 0 if is_last else _AROUND
    if len(words) <= head + tail + _AROUND:
        yield Run("same", "".join(words))
        return
    if head:
        yield Run("same", "".join(words[:head]))
    yield Run("left out", "")
    if tail:
        yield Run("same", "".join(words[-tail:]))


def _by_key(parts: tuple[Part, ...]) -> dict[str, Part]:
    """Things by what stays the same about them."""
    return {str(_key(part)): part for part in parts}


def _key(part: Part) -> object:
    match part:
        case Week():
            return part.week
        case Meeting():
            return part.month
        case Variant() | Recording():
            return part.language, part.of
    return part.id  # type: ignore[attr-defined]  # every other part has one


def _names(part: Part) -> list[str]:
    unsaid = {*_UNSAID, "revision", "text_revision"} if isinstance(part, Card) else _UNSAID
    return [name for name in type(part).model_fields if name not in unsaid]


def _own(old: Pack, was: Part, new: Pack, part: Part) -> list[str]:
    """In what a thing itself differs: what it only names counts where it stands, but for a picture's own bytes."""
    other = [name for name in _names(part) if getattr(was, name) != getattr(part, name)]
    if isinstance(part, Card) and "image" not in other and old.images.get(part.id) != new.images.get(part.id):
        other.append("image")
    return other


def _differ(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[Was, ...]:
    names = dict.fromkeys([*now, *before])
    told = (Was(name, before.get(name, ""), now.get(name, "")) for name in names)
    return tuple(was for was in told if was.old != was.new)


def _header(pack: Pack) -> dict[str, str]:
    return {"year": str(pack.year), "title": pack.title, "works": "; ".join(pack.works.values())}


def _title(pack: Pack, part: Part) -> str:
    match part:
        case Week() | Meeting():
            return str(_key(part))
        case Erratum():
            return pack.card_by_id[part.card].title
    return str(next(value for name in _NAMES if (value := getattr(part, name, None))))


def _shown(pack: Pack, part: Part, names: list[str]) -> dict[str, str]:
    """Parts of a thing as they are read; what is empty is left out."""
    shown = {name: text for name in names if (text := _text(pack, name, getattr(part, name)))}
    if "image" in shown and isinstance(part, Card):
        shown["image"] += f"; {hashlib.sha256(pack.images[part.id]).hexdigest()[:8]}"
    return shown


def _text(pack: Pack, field: str, value: Any) -> str:
    match field, value:
        case _, None | False:
            return ""
        case "facts", _:
            return "\n".join(_claim(pack.citable_by_id[id]) for id in value)
        case "sources", _:
            return "; ".join(pack.source_by_id[id].title for id in value)
        case "quotation", _:
            return pack.quotation_by_id[value].text
        case "cards", _:
            return "; ".join(pack.card_by_id[id].title for id in value)
        case (("card" | "story"), _):
            return pack.card_by_id[value].title
        case "theme", _:
            return pack.theme_by_id[value].title
        case "options", _:
            return "\n".join(f"{letter}. {option}" for letter, option in zip(OPTION_LETTERS, value, strict=True))
        case "correct", _:
            return ", ".join(OPTION_LETTERS[place] for place in value)
        case "do_this_for", _:
            return "\n".join(f"{pack.works[work]}: {text}" for work, text in value.items())
        case "image", _:
            return "; ".join((value.file, value.alt, value.licence))
        case _, tuple():
            return "\n".join(map(str, value))
    return str(value)


def _claim(cited: Citable) -> str:
    match cited:
        case Fact():
            return cited.statement
        case Document():
            return f"{cited.number}: {cited.title}"
        case Milestone():
            return f"{cited.name} ({cited.day}/{cited.month})"
        case Quotation() | Paragraph():
            return cited.text

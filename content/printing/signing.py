"""What stands in the booklet a leader signs, and on the page of what changed since; all texts are plain.

`sources` of a piece are numbers of the booklet's own list of sources.
"""

from dataclasses import dataclass

from content.changes import Run


@dataclass(frozen=True, slots=True)
class AskedPiece:
    """A question with its options, the letters of the right ones, and why."""

    number: int
    text: str
    options: tuple[str, ...]
    correct: str
    explanation: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CardPiece:
    """A card: `theme` is its theme's title, `do_this_for` other suggestions as (kind of work, text).

    `alt` says what its picture shows; "" for what it lacks.
    """

    number: int
    theme: str
    title: str
    body: str
    quotation: str
    work: str
    do_this: str
    do_this_for: tuple[tuple[str, str], ...]
    alt: str
    sources: tuple[int, ...]
    questions: tuple[AskedPiece, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day (as read, `weekday` 0 for Monday) and the card of who reads one a day; None on a day off or after all."""

    weekday: int
    day: str
    card: CardPiece | None


@dataclass(frozen=True, slots=True)
class Said:
    """A text that goes out or is read aloud; `heading` is its day, its week or its card."""

    number: int
    heading: str
    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MeetingPiece:
    """A month's meeting."""

    number: int
    heading: str
    card: CardPiece
    story: CardPiece
    discuss: tuple[str, ...]
    do_this: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A source as listed; `url` is "" for paper."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Differs:
    """A part of a thing before and now; "" for nothing. `runs` is the same, word by word."""

    label: str
    old: str
    new: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class ChangePiece:
    """A thing that differs: what it is (`kind`), how, its title, and in what."""

    number: int
    kind: str
    how: str
    title: str
    fields: tuple[Differs, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since an approval: the revision approved, when (as read) and by whom."""

    revision: str
    day: str
    by: str
    changes: tuple[ChangePiece, ...]


@dataclass(frozen=True, slots=True)
class Booklet:
    """Everything that is said in some days. `cards` and `questions` count the whole pack; `hour` is of the reminders.

    `rest` are the cards that no day has, `told` what there is in other languages; `since` is None where nothing was
    approved before.
    """

    federation: str
    title: str
    revision: str
    first: str
    last: str
    printed: str
    hour: str
    cards: int
    questions: int
    reminders: tuple[Said, ...]
    days: tuple[Day, ...]
    meetings: tuple[MeetingPiece, ...]
    scripts: tuple[Said, ...]
    rest: tuple[CardPiece, ...]
    errata: tuple[Said, ...]
    told: tuple[Said, ...]
    sources: tuple[Cited, ...]
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """What changed since the last approval, on a sheet of its own."""

    federation: str
    title: str
    revision: str
    printed: str
    since: Since

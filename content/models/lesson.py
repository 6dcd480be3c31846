"""What members read and answer, and where it stands in the year."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from content.models.part import CitedIds, Identifier, Part, Text

OPTION_LETTERS: Final = "ABCD"
STORIES: Final = "chuyen-ke"
"""The theme whose cards are the stories of meetings."""


class Theme(Part):
    """A part of the topic; its cards come together."""

    id: Identifier
    title: Text
    order: Annotated[int, Field(ge=1)]


class Image(Part):
    """A picture beside a card: `file` in the `images` folder of its theme, `alt` what is said where it is not seen."""

    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.(png|jpg)$")]
    alt: Text
    licence: Text


class Card(Part):
    """One short piece to read. `quotation` is an id.

    `revision` changes with anything that is read on it: its file, its quotation, its sources' titles, its picture;
    `text_revision` with what can be told in another language: its file and its quotation.
    `facts` are the ids of what it asserts, `plan` those of the plan's paragraphs it serves. `do_this_for` has other
    words for `do_this` by kind of work.
    """

    id: Identifier
    theme: Identifier
    order: Annotated[int, Field(ge=1)]
    title: Text
    body: Text
    quotation: Identifier | None = None
    facts: CitedIds
    plan: tuple[Identifier, ...] = ()
    do_this: Text | None = None
    do_this_for: dict[Identifier, Text] = Field(default_factory=dict)
    image: Image | None = None
    revision: Text
    text_revision: Text


class Question(Part):
    """A question taught by one card, with one correct option or several. `correct` counts from 0, ascending."""

    id: Identifier
    card: Identifier
    text: Text
    difficulty: Literal[1, 2, 3]
    options: Annotated[tuple[Text, ...], Field(min_length=4, max_length=4)]
    correct: Annotated[tuple[Annotated[int, Field(ge=0, lt=4)], ...], Field(min_length=1, max_length=3)]
    explanation: Text
    facts: CitedIds

    @model_validator(mode="after")
    def _each_once(self) -> "Question":
        if list(self.correct) != sorted(set(self.correct)):
            raise ValueError("each correct option is named once, in the order of the letters")
        return self

    @property
    def is_several(self) -> bool:
        """Whether more than one option is to be chosen."""
        return len(self.correct) > 1

    @property
    def correct_letters(self) -> str:
        """The letters of the right options in their order: `C`, or `AC`."""
        return "".join(OPTION_LETTERS[place] for place in self.correct)

    @property
    def correct_options(self) -> tuple[str, ...]:
        """The texts of the right options."""
        return tuple(self.options[place] for place in self.correct)


class Week(Part):
    """What a week of the year (ISO, 1 to 52) is about: two cards."""

    week: Annotated[int, Field(ge=1, le=52)]
    cards: Annotated[tuple[Identifier, ...], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _two_of_them(self) -> "Week":
        if len(set(self.cards)) < len(self.cards):
            raise ValueError("the two cards of a week differ")
        return self


class Meeting(Part):
    """What a month's meeting talks about: a card, a story, three questions to discuss and something to do."""

    month: Annotated[int, Field(ge=1, le=12)]
    card: Identifier
    story: Identifier
    discuss: Annotated[tuple[Text, ...], Field(min_length=3, max_length=3)]
    do_this: Text


class Erratum(Part):
    """A correction for those who saw one of the `wrong` revisions of a card; that of a file is whatever it showed."""

    id: Identifier
    card: Identifier
    wrong: Annotated[tuple[Text, ...], Field(min_length=1)]
    text: Text
    facts: CitedIds

    def is_wrong(self, seen: str) -> bool:
        """Whether this revision of the card is among the wrong ones.

        What was read before more than the file counted is known by the file alone: it may have been a wrong one.
        """
        return any(is_of(named, seen) or is_of(seen, named) for named in self.wrong)


def is_of(named: str, revision: str) -> bool:
    """Whether a card's revision is the one named, or shows the file that is named."""
    return named in (revision, revision.partition("-")[0])


class Term(Part):
    """An abbreviation and what it stands for. One that is `common` need not be opened."""

    id: Identifier
    term: Text
    opened: Text
    common: bool = False

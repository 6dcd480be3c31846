"""The typed shape of a content pack, and nothing else: reading is in `files`, judging in `checks`."""

import datetime
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# Identifiers travel inside button data (64 bytes on Telegram), so they stay short and plain.
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
Text = Annotated[str, StringConstraints(min_length=1)]
SourceIds = Annotated[tuple[Identifier, ...], Field(min_length=1)]

OPTION_LETTERS = "ABCD"


class Part(BaseModel):
    """A piece of a pack: immutable, and refusing keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Part):
    """Where a claim can be read. `url` is absent for a paper document, whose title is its reference."""

    id: Identifier
    title: Text
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None


class Document(Part):
    """An official document named in the plan of the year."""

    id: Identifier
    number: Text
    date: datetime.date
    issuer: Text
    title: Text
    summary: Text
    sources: SourceIds


class Quotation(Part):
    """Words quoted letter for letter. `date` is the date as the source gives it, or None if it gives none."""

    id: Identifier
    text: Text
    work: Text
    date: Text | None = None
    sources: SourceIds


class Card(Part):
    """One short piece to read. `quotation` is an id; `revision` changes with any change of the card's file."""

    id: Identifier
    theme: Identifier
    order: Annotated[int, Field(ge=1)]
    title: Text
    body: Text
    quotation: Identifier | None = None
    do_this: Text | None = None
    sources: SourceIds
    revision: Text


class Question(Part):
    """A single-choice question taught by one card. `correct` counts from 0."""

    id: Identifier
    card: Identifier
    text: Text
    options: Annotated[tuple[Text, ...], Field(min_length=4, max_length=4)]
    correct: Annotated[int, Field(ge=0, lt=4)]
    explanation: Text
    sources: SourceIds

    @property
    def correct_letter(self) -> str:
        """The right option's letter."""
        return OPTION_LETTERS[self.correct]

    @property
    def correct_option(self) -> str:
        """The right option's text."""
        return self.options[self.correct]


class Milestone(Part):
    """A day to remember: every year, or once when `year` is given. `push` ones are counted down.

    `phrase` is the noun phrase a reminder uses after "còn N ngày nữa là" or "kỷ niệm N năm".
    """

    id: Identifier
    name: Text
    day: Annotated[int, Field(ge=1, le=31)]
    month: Annotated[int, Field(ge=1, le=12)]
    year: int | None = None
    since: int | None = None
    push: bool = False
    phrase: Text | None = None
    note: Text | None = None
    sources: SourceIds

    @model_validator(mode="after")
    def _day_exists(self) -> "Milestone":
        # 2001 is no leap year: a yearly day must exist every year.
        datetime.date(self.year or 2001, self.month, self.day)
        if self.year is not None and self.since is not None:
            raise ValueError("year and since exclude each other")
        return self

    def occurs_in(self, year: int) -> bool:
        """Whether there is one in `year`."""
        return self.year is None or self.year == year

    def occurs_on(self, year: int) -> datetime.date:
        """The day in `year`. Raises ValueError for a one-off milestone of another year."""
        if not self.occurs_in(year):
            raise ValueError(f"milestone {self.id} happens only in {self.year}, not in {year}")
        return datetime.date(year, self.month, self.day)

    def anniversary(self, year: int) -> int | None:
        """How many years it will be in `year`; None where the pack gives no first year, or it lies ahead."""
        if self.since is None or year <= self.since:
            return None
        return year - self.since


class Theme(Part):
    """A part of the topic; its cards come together."""

    id: Identifier
    title: Text
    order: Annotated[int, Field(ge=1)]


Sourced = Card | Question | Milestone | Document | Quotation


class PackHeader(Part):
    """What pack.yaml says: the year and the title of its topic."""

    id: Identifier
    year: int
    title: Text


class Pack(PackHeader):
    """Everything of one year. `cards` are in reading order; `revision` is the hash of the pack's files."""

    revision: Text
    themes: tuple[Theme, ...]
    cards: tuple[Card, ...]
    questions: tuple[Question, ...]
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]
    quotations: tuple[Quotation, ...]
    sources: tuple[Source, ...]

    @cached_property
    def card_by_id(self) -> dict[str, Card]:
        """Cards by id."""
        return {card.id: card for card in self.cards}

    @cached_property
    def question_by_id(self) -> dict[str, Question]:
        """Questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def milestone_by_id(self) -> dict[str, Milestone]:
        """Milestones by id."""
        return {milestone.id: milestone for milestone in self.milestones}

    @cached_property
    def document_by_id(self) -> dict[str, Document]:
        """Documents by id."""
        return {document.id: document for document in self.documents}

    @cached_property
    def quotation_by_id(self) -> dict[str, Quotation]:
        """Quotations by id."""
        return {quotation.id: quotation for quotation in self.quotations}

    @cached_property
    def source_by_id(self) -> dict[str, Source]:
        """Sources by id."""
        return {source.id: source for source in self.sources}

    @cached_property
    def questions_by_card(self) -> dict[str, tuple[Question, ...]]:
        """A card's questions, by the card's id."""
        grouped: dict[str, tuple[Question, ...]] = {}
        for question in self.questions:
            grouped[question.card] = (*grouped.get(question.card, ()), question)
        return grouped

    def quotation_of(self, card: Card) -> Quotation | None:
        """What the card quotes, if it does."""
        return None if card.quotation is None else self.quotation_by_id[card.quotation]

    def sources_of(self, part: Sourced) -> tuple[Source, ...]:
        """Where a part's claims can be read."""
        return tuple(self.source_by_id[source] for source in part.sources)

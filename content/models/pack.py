"""A whole pack: its parts in order, found by id."""

from functools import cached_property

from pydantic import Field

from bot.vietnamese import Entry, Index
from content.models.citable import Citable, Document, Fact, Milestone, Paragraph, Quotation, Source
from content.models.lesson import Card, Erratum, Meeting, Question, Term, Theme, Week
from content.models.part import Identifier, Part, Text, Year
from content.models.variant import Language, Recording, Variant, revision_over

Sourced = Card | Question | Erratum | Citable


class PackHeader(Part):
    """What pack.yaml says: the year, the title of its topic, and the kinds of work by id."""

    id: Identifier
    year: Year
    title: Text
    works: dict[Identifier, Text] = Field(default_factory=dict)


class Pack(PackHeader):
    """Everything of one year. `cards` are in reading order; `revision` is the hash of the pack's files.

    `images` are the bytes of the cards' pictures by the card's id: a dialog that keeps its revision keeps them too.
    """

    revision: Text
    themes: tuple[Theme, ...]
    cards: tuple[Card, ...]
    questions: tuple[Question, ...]
    milestones: tuple[Milestone, ...]
    facts: tuple[Fact, ...]
    documents: tuple[Document, ...]
    quotations: tuple[Quotation, ...]
    paragraphs: tuple[Paragraph, ...]
    sources: tuple[Source, ...]
    glossary: tuple[Term, ...]
    weeks: tuple[Week, ...]
    meetings: tuple[Meeting, ...]
    errata: tuple[Erratum, ...]
    languages: tuple[Language, ...] = ()
    variants: tuple[Variant, ...] = ()
    recordings: tuple[Recording, ...] = ()
    images: dict[Identifier, bytes] = Field(default_factory=dict, repr=False)

    @cached_property
    def theme_by_id(self) -> dict[str, Theme]:
        """Themes by id."""
        return {theme.id: theme for theme in self.themes}

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
    def citable_by_id(self) -> dict[str, Citable]:
        """Whatever may be cited, by id: facts, documents, quotations, milestones, paragraphs of the plan."""
        parts: tuple[Citable, ...] = (
            *self.facts,
            *self.documents,
            *self.quotations,
            *self.milestones,
            *self.paragraphs,
        )
        return {part.id: part for part in parts}

    @cached_property
    def language_by_id(self) -> dict[str, Language]:
        """Languages by their codes."""
        return {language.id: language for language in self.languages}

    @cached_property
    def told(self) -> dict[tuple[str, str], Variant | Recording]:
        """What there is in other languages, by language and what it is of; spoken before written.

        What says another revision than the one there is now is left out.
        """
        every: tuple[Variant | Recording, ...] = (*self.variants, *self.recordings)
        return {(each.language, each.of): each for each in every if each.revision == self.revision_of(each.of)}

    def revision_of(self, target: str) -> str:
        """The revision of a text that others tell: of a card, a question, a week's script (`card-hon-da`, `script-12`).

        "" when there is none of that name.
        """
        kind, _, id = target.partition("-")
        if kind == "card":
            return self.card_by_id[id].text_revision if id in self.card_by_id else ""
        if kind == "question":
            question = self.question_by_id.get(id)
            return revision_over([question.text, *question.options]) if question is not None else ""
        cards = next((week.cards for week in self.weeks if kind == "script" and str(week.week) == id), ())
        return revision_over([self.card_by_id[card].text_revision for card in cards]) if cards else ""

    @cached_property
    def questions_by_card(self) -> dict[str, tuple[Question, ...]]:
        """A card's questions, by the card's id."""
        grouped: dict[str, tuple[Question, ...]] = {}
        for question in self.questions:
            grouped[question.card] = (*grouped.get(question.card, ()), question)
        return grouped

    @cached_property
    def index(self) -> Index[tuple[str, str]]:
        """What can be searched, by what it is (card, document, quotation, question, term) and its id.

        A question is found by what it asks: its options are no knowledge.
        """
        return Index(
            [
                *(Entry(("card", card.id), card.title, f"{card.body} {card.do_this or ''}") for card in self.cards),
                *(
                    Entry(("document", each.id), f"{each.number} {each.title}", f"{each.issuer or ''} {each.summary}")
                    for each in self.documents
                ),
                *(Entry(("quotation", each.id), each.work, each.text) for each in self.quotations),
                *(Entry(("question", question.id), "", question.text) for question in self.questions),
                *(Entry(("term", each.id), each.term, each.opened) for each in self.glossary),
            ]
        )

    def quotation_of(self, card: Card) -> Quotation | None:
        """What the card quotes, if it does."""
        return None if card.quotation is None else self.quotation_by_id[card.quotation]

    def cited_by(self, part: Card | Question | Erratum) -> tuple[Citable, ...]:
        """What a part asserts; a card's quotation comes last."""
        ids = [*part.facts]
        if isinstance(part, Card) and part.quotation is not None:
            ids.append(part.quotation)
        return tuple(self.citable_by_id[id] for id in dict.fromkeys(ids))

    def sources_of(self, part: Sourced) -> tuple[Source, ...]:
        """Where a part's claims can be read: all sources of what can be cited, else the first of each thing cited."""
        if isinstance(part, Card | Question | Erratum):
            ids = [cited.sources[0] for cited in self.cited_by(part)]
        else:
            ids = [*part.sources]
        return tuple(self.source_by_id[id] for id in dict.fromkeys(ids))

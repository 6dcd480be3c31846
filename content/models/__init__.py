"""The typed shape of a content pack, and nothing else: reading is in `files`, judging in `checks`."""

from content.models.citable import (
    PLAN_SOURCE,
    Citable,
    Document,
    Fact,
    Milestone,
    Paragraph,
    Quotation,
    Source,
)
from content.models.lesson import (
    OPTION_LETTERS,
    STORIES,
    Card,
    Erratum,
    Image,
    Meeting,
    Question,
    Term,
    Theme,
    Week,
    is_of,
)
from content.models.pack import Pack, PackHeader, Sourced
from content.models.part import Part
from content.models.variant import AUDIO, RECORDING_BYTES, Language, Recording, Variant, revision_over

__all__ = [
    "AUDIO",
    "OPTION_LETTERS",
    "PLAN_SOURCE",
    "RECORDING_BYTES",
    "STORIES",
    "Card",
    "Citable",
    "Document",
    "Erratum",
    "Fact",
    "Image",
    "Language",
    "Meeting",
    "Milestone",
    "Pack",
    "PackHeader",
    "Paragraph",
    "Part",
    "Question",
    "Quotation",
    "Recording",
    "Source",
    "Sourced",
    "Term",
    "Theme",
    "Variant",
    "Week",
    "is_of",
    "revision_over",
]

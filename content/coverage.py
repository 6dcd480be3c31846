"""Which paragraphs of the plan are taught, by which themes, cards and questions, and in which weeks they are heard."""

from dataclasses import dataclass
from textwrap import shorten
from typing import Final

from content.checks import rulebook
from content.models import Card, Pack, Paragraph, Theme

SECTION: Final = "II."
"""How the headings of the section begin that the pack has to cover whole."""
HEADING_LENGTH: Final = 70


@dataclass(frozen=True, slots=True)
class Share:
    """What one theme does for a paragraph: ids of its cards, how many questions they have, the weeks of the year."""

    theme: Theme
    cards: tuple[str, ...]
    questions: int
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A paragraph of the plan and every theme that serves it, in the order of the themes."""

    paragraph: Paragraph
    shares: tuple[Share, ...]

    @property
    def is_hole(self) -> bool:
        """Whether the section to be covered has a paragraph without a card, a question or a week."""
        taught = any(share.questions for share in self.shares) and any(share.weeks for share in self.shares)
        return self.paragraph.heading.startswith(SECTION) and not taught


def coverage(pack: Pack) -> list[Coverage]:
    """Every paragraph of the plan, in its order."""
    weeks = {card: [week.week for week in pack.weeks if card in week.cards] for card in pack.card_by_id}
    return [
        Coverage(
            paragraph,
            tuple(
                _share(pack, theme, cards, weeks)
                for theme in pack.themes
                if (cards := [card for card in pack.cards if card.theme == theme.id and paragraph.id in card.plan])
            ),
        )
        for paragraph in pack.paragraphs
    ]


def _share(pack: Pack, theme: Theme, cards: list[Card], weeks: dict[str, list[int]]) -> Share:
    return Share(
        theme,
        tuple(card.id for card in cards),
        sum(len(pack.questions_by_card.get(card.id, ())) for card in cards),
        tuple(sorted({week for card in cards for week in weeks[card.id]})),
    )


def coverage_page(pack: Pack) -> str:
    """The map as a page of Markdown, its holes marked, with the sums at the end."""
    words = rulebook()["coverage"]
    rows = coverage(pack)
    holes = ", ".join(row.paragraph.id for row in rows if row.is_hole)
    parts = (
        f"# {words['title'].format(year=pack.year)}",
        words["about"].format(year=pack.year),
        "\n".join([words["header"], words["rule"], *(line for row in rows for line in _lines(row, words))]),
        words["sums"].format(
            cards=len(pack.cards), questions=len(pack.questions), themes=len(pack.themes), weeks=len(pack.weeks)
        ),
        words["holes"].format(holes=holes) if holes else words["no_holes"],
    )
    return "\n\n".join(parts) + "\n"


def _lines(row: Coverage, words: dict[str, str]) -> list[str]:
    """A line of the table a theme; the first names the paragraph, and what it lacks."""
    mark = words["hole"] if row.is_hole else "" if row.shares else words["outside"]
    heading = row.paragraph.heading.split("; ", 1)[-1]
    begins = [
        f"**{row.paragraph.id}**",
        " ".join(filter(None, (shorten(heading, HEADING_LENGTH, placeholder=" …"), mark))),
    ]
    table = [
        [share.theme.title, ", ".join(share.cards), str(share.questions), ", ".join(map(str, share.weeks))]
        for share in row.shares
    ] or [[""] * 4]
    return [f"| {' | '.join((begins if number == 0 else ['', '']) + cells)} |" for number, cells in enumerate(table)]

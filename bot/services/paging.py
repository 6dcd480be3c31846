"""Long lists, a page at a time."""

from collections.abc import Sequence
from typing import Final, TypedDict

from bot.domain.prompts import Option
from bot.vietnamese import quote

PAGE: Final = 8
LABEL: Final = 60
"""Characters of an entry's label, so that a page of them can be taken in at a glance."""


class Page(TypedDict):
    """Entries as (id, label), and whether there are some before and after them."""

    entries: list[tuple[str, str]]
    earlier: bool
    more: bool


def page(entries: Sequence[tuple[str, str]], skip: int) -> Page:
    """The entries after the first `skip`, at most PAGE of them."""
    shown = entries[skip : skip + PAGE]
    return Page(
        entries=[(id, quote(label, LABEL)) for id, label in shown],
        earlier=skip > 0,
        more=skip + PAGE < len(entries),
    )


def options(listed: Page) -> list[Option]:
    """A page as choices: its entries, then *Xem thêm* and *Trang trước* where they lead somewhere."""
    found = [Option(id, label=label) for id, label in listed["entries"]]
    found += [Option("list_more")] if listed["more"] else []
    return found + ([Option("list_earlier")] if listed["earlier"] else [])


def turned(chosen: str, skip: int) -> int | None:
    """How many entries to skip after one of the two was chosen; None when an entry was."""
    if chosen == "list_more":
        return skip + PAGE
    return max(0, skip - PAGE) if chosen == "list_earlier" else None

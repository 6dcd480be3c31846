"""What a member reads by choice: a card opened, put aside, gone on from; and the quiet map of what was read."""

from typing import Any, TypedDict

from bot.domain.messages import Button
from bot.domain.prompts import Option, text
from bot.services import learning as lessons
from bot.services import listening
from bot.services.paging import Page, page
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import learning


class Saved(TypedDict):
    """A page of the cards put aside, and how many of them are in the pack no more."""

    page: Page
    gone: int


class ReadPart(TypedDict):
    """How many cards of a theme were read, of how many."""

    title: str
    read: int
    total: int


class ReadMap(TypedDict):
    """What was read, theme by theme, and in all."""

    parts: list[ReadPart]
    read: int
    total: int


def open_card(turn: Turn, card_id: str) -> dict[str, Any] | None:
    """A card that was asked for, with its `theme` and whether it is `saved`, and mark it read; None when withdrawn."""
    card = turn.at.pack.card_by_id.get(card_id)
    if card is None:
        return None
    lessons.saw(turn, card_id)
    saved = card_id in learning.cards_saved(turn.tx, turn.me.id)
    return lessons.as_mine(turn, card) | {"theme": card.theme, "saved": saved}


def first_card(turn: Turn, card_id: str) -> dict[str, Any] | None:
    """The card whose link somebody joined by, else the first one."""
    return open_card(turn, card_id) or lessons.next_card(turn)


def next_unread(turn: Turn, theme_id: str) -> str:
    """Id of the next card this member has not had, first in a theme ("": the one read last); "" when all are read."""
    cards = turn.at.pack.card_by_id
    if not theme_id:
        last = next((id for id in learning.last_read(turn.tx, turn.me.id) if id in cards), None)
        theme_id = cards[last].theme if last is not None else ""
    read = learning.cards_read(turn.tx, turn.me.id)
    unread = [card for card in turn.at.pack.cards if card.id not in read]
    return min(unread, key=lambda card: card.theme != theme_id).id if unread else ""


def save(turn: Turn, card_id: str, keep: bool) -> bool:
    """Put a card aside, or (`keep` false) take it away; returns whether it is put aside now."""
    if keep and card_id in turn.at.pack.card_by_id:
        learning.save(turn.tx, turn.me.id, card_id, turn.now)
    else:
        learning.unsave(turn.tx, turn.me.id, card_id)
    return keep


def saved(turn: Turn, skip: int) -> Saved:
    """A page of the cards this member put aside, the last one first."""
    kept, cards = learning.cards_saved(turn.tx, turn.me.id), turn.at.pack.card_by_id
    shown = [(id, cards[id].title) for id in kept if id in cards]
    return Saved(page=page(shown, skip), gone=len(kept) - len(shown))


def read_map(turn: Turn) -> ReadMap:
    """What this member has read of every theme."""
    read, cards = learning.cards_read(turn.tx, turn.me.id), turn.at.pack.cards
    parts = []
    for theme in turn.at.pack.themes:
        ids = [card.id for card in cards if card.theme == theme.id]
        if ids:
            parts.append(ReadPart(title=theme.title, read=len(read.intersection(ids)), total=len(ids)))
    return ReadMap(parts=parts, read=sum(part["read"] for part in parts), total=len(cards))


def buttons(turn: Turn, card_id: str) -> list[Button]:
    """*Nghe* where there is something to hear, *Lưu bài* and *Chia sẻ bài* under a card that nobody had asked for."""
    return [
        *listening.button(turn, card_id),
        standing_button(turn, "sav", card_id, Option("save")),
        standing_button(turn, "shr", card_id, Option("share")),
    ]


def save_pressed(turn: Turn, card_id: str, choice: str) -> Reply:
    """The standing service behind *Lưu bài* and *Bỏ lưu*."""
    card = turn.at.pack.card_by_id.get(card_id)
    if card is None or choice not in ("save", "unsave"):
        return Reply((text("card.gone"),))
    keep = save(turn, card_id, choice == "save")
    shelf = Button(turn.at.texts.spoken(Option("saved")).label, "m:saved")
    again = standing_button(turn, "sav", card_id, Option("unsave" if keep else "save"))
    return Reply((text(f"card.{choice}", title=card.title),), (again, shelf))

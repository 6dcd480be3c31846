"""A card passed on: its text and picture to forward, and the link or words that open it."""

import re
from typing import Final, TypedDict

from markupsafe import escape

from bot.channels.render import plain
from bot.domain.prompts import Option, text
from bot.services import card_image, drawing, group_text, learning, posters, posting, solemn
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import group_posts
from bot.vietnamese import fold

_NAMED: Final = re.compile(r"c_([a-z0-9-]{1,32})|bai ([a-z0-9]+(?:-[a-z0-9]+)+)")


class Way(TypedDict):
    """How to come to a card on a channel: its address, and what to type there ("" when the address says it)."""

    name: str
    link: str
    typed: str


def card_named(typed: str) -> str:
    """The card's id in a link's payload (`c_hon-da`) or in what is typed for it («bài hon-da»); "" when it is none."""
    found = _NAMED.fullmatch(fold(typed[:60]))
    return (found[1] or found[2]) if found is not None else ""


def named(turn: Turn, typed: str) -> Reply | None:
    """A member typed what opens a card; None when it is something else. Who had left is asked for consent first."""
    card_id = card_named(typed)
    if not card_id:
        return None
    left = turn.me.state == "left"
    return Reply(flow="start", args={"payload": typed}) if left else Reply(flow="card", args={"card": card_id})


def share(turn: Turn, card_id: str) -> bool:
    """Send the member a card's text with the ways to it, and its picture, each to forward; False when withdrawn.

    While the mode is solemn for them there is no picture, as for groups.
    """
    if not learning.saw(turn, card_id):
        return False
    assert turn.address is not None
    ways = plain(turn.render(text("card.ways", ways=_ways(turn, card_id))))
    piece = group_text.of_card(turn, card_id, ways)
    posting.reply(turn, turn.address, [str(escape(group_text.as_text(piece)))])
    if not solemn.covers_me(turn):
        drawing.send(turn, piece.picture, turn.at.texts.words["card_picture_file"].show)
    posting.reply(turn, turn.address, [], illustration=card_image.of_card(turn, card_id))
    return True


def _ways(turn: Turn, card_id: str) -> list[Way]:
    """The member's own channel first, then the proposed ones, as far as they have an address."""
    assert turn.address is not None
    own = [word for id, word in group_posts.accounts(turn.tx) if id == turn.address.account_id]
    ways = []
    for channel in dict.fromkeys([*own, *turn.at.federation.proposed_channels]):
        link, word = posters.link_to(turn, channel), turn.at.texts.words.get(f"channel_{channel}")
        if link:
            carries = channel in posters.TAKE_CODES
            address = f"{link}?start=c_{card_id}" if carries else link
            name = word.show if word is not None else channel
            ways.append(Way(name=name, link=address, typed="" if carries else _words_for(turn, card_id)))
    return ways


def _words_for(turn: Turn, card_id: str) -> str:
    """What is typed to open a card where a link cannot say it."""
    code = turn.at.texts.spoken(Option("card_by_words", params={"card": card_id})).label
    return code if card_named(code) == card_id else f"c_{card_id}"


def pressed(turn: Turn, card_id: str, _choice: str) -> Reply:
    """The standing service behind *Chia sẻ bài*."""
    return Reply((text("card.share" if share(turn, card_id) else "card.gone"),))

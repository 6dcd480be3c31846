"""A card passed on: its text and picture to forward, and the link or words that open it."""

from markupsafe import escape

from bot.domain.prompts import text
from bot.services import card_image, card_links, drawing, group_text, learning, posting, solemn
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import group_posts


def named(turn: Turn, typed: str) -> Reply | None:
    """A member typed what opens a card; None when it is something else. Who had left is asked for consent first."""
    card_id = card_links.card_named(typed)
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
    piece = group_text.of_card(turn, card_id, _channels(turn))
    posting.reply(turn, turn.address, [str(escape(group_text.as_text(piece)))])
    if not solemn.covers_me(turn):
        drawing.send(turn, piece.picture, turn.at.texts.words["card_picture_file"].show)
    posting.reply(turn, turn.address, [], illustration=card_image.of_card(turn, card_id))
    return True


def _channels(turn: Turn) -> list[str]:
    """The member's own channel first, then the proposed ones."""
    assert turn.address is not None
    own = [word for id, word in group_posts.accounts(turn.tx) if id == turn.address.account_id]
    return [*own, *turn.at.federation.proposed_channels]


def pressed(turn: Turn, card_id: str, _choice: str) -> Reply:
    """The standing service behind *Chia sẻ bài*."""
    return Reply((text("card.share" if share(turn, card_id) else "card.gone"),))

"""Every kind of standing button, and what «đã nhận» acknowledges."""

from collections.abc import Mapping
from typing import Final

from bot.domain.messages import Attachment
from bot.services import (
    administration,
    answers,
    card_links,
    daily,
    deciding,
    drafts,
    group_text,
    joining,
    linking,
    listening,
    newcomer_orders,
    nominations,
    offers,
    progress,
    reading,
    recordings,
    reminding,
    reviews,
    sharing,
    terms,
    unit_ending,
    unit_upload,
)
from bot.services.standing import Reply, StandingService
from bot.services.turn import Turn

STANDING: Final[Mapping[str, StandingService]] = {
    "ack": answers.pressed,
    "uend": unit_ending.pressed,
    "why": daily.explain,
    "sav": reading.save_pressed,
    "lis": listening.pressed,
    "shr": sharing.pressed,
    "rev": reviews.opened,
    "voi": nominations.written_pressed,
    "grp": group_text.pressed,
    "apr": deciding.pressed,
    "run": progress.pressed,
    "drf": deciding.opened_again,
    "off": offers.pressed,
    "trm": terms.pressed,
    "rec": recordings.opened,
    "rem": reminding.pressed,
    "una": reminding.names_pressed,
    "ufile": unit_upload.pressed,
}


def acknowledge_last(turn: Turn) -> Reply | None:
    """«Đã nhận» outside a dialog."""
    return answers.received_last(turn)


def claim_code(turn: Turn, typed: str) -> Reply | None:
    """A one-time code typed by a member, or by somebody not known yet; None when the text is not like one.

    A member's text may also open a card or be a unit's code, an officer's an answer to the list of newcomers, an
    administrator's one to a file that was checked.
    """
    linked = linking.claim_code(turn, typed)
    if linked is not None or turn.member is None:
        return linked
    return (
        administration.claim_code(turn, typed)
        or sharing.named(turn, typed)
        or joining.code_typed(turn, typed)
        or newcomer_orders.typed_outside(turn, typed)
        or unit_upload.typed(turn, typed)
    )


def leads_in(turn: Turn, typed: str) -> bool:
    """Whether a text names what one may come in by: one unit, by its code or name, or a card."""
    return joining.unit_named(turn, typed) is not None or card_links.card_named(typed) != ""


def offered(turn: Turn, typed: str, file: Attachment | None) -> Reply | None:
    """What to make of a text or file that means nothing else; None for nothing."""
    return recordings.offered(turn, typed, file) or drafts.offered(turn, typed, file)

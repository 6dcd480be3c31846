"""Putting messages into the outbox: replies to an address, pushes to a member."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.channels import render
from bot.domain.lanes import Lane
from bot.domain.messages import Button, Outbound, OutboundMedia
from bot.domain.people import Address
from bot.domain.prompts import Text, text
from bot.domain.time import DAY
from bot.services import typed
from bot.services.turn import Turn, voice_of
from bot.storage import members, outbox

REPLY_LASTS: Final = DAY
"""What could not go out for so long (a platform that refuses for days) answers nobody's question any more."""


class Illustration(NamedTuple):
    """A picture that belongs to the texts it comes with; `licence` says whose it is."""

    picture: OutboundMedia
    licence: str


def compose(
    turn: Turn,
    account_id: int,
    address_id: int,
    texts: Sequence[str],
    buttons: Sequence[Button],
    media: Sequence[OutboundMedia] = (),
    illustration: Illustration | None = None,
) -> list[Outbound]:
    """Rendered texts, choices and files as the messages an address can show, in order.

    Without buttons the choices are written out. Where a channel fetches files from our pages and there are none, a
    sentence says so instead of the files; the texts do without their illustration there. What it shows is written out
    where a picture cannot carry it.
    """
    capabilities = turn.at.capabilities[account_id]
    takes_files = capabilities.uploads or bool(turn.at.public_url)
    if media and not takes_files:
        media, texts = (), [turn.render(text("errors.no_files_here")), *texts]
    if illustration is not None and takes_files:
        described = "" if capabilities.alternative else illustration.picture.alt
        beside = text("pictures.beside", described=described, licence=illustration.licence)
        media, texts = [*media, illustration.picture], [turn.render(beside), *texts]
    typed_lines = () if capabilities.buttons else typed.lines(turn, address_id, buttons)
    return render.compose(texts, buttons, capabilities, typed_lines, media)


def chain(messages: Sequence[Outbound]) -> Outbound | None:
    """What `compose` made as the one message of a row composed when claimed: the others follow it. None for nothing."""
    return messages[0]._replace(then=tuple(messages[1:])) if messages else None


def reply(
    turn: Turn,
    address: Address,
    texts: Sequence[str],
    buttons: Sequence[Button] = (),
    *,
    replace_key: str | None = None,
    media: Sequence[OutboundMedia] = (),
    illustration: Illustration | None = None,
    origin: str = "",
) -> int | None:
    """Answer an address with rendered texts; returns the outbox row that carries the buttons, None for nothing to say.

    `origin` names what the answer shows, so that it can be taken back when that is erased.
    """
    last = None
    until = turn.now + REPLY_LASTS
    messages = compose(turn, address.account_id, address.id, texts, buttons, media, illustration)
    for index, message in enumerate(messages):
        key = replace_key if index == len(messages) - 1 else None
        last = outbox.enqueue(
            turn.tx,
            address.account_id,
            address.id,
            message,
            turn.now,
            replace_key=key,
            origin=origin,
            valid_until=until,
        )
    return last


def push(
    turn: Turn,
    member_id: int,
    texts: Sequence[Text],
    buttons: Sequence[Button] = (),
    *,
    lane: Lane,
    origin: str,
    valid_until: int,
    not_before: int = 0,
    replace_key: str | None = None,
    illustration: Illustration | None = None,
) -> int | None:
    """Write to a member who did not ask, where they can be reached; None when they cannot, or have left."""
    member = members.by_id(turn.tx, member_id)
    address = members.push_address(turn.tx, member_id)
    if member is None or member.state != "active" or address is None:
        return None
    rendered = [turn.at.texts.render(text, voice_of(member)) for text in texts]
    last = None
    for message in compose(turn, address.account_id, address.id, rendered, buttons, illustration=illustration):
        last = outbox.enqueue(
            turn.tx,
            address.account_id,
            address.id,
            message,
            turn.now,
            lane=lane,
            origin=origin,
            valid_until=valid_until,
            not_before=not_before,
            replace_key=replace_key,
        )
    return last


def can_edit(turn: Turn, address: Address) -> bool:
    """Whether what was sent to an address can be changed."""
    return turn.at.capabilities[address.account_id].edits


def put_keyboard(turn: Turn, address: Address, prompt_id: int, buttons: Sequence[Button]) -> None:
    """Show other buttons under a prompt that waits; of several such changes on their way the last one goes out."""
    outbox.enqueue(
        turn.tx,
        address.account_id,
        address.id,
        Outbound("", render.rows(tuple(buttons))),
        turn.now,
        operation="edit_keyboard",
        target_id=prompt_id,
        replace_key=f"keyboard:{prompt_id}",
    )


def drop_keyboard(turn: Turn, address: Address, prompt_id: int) -> None:
    """Take the buttons off an answered prompt, after whatever else this turn says."""
    if not can_edit(turn, address):
        return
    outbox.enqueue(
        turn.tx, address.account_id, address.id, None, turn.now, operation="edit_keyboard", target_id=prompt_id
    )

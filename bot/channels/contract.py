"""What a channel is: the one seam between the bot and a messaging platform."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.domain.messages import Inbound, Outbound


class Operation(StrEnum):
    """What a delivery asks of the platform. Several media in one SEND go out as a media group."""

    SEND = "send"
    EDIT = "edit"
    EDIT_KEYBOARD = "edit_keyboard"
    DELETE = "delete"


class OutcomeKind(StrEnum):
    """The closed set of what can become of one delivery. FAULT is ours: nothing was written to the platform."""

    SENT = "sent"
    NOT_DELIVERED = "not_delivered"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    MOVED = "moved"
    REJECTED = "rejected"
    NO_OP = "no_op"
    FATAL = "fatal"
    AMBIGUOUS = "ambiguous"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`retry_after` is in seconds (THROTTLED), `moved_to` an address (MOVED); `detail` is safe to log.

    `external_id` is the platform's id of the message, those of an album with commas between; `media_refs` the
    platform's ids of files just uploaded, by media id.
    """

    kind: OutcomeKind
    external_id: str = ""
    retry_after: float = 0.0
    moved_to: str = ""
    detail: str = ""
    media_refs: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as a delivery carries it: the platform's own `ref` if it was uploaded before, else the bytes' `path`.

    `url` is where our own pages serve it for a while; "" without a public address.
    """

    media_id: int
    kind: str
    ref: str
    path: str
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed outbox row, ready for the wire. `target` is the external id an edit or a delete is about, with
    commas between the ids of a message that went out as several.

    `row` identifies the outbox row: the web chat shows it as the event's id.
    """

    row: int
    chat: str
    operation: Operation
    outbound: Outbound
    target: str = ""
    media: tuple[MediaFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """What an account's plan allows: so many users, so many messages a civil month (0: no limit).

    `counts_received` is whether what people send is counted with what we send.
    """

    users: int
    messages: int
    counts_received: bool = True


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do; `max_text` in UTF-16 units, `uploads` whether it takes files as bytes or only by address.

    `files` are the kinds it shows as what they are, each with the longest text that may stand below it (UTF-16 units);
    the rest goes as a link. `album` is how many files one message may hold, `delete_hours` for how long after it was
    sent a message can be taken back (0: never, None: always), `documents` whether it brings those that people send,
    `resends` whether a file that came by it goes out again by its reference, however big it is, `alternative` whether a
    picture carries what it shows in words for who does not see it.
    Degrading to it happens in `services.posting` and `channels.render` only.
    """

    max_text: int
    buttons: bool
    edits: bool
    files: Mapping[str, int]
    album: int = 1
    delete_hours: int | None = 0
    uploads: bool = True
    quota: Quota | None = None
    documents: bool = True
    resends: bool = False
    alternative: bool = False


class Refusal(StrEnum):
    """Why a file could not be fetched."""

    GONE = "gone"
    TOO_BIG = "too_big"
    TRY_LATER = "try_later"


Intake = Callable[[Sequence[Inbound]], Awaitable[None]]
"""Stores a batch durably; a channel tells its platform "received" only after this returns."""


class Channel(Protocol):
    """A platform account. `name` is the channel's word ("telegram"), `account` its id there."""

    @property
    def name(self) -> str:
        """The channel's word; it stands in the database for ever."""

    @property
    def account(self) -> str:
        """The account's id on the platform."""

    @property
    def capabilities(self) -> Capabilities:
        """What the platform can do."""

    @property
    def link(self) -> str:
        """The web address a person opens to begin; a unit's code is put after it as `?start=u_CODE`. "" for none."""

    async def open(self) -> None:
        """Connect and learn who we are; raises ChannelUnusable with one sentence when that cannot be."""

    async def close(self) -> None:
        """Release connections."""

    async def receive(self, intake: Intake) -> None:
        """Take updates until cancelled; returns at once for a channel that is pushed to (webhook, web chat)."""

    async def acknowledge(self, inbound: Inbound) -> None:
        """Stop a pressed button's spinner, best effort."""

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """Publish the menu of slash commands, as (name, description), where the platform shows one; best effort."""

    async def answers(self) -> bool:
        """Whether the platform answers at all just now, asked without sending anybody anything."""

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Make one delivery; never raises for what a platform or network can do."""

    async def fetch(self, ref: str, limit: int) -> bytes | Refusal:
        """The bytes behind an attachment, at most `limit`."""


def fault(error: Exception) -> Outcome:
    """The outcome of a delivery that could not be put into the platform's form."""
    return Outcome(OutcomeKind.FAULT, detail=f"not encoded: {type(error).__name__}")


class ChannelUnusable(Exception):
    """The channel cannot start; `str()` says what to do about it and holds no secret."""


class TokenRefused(ChannelUnusable):
    """The platform does not know the account's token."""

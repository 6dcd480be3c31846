"""What became of a delivery: the closed table from answers and failures to outcomes."""

from collections.abc import Iterator
from typing import Any, Final

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.contract import MediaFile, Outcome, OutcomeKind
from bot.channels.telegram.transport import NotWritten, Throttled

_DETAIL_LENGTH: Final = 200
_MARKUP_REFUSED: Final = "can't parse entities"

_REFUSALS: Final = (
    ("chat not found", OutcomeKind.UNREACHABLE),
    ("message is not modified", OutcomeKind.NO_OP),
    ("message to edit not found", OutcomeKind.NO_OP),
    ("message to delete not found", OutcomeKind.NO_OP),
    ("query is too old", OutcomeKind.NO_OP),
)
"""Descriptions of a 400 that say more than "rejected"."""

_ERRORS: Final = (
    (NotWritten, OutcomeKind.NOT_DELIVERED),
    (Throttled, OutcomeKind.THROTTLED),
    (ChatMigrated, OutcomeKind.MOVED),
    (Forbidden, OutcomeKind.UNREACHABLE),
    (InvalidToken, OutcomeKind.FATAL),
    (BadRequest, OutcomeKind.REJECTED),
    (TelegramError, OutcomeKind.AMBIGUOUS),
)
"""The first match counts. The last line is what was written and not intelligibly answered, every 5xx too."""


def outcome_of(error: TelegramError) -> Outcome:
    """The outcome of a call that raised `error`."""
    kind = next(kind for type_, kind in _ERRORS if isinstance(error, type_))
    if kind is OutcomeKind.REJECTED:
        description = error.message.casefold()
        kind = next((kind for words, kind in _REFUSALS if words in description), kind)
    return Outcome(
        kind,
        retry_after=error.seconds if isinstance(error, Throttled) else 0.0,
        moved_to=str(error.new_chat_id) if isinstance(error, ChatMigrated) else "",
        detail=error.message[:_DETAIL_LENGTH],
    )


def is_markup_refused(outcome: Outcome) -> bool:
    """Whether Telegram could not read our HTML: a bug of ours that must not cost the member the message."""
    return outcome.kind is OutcomeKind.REJECTED and _MARKUP_REFUSED in outcome.detail.casefold()


def sent(result: Any, media: tuple[MediaFile, ...]) -> Outcome:
    """The outcome of a call that answered `result`: a message, several (a media group) or true."""
    messages = [answer for answer in (result if isinstance(result, list) else (result,)) if isinstance(answer, dict)]
    ids = ",".join(str(message.get("message_id", "")) for message in messages)
    refs = tuple(_uploaded(media, messages)) if media else ()
    return Outcome(OutcomeKind.SENT, external_id=ids, media_refs=refs)


def _uploaded(media: tuple[MediaFile, ...], messages: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    for file, message in zip(media, messages, strict=False):
        if not file.ref and (ref := _file_id(message.get(file.kind))):
            yield file.media_id, ref


def _file_id(field: Any) -> str:
    largest = field[-1] if isinstance(field, list) and field else field
    return str(largest.get("file_id", "")) if isinstance(largest, dict) else ""

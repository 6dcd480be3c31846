"""What became of a delivery: the closed table from the platform's codes to outcomes."""

from typing import Any, Final

from bot.channels.contract import Outcome, OutcomeKind
from bot.channels.zalo_bot.api import Answer
from bot.channels.zalo_bot.quirks import Quirks

_DETAIL_LENGTH: Final = 200

_CODES: Final = {
    400: OutcomeKind.REJECTED,
    401: OutcomeKind.FATAL,
    403: OutcomeKind.AMBIGUOUS,
    404: OutcomeKind.FATAL,
    408: OutcomeKind.AMBIGUOUS,
    426: OutcomeKind.REJECTED,
    429: OutcomeKind.THROTTLED,
}
"""Zalo's documented errors. 403 is its "Internal server error", not "blocked by the user": there is no code for that.
404 is "not found or invalid access": of what, `ZaloBotChannel` finds out.
"""


def outcome_of(answer: Answer, quirks: Quirks) -> Outcome:
    """The outcome of a send that was answered."""
    if answer.ok:
        return Outcome(OutcomeKind.SENT, external_id=_message_id(answer.result))
    kind = _kind(answer, quirks)
    wait = quirks.throttle_seconds if kind is OutcomeKind.THROTTLED else 0.0
    return Outcome(kind, retry_after=wait, detail=answer.told[:_DETAIL_LENGTH])


def _kind(answer: Answer, quirks: Quirks) -> OutcomeKind:
    if _is_unreachable(answer, quirks.unreachable):
        return OutcomeKind.UNREACHABLE
    other = OutcomeKind.REJECTED if 400 <= answer.code < 500 else OutcomeKind.AMBIGUOUS
    return _CODES.get(answer.code, other)


def _is_unreachable(answer: Answer, signs: tuple[str, ...]) -> bool:
    description = answer.description.casefold()
    return any(
        sign == str(answer.code) if sign.isdecimal() else sign.casefold() in description for sign in signs if sign
    )


def _message_id(result: Any) -> str:
    return str(result.get("message_id", "")) if isinstance(result, dict) else ""

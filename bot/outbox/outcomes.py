"""From a channel's outcome to what the row becomes: the one closed table."""

import random
from typing import Final

from bot.channels.contract import Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.outbox.backoff import REPLY_SECONDS, SHORTEST_SECONDS, delay
from bot.storage.outbox import Claimed, Mark

TRIES: Final = 3
"""So often a row that our own code cannot send is tried; then it is set aside."""


def may_repeat(row: Claimed) -> bool:
    """Whether a row may go out again when it is not known what became of it: a reply, or an edit."""
    return row.lane == Lane.REPLY or row.operation != "send"


def patience(outcome: Outcome) -> float:
    """Seconds until a throttled chat is written to again."""
    return max(outcome.retry_after, SHORTEST_SECONDS)


def judge(row: Claimed, outcome: Outcome, monotonic: float, rng: random.Random) -> Mark:
    """The mark for a row whose call ended at `monotonic` seconds."""
    if outcome.kind is OutcomeKind.SENT:
        return Mark(row.id, "sent", outcome.external_id)
    reply = may_repeat(row)
    match outcome.kind:
        case OutcomeKind.NO_OP:
            return Mark(row.id, "sent", detail=outcome.detail)
        case OutcomeKind.UNREACHABLE:
            return Mark(row.id, "unreachable", detail=outcome.detail)
        case OutcomeKind.REJECTED:
            return Mark(row.id, "failed", detail=outcome.detail)
        case OutcomeKind.MOVED:
            return _again(row, 0.0, monotonic, outcome.detail)
        case OutcomeKind.THROTTLED:
            return _again(row, patience(outcome), monotonic, outcome.detail)._replace(attempts=row.attempts - 1)
        case OutcomeKind.FATAL:
            return _again(row, 0.0, monotonic, outcome.detail)
        case OutcomeKind.FAULT if row.attempts >= TRIES:
            return Mark(row.id, "failed", detail=outcome.detail)
        case OutcomeKind.FAULT:
            return _again(row, delay(row.attempts, rng), monotonic, outcome.detail)
        case OutcomeKind.AMBIGUOUS if not reply:
            return Mark(row.id, "uncertain", detail=outcome.detail)
        case OutcomeKind.AMBIGUOUS | OutcomeKind.NOT_DELIVERED:
            since = row.retry_since if row.retry_since is not None else int(monotonic * 1000)
            if reply and monotonic * 1000 - since > REPLY_SECONDS * 1000:
                return Mark(row.id, "failed", detail=outcome.detail)
            wait = delay(row.attempts, rng)
            return Mark(row.id, "pending", "", outcome.detail, int((monotonic + wait) * 1000), since, row.attempts)


def _again(row: Claimed, wait: float, monotonic: float, detail: str) -> Mark:
    return Mark(row.id, "pending", "", detail, int((monotonic + wait) * 1000), row.retry_since, row.attempts)

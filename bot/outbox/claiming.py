"""Which rows start next, prepared inside the claiming transaction."""

import random
from dataclasses import dataclass, field
from typing import Final

from bot.channels.contract import Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.outbox.outcomes import judge
from bot.outbox.pacing import Allowance
from bot.outbox.preparing import Ended, Faulty, Preparing, Start, prepare
from bot.outbox.sharing import Shares
from bot.storage import outbox
from bot.storage.database import Transaction
from bot.storage.outbox import Claimed, Mark

PUSH_LANES: Final = (Lane.URGENT, Lane.ANNOUNCEMENT, Lane.MILESTONE, Lane.DAILY)


@dataclass(slots=True)
class Claims:
    """What one cycle claimed. `due` and `held` are when the next row that waits may start (people's, monotonic ms).

    Of `replies` and `pushes` those in `starts` go on the wire, `ended` and `faulty` are marked already, and the rest
    was put back to wait.
    """

    replies: int
    pushes: int
    starts: list[Start] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    faulty: list[tuple[Claimed, Mark]] = field(default_factory=list)
    due: int | None = None
    held: int | None = None


class Claimer:
    """Claims one account's rows."""

    def __init__(self, account_id: int, by: Preparing, rng: random.Random) -> None:
        self._account_id = account_id
        self._by = by
        self._rng = rng
        self._shares = {lane: Shares() for lane in PUSH_LANES}

    def claim(self, tx: Transaction, allowed: Allowance, now: int, monotonic: float) -> Claims:
        """Claim what may start, replies first, then pushes lane by lane."""
        milliseconds = int(monotonic * 1000)
        rows: list[Claimed] = []
        if allowed.replies:
            rows = outbox.claim(tx, self._account_id, Lane.REPLY, allowed.replies, now, milliseconds)
        claims = Claims(len(rows), 0)
        left = allowed.pushes - allowed.shared * len(rows)
        for lane in PUSH_LANES:
            if left <= 0:
                break
            found = self._in_turn(tx, lane, left, now, milliseconds)
            rows += found
            left -= len(found)
        claims.pushes = len(rows) - claims.replies
        compose = self._by.composing(tx, now)
        for row in rows:
            self._count(claims, row, prepare(tx, row, self._by, compose, now, monotonic), monotonic)
        if claims.ended or claims.faulty:
            marks = [Mark(end.row.id, end.state) for end in claims.ended]
            outbox.mark(tx, marks + [mark for _, mark in claims.faulty], now)
        claims.due, claims.held = outbox.next_due(tx, self._account_id, now, milliseconds)
        return claims

    def _in_turn(self, tx: Transaction, lane: Lane, count: int, now: int, monotonic: int) -> list[Claimed]:
        """Claim pushes of a lane, its queues by turns; what one has no row for goes to the others."""
        queues = outbox.queues(tx, self._account_id, lane)
        shares = self._shares[lane]
        rows: list[Claimed] = []
        while queues and len(rows) < count:
            left = []
            split = shares.split(queues, count - len(rows))
            for queue in queues:
                share = split[queue.id]
                found = outbox.claim(tx, self._account_id, lane, share, now, monotonic, queue.id) if share else []
                rows += found
                if len(found) < share:
                    shares.unused(queue, share - len(found))
                else:
                    left.append(queue)
            if len(left) == len(queues):
                break
            queues = left
        return rows

    def _count(self, claims: Claims, row: Claimed, became: Start | Ended | Faulty | None, monotonic: float) -> None:
        match became:
            case Start() as start:
                claims.starts.append(start)
            case Ended() as end:
                claims.ended.append(end)
            case Faulty() as broken:
                outcome = Outcome(OutcomeKind.FAULT, detail=broken.detail)
                claims.faulty.append((row, judge(row, outcome, monotonic, self._rng)))

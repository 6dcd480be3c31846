"""Fair share: pushes of a lane take turns between the units that speak, then between a unit's announcements."""

from collections.abc import Sequence
from typing import Final

from bot.storage.outbox import Queue

NEWS: Final = 0
"""The queue of everything that is no announcement, which shares like one more unit."""


class Shares:
    """Whose turn it is in one lane, remembered from claim to claim: often only one row may start.

    Every start moves its unit and its queue on; whoever is furthest behind is next. Who has nothing to send saves
    nothing up: they come back level with the one furthest behind.
    """

    def __init__(self) -> None:
        self._units: dict[int, int] = {}
        self._queues: dict[int, int] = {}

    def split(self, queues: Sequence[Queue], count: int) -> dict[int, int]:
        """How many of `count` starts each queue may have, by its id. `queues` are all that have something to send."""
        members: dict[int, list[int]] = {}
        for queue in queues:
            members.setdefault(_unit(queue), []).append(queue.id)
        self._units = _joined(self._units, list(members))
        self._queues = _joined(self._queues, [queue.id for queue in queues])
        shares = dict.fromkeys(self._queues, 0)
        for _ in range(count if queues else 0):
            unit = min(members, key=self._units.__getitem__)
            next_ = min(members[unit], key=self._queues.__getitem__)
            self._units[unit] += 1
            self._queues[next_] += 1
            shares[next_] += 1
        return shares

    def unused(self, queue: Queue, count: int) -> None:
        """So many of a queue's starts found no row."""
        self._units[_unit(queue)] -= count
        self._queues[queue.id] -= count


def _unit(queue: Queue) -> int:
    """The unit as a key: the federation itself is one, news another."""
    if queue.id == NEWS:
        return -1
    return queue.unit_id or 0


def _joined(turns: dict[int, int], present: Sequence[int]) -> dict[int, int]:
    level = min((turns[key] for key in present if key in turns), default=0)
    return {key: turns.get(key, level) - level for key in present}

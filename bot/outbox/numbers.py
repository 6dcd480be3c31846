"""What a sender tells of itself to those who watch it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sending:
    """One account's sender at a moment. `breaker` is a `breaker.State`, `rate` sends a second (0: no limit).

    `paused` is the seconds left of a pause of the whole account, `chats_paused` how many chats pause by themselves.
    """

    channel: str
    in_flight: int
    stopped: bool
    breaker: int
    breaker_opened: int
    paused: float
    rate: float
    chats_paused: int
    ended: dict[tuple[int, str], int]
    faults: int
    set_aside: int


@dataclass(slots=True)
class Numbers:
    """What is counted since the process began: rows by (lane, final state), faults of ours, rows set aside for them."""

    ended: dict[tuple[int, str], int] = field(default_factory=dict)
    faults: int = 0
    set_aside: int = 0

    def end(self, lane: int, state: str) -> None:
        """A row has come to its end."""
        key = (lane, state)
        self.ended[key] = self.ended.get(key, 0) + 1

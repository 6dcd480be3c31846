"""What a sender tells of itself to those who watch it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sending:
    """One account's sender at a moment. `breaker` is 0 while sends flow, 1 while one goes at
    a time, 2 while none do; `rate` sends a second (0: no limit).

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

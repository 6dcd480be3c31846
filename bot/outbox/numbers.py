"""What a sender counts."""

from dataclasses import dataclass, field


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

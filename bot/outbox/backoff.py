"""How long a failed call waits before it is tried again."""

import random
from typing import Final

FIRST_SECONDS: Final = 0.5
SHORTEST_SECONDS: Final = FIRST_SECONDS / 2
"""What a platform that asks for patience is left alone for at least, even if it says for no time at all."""
LONGEST_SECONDS: Final = 30.0
REPLY_SECONDS: Final = 60.0
"""A reply is given up after this long of retries: the person has asked again by then."""


def delay(attempt: int, rng: random.Random) -> float:
    """Seconds before try `attempt` + 1: doubling from half a second to thirty, between half and the whole of it."""
    whole = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt - 1, 10))
    return whole * (0.5 + rng.random() / 2)

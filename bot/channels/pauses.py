"""How long to wait between tries while a platform cannot be reached."""

import random
from collections.abc import Iterator
from typing import Final

_FIRST_SECONDS: Final = 0.25
_LONGEST_SECONDS: Final = 30.0


def pauses() -> Iterator[float]:
    """Seconds to wait after each failure in a row: doubling, with jitter against marching in step."""
    pause = _FIRST_SECONDS
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret hangs on it
        pause = min(pause * 2, _LONGEST_SECONDS)

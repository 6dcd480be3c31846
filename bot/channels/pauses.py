"""Calling a platform again and again: how long to wait between tries, and when to stop."""

import asyncio
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


def heed_cancellation() -> None:
    """To be called before each try: the HTTP client swallows a cancellation that comes together with an answer."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

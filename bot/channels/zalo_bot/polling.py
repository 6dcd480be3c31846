"""The getUpdates loop: one update an answer, nothing to confirm it with, and perhaps the last one again and again."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import structlog

from bot.channels.contract import Intake
from bot.channels.pauses import pauses
from bot.channels.zalo_bot.api import NOT_FOUND, REQUEST_TIMEOUT
from bot.channels.zalo_bot.patience import GRACE_SECONDS, Patience
from bot.domain.messages import Inbound

_REMEMBERED: Final = 500
"""Updates taken lately: what is sent again is not stored again. The inbox knows those of an earlier process."""
_NO_WEBHOOK: Final = frozenset({NOT_FOUND})
_NO_UPDATE: Final = frozenset({REQUEST_TIMEOUT})
"""An empty long poll is answered as an error."""

_log: Final = structlog.get_logger(__name__)


class Poller:
    """Takes updates until cancelled. `timeout` is the length of a long poll, `floor` the least seconds between polls
    that bring nothing new.
    """

    def __init__(
        self,
        patience: Patience,
        parse: Callable[[Any], Inbound | None],
        timeout: float,
        floor: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._parse = parse
        self._timeout = timeout
        self._floor = floor
        self._monotonic = monotonic
        self._taken: deque[str] = deque(maxlen=_REMEMBERED)

    async def run(self, intake: Intake) -> None:
        """Poll for ever; raises TokenRefused when the token is.

        Failures of the network and of `intake` are waited out; until `intake` has returned, nothing more is asked for.
        """
        await self._patience.call("deleteWebhook", {}, _NO_WEBHOOK)
        while True:
            asked = self._monotonic()
            if not await self._take(await self._next(), intake):
                await asyncio.sleep(max(0.0, asked + self._floor - self._monotonic()))

    async def _next(self) -> Any:
        """The next update; None when there is none."""
        question = {"timeout": f"{self._timeout:g}"}  # documented as a string
        answer = await self._patience.call("getUpdates", question, _NO_UPDATE, self._timeout + GRACE_SECONDS)
        return answer.result if answer.ok else None

    async def _take(self, update: Any, intake: Intake) -> bool:
        """Store an update; whether it was a new one that concerns us."""
        inbound = self._parse(update) if update is not None else None
        if inbound is None or inbound.update_key in self._taken:
            return False
        for pause in pauses():
            try:
                await intake([inbound])
                break
            except Exception:
                _log.exception("zalo_intake_failed")
            await asyncio.sleep(pause)
        self._taken.append(inbound.update_key)
        return True

"""Our own getUpdates loop: a batch is stored first, and only then does the offset move past it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.contract import Intake, TokenRefused
from bot.channels.pauses import heed_cancellation, pauses
from bot.channels.telegram.api import Api
from bot.channels.telegram.transport import Throttled
from bot.domain.messages import Inbound

ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
UNAUTHORIZED: Final = "Telegram refuses the bot's token: check TELEGRAM_BOT_TOKEN (BotFather shows the current one)."

_BATCH: Final = 100
_GRACE_SECONDS: Final = 10.0
"""How much longer than the long poll itself an answer may take."""
_SILENCE_SECONDS: Final = 24 * 3600.0
"""After so long without updates their numbers may start anew, below an offset we would still ask for."""

_log: Final = structlog.get_logger(__name__)


class Poller:
    """Takes updates until cancelled. The offset lives only here: a restart is sent again what was kept."""

    def __init__(
        self,
        api: Api,
        parse: Callable[[Any], Inbound | None],
        timeout: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._parse = parse
        self._timeout = timeout
        self._monotonic = monotonic
        self._heard = monotonic()
        self._offset: int | None = None

    async def run(self, intake: Intake) -> None:
        """Poll for ever; raises TokenRefused when the token is.

        Failures of the network and of `intake` are waited out; until `intake` has returned, the offset stays.
        """
        await self._call("deleteWebhook", {"drop_pending_updates": False}, _GRACE_SECONDS)
        while True:
            updates = await self._call("getUpdates", self._question(), self._timeout + _GRACE_SECONDS)
            await self._take(updates, intake)

    def _question(self) -> dict[str, Any]:
        if self._monotonic() - self._heard > _SILENCE_SECONDS:
            self._offset = None
        question = {"limit": _BATCH, "timeout": self._timeout, "allowed_updates": ALLOWED_UPDATES}
        return question if self._offset is None else question | {"offset": self._offset}

    async def _call(self, method: str, fields: dict[str, Any], answer_seconds: float) -> Any:
        for pause in pauses():
            heed_cancellation()
            seconds = pause
            try:
                return await self._api.call(method, fields, answer_seconds)
            except InvalidToken:
                raise TokenRefused(UNAUTHORIZED) from None
            except Throttled as throttled:
                _log.warning("telegram_poll_throttled", seconds=throttled.seconds)
                seconds = max(pause, throttled.seconds)
            except Conflict as conflict:
                _log.error("telegram_poll_conflict", rival=_rival(conflict), detail=conflict.message)
            except TelegramError as error:
                _log.warning("telegram_poll_failed", method=method, detail=error.message)
            await asyncio.sleep(seconds)
        raise AssertionError("pauses never end")

    async def _take(self, updates: Any, intake: Intake) -> None:
        """Store a batch, then move the offset past it, past the updates that do not concern us too."""
        if not isinstance(updates, list) or not updates:
            return
        self._heard = self._monotonic()
        inbound = [message for update in updates if (message := self._parse(update)) is not None]
        for pause in pauses():
            try:
                if inbound:
                    await intake(inbound)
                break
            except Exception:
                _log.exception("telegram_intake_failed", updates=len(inbound))
            await asyncio.sleep(pause)
        self._offset = max(update["update_id"] for update in updates) + 1


def _rival(conflict: Conflict) -> str:
    return "webhook" if "webhook" in conflict.message.casefold() else "second poller"

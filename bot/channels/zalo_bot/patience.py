"""Calls that must get through: tried again until the platform has said yes, or something that trying cannot change."""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from bot.channels.contract import TokenRefused
from bot.channels.http import NoAnswer, NotWritten
from bot.channels.pauses import heed_cancellation, pauses
from bot.channels.zalo_bot.api import TOO_MANY_REQUESTS, UNAUTHORIZED, Answer, Api

WRONG_TOKEN: Final = "Zalo refuses the bot's token: check ZALO_BOT_TOKEN (Zalo Bot Creator shows the current one)."  # noqa: S105
GRACE_SECONDS: Final = 10.0
"""How much longer than a long poll itself an answer may take."""

_log: Final = structlog.get_logger(__name__)


class Patience:
    """`throttle_seconds` is how long a 429 lasts."""

    def __init__(self, api: Api, throttle_seconds: float) -> None:
        self._api = api
        self._throttle_seconds = throttle_seconds

    async def call(
        self,
        method: str,
        fields: dict[str, Any],
        expected: frozenset[int] = frozenset(),
        answer_seconds: float = GRACE_SECONDS,
    ) -> Answer:
        """The answer that is ok, or an error among the codes of `expected`; everything else is waited out.

        Raises TokenRefused when the token is.
        """
        for pause in pauses():
            heed_cancellation()
            seconds = pause
            try:
                answer = await self._api.call(method, fields, answer_seconds)
            except (NotWritten, NoAnswer) as error:
                _log.warning("zalo_call_failed", method=method, detail=str(error))
            else:
                if answer.ok or answer.code in expected:
                    return answer
                seconds = max(pause, await self._wait_of(method, answer))
            await asyncio.sleep(seconds)
        raise AssertionError("pauses never end")

    async def _wait_of(self, method: str, answer: Answer) -> float:
        """Tell what an error means; the seconds it asks to wait."""
        if answer.code == UNAUTHORIZED:
            raise TokenRefused(WRONG_TOKEN)
        if answer.code == TOO_MANY_REQUESTS:
            _log.warning("zalo_call_throttled", method=method, seconds=self._throttle_seconds)
            return self._throttle_seconds
        if method == "getUpdates" and "webhook" in answer.description.casefold():
            _log.error("zalo_webhook_in_the_way", host=await self._webhook_host(), detail=answer.told)
        else:
            _log.warning("zalo_call_failed", method=method, detail=answer.told)
        return 0.0

    async def _webhook_host(self) -> str:
        """Whose webhook it is; the rest of its address may hold a secret. "" when there is none, or none is told."""
        try:
            answer = await self._api.call("getWebhookInfo", {}, GRACE_SECONDS)
            return urlsplit(str(answer.result["url"])).hostname or "" if answer.ok else ""
        except (NotWritten, NoAnswer, KeyError, TypeError, ValueError):
            return ""

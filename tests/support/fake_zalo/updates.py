"""Events waiting for the bot: handed out by getUpdates one by one, or pushed to a webhook."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Literal

import aiohttp

from tests.support.fake_zalo.rules import Parameters, Refused, webhook_of

Event = dict[str, Any]

USER_AGENT: Final = "Java/17.0.2"
_RETRY_SECONDS: Final = 0.05
_WEBHOOK_SET: Final = "You cannot use this API while a webhook is set. Please remove the webhook first"
_OUTCOMES: Final = {403: "webhook.http.403", 404: "webhook.http.404"}


class Updates:
    """The queue of one bot.

    `mode`: both are told of real bots. "consume" hands an event out once, come what may; "replay" does too, but answers
    every later poll with the last one again until there is a newer. `shape` is how a webhook's body is written.
    `retries` is whether an event whose webhook call was not answered 2xx comes again (undocumented).
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.mode: Literal["consume", "replay"] = "consume"
        self.shape: Literal["flat", "wrapped"] = "flat"
        self.retries = True
        self.pending: list[Event] = []
        self.handed_out: list[Event] = []
        self.webhook_url = ""
        self.webhook_statuses: list[int] = []
        self.set_at = 0
        self._secret = ""
        self._changed = changed
        self._arrived = asyncio.Event()
        self._pusher: asyncio.Task[None] | None = None

    def push(self, event: Event) -> Event:
        """Queue an event; one that was handed out before comes as a duplicate."""
        self.pending.append(event)
        self._arrived.set()
        return event

    async def get(self, parameters: Parameters) -> Event:
        """getUpdates: one event, or a 408 when the time is over. Two pollers share the events between them."""
        if self.webhook_url:
            raise Refused(400, _WEBHOOK_SET)
        if not self.pending and self.mode == "replay" and self.handed_out:
            return self.handed_out[-1]
        try:
            async with asyncio.timeout(parameters.seconds()):
                while not self.pending:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise Refused(408, "Request timeout") from None
        event = self.pending.pop(0)
        self.handed_out.append(event)
        self._changed()
        return event

    async def set_webhook(self, parameters: Parameters, now: int) -> dict[str, Any]:
        """setWebhook: the address is tried at once, and kept whatever comes of that."""
        self.webhook_url, self._secret = webhook_of(parameters)
        self.set_at = now
        verification = await self._probe()
        self._arrived.set()
        if self._pusher is None:
            self._pusher = asyncio.create_task(self._push_all())
        return {"url": self.webhook_url, "updated_at": now, "verification": verification}

    def delete_webhook(self, now: int) -> dict[str, Any]:
        """deleteWebhook; well also when there is none."""
        self.webhook_url = ""
        if self._pusher is not None:
            self._pusher.cancel()
            self._pusher = None
        return {"url": "", "updated_at": now}

    def webhook_info(self) -> dict[str, Any]:
        """getWebhookInfo."""
        if not self.webhook_url:
            raise Refused(404, "Not Found")
        return {"url": self.webhook_url, "updated_at": self.set_at}

    async def close(self) -> None:
        """Stop pushing."""
        if self._pusher is not None:
            self._pusher.cancel()
            await asyncio.gather(self._pusher, return_exceptions=True)

    async def _probe(self) -> dict[str, Any]:
        """As it was seen: an empty body without a content type or the secret."""
        found: dict[str, Any] = {"ok": False, "url": self.webhook_url}
        try:
            async with (
                aiohttp.ClientSession(headers={"User-Agent": USER_AGENT}) as client,
                client.post(self.webhook_url, skip_auto_headers=["Content-Type"]) as response,
            ):
                status = response.status
        except aiohttp.ClientError:
            return found | {"outcome": "webhook.err.unreachable", "hint": "Your endpoint could not be reached."}
        if 200 <= status < 300:
            return found | {"ok": True, "outcome": "webhook.ok", "hint": "Your endpoint responded successfully."}
        outcome = _OUTCOMES.get(status, "webhook.http.5xx" if status >= 500 else "webhook.http.other")
        return found | {"status_code": status, "outcome": outcome, "hint": "Your endpoint did not answer 2xx."}

    async def _push_all(self) -> None:
        headers = {"User-Agent": USER_AGENT, "X-Bot-Api-Secret-Token": self._secret}
        async with aiohttp.ClientSession(headers=headers) as client:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self.pending:
                    if not await self._push_one(client, self.pending[0]):
                        await asyncio.sleep(_RETRY_SECONDS)

    async def _push_one(self, client: aiohttp.ClientSession, event: Event) -> bool:
        body = {"ok": True, "result": event} if self.shape == "wrapped" else event
        try:
            async with client.post(self.webhook_url, json=body) as response:
                status = response.status
        except aiohttp.ClientError:
            status = 0
        self.webhook_statuses.append(status)
        taken = 200 <= status < 300
        if taken or not self.retries:
            self.pending.remove(event)
            self.handed_out.append(event)
        self._changed()
        return taken

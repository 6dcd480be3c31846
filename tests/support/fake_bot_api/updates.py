"""Updates waiting for the bot: handed out by getUpdates or pushed to a webhook."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import aiohttp

from tests.support.fake_bot_api.rules import Parameters, Refused, webhook_of

_RETRY_SECONDS: Final = 0.05
_WEBHOOK_SET: Final = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_WEBHOOK_COMES: Final = "Conflict: terminated by setWebhook request"
_OTHER_POLLER: Final = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


class Updates:
    """The queue of one bot. An update leaves it when an offset passes it or the webhook answers 2xx."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.pending: list[dict[str, Any]] = []
        self.webhook_url = ""
        self.webhook_statuses: list[int] = []
        self._secret = ""
        self._allowed: list[str] = []
        self._next_id = 700_001
        self._changed = changed
        self._arrived = asyncio.Event()
        self._poller: asyncio.Future[None] | None = None
        self._pusher: asyncio.Task[None] | None = None

    def push(self, update: dict[str, Any]) -> int:
        """Queue an update, unless the bot did not allow its kind; its update_id."""
        update_id = self._next_id
        self._next_id += 1
        if not self._allowed or any(kind in update for kind in self._allowed):
            self.pending.append({"update_id": update_id, **update})
            self._arrived.set()
        return update_id

    def repeat(self, update: dict[str, Any]) -> None:
        """Queue an update that was handed out before, under its old number."""
        self.pending.append(update)
        self.pending.sort(key=lambda waiting: int(waiting["update_id"]))
        self._arrived.set()

    async def get(self, parameters: Parameters) -> list[dict[str, Any]]:
        """getUpdates: confirm what is below the offset, then wait up to `timeout` for more."""
        if self.webhook_url:
            raise Refused(409, _WEBHOOK_SET)
        self._allow(parameters)
        self._end_poll(_OTHER_POLLER)
        if "offset" in parameters.values:
            offset = parameters.number("offset")
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
            self._changed()
        if not self.pending:
            await self._wait(float(parameters.values.get("timeout") or 0))
        limit = min(max(parameters.number("limit", 100), 1), 100)
        return self.pending[:limit]

    def set_webhook(self, parameters: Parameters) -> None:
        """setWebhook; an empty URL removes it."""
        if not parameters.values.get("url"):
            self.delete_webhook(parameters)
            return
        self.webhook_url, self._secret = webhook_of(parameters)
        self._allow(parameters)
        self._end_poll(_WEBHOOK_COMES)
        self._arrived.set()
        if self._pusher is None:
            self._pusher = asyncio.create_task(self._push_all())

    def delete_webhook(self, parameters: Parameters) -> None:
        """deleteWebhook; pending updates stay unless they are to be dropped."""
        self.webhook_url = ""
        if self._pusher is not None:
            self._pusher.cancel()
            self._pusher = None
        if parameters.flag("drop_pending_updates"):
            self.pending.clear()

    async def close(self) -> None:
        """Stop pushing."""
        self._end_poll(_OTHER_POLLER)
        if self._pusher is not None:
            self._pusher.cancel()
            await asyncio.gather(self._pusher, return_exceptions=True)

    def _allow(self, parameters: Parameters) -> None:
        allowed = parameters.structure("allowed_updates")
        if allowed is not None:
            self._allowed = list(allowed)

    def _end_poll(self, description: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(Refused(409, description))

    async def _wait(self, seconds: float) -> None:
        self._arrived.clear()
        self._poller = ended = asyncio.get_running_loop().create_future()
        arrival = asyncio.ensure_future(self._arrived.wait())
        try:
            done, _ = await asyncio.wait({arrival, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if ended in done:
                ended.result()
        finally:
            arrival.cancel()
            ended.cancel()

    async def _push_all(self) -> None:
        header = {"X-Telegram-Bot-Api-Secret-Token": self._secret}
        async with aiohttp.ClientSession(headers=header) as client:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self.pending:
                    if not await self._push_one(client, self.pending[0]):
                        await asyncio.sleep(_RETRY_SECONDS)

    async def _push_one(self, client: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        try:
            async with client.post(self.webhook_url, json=update) as response:
                status = response.status
        except aiohttp.ClientError:
            status = 0
        self.webhook_statuses.append(status)
        taken = 200 <= status <= 299
        if taken and update in self.pending:
            self.pending.remove(update)
        self._changed()
        return taken

"""One bot's methods on the Bot API, called with plain dictionaries and answering them."""

from typing import Any, cast

import orjson
from telegram.request import BaseRequest, RequestData

from bot.channels.http import Form
from bot.channels.telegram.transport import Transport


class Api:
    """Posts to `<api_url>/bot<token>/<method>`. Its repr shows neither the URL nor the token."""

    __slots__ = ("_prefix", "_transport")

    def __init__(self, transport: Transport, api_url: str, token: str) -> None:
        self._transport = transport
        self._prefix = f"{api_url}/bot{token}/"

    async def call(self, method: str, fields: dict[str, Any], answer_seconds: float | None = None) -> Any:
        """Post `fields` as JSON and return the `result`; `answer_seconds` replaces the transport's patience.

        Raises a telegram.error.TelegramError, of which outcomes.py knows all kinds.
        """
        return await self.post(method, orjson.dumps(fields), answer_seconds)

    async def post(self, method: str, body: bytes | Form, answer_seconds: float | None = None) -> Any:
        """Post a body that is already encoded; otherwise as `call`."""
        # BaseRequest.post hands the data to our do_request untouched, whatever it is.
        return await self._transport.post(
            self._prefix + method,
            cast(RequestData, body),
            read_timeout=BaseRequest.DEFAULT_NONE if answer_seconds is None else answer_seconds,
        )

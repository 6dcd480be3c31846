"""python-telegram-bot's HTTP layer on our own client, and what a 429 or a foreign error page means."""

from http import HTTPStatus
from typing import Any, Final

import orjson
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.http import ANSWER_SECONDS, Form, HttpClient
from bot.channels.http import NoAnswer as HttpNoAnswer
from bot.channels.http import NotWritten as HttpNotWritten
from bot.channels.lenient import load_json

DEFAULT_RETRY_SECONDS: Final = 1.0
_REFUSALS: Final = int(HTTPStatus.MULTIPLE_CHOICES)
"""From this status on an answer is none; a member of HTTPStatus takes longer to look up than an answer to judge."""


class NotWritten(NetworkError):
    """The platform cannot have seen the request: no DNS answer, connection, TLS or free pool slot."""


class WrittenNoAnswer(NetworkError):
    """The request may have been carried out: it was (perhaps) written, and no whole answer came back."""


class Throttled(NetworkError):
    """HTTP 429. `seconds` is the platform's `retry_after`, or DEFAULT_RETRY_SECONDS where it gave none."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests, retry after {seconds:g} s")
        self.seconds = seconds


class Transport(BaseRequest):
    """One connection pool. A POST is written at most once; no redirects."""

    __slots__ = ("_answer_seconds", "_http")

    def __init__(self, connections: int, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._answer_seconds = answer_seconds
        self._http = HttpClient(connections, answer_seconds)

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer."""
        return self._answer_seconds

    async def initialize(self) -> None:
        """Open the pool (no connection is made yet)."""
        self._http.open()

    async def shutdown(self) -> None:
        """Close every connection."""
        await self._http.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The platform's envelope as a dictionary; raises TelegramError when it is not one."""
        try:
            parsed = load_json(payload)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            # Raised outside the handler: the parser's error would carry the payload along.
            raise TelegramError("Invalid server response")
        return parsed

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request: (status, body). Raises NotWritten, WrittenNoAnswer or Throttled.

        Of the timeouts only `read_timeout` can be chosen; connecting (and the wait for a slot) has its own.
        """
        patience = None if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        failure: NetworkError
        try:
            status, payload = await self._http.post(url, _body(request_data), patience)
        except HttpNotWritten as error:
            failure = NotWritten(str(error))
        except HttpNoAnswer as error:
            failure = WrittenNoAnswer(str(error))
        else:
            return _platform_answer(status, payload)
        raise failure

    async def download(self, url: str, limit: int, seconds: float) -> tuple[int, bytes]:
        """GET a file within `seconds`: (status, at most `limit` + 1 bytes). Raises as `do_request`."""
        try:
            return await self._http.download(url, limit, seconds)
        except HttpNotWritten as error:
            raise NotWritten(str(error)) from None
        except HttpNoAnswer as error:
            raise WrittenNoAnswer(str(error)) from None


def _body(request_data: RequestData | bytes | Form | None) -> bytes | Form | None:
    """python-telegram-bot's own parameters go out as JSON too."""
    return orjson.dumps(request_data.parameters) if isinstance(request_data, RequestData) else request_data


def _platform_answer(status: int, payload: bytes) -> tuple[int, bytes]:
    """What the platform itself said; an error page by something in between says nothing about the request."""
    if status < _REFUSALS:
        return status, payload
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled(_retry_after(payload))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return HTTPStatus.BAD_REQUEST, b'{"description":"Bad Request: request entity too large"}'
    if not payload.startswith(b"{"):
        raise WrittenNoAnswer(f"HTTP {status} without an answer of the platform")
    return status, payload


def _retry_after(payload: bytes) -> float:
    try:
        return max(float(load_json(payload)["parameters"]["retry_after"]), 0.0)
    except (ValueError, KeyError, TypeError):
        return DEFAULT_RETRY_SECONDS

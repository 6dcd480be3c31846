"""python-telegram-bot's HTTP layer on aiohttp: says whether a failed request can have been written, and hides URLs."""

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, NoReturn, cast

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 15.0
"""How long an unused connection is kept: well below the platform's own 60-75 s, so that it is ours to close."""

_JSON_HEADERS: Final = {"Content-Type": "application/json"}
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_NEVER_WRITTEN: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class NotWritten(NetworkError):
    """The platform cannot have seen the request: no DNS answer, connection, TLS or free pool slot."""


class WrittenNoAnswer(NetworkError):
    """The request may have been carried out: it was (perhaps) written, and no whole answer came back."""


class Throttled(NetworkError):
    """HTTP 429. `seconds` is the platform's `retry_after`, or 1 where it gave none."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests, retry after {seconds:g} s")
        self.seconds = seconds


class EncodedBody:
    """A body that is already JSON bytes, in the shape `BaseRequest.post` passes on."""

    __slots__ = ("body",)
    contains_files = False

    def __init__(self, body: bytes) -> None:
        self.body = body


class FormBody:
    """Fields and files of a multipart body. `files` maps a part's name to (file name, bytes)."""

    __slots__ = ("fields", "files")
    contains_files = True

    def __init__(self, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> None:
        self.fields = fields
        self.files = files


def load_json(payload: bytes) -> Any:
    """Parse JSON; broken UTF-8 and lone surrogates become U+FFFD, so that one odd message cannot block a batch.

    Raises orjson.JSONDecodeError (a ValueError) for what is not JSON at all.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return orjson.loads(_SURROGATE.sub(rb"\\ufffd", payload).decode("utf-8", "replace"))


class Transport(BaseRequest):
    """One connection pool. POSTs are written at most once: aiohttp repeats only GETs, and redirects are not followed."""

    __slots__ = ("_connections", "_answer_seconds", "_client", "_timeout")

    def __init__(self, connections: int, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._connections = connections
        self._answer_seconds = answer_seconds
        self._timeout = _timeout(answer_seconds)
        self._client: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer."""
        return self._answer_seconds

    async def initialize(self) -> None:
        """Open the pool (no connection is made yet)."""
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                trust_env=False,
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None

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
        """Make one request; (status, body). Raises NotWritten, WrittenNoAnswer or Throttled.

        Of the timeouts only `read_timeout` can be chosen; connecting (with waiting for the pool) has its own.
        """
        assert self._client is not None, "initialize() comes first"
        timeout = self._timeout if read_timeout is BaseRequest.DEFAULT_NONE else _timeout(read_timeout)
        data, headers = _encoded(request_data)
        try:
            async with self._client.request(
                method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status = response.status
                payload = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            failure = _failure(error)
        else:
            return _settled(status, payload)
        # Raised here and not in the handler: aiohttp's errors quote the URL, which holds the token.
        raise failure

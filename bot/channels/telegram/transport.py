"""python-telegram-bot's HTTP layer on aiohttp: tells "not written" from "no answer", and hides URLs."""

import functools
import io
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 15.0
"""How long an unused connection is kept: below the platform's own 60-75 s, so that it is ours to close."""
DEFAULT_RETRY_SECONDS: Final = 1.0

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
    """HTTP 429. `seconds` is the platform's `retry_after`, or DEFAULT_RETRY_SECONDS where it gave none."""

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
    """Parse JSON; broken UTF-8 and lone surrogates become U+FFFD: one odd message must not block a batch.

    Raises orjson.JSONDecodeError (a ValueError) for what is not JSON at all.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return orjson.loads(_SURROGATE.sub(rb"\\ufffd", payload).decode("utf-8", "replace"))


class Transport(BaseRequest):
    """One connection pool. A POST is written at most once: aiohttp repeats only GETs; no redirects."""

    __slots__ = ("_answer_seconds", "_client", "_connections", "_timeout")

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
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
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
        """Make one request: (status, body). Raises NotWritten, WrittenNoAnswer or Throttled.

        Of the timeouts only `read_timeout` can be chosen; connecting (and the wait for a slot) has its own.
        """
        timeout = self._timeout if read_timeout is BaseRequest.DEFAULT_NONE else _timeout(read_timeout)
        data, headers = _encoded(request_data)
        status, payload = await self._exchange(method, url, _whole, data=data, headers=headers, timeout=timeout)
        return _platform_answer(status, payload)

    async def download(self, url: str, limit: int, seconds: float) -> tuple[int, bytes]:
        """GET a file within `seconds`: (status, at most `limit` + 1 bytes). Raises as `do_request`."""

        async def read(response: aiohttp.ClientResponse) -> bytes:
            content = bytearray()
            while len(content) <= limit and (chunk := await response.content.read(limit + 1 - len(content))):
                content += chunk
            return bytes(content)

        whole = aiohttp.ClientTimeout(total=CONNECT_SECONDS + seconds, sock_connect=CONNECT_SECONDS)
        return await self._exchange("GET", url, read, timeout=whole)

    async def _exchange(
        self,
        method: str,
        url: str,
        read: Callable[[aiohttp.ClientResponse], Awaitable[bytes]],
        **options: Any,
    ) -> tuple[int, bytes]:
        if self._client is None:
            raise NotWritten("The transport is closed")
        try:
            async with self._client.request(method, _parsed(url), allow_redirects=False, **options) as response:
                return response.status, await read(response)
        except (aiohttp.ClientError, OSError) as error:
            failure = _failure(error)
        # Raised here and not in the handler: aiohttp's errors quote the URL, which holds the token.
        raise failure


@functools.lru_cache(maxsize=64)
def _parsed(url: str) -> URL:
    """The same few method URLs over and over: parsed once."""
    return URL(url)


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    return await response.read()


def _timeout(answer_seconds: float | None) -> aiohttp.ClientTimeout:
    """Patience for connecting and for silence: a bound on the whole call costs a timer more each (40 µs)."""
    return aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=answer_seconds)


def _encoded(
    request_data: RequestData | EncodedBody | FormBody | None,
) -> tuple[Any, Mapping[str, str] | None]:
    """The body and its headers. python-telegram-bot's own parameters go out as JSON too."""
    if isinstance(request_data, EncodedBody):
        return request_data.body, _JSON_HEADERS
    if isinstance(request_data, FormBody):
        form = aiohttp.FormData(quote_fields=False)  # a percent-encoded file name would be shown as it is
        for name, value in request_data.fields.items():
            form.add_field(name, value)
        for part, (file_name, content) in request_data.files.items():
            form.add_field(part, io.BytesIO(content), filename=file_name, content_type="application/octet-stream")
        return form, None
    if request_data is None:
        return None, None
    return orjson.dumps(request_data.parameters), _JSON_HEADERS


def _failure(error: Exception) -> NetworkError:
    reason = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        reason = f"{reason}: {error.strerror}"
    return NotWritten(reason) if isinstance(error, _NEVER_WRITTEN) else WrittenNoAnswer(reason)


def _platform_answer(status: int, payload: bytes) -> tuple[int, bytes]:
    """What the platform itself said; an error page by something in between says nothing about the request."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
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

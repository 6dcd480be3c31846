"""The one HTTP client, for every channel: tells "not written" from "no answer", and hides URLs (they hold tokens).

pyreqwest drives hyper on a thread of its own, so that the wire does not cost the interpreter's time (ADR 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, PoolTimeoutError, PyreqwestError, TransportError
from pyreqwest.multipart import FormBuilder, PartBuilder
from pyreqwest.request import RequestBuilder

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 15.0
"""How long an unused connection is kept: below the platforms' own 60-75 s, so that it is ours to close."""

_CONNECTING: Final = "client error (Connect)"
"""hyper-util's name for a failure before anything was written: pyreqwest's own classes mix those with later ones."""


class NotWritten(Exception):
    """The server cannot have seen the request: no DNS answer, connection, TLS or free pool slot."""


class NoAnswer(Exception):
    """The request may have been carried out: it was (perhaps) written, and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and files of a multipart body. `files` maps a part's name to (file name, bytes)."""

    fields: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


class HttpClient:
    """One connection pool. A POST is written at most once; redirects and the environment's proxies are not followed."""

    __slots__ = ("_client", "_connections", "_patience")

    def __init__(self, connections: int, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._connections = connections
        self._patience = timedelta(seconds=CONNECT_SECONDS + answer_seconds)
        self._client: Client | None = None

    def open(self) -> None:
        """Open the pool (no connection is made yet)."""
        if self._client is None:
            wait = timedelta(seconds=CONNECT_SECONDS)
            self._client = (
                ClientBuilder()
                .max_connections(self._connections)
                .pool_timeout(wait)
                .connect_timeout(wait)
                .timeout(self._patience)
                .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
                .follow_redirects(False)
                .no_proxy()
                .gzip(False)
                .brotli(False)
                .zstd(False)
                .deflate(False)
                .build()
            )

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def post(
        self, url: str, body: bytes | Form | None = None, answer_seconds: float | None = None
    ) -> tuple[int, bytes]:
        """POST JSON bytes, a form or nothing: (status, body). Raises NotWritten or NoAnswer.

        `answer_seconds`, counted from a connection, replaces the client's own.
        """
        try:
            request = self._request("POST", url, answer_seconds)
            if isinstance(body, Form):
                request = request.multipart(_multipart(body))
            elif body is not None:
                request = request.header("Content-Type", "application/json").body_bytes(body)
            response = await request.build().send()
            return response.status, (await response.bytes()).to_bytes()
        except (PyreqwestError, OSError) as error:
            failure = _failure(error)
        # Raised here and not in the handler: the library's errors quote the URL, which holds the token.
        raise failure

    async def download(self, url: str, limit: int, seconds: float) -> tuple[int, bytes]:
        """GET a file within `seconds`: (status, at most `limit` + 1 bytes). Raises as `post`."""
        content = bytearray()
        try:
            async with self._request("GET", url, seconds).build_streamed() as response:
                while len(content) <= limit and (chunk := await response.body_reader.read_chunk()) is not None:
                    content += chunk
                return response.status, bytes(content[: limit + 1])
        except (PyreqwestError, OSError) as error:
            failure = _failure(error)
        raise failure

    async def date_header(self, url: str) -> str:
        """The Date header a HEAD of `url` is answered with, "" without one. Raises as `post`."""
        try:
            response = await self._request("HEAD", url, None).build().send()
            return response.get_header("Date") or ""
        except (PyreqwestError, OSError) as error:
            failure = _failure(error)
        raise failure

    def _request(self, method: str, url: str, answer_seconds: float | None) -> RequestBuilder:
        if self._client is None:
            raise NotWritten("The client is closed")
        request = self._client.request(method, url)
        if answer_seconds is not None:
            request = request.timeout(timedelta(seconds=CONNECT_SECONDS + answer_seconds))
        return request


def _multipart(form: Form) -> FormBuilder:
    builder = FormBuilder().percent_encode_noop()  # a percent-encoded file name would be shown as it is
    for name, value in form.fields.items():
        builder = builder.text(name, value)
    for part, (file_name, content) in form.files.items():
        builder = builder.part(
            part, PartBuilder.from_bytes(content).file_name(file_name).mime("application/octet-stream")
        )
    return builder


def _failure(error: Exception) -> NotWritten | NoAnswer:
    reason = type(error).__name__
    return NotWritten(reason) if _never_written(error) else NoAnswer(reason)


def _never_written(error: Exception) -> bool:
    """In doubt it was written: a wrong "not written" would send something twice."""
    if isinstance(error, TransportError) and not isinstance(error, PoolTimeoutError):
        return any(_CONNECTING in cause["message"] for cause in error.details["causes"] or ())
    return isinstance(error, PoolTimeoutError | BuilderError)

"""What every page needs of the application around it, and the words and headers they share."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.webchat.uploads import MAX_BYTES
from bot.domain.messages import Inbound
from bot.domain.prompts import Text
from bot.domain.time import Clock
from bot.services.turn import Installation
from bot.storage.database import Database
from bot.web.counters import Counters
from content.texts import Voice

log = structlog.get_logger(__name__)

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
ACCEPT_SECONDS: Final = 10.0
ACCEPTING_AT_MOST: Final = 200

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " media-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Receiving = Callable[[Inbound], Awaitable[None]]
"""Stores one update durably and starts its turn; raises what the storage raised."""


@dataclass(slots=True)
class Running:
    """The application as the pages see it. `senders` says why each channel's sender stopped, "" while it runs."""

    db: Database
    clock: Clock
    installation: Callable[[], Installation]
    senders: Callable[[], Mapping[str, str]]
    counters: Counters
    accepting: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, receive: Receiving, inbound: Inbound) -> bool:
        """Bring an update in; True when it is stored, False when the sender must try again.

        A caller that hangs up, or is told to come back, does not stop the storing: it must not end half-way.
        """
        if len(self.accepting) >= ACCEPTING_AT_MOST:
            return False
        task = asyncio.get_running_loop().create_task(_as_coroutine(receive, inbound))
        self.accepting.add(task)
        task.add_done_callback(self.accepting.discard)
        await asyncio.wait([task], timeout=ACCEPT_SECONDS)
        if not task.done():
            return False
        if task.exception() is not None:
            log.error("inbound_not_stored", error=type(task.exception()).__name__)
            return False
        return True


async def _as_coroutine(receive: Receiving, inbound: Inbound) -> None:
    await receive(inbound)


class Pages:
    """The HTML templates of this package, filled with words from `content/texts`."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def word(self, name: str, **params: Any) -> str:
        """A text of `web.j2`, as HTML."""
        return self._running.installation().texts.render(Text(f"web.{name}", params), Voice())

    def words(self, *names: str) -> str:
        """Texts for the page's script, as JSON."""
        return orjson.dumps({name: unescape(self.word(name)) for name in names}).decode()

    def page(self, template: str, **variables: Any) -> HTMLResponse:
        """A template of this package as a response that nobody caches."""
        html = self._environment.get_template(template).render(**variables)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        installation = self._running.installation()
        environment.globals["zone"] = installation.zone.key
        environment.globals["max_bytes"] = MAX_BYTES
        environment.globals["words"] = self.words
        environment.globals["t"] = lambda name, **params: Markup(self.word(name, **params))  # noqa: S704
        return environment


async def body_within(request: Request, limit: int) -> bytes | None:
    """A request's body; None when it is over `limit` bytes or was broken off."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        return None
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
    except ClientDisconnect:
        return None
    return b"".join(parts)


LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


def client_of(request: Request) -> str:
    """The network address a request comes from; behind a proxy on this machine, the one that the proxy saw."""
    peer = request.client.host if request.client is not None else ""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded if peer in LOOPBACK and forwarded else peer


class Headed:
    """Puts the security headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_headed)

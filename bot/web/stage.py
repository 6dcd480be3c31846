"""The demo's page: conversations of several invented people side by side, a clock that is moved, the outbox.

It serves one person at one machine, and trusts nobody else: every request must name this address as its host, and any
origin it comes from must be this address too. A page elsewhere cannot do the first with a name of its own (DNS
rebinding), nor hide the second.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.domain.lanes import Lane
from bot.domain.time import DAY, HOUR, civil_date, instant
from bot.storage import webchat as rows
from bot.storage.webchat import OutboxLine
from bot.web.app import Talk, static_route
from bot.web.chat import Chats
from bot.web.health import health_route
from bot.web.metrics import metrics_route
from bot.web.site import Headed, Pages, Running, body_within

FARTHEST: Final = 2 * 366 * DAY
LINES_SHOWN: Final = 40
MORNING: Final = 8 * 60
BODY_LIMIT: Final = 1024


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody one can be: `id` is their chat, `label` their name, `about` who they are."""

    id: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class Journey:
    """The clock on its way; epoch ms."""

    started: int
    target: int


class Theatre(Protocol):
    """What the page may do to the demo."""

    @property
    def roles(self) -> Sequence[Role]:
        """Everybody one can be."""
        ...

    @property
    def jump(self) -> int:
        """The instant the clock has a button for."""
        ...

    @property
    def start(self) -> int:
        """Where the clock began."""
        ...

    @property
    def journey(self) -> Journey | None:
        """Where the clock is going, if it is."""
        ...

    def travel(self, target: int) -> None:
        """Set out for epoch ms `target`, through everything due."""

    async def restart(self) -> None:
        """Throw everything away and begin again."""


def stage(running: Running, talk: Talk, theatre: Theatre, hosts: frozenset[str]) -> Starlette:
    """The demo's pages; `hosts` are the names (with port) it answers to."""
    return Starlette(
        routes=_Stage(running, talk, theatre).routes(), middleware=[Middleware(Headed), Middleware(Here, hosts=hosts)]
    )


class Here:
    """Refuses every request that does not come from this very page, or from nowhere."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and not self._is_ours(Request(scope)):
            await Response(status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, request: Request) -> bool:
        headers = request.headers
        if headers.getlist("host") != [headers.get("host")] or headers.get("host") not in self._hosts:
            return False
        near = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        if not near and not _is_visit(request):
            return False
        origin = headers.get("origin")
        if origin is None:
            return request.method in ("GET", "HEAD")
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc == headers.get("host")


def _is_visit(request: Request) -> bool:
    """A link followed to the page itself, from wherever: it shows the page and does nothing."""
    return (
        request.method == "GET"
        and request.url.path == "/"
        and request.headers.get("sec-fetch-mode") == "navigate"
        and request.headers.get("sec-fetch-dest") == "document"
    )


class _Stage:
    def __init__(self, running: Running, talk: Talk, theatre: Theatre) -> None:
        self._running = running
        self._theatre = theatre
        self._pages = Pages(running)
        self._chats = Chats(running, self._pages, talk.channel, talk.account_id, talk.receive, self._whose)
        self._ids = {role.id: role for role in theatre.roles}

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._page),
            Mount("/as/{role}", routes=self._chats.routes()),
            Route("/stage/state", self._state),
            Route("/stage/clock", self._clock, methods=["POST"]),
            Route("/stage/restart", self._restart, methods=["POST"]),
            static_route(),
            health_route(self._running),
            metrics_route(self._running.db, self._running.clock, self._running.counters, ""),
        ]

    def _whose(self, request: Request) -> str | None:
        role: str = request.path_params["role"]
        return role if role in self._ids else None

    async def _page(self, _request: Request) -> Response:
        zone = self._running.installation().zone
        jump = datetime.fromtimestamp(self._theatre.jump / 1000, zone)
        start = datetime.fromtimestamp(self._theatre.start / 1000, zone)
        worlds = {role.id: self._chats.world(role.id) for role in self._theatre.roles}
        return self._pages.page(
            "stage.html",
            roles=self._theatre.roles,
            worlds=worlds,
            jump=jump.strftime("%d/%m"),
            start=start.strftime("%H:%M %d/%m/%Y"),
        )

    async def _state(self, _request: Request) -> Response:
        lines = await self._running.db.read(lambda tx: rows.outbox_lines(tx, LINES_SHOWN))
        journey = self._theatre.journey
        state = {
            "now": self._running.clock.now(),
            "journey": asdict(journey) if journey else None,
            "jump": self._theatre.jump,
            "lines": [self._line(line) for line in lines],
        }
        return Response(orjson.dumps(state), media_type="application/json", headers={"Cache-Control": "no-store"})

    def _line(self, line: OutboxLine) -> dict[str, Any]:
        role = self._ids.get(line.chat)
        kind = f"lane_{Lane(line.lane).name.lower()}" if line.operation == "send" else "lane_edit"
        return {
            "id": line.id,
            "to": role.label if role else line.chat,
            "lane": self._pages.word(kind),
            "state": line.state,
            "stateShown": self._pages.word(f"state_{line.state}"),
            "when": max(line.due, line.at) if line.state == "pending" else line.at,
        }

    async def _clock(self, request: Request) -> Response:
        """`{to: "hour" | "tomorrow" | "jump" | "2025-05-12T08:00"}`."""
        body = await body_within(request, BODY_LIMIT)
        target = self._target(body or b"")
        now = self._running.clock.now()
        if target is None:
            return self._refuse(400, "demo_unreadable")
        if target < now:
            return self._refuse(400, "demo_past")
        if target - now > FARTHEST:
            return self._refuse(400, "demo_too_far")
        if self._theatre.journey is not None:
            return self._refuse(409, "demo_busy")
        self._theatre.travel(target)
        return JSONResponse({"to": target}, 202)

    def _target(self, body: bytes) -> int | None:
        """The instant a request names, in epoch ms."""
        try:
            asked: Any = orjson.loads(body)
        except ValueError:
            return None
        now, zone = self._running.clock.now(), self._running.installation().zone
        match asked:
            case {"to": "hour"}:
                return now + HOUR
            case {"to": "tomorrow"}:
                return instant(civil_date(now + DAY, zone), MORNING, zone)
            case {"to": "jump"}:
                return self._theatre.jump
            case {"to": str(typed)}:
                return _typed(typed, zone)
            case _:
                return None

    async def _restart(self, request: Request) -> Response:
        if await body_within(request, BODY_LIMIT) is None:
            return self._refuse(400, "demo_unreadable")
        await asyncio.shield(self._theatre.restart())
        return JSONResponse({})

    def _refuse(self, status: int, why: str) -> Response:
        return JSONResponse({"error": self._pages.word(why)}, status)


def _typed(typed: str, zone: Any) -> int | None:
    """A date and time without a zone, as the browser's own field gives it."""
    try:
        moment = datetime.strptime(typed, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
    except ValueError:
        return None
    return int(moment.timestamp() * 1000)

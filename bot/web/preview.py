"""The preview's page: every specimen as each channel shows it, what is wrong with the pack on top, live while editing.

It serves one person at one machine; `Here` refuses everybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.webchat.uploads import kind_of
from bot.domain.messages import Keyboard
from bot.web.app import static_route
from bot.web.site import Headed, Pages, Running
from bot.web.stage import Here

EVERY: Final = "all"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a screen; `follows` is whether somebody wrote in between. `length` is in UTF-16 units.

    `picture` is a card's id with what its picture shows, None for a message without one.
    """

    html: Markup
    buttons: Keyboard
    length: int
    follows: bool
    picture: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A specimen on every channel, by the channel's word; `written` is how a text that cannot be filled is written."""

    kind: str
    theme: str
    title: str
    file: str
    written: str
    screens: dict[str, tuple[Bubble, ...]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a file, and what to do about it."""

    file: str
    line: int
    serious: bool
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class State:
    """What there is to see. `token` changes with any file; `revision` is "" without a pack that can be shown.

    `stale` is whether it is an earlier one, because the files are broken; `themes` are (id, title).
    """

    token: str
    revision: str
    stale: bool
    faults: tuple[Fault, ...]
    themes: tuple[tuple[str, str], ...]


class Showing(Protocol):
    """What the page shows."""

    @property
    def channels(self) -> Sequence[str]:
        """The channels' words."""
        ...

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of specimens."""
        ...

    def token(self) -> str:
        """Changes with any of the files."""
        ...

    async def state(self) -> State:
        """The files as they are now."""
        ...

    def image(self, card_id: str) -> bytes | None:
        """A card's picture."""
        ...

    async def shown(self, kind: str, theme: str) -> list[Shown]:
        """The specimens of a kind (EVERY: of all) and of a theme ("": of all)."""
        ...


def preview(running: Running, showing: Showing, hosts: frozenset[str]) -> Starlette:
    """The page; `hosts` are the names (with port) it answers to."""
    pages = Pages(running)

    async def page(request: Request) -> Response:
        state = await showing.state()
        kind = _one_of(request.query_params.get("kind", ""), [*showing.kinds, EVERY])
        theme = _one_of(request.query_params.get("theme", ""), ["", *(id for id, _ in state.themes)])
        channel = _one_of(request.query_params.get("channel", ""), [EVERY, *showing.channels])
        return pages.page(
            "preview.html",
            state=state,
            kind=kind,
            theme=theme,
            channel=channel,
            kinds=[*showing.kinds, EVERY],
            channels=showing.channels,
            shown=await showing.shown(kind, theme),
        )

    async def token(_request: Request) -> Response:
        return JSONResponse({"token": showing.token()}, headers={"Cache-Control": "no-store"})

    async def image(request: Request) -> Response:
        content = showing.image(request.path_params["card"])
        known = kind_of(content) if content is not None else None
        return Response(content, media_type=known[1]) if known is not None else Response(status_code=404)

    return Starlette(
        routes=[Route("/", page), Route("/token", token), Route("/image/{card}", image), static_route()],
        middleware=[Middleware(Headed), Middleware(Here, hosts=hosts)],
    )


def _one_of(given: str, known: Sequence[str]) -> str:
    """What was asked for, or the first there is."""
    return given if given in known else known[0]

"""Puts the pages together: the public web chat, webhooks, health, metrics."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from itsdangerous import BadSignature, Signer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.webchat import WebChat
from bot.web.chat import Chats
from bot.web.health import health_route
from bot.web.media import media_route
from bot.web.metrics import metrics_route
from bot.web.site import STATIC, Headed, Pages, Receiving, Running
from bot.web.webhooks import Hook, webhook_route

COOKIE: Final = "chat"
COOKIE_DAYS: Final = 365
CHAT_BYTES: Final = 18


@dataclass(frozen=True, slots=True)
class Talk:
    """A web chat to serve: its channel, the account's row, and the way in."""

    channel: WebChat
    account_id: int
    receive: Receiving


def website(
    running: Running, *, talk: Talk | None, hooks: Sequence[Hook], public_url: str = "", metrics_token: str = ""
) -> Starlette:
    """The real bot's pages: without `talk` no web chat, and files of messages only where they can be reached."""
    routes: list[BaseRoute] = [
        health_route(running),
        metrics_route(running.db, running.clock, running.counters, metrics_token),
        *(webhook_route(running, hook) for hook in hooks),
    ]
    if public_url:
        routes.append(media_route(running))
    if talk is not None:
        routes += PublicChat(running, talk, public_url).routes()
    return Starlette(routes=routes, middleware=[Middleware(Headed)])


def static_route() -> Mount:
    """Scripts and styles; browsers ask each time whether they changed."""
    return Mount("/static", StaticFiles(directory=STATIC))


class PublicChat:
    """`/chat`: whoever opens it gets an address of their own, remembered by a signed cookie."""

    def __init__(self, running: Running, talk: Talk, public_url: str) -> None:
        public = urlsplit(public_url)
        key = running.installation().digest("webchat-cookie", "")
        self._signer = Signer(key, salt="chat", digest_method=hashlib.sha256)
        self._secure = public.scheme == "https"
        self._pages = Pages(running)
        self._chats = Chats(
            running, self._pages, talk.channel, talk.account_id, talk.receive, self._whose, public.netloc
        )

    def routes(self) -> list[BaseRoute]:
        """The page, its files and its endpoints."""
        return [Route("/chat", self._page), Mount("/chat", routes=self._chats.routes()), static_route()]

    def _whose(self, request: Request) -> str | None:
        try:
            return self._signer.unsign(request.cookies.get(COOKIE, "")).decode()
        except BadSignature:
            return None

    async def _page(self, request: Request) -> Response:
        chat = self._whose(request) or secrets.token_urlsafe(CHAT_BYTES)
        response = self._pages.page("chat.html", world=self._chats.world(chat))
        response.set_cookie(
            COOKIE,
            self._signer.sign(chat).decode(),
            max_age=COOKIE_DAYS * 86_400,
            httponly=True,
            secure=self._secure,
            samesite="lax",
        )
        return response

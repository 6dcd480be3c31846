"""Where platforms push their updates."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.contract import Channel
from bot.domain.messages import Inbound
from bot.web.site import Receiving, Running, body_within

BODY_LIMIT: Final = 1024 * 1024
RETRY_AFTER: Final = {"Retry-After": "5"}
PLATFORMS: Final = {
    "telegram": ("telegram", "x-telegram-bot-api-secret-token"),
    "zalo_bot": ("zalo", "x-bot-api-secret-token"),
}
"""By channel: the word its path begins with, and the header its platform puts the secret into."""


@runtime_checkable
class WebhookChannel(Channel, Protocol):
    """A channel that reads what its platform pushes."""

    def parse_webhook(self, body: bytes) -> Inbound | None:
        """The message in a call's body; None when there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A platform's webhook to serve: its channel, the way in, and what proves that it is the platform who calls."""

    channel: WebhookChannel
    receive: Receiving
    secret: str


def webhook_path(channel: str, secret: str) -> str:
    """The path to give a channel's platform: nobody guesses it, and it does not give the secret away."""
    word, _ = PLATFORMS[channel]
    digest = hashlib.blake2b(f"{word} webhook path".encode(), digest_size=16, key=secret.encode()[:64])
    return f"/{word}/{digest.hexdigest()}"


def webhook_route(running: Running, hook: Hook) -> Route:
    """Answers 200 only once the update is stored: a platform brings everything else again, if it brings anything again.

    A call with neither secret nor body is somebody looking whether we are here, as Zalo does: 200, and nothing happens.
    """
    _, header = PLATFORMS[hook.channel.name]

    async def webhook(request: Request) -> Response:
        given = request.headers.get(header, "")
        if not given and await body_within(request, 0) == b"":
            return Response()
        if not hmac.compare_digest(given.encode(), hook.secret.encode()):
            return Response(status_code=403)
        body = await body_within(request, BODY_LIMIT)
        if body is None:
            return Response(status_code=413)
        inbound = hook.channel.parse_webhook(body)
        if inbound is not None and not await running.accept(hook.receive, inbound):
            return Response(status_code=503, headers=RETRY_AFTER)
        return Response()

    return Route(webhook_path(hook.channel.name, hook.secret), webhook, methods=["POST"])

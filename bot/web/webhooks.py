"""Where platforms push their updates."""

import hashlib
import hmac
from typing import Final, Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.contract import Channel
from bot.domain.messages import Inbound
from bot.web.site import Receiving, Running, body_within

BODY_LIMIT: Final = 1024 * 1024
SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
RETRY_AFTER: Final = {"Retry-After": "5"}


@runtime_checkable
class WebhookChannel(Channel, Protocol):
    """A channel that reads what its platform pushes."""

    def parse_webhook(self, body: bytes) -> Inbound | None:
        """The message in a call's body; None when there is nothing to do."""


def telegram_path(secret: str) -> str:
    """The path to give Telegram: nobody guesses it, and it does not give the secret away."""
    digest = hashlib.blake2b(b"telegram webhook path", digest_size=16, key=secret.encode()[:64])
    return f"/telegram/{digest.hexdigest()}"


def telegram_route(running: Running, channel: WebhookChannel, receive: Receiving, secret: str) -> Route:
    """Answers 200 only once the update is stored; Telegram brings everything else again."""

    async def webhook(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        body = await body_within(request, BODY_LIMIT)
        if body is None:
            return Response(status_code=413)
        inbound = channel.parse_webhook(body)
        if inbound is not None and not await running.accept(receive, inbound):
            return Response(status_code=503, headers=RETRY_AFTER)
        return Response()

    return Route(telegram_path(secret), webhook, methods=["POST"])

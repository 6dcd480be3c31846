"""Composes the web pages of an application and serves them."""

import asyncio
import socket
from collections.abc import Mapping
from types import MappingProxyType

from bot.app import Application
from bot.channels.contract import Channel
from bot.channels.webchat import WebChat
from bot.domain.messages import Inbound
from bot.web.app import Talk, website
from bot.web.serving import Serving, serve
from bot.web.site import Receiving, Running
from bot.web.sweeping import sweep_uploads
from bot.web.webhooks import Hook, WebhookChannel


class Site:
    """The real bot's pages at work. `await Site.open(app, …)` after the application, `stop` before it."""

    def __init__(self, serving: Serving, sweeping: asyncio.Task[None] | None) -> None:
        self._serving = serving
        self._sweeping = sweeping

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._serving.url

    @staticmethod
    async def open(
        app: Application,
        listening: socket.socket,
        *,
        webhook_secrets: Mapping[str, str] = MappingProxyType({}),
        metrics_token: str = "",
    ) -> "Site":
        """Serve health and metrics, the web chat if it is among the channels, a webhook for each that has a secret."""
        channels = [line.channel for line in app.plan.lines]
        chat = next((channel for channel in channels if isinstance(channel, WebChat)), None)
        pages = website(
            running(app),
            talk=talk(app, chat) if chat else None,
            hooks=[
                Hook(channel, receiving(app, channel), webhook_secrets[channel.name])
                for channel in channels
                if isinstance(channel, WebhookChannel) and channel.name in webhook_secrets
            ],
            public_url=app.plan.public_url,
            metrics_token=metrics_token,
        )
        serving = await serve(pages, listening, chat.hang_up if chat else _nobody_listens)
        return Site(serving, sweeping(app, chat) if chat else None)

    async def stop(self) -> None:
        """Answer nobody any more."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        await self._serving.stop()


def running(app: Application) -> Running:
    """An application as its pages see it."""
    names = {id: name for name, id in app.accounts.items()}

    def senders() -> dict[str, str]:
        return {names[id]: dispatcher.stopped_because for id, dispatcher in app.dispatchers.items()}

    return Running(app.db, app.plan.clock, lambda: app.installation, senders, app.counters)


def talk(app: Application, channel: WebChat) -> Talk:
    """The application's web chat."""
    return Talk(channel, app.accounts[channel.name], receiving(app, channel))


def receiving(app: Application, channel: Channel) -> Receiving:
    """The way into an application for one update of a channel."""

    async def receive(inbound: Inbound) -> None:
        await app.receive(channel, [inbound])

    return receive


def sweeping(app: Application, channel: WebChat) -> asyncio.Task[None]:
    """Start to delete uploaded files that nothing needs; cancel it before the application stops."""
    work = sweep_uploads(app.db, channel, app.accounts[channel.name])
    return asyncio.get_running_loop().create_task(work)


def _nobody_listens() -> None:
    pass

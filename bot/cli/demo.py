"""`demo`: the whole idea on one laptop, in the browser."""

import asyncio

from bot import logging
from bot.cli.ground import alone, read_settings, until_told
from bot.cli.words import give_up, tell
from bot.demo import DemoRefused, serve_demo
from bot.settings import Settings
from bot.storage.database import DatabaseUnusable
from bot.web.listening import AddressInUse


def demo() -> None:
    """Serve the demo until SIGTERM or SIGINT; refuses to run beside a real bot's token."""
    settings = read_settings()
    logging.configure(settings.log_level, settings.log_format, settings.secrets)
    if settings.token or settings.zalo_token:
        give_up("demo.token")
    with alone(settings.data_dir / "demo" / "demo"):
        asyncio.run(_demo(settings))


async def _demo(settings: Settings) -> None:
    def ready(url: str) -> None:
        tell("demo.ready", url=url)

    serving = asyncio.create_task(serve_demo(settings.data_dir, settings.http_host, settings.http_port, ready))
    until_told(serving.cancel)
    try:
        await serving
    except DemoRefused:
        give_up("demo.host", host=settings.http_host)
    except AddressInUse as error:
        give_up("start.port", host=settings.http_host, port=settings.http_port, detail=error.__cause__)
    except DatabaseUnusable as unusable:
        give_up("start.database", detail=unusable)
    except asyncio.CancelledError:
        return

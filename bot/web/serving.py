"""Running the ASGI application inside the bot's own event loop."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS: Final = 3
KEEP_ALIVE_SECONDS: Final = 30


class _Server(uvicorn.Server):
    """Leaves signals to whoever owns the process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Serving:
    """A server at work; `url` is where. Stop it with `stop`."""

    def __init__(self, server: _Server, task: asyncio.Task[None], url: str, hang_up: Callable[[], None]) -> None:
        self._server = server
        self._task = task
        self._hang_up = hang_up
        self.url = url

    async def stop(self) -> None:
        """Listen no more, let what is being answered finish within a few seconds."""
        self._server.should_exit = True
        self._hang_up()
        await asyncio.wait([self._task])


async def serve(app: ASGIApp, listening: socket.socket, hang_up: Callable[[], None]) -> Serving:
    """Serve `app` on a listening socket; `hang_up` ends endless responses when the server stops."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    host, port = listening.getsockname()[:2]
    server = _Server(config)
    task = asyncio.get_running_loop().create_task(server.serve([listening]))
    started = asyncio.get_running_loop().create_task(server.listening.wait())
    await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
    if not started.done():
        started.cancel()
        await task
    shown = f"[{host}]" if ":" in host else host
    return Serving(server, task, f"http://{shown}:{port}", hang_up)

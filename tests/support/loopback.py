"""What fakes of platforms share: a server on loopback, and a test that waits for what happens there."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from aiohttp import web


class Closing(Protocol):
    """What must be closed with the server."""

    async def close(self) -> None:
        """Let go of everything."""


class Loopback:
    """A platform on loopback. The fake sets `updates`, `calls`, `_port` and `_runner`."""

    updates: Closing
    calls: Sequence[Any]
    _port: int
    _runner: web.AppRunner

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[None]]] = []

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.updates.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The bare root."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def wait_until(self, predicate: Callable[[], Any], seconds: float = 5.0) -> None:
        """Return once `predicate` holds; it is asked after every call. AssertionError after `seconds`."""
        if predicate():
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((predicate, future))
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            raise AssertionError(f"did not happen within {seconds} s; last calls: {self.calls[-10:]}") from None

    def changed(self) -> None:
        """Look again at what tests wait for; a test whose own state changed calls it too."""
        for predicate, future in self._waiting:
            if not future.done() and predicate():
                future.set_result(None)
        self._waiting = [waiting for waiting in self._waiting if not waiting[1].done()]

"""A site that serves the real application over real HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import Application, Line, Plan
from bot.channels.webchat import Uploads, WebChat
from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.site import Site
from bot.storage import outbox
from bot.storage.database import Transaction
from bot.web.listening import listen
from tests.support.clock import ZONE, FakeClock
from tests.support.house import FEDERATION, PACK
from tests.support.visitor import Visitor

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


@dataclass
class Public:
    """The web chat as the world sees it."""

    app: Application
    site: Site
    channel: WebChat
    clock: FakeClock
    newcomer: Callable[[], Visitor]

    async def visitor(self) -> Visitor:
        """Somebody with a cookie of their own."""
        visitor = self.newcomer()
        status, _ = await visitor.get("/chat")
        assert status == 200
        return visitor

    async def sql(self, statement: str, *values: object) -> None:
        """Do something to the database behind everybody's back."""

        def run(tx: Transaction) -> None:
            tx.run(statement, values)

        await self.app.db.write(run)

    async def enqueue(self, outbound: Outbound, *, lane: Lane = Lane.REPLY, **fields: Any) -> int:
        """Have the bot say something to the first person who wrote; returns the row."""
        now = self.clock.now()

        def job(tx: Transaction) -> int:
            account, address = tx.all("SELECT account_id, id FROM address ORDER BY id LIMIT 1")[0]
            return outbox.enqueue(tx, account, address, outbound, now, lane=lane, **fields)

        id = await self.app.db.write(job)
        self.app.wake(pushes=True)
        await self.app.settle()
        return id


@asynccontextmanager
async def served(folder: Path, public_url: str = "") -> AsyncIterator[Public]:
    """The application and its pages; `public_url` is where they are said to be reached."""
    clock = FakeClock()
    channel = WebChat(Uploads(folder / "uploads"), "https://example.test/chat")
    lines = [Line(channel, 0, 0)]
    plan = Plan(folder / "bot.db", folder, clock, FEDERATION, PACK, ZONE, lines, public_url=public_url, ticking=False)
    app = await Application.open(plan)
    await app.start()
    site = await Site.open(app, listen("127.0.0.1", 0), metrics_token="metrics-token-0123")
    async with AsyncExitStack() as stack:
        sessions: list[aiohttp.ClientSession] = []

        def newcomer() -> Visitor:
            sessions.append(aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))
            return Visitor(sessions[-1], site.url)

        yield Public(app, site, channel, clock, newcomer)
        for each in sessions:
            await stack.enter_async_context(each)
    await site.stop()
    await app.stop()


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Public]:
    async with served(tmp_path) as public:
        yield public

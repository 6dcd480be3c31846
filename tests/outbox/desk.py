"""A real dispatcher on a real database, with a wire that answers as told and a monotonic clock moved by hand."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.outbox.dispatcher import Dispatcher, Outages
from bot.storage import installation, outbox
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.outbox import Claimed
from tests.support.clock import FakeClock
from tests.support.fake_channel import FakeChannel

PATIENCE = 10.0


class Wire(FakeChannel):
    """`answer` decides; chats in `slow` are answered only when let go. `calls` is what went out, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Callable[[Delivery], Outcome | None] = lambda delivery: None
        self.calls: list[Delivery] = []
        self.slow: set[str] = set()
        self.on_wire: set[str] = set()
        self.most_at_once = 0
        self._gates: dict[str, asyncio.Event] = {}

    async def deliver(self, delivery: Delivery) -> Outcome:
        assert delivery.chat not in self.on_wire, "two calls to one chat"
        self.on_wire.add(delivery.chat)
        self.most_at_once = max(self.most_at_once, len(self.on_wire))
        self.calls.append(delivery)
        try:
            await asyncio.sleep(0)
            if delivery.chat in self.slow:
                await self._gates.setdefault(delivery.chat, asyncio.Event()).wait()
            return self.answer(delivery) or Outcome(OutcomeKind.SENT, external_id=f"x{delivery.row}")
        finally:
            self.on_wire.discard(delivery.chat)

    def let_go(self, chat: str) -> None:
        self.slow.discard(chat)
        self._gates.setdefault(chat, asyncio.Event()).set()

    @property
    def rows(self) -> list[int]:
        return [call.row for call in self.calls]

    def once(self, outcome: Outcome) -> None:
        """The next call ends so, all later ones well."""
        left = [outcome]
        self.answer = lambda delivery: left.pop() if left else None


class CountingClock(FakeClock):
    """Tells how often the dispatcher looked: it asks the time twice a cycle."""

    asked = 0

    def now(self) -> int:
        self.asked += 1
        return super().now()


class Desk:
    """One account's outbox."""

    def __init__(self, db: Database, account: int, rate: float, chat_rate: float, real_time: bool) -> None:
        self.db = db
        self.account = account
        self.clock = CountingClock()
        self.wire = Wire()
        self.monotonic = 1000.0
        self.composed: Callable[[Claimed], Outbound | None] = lambda row: Outbound("composed")
        self.told: list[str] = []
        timing: dict[str, Any] = {} if real_time else {"monotonic": lambda: self.monotonic}
        self.dispatcher = Dispatcher(
            db,
            self.clock,
            self.wire,
            account,
            rate=rate,
            chat_rate=chat_rate,
            composing=lambda tx, now: self.composed,
            media_url=lambda media_id, name, now: "",
            rng=random.Random(7),
            outages=Outages(lambda tx, now: self.told.append("began"), lambda tx, now: self.told.append("ended")),
            **timing,
        )
        self.running: asyncio.Task[None] | None = None

    async def address(self, chat: str, *, account: int | None = None) -> int:
        id: int = await self.db.write(
            lambda tx: tx.scalar(
                "INSERT INTO address (account_id, external_id, created_at, last_in_at) VALUES (?, ?, 0, 0)"
                " ON CONFLICT (account_id, external_id) DO UPDATE SET last_in_at = 1 RETURNING id",
                (account or self.account, chat),
            )
        )
        return id

    async def put(self, chat: str, text: str | None = "hello", lane: Lane = Lane.REPLY, **fields: Any) -> int:
        address = await self.address(chat)
        content = None if text is None else Outbound(text)
        id: int = await self.db.write(
            lambda tx: outbox.enqueue(tx, self.account, address, content, self.clock.now(), lane=lane, **fields)
        )
        return id

    async def sent_before(self, chat: str) -> int:
        """A row that went out earlier."""
        id = await self.put(chat)
        await self.db.write(lambda tx: outbox.mark(tx, [outbox.Mark(id, "sent", external_id=f"x{id}")], 0))
        return id

    def start(self) -> None:
        self.running = asyncio.get_running_loop().create_task(self.dispatcher.run())

    async def work(self) -> None:
        """Send everything that may go out now."""
        if self.running is None:
            self.start()
        async with asyncio.timeout(PATIENCE):
            await self.dispatcher.drain()

    async def look(self) -> None:
        """Let the dispatcher look twice, whatever it finds."""
        before = self.clock.asked
        async with asyncio.timeout(PATIENCE):
            while self.clock.asked < before + 5:
                self.dispatcher.wake(pushes=True)
                await asyncio.sleep(0)

    async def until(self, holds: Callable[[], Any]) -> None:
        """Let time pass until a condition holds; the test fails when it never does."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    def forward(self, seconds: float) -> None:
        self.monotonic += seconds
        self.dispatcher.wake(pushes=True)

    async def row(self, id: int) -> dict[str, Any]:
        names = "state, operation, external_id, detail, held_until, retry_since, attempts, target_id"
        found = await self.db.read(lambda tx: tx.one(f"SELECT {names} FROM outbox WHERE id = ?", (id,)))
        assert found is not None
        return dict(zip(names.split(", "), found, strict=True))

    async def state(self, id: int) -> str:
        return str((await self.row(id))["state"])

    async def states(self) -> dict[str, int]:
        return dict(await self.db.read(lambda tx: tx.all("SELECT state, COUNT(*) FROM outbox GROUP BY state")))


@asynccontextmanager
async def open_desk(
    directory: Path, *, rate: float = 0, chat_rate: float = 0, real_time: bool = False
) -> AsyncIterator[Desk]:
    """A desk that is stopped and closed at the end."""
    db = await Database.open(directory / "bot.db")
    await migrate(db, 0)
    account = await db.write(lambda tx: installation.account_id(tx, "telegram", "1"))
    desk = Desk(db, account, rate, chat_rate, real_time)
    try:
        yield desk
    finally:
        for chat in list(desk.wire.slow):
            desk.wire.let_go(chat)
        await desk.dispatcher.stop()
        if desk.running is not None:
            await desk.running
        await db.close()


def outcome(kind: OutcomeKind, **fields: Any) -> Outcome:
    return Outcome(kind, **fields)


__all__ = ["Desk", "Operation", "Wire", "open_desk", "outcome"]

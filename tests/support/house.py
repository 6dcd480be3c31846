"""The real application on a real database, with fakes only at the network's edge; and phones that talk to it.

`House.variant` is one of DESIGN's four: plain, restarts (before every message), double (every update twice), crashes
(before and after every commit of every message).
"""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import aiosqlite

from bot.app import Application, Line, Plan
from bot.domain.messages import Attachment, Inbound, InboundKind
from bot.storage import units
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from content.federation import load_federation
from content.loader import Loaded, load_or_last_good, load_pack
from tests.support.clock import ZONE, FakeClock
from tests.support.fake_channel import KINDS, TYPED, FakeChannel, NotOnThisChannel, Shown

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "content" / "packs" / "2025"
PACK = load_pack(SHIPPED)
FEDERATION = load_federation(ROOT / "tests" / "support" / "federation.yaml")
VARIANTS = ("plain", "restarts", "double", "crashes")
CRASHES_AT_MOST = 80


class Crash(BaseException):
    """The process died here."""


class CrashingConnection(sqlite3.Connection):
    """Dies before or after the n-th COMMIT that changes something, when armed.

    One that changes nothing leaves what the one before it left: a death there would show nothing new.
    """

    armed: tuple[int, bool] | None = None
    died: "asyncio.Event | None" = None
    loop: asyncio.AbstractEventLoop | None = None
    _changes = 0

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
        cls = CrashingConnection
        if sql == "BEGIN IMMEDIATE":
            self._changes = self.total_changes
        if sql == "COMMIT" and cls.armed is not None and self.in_transaction and self.total_changes > self._changes:
            left, before = cls.armed
            if left == 1:
                cls.armed = None
                if not before:
                    super().execute(sql, *values)
                assert cls.loop is not None
                assert cls.died is not None
                cls.loop.call_soon_threadsafe(cls.died.set)
                raise Crash
            cls.armed = (left - 1, before)
        return super().execute(sql, *values)


def _report_but_crashes(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Nobody awaits the task that died with its process: the loop would write each one's traceback."""
    if not isinstance(context.get("exception"), Crash):
        loop.default_exception_handler(context)


_migrated: list[bytes] = []


async def migrated_database(directory: Path) -> bytes:
    """An empty database with every migration applied, made once a process (in `directory`); copying it is quicker."""
    if not _migrated:
        path = directory / "migrated.db"
        db = await Database.open(path)
        await migrate(db, FakeClock().now())
        await db.close()
        _migrated.append(path.read_bytes())
        path.unlink()
    return _migrated[0]


class House:
    """One installation under test. `channel` is what its phones are on; `beside` are further channels it has."""

    def __init__(
        self, directory: Path, variant: str = "plain", channel: str = "telegram", beside: Sequence[str] = ()
    ) -> None:
        self.directory = directory
        self.variant = variant
        self.clock = FakeClock()
        self.channel = FakeChannel(channel)
        # A channel that takes no bytes fetches files from our pages.
        self.public_url = "" if self.channel.capabilities.uploads else "https://bot.example.test"
        self.channels = {channel: self.channel, **{name: FakeChannel(name) for name in beside}}
        self.content: Path | None = None
        """The folder of the pack to read at each start; None for the shipped one."""
        self.app: Application | None = None
        self._updates = itertools.count(1)

    @property
    def running(self) -> Application:
        assert self.app is not None
        return self.app

    async def open(self) -> "House":
        database = self.directory / "bot.db"
        if not database.exists():
            database.write_bytes(await migrated_database(self.directory))
        loaded = load_or_last_good(self.content, self.directory) if self.content else Loaded(PACK)
        plan = Plan(
            database,
            self.directory,
            self.clock,
            FEDERATION,
            loaded.pack,
            ZONE,
            [Line(channel, 0, 0) for channel in self.channels.values()],
            public_url=self.public_url,
            ticking=False,
            content_pack=self.content or SHIPPED,
            chosen=loaded,
        )
        self.app = await Application.open(plan)
        await self.app.start()
        return self

    async def close(self) -> None:
        if self.app is not None:
            await self.app.stop()
            self.app = None

    async def restart(self) -> None:
        """Stop gracefully and open again on the same file."""
        await self.close()
        await self.open()

    async def plant_units(self) -> None:
        """The invented tree."""

        def plant(tx: Transaction) -> None:
            root = units.put(tx, "LD", None, "federation", "Liên đoàn Lao động tỉnh Ví dụ", None, None)
            upper = units.put(tx, "LC01", root, "upper", "Công đoàn xã Ví dụ", None, None)
            units.put(tx, "LC0421", upper, "grassroots", "CĐCS Công ty Ví dụ A", None, None)
            units.put(tx, "LC0422", upper, "grassroots", "CĐCS Trường Ví dụ B", None, None)
            units.put(tx, "LC0423", upper, "grassroots", "CĐCS Trạm Ví dụ C", None, "2025-03-31")

        await self.running.db.write(plant)

    def phone(self, chat: str, channel: str = "") -> "Phone":
        """Somebody's phone, on the house's first channel unless another is named."""
        return Phone(self, chat, self.channels[channel] if channel else self.channel)

    async def deliver(self, inbound: Inbound, channel: FakeChannel | None = None) -> None:
        """Bring one update in, under the variant, and wait until everything it causes is done."""
        into = channel or self.channel
        if self.variant == "restarts":
            await self.restart()
        if self.variant == "crashes":
            await self.with_crashes(lambda: self._bring(inbound, into))
            return
        await self.running.receive(into, [inbound])
        if self.variant == "double":
            await self.running.receive(into, [inbound])
        await self.running.settle()

    async def settle(self) -> None:
        await self.running.settle()

    async def passes(self, moment: str) -> None:
        """Let time pass to `moment`, under the variant, and wait until everything that became due has gone out."""
        await self.tick()
        self.clock.at(moment)
        if self.variant == "restarts":
            await self.restart()
        if self.variant == "crashes":
            await self.with_crashes(self.tick)
            return
        await self.tick()
        if self.variant == "double":
            await self.tick()

    async def tick(self) -> None:
        """Do what is due now, and wait until it has gone out."""
        await self.running.ticker.tick()
        await self.running.settle()

    async def with_crashes(self, work_of: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin the work again and again, dying before and after every commit, until it gets through."""
        asyncio.get_running_loop().set_exception_handler(_report_but_crashes)
        for attempt in range(CRASHES_AT_MOST):
            CrashingConnection.loop = asyncio.get_running_loop()
            CrashingConnection.died = asyncio.Event()
            CrashingConnection.armed = (attempt // 2 + 1, attempt % 2 == 0)
            work = asyncio.ensure_future(work_of())
            death = asyncio.ensure_future(CrashingConnection.died.wait())
            await asyncio.wait([work, death], return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not CrashingConnection.died.is_set():
                death.cancel()
                CrashingConnection.armed = None
                work.result()
                return
            work.cancel()
            death.cancel()
            await self._die()
            await self.open()
        raise AssertionError("never got through")

    async def _bring(self, inbound: Inbound, channel: FakeChannel) -> None:
        await self.running.receive(channel, [inbound])
        await self.running.settle()

    async def _die(self) -> None:
        """What kill -9 leaves: tasks gone, connections gone, nothing flushed."""
        app = self.running
        mine = asyncio.current_task()
        for task in asyncio.all_tasks():
            if task is not mine and task.get_name() != "keep":
                task.cancel()
        await asyncio.sleep(0)
        for connection in (app.db._writer, *app.db._readers):
            await connection.close()
        self.app = None

    def next_key(self) -> str:
        return str(next(self._updates))


class Phone:
    """One chat, from the phone's side."""

    def __init__(self, house: House, chat: str, channel: FakeChannel) -> None:
        self._house = house
        self.chat = chat
        self.channel = channel
        self._seen = 0

    @property
    def shown(self) -> list[Shown]:
        """Every message on the phone, repeats of rows that were in flight at a crash dropped."""
        seen: set[int] = set()
        kept = []
        for message in self.channel.phones.get(self.chat, []):
            if message.row not in seen:
                seen.add(message.row)
                kept.append(message)
        return kept

    @property
    def last(self) -> Shown:
        return self.shown[-1]

    @property
    def new(self) -> list[Shown]:
        """What arrived since this was last asked."""
        messages = self.shown[self._seen :]
        self._seen = len(self.shown)
        return messages

    async def says(self, text: str) -> str:
        """Type a text; returns everything the bot answered, as one string."""
        return await self._send(InboundKind.TEXT, text=text)

    async def taps(self, label: str) -> str:
        """Tap a button of the newest message that has one with this label (its number may be left out).

        Where there are no buttons, type what the message says to type.
        """
        for message in reversed(self.shown):
            for button in message.buttons:
                if button.label == label or button.label.partition(". ")[2] == label:
                    return await self.presses(message, button.data)
        raise AssertionError(f"no button {label!r}; there are {[m.labels for m in self.shown[-3:]]}")

    async def presses(self, message: Shown, data: str) -> str:
        """Do what one button of a message does."""
        if not data.startswith(TYPED):
            return await self.taps_data(data)
        typed = data.removeprefix(TYPED)
        newest = next(m for m in reversed(self.shown) if m.buttons)
        if message is not newest and typed[:2].rstrip().isdigit() and len(typed) < 3:
            raise NotOnThisChannel(self.channel.name, "late_taps")
        return await self.says(typed)

    async def taps_data(self, data: str) -> str:
        if not self.channel.capabilities.buttons:
            raise NotOnThisChannel(self.channel.name, "forged_taps")
        key = self._house.next_key()
        return await self._deliver(
            Inbound(key, self.chat, InboundKind.BUTTON, data=data, press_ref=key, sent_at=self._house.clock.now())
        )

    async def sends(
        self, kind: InboundKind, *, ref: str = "file", text: str = "", size: int = 1000, album: str = "", name: str = ""
    ) -> str:
        """Send something that is not a text."""
        attachment = None
        if kind in (InboundKind.PHOTO, InboundKind.VOICE, InboundKind.DOCUMENT, InboundKind.VIDEO):
            attachment = Attachment(kind, ref, size, name or None)
        return await self._send(kind, text=text, attachment=attachment, album=album)

    async def _send(self, kind: InboundKind, **fields: Any) -> str:
        if kind not in KINDS[self.channel.name]:
            raise NotOnThisChannel(self.channel.name, f"sends_{kind.value}")
        return await self._deliver(
            Inbound(self._house.next_key(), self.chat, kind, sent_at=self._house.clock.now(), **fields)
        )

    async def _deliver(self, inbound: Inbound) -> str:
        before = len(self.shown)
        await self._house.deliver(inbound, self.channel)
        return "\n---\n".join(m.text for m in self.shown[before:])

    async def joins(self, unit: str = "LC0421", *, form: str = "Anh", name: str = "", hour: str = "Tối") -> None:
        """Go through joining, without restarts, repeats or crashes: these have tests of their own."""
        variant, self._house.variant = self._house.variant, "plain"
        await self.says(f"/start u_{unit}" if self.channel.capabilities.buttons else unit)
        await self.taps("Đồng ý")
        await self.taps(form)
        if name:
            await self.says(name)
        else:
            await self.taps("Bỏ qua")
        await self.taps(hour)
        self._house.variant = variant


def use_crashing_connections() -> None:
    """Let every database of this process die on command (see CrashingConnection)."""
    original = aiosqlite.connect

    def connect(*args: Any, **kwargs: Any) -> Any:
        return original(*args, factory=CrashingConnection, **kwargs)

    aiosqlite.connect = connect  # type: ignore[assignment]

"""The composition root: the only module that knows every concrete class."""

import asyncio
import functools
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

import handlers
import scheduler
from bot.channels.contract import Channel, ChannelUnusable
from bot.domain.messages import Inbound
from bot.domain.time import Clock
from bot.inbound.fetching import Fetcher
from bot.inbound.intake import Intake
from bot.inbound.phrases import SLASH
from bot.inbound.registry import Registry
from bot.outbox.dispatcher import Dispatcher, Outages
from bot.services import (
    administration,
    composing,
    media,
    outages,
    pack_approval,
    pack_updates,
    quota,
    recordings,
    standing_services,
)
from bot.services.turn import Installation, Turn
from bot.storage import installation as installation_rows
from bot.storage import outbox, privacy
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from bot.web.counters import Counters
from content.federation import Federation
from content.loader import SHIPPED_PACK, Loaded, copies_in
from content.models import Pack
from content.shelf import Shelf
from content.texts import Texts
from scheduler.backups import Nightly
from scheduler.fanout import FanOut
from scheduler.pack_update import PackUpdate
from scheduler.ticker import Ticker
from scheduler.unit_files import UnitFiles

log = structlog.get_logger(__name__)

WIPE_SECONDS: Final = 30.0
FIRST_POLL_SECONDS: Final = 0.3
"""How long the first poll has the process to itself: what is needed later is loaded later."""


@dataclass(frozen=True, slots=True)
class Line:
    """A channel and its rates (sends a second overall and to one chat; 0 for no limit)."""

    channel: Channel
    rate: float
    chat_rate: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What an application is made from. `public_url` is where people and platforms reach our pages, "" for nowhere.

    Without `ticking` somebody else makes its ticker tick. With `backup_keep_days` a copy is made every night.
    `chosen` is how `pack` was chosen, None where it was not; `content_pack` is the folder to look at again.
    """

    database: Path
    data_dir: Path
    clock: Clock
    federation: Federation
    pack: Pack
    zone: ZoneInfo
    lines: Sequence[Line]
    admins: frozenset[tuple[str, str]] = frozenset()
    public_url: str = ""
    ticking: bool = True
    backup_keep_days: int = 0
    chosen: Loaded | None = None
    content_pack: Path = SHIPPED_PACK


class Application:
    """A running bot. `await Application.open(plan)`, then `start`, and at the end `stop`."""

    def __init__(self, plan: Plan, db: Database, installation: Installation, accounts: dict[str, int]) -> None:
        self.plan = plan
        self.db = db
        self.installation = installation
        self.accounts = accounts
        self.intake = Intake(
            db,
            plan.clock,
            lambda: self.installation,
            Registry(
                handlers.FLOWS,
                handlers.MENU,
                handlers.ROLE_MENU,
                standing_services.STANDING,
                standing_services.acknowledge_last,
                standing_services.claim_code,
                standing_services.leads_in,
                standing_services.offered,
            ),
            self._committed,
            self._alert,
        )
        self.fetcher = Fetcher(db, {accounts[line.channel.name]: line.channel for line in plan.lines})
        pushed = functools.partial(self.wake, pushes=True)
        self.ticker = Ticker(db, plan.clock, lambda: self.installation, scheduler.sources(plan.database), pushed)
        self.fan_out = FanOut(db, plan.clock, lambda: self.installation, pushed)
        self.unit_files = UnitFiles(db, plan.clock, lambda: self.installation, pushed)
        self.nightly = Nightly(db, plan.clock, lambda: self.installation, plan.backup_keep_days, pushed)
        self.pack_update = PackUpdate(db, plan.clock, lambda: self.installation, plan.content_pack, self.use, self.wake)
        self.counters = Counters(
            handled=lambda: self.intake.handled,
            failed=lambda: self.intake.failed,
            commits=lambda: db.commits,
            senders=lambda: [dispatcher.sending() for dispatcher in self.dispatchers.values()],
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self.broken: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        """Resolved when something that should run until `stop` has died, with what it died of."""
        self.dispatchers = {accounts[line.channel.name]: self._dispatcher(line) for line in plan.lines}

    @staticmethod
    async def open(plan: Plan) -> "Application":
        """Open and migrate the database, connect the channels. Raises ChannelUnusable, DatabaseUnusable."""
        db = await Database.open(plan.database)
        try:
            await migrate(db, plan.clock.now())
            for line in plan.lines:
                await line.channel.open()
            installation, accounts = await install(plan, db)
            return Application(plan, db, installation, accounts)
        except BaseException:
            await db.close()
            for line in plan.lines:
                await line.channel.close()
            raise

    async def wipe(self) -> None:
        """Empty the write-ahead log if something was erased since it last was."""
        if await self.db.write(privacy.take_wipe) and not await self.db.checkpoint():
            await self.db.write(privacy.want_wipe)

    async def _keep_wiped(self) -> None:
        while True:
            try:
                await self.wipe()
            except Exception:  # storage trouble: what was erased stays marked, and is tried again
                log.exception("wipe_failed")
            await asyncio.sleep(WIPE_SECONDS)

    async def start(self) -> None:
        """Recover, then send and receive."""
        await self.db.write(self._begin)
        in_flight = await self.db.write(lambda tx: outbox.recover(tx, self.plan.clock.now()))
        if in_flight:
            log.warning("in_flight_at_last_stop", count=len(in_flight))
        await self.db.write(privacy.want_wipe)  # whatever a dead process left in the log
        for dispatcher in self.dispatchers.values():
            self._spawn(dispatcher.run())
        await self.intake.recover()
        for line in self.plan.lines:
            self._spawn(self._take(line.channel))
            self._spawn(self._publish_commands(line.channel))
        self._spawn(self._keep_wiped())
        self._spawn(self.fetcher.run())
        self._spawn(self.fan_out.run())
        self._spawn(self.unit_files.run())
        self._spawn(self.nightly.run())
        self._spawn(self.pack_update.run())
        if self.plan.ticking:
            self._spawn(self._tick())

    async def _take(self, channel: Channel) -> None:
        """Take a channel's updates. One that its platform refuses stops alone, unless there is no other."""
        try:
            await channel.receive(functools.partial(self.receive, channel))
        except ChannelUnusable as unusable:
            if len(self.plan.lines) == 1:
                raise
            self.dispatchers[self.accounts[channel.name]].give_up(str(unusable))

    async def _publish_commands(self, channel: Channel) -> None:
        """The main menu and the global words, as slash commands."""
        await asyncio.sleep(FIRST_POLL_SECONDS)
        words = self.installation.texts.words
        flows = [handlers.FLOWS[name] for name in handlers.MENU]
        commands = [(flow.commands[0], words[flow.word].show) for flow in flows]
        commands += [(name, words[word.value].show) for name, word in SLASH.items() if name != "help"]
        await channel.set_commands(commands)

    def _begin(self, tx: Transaction) -> None:
        turn = Turn(tx, self.installation, self.plan.clock.now(), "start")
        pack_updates.began(turn, self.plan.chosen)
        recordings.adopt(turn)

    def use(self, pack: Pack) -> None:
        """From the next turn on everything new is of this pack; what is under way goes on with its own."""
        self.installation.shelf.put(self.installation.pack)
        self.installation = replace(self.installation, pack=pack)
        self.plan = replace(self.plan, pack=pack, chosen=None)  # or it would hold the first one for ever

    async def _tick(self) -> None:
        await asyncio.sleep(FIRST_POLL_SECONDS)
        await self.ticker.run()

    async def first_admin_code(self) -> str:
        """A new code that makes whoever types it the first administrator; "" when there is one."""

        def issue(tx: Transaction) -> str:
            turn = Turn(tx, self.installation, self.plan.clock.now(), "first_admin")
            return "" if administration.has_admin(turn) else administration.issue_admin_code(turn)

        return await self.db.write(issue)

    async def tell_of_pack(self) -> None:
        """Say when the pack that is sent is not what was approved, or the files are not."""
        chosen = self.plan.chosen

        def tell(tx: Transaction) -> bool:
            turn = Turn(tx, self.installation, self.plan.clock.now(), "pack")
            assert chosen is not None
            pack_approval.tell_changed(turn, chosen)
            return pack_approval.is_lost(turn, chosen)

        if chosen is not None and await self.db.write(tell):
            log.critical("approved_pack_lost", used=chosen.pack.revision)
        self.wake(pushes=True)

    async def receive(self, channel: Channel, batch: Sequence[Inbound]) -> None:
        """Store a batch from a channel and start its turns."""
        await self.intake.receive(channel, self.accounts[channel.name], batch)

    async def settle(self) -> None:
        """Wait until every stored update has had its turn and everything due has gone out."""
        await self.intake.settle()
        announced = await self.fan_out.work()
        await self._drain()
        if announced:
            await self.fan_out.work()  # what is finished is told to its officer
            await self._drain()
        await self.fetcher.drain()
        await self.unit_files.work()
        await self.pack_update.work()
        await self._drain()  # also what either did by itself meanwhile

    async def _drain(self) -> None:
        for dispatcher in self.dispatchers.values():
            await dispatcher.drain()

    async def stop(self) -> None:
        """Finish turns and calls that are under way, write every mark, close everything."""
        await self.intake.stop()
        for dispatcher in self.dispatchers.values():
            await dispatcher.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.db.close()
        for line in self.plan.lines:
            await line.channel.close()

    def wake(self, *, pushes: bool = False) -> None:
        """Rows may have been added for any account."""
        for dispatcher in self.dispatchers.values():
            dispatcher.wake(pushes=pushes)

    def _dispatcher(self, line: Line) -> Dispatcher:
        account_id = self.accounts[line.channel.name]
        return Dispatcher(
            self.db,
            self.plan.clock,
            line.channel,
            account_id,
            rate=line.rate,
            chat_rate=line.chat_rate,
            composing=lambda tx, now: composing.Composing(self.installation, tx, now).compose,
            media_url=self._given(media.url),
            rng=random.Random(),  # noqa: S311 - jitter
            on_sent=self.counters.sent,
            count_sent=self._given(quota.count_sent, account_id),
            outages=Outages(self._given(outages.began, account_id), self._given(outages.ended, account_id)),
        )

    def _given(self, function: Callable[..., Any], *values: Any) -> Callable[..., Any]:
        """`function` given the installation of the moment, and `values`."""
        return lambda *rest: function(self.installation, *values, *rest)

    def _committed(self, account_id: int) -> None:
        self.wake()

    def _alert(self, event: str, reference: str) -> None:
        log.critical(event, reference=reference)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.broken.done():
            self.broken.set_result(error)


async def install(plan: Plan, db: Database) -> tuple[Installation, dict[str, int]]:
    """What every turn is given, and the account's row of each channel by the channel's name."""
    accounts = {
        line.channel.name: await db.write(
            lambda tx, c=line.channel: installation_rows.account_id(tx, c.name, c.account)  # type: ignore[misc]
        )
        for line in plan.lines
    }
    installation = Installation(
        plan.federation,
        Texts(federation_variables(plan.federation)),
        plan.pack,
        plan.zone,
        await db.write(installation_rows.secret),
        {accounts[line.channel.name]: line.channel.capabilities for line in plan.lines},
        {accounts[line.channel.name]: line.channel.link for line in plan.lines},
        plan.data_dir,
        {accounts[line.channel.name]: line.rate for line in plan.lines},
        frozenset((accounts[name], external) for name, external in plan.admins if name in accounts),
        plan.public_url,
        Shelf(copies_in(plan.data_dir)),
    )
    return installation, accounts


def federation_variables(federation: Federation) -> dict[str, str]:
    """The federation's names, as every template sees them."""
    return {
        "federation": federation.name,
        "federation_short": federation.short_name,
        "contact_name": federation.contact.name,
        "contact_title": federation.contact.title,
        "contact_phone": federation.contact.phone,
    }

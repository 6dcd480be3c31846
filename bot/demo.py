"""The demo: the real application on a throw-away database, with invented people and a clock one may move."""

import asyncio
import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import site
from bot.app import Application, Line, Plan
from bot.channels.webchat import Uploads, WebChat
from bot.domain.messages import Inbound, InboundKind
from bot.domain.people import RoleKind
from bot.services import joining, unit_import, unit_rows
from bot.services.turn import Installation, Turn
from bot.storage import members, roster, seeding, units
from bot.storage import webchat as rows
from bot.storage.database import DatabaseUnusable, Transaction
from bot.web.listening import listen
from bot.web.serving import Serving, serve
from bot.web.stage import Journey, Role, stage
from content.federation import load_federation
from content.loader import load_pack
from scheduler.clock import MovableClock

CONTENT: Final = Path(__file__).resolve().parents[1] / "content"
FILES: Final = CONTENT / "demo"
PACK: Final = CONTENT / "packs" / "2025"
ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
HOST: Final = "127.0.0.1"
LEAVE_SECONDS: Final = 3.0

log = structlog.get_logger(__name__)


class DemoRefused(Exception):
    """The demo will not run like this; `str()` is one sentence."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Membership(_Strict):
    name: str
    form: Literal["anh", "chi", "co", "chu", "em", "dong_chi"]
    unit: str
    slot: Literal["morning", "noon", "evening", "none"]


class _Duty(_Strict):
    kind: RoleKind
    unit: str
    title: str
    phone: str = ""
    phone_shown: bool = False


class Persona(_Strict):
    """Somebody one can be; without `member` they have not joined."""

    id: Annotated[str, Field(pattern=r"^[a-z]+$")]
    label: str
    about: str
    member: _Membership | None = None
    roles: tuple[_Duty, ...] = ()


class Crowd(_Strict):
    """Members nobody plays; each takes the next unit and the next of every part of a name."""

    count: Annotated[int, Field(ge=0, le=500)]
    units: tuple[str, ...]
    family: tuple[str, ...]
    middle: tuple[str, ...]
    given: tuple[str, ...]

    def name(self, number: int) -> str:
        """What the member of this number is called."""
        return " ".join(parts[number % len(parts)] for parts in (self.family, self.middle, self.given))


class Cast(_Strict):
    """`personas.yaml`: everybody, when the clock starts, and the day it has a button for (both local time)."""

    start: datetime
    jump: datetime
    personas: tuple[Persona, ...]
    crowd: Crowd


class Demo:
    """The demo at work; `url` is where. `await Demo.open(data_dir)`, at the end `close`."""

    def __init__(self, directory: Path, cast: Cast, hosts: frozenset[str]) -> None:
        self._directory = directory
        self._cast = cast
        self._hosts = hosts
        self._serving: Serving | None = None
        self._pages: ASGIApp | None = None
        self._journey: Journey | None = None
        self._travelling: asyncio.Task[None] | None = None
        self._requests = 0
        self._left = asyncio.Condition()
        self._one_restart = asyncio.Lock()
        self.start: Final = _local(cast.start)
        self.jump: Final = _local(cast.jump)
        self.roles: Final[Sequence[Role]] = [Role(p.id, p.label, p.about) for p in cast.personas]

    @staticmethod
    async def open(data_dir: Path, host: str = HOST, port: int = 8080) -> "Demo":
        """Serve the demo. Raises DemoRefused, AddressInUse, DatabaseUnusable."""
        if host != HOST:
            raise DemoRefused(f"the demo is for this machine only: it listens on {HOST} and nowhere else")
        listening = listen(host, port)
        return await Demo._on(listening, data_dir)

    @staticmethod
    async def _on(listening: socket.socket, data_dir: Path) -> "Demo":
        port = listening.getsockname()[1]
        cast = Cast.model_validate(yaml.safe_load((FILES / "personas.yaml").read_text("utf-8")))
        hosts = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
        demo = Demo(data_dir / "demo" / "world", cast, hosts)
        try:
            await demo._begin()
            demo._serving = await serve(demo, listening, demo.hang_up)
        except BaseException:
            listening.close()
            raise
        return demo

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._serving is not None
        return self._serving.url

    @property
    def journey(self) -> Journey | None:
        """Where the clock is going, if it is."""
        return self._journey

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, to the pages of the present world."""
        pages = self._pages
        if pages is None:
            await Response(status_code=503, headers={"Retry-After": "1"})(scope, receive, send)
            return
        self._requests += 1
        try:
            await pages(scope, receive, send)
        finally:
            self._requests -= 1
            async with self._left:
                self._left.notify_all()

    async def close(self) -> None:
        """Stop serving; the world stays as it is for the next time."""
        assert self._serving is not None
        await self._serving.stop()
        await self._end()

    def hang_up(self) -> None:
        """End the conversations' streams."""
        self._channel.hang_up()

    def travel(self, target: int) -> None:
        """Set out for epoch ms `target`, through everything due."""
        self._journey = Journey(self._clock.now(), target)
        self._travelling = asyncio.get_running_loop().create_task(self._travel(target))

    async def restart(self) -> None:
        """Throw everything away and begin again; other requests are told to come back."""
        async with self._one_restart:
            self._pages = None
            self.hang_up()
            try:
                async with asyncio.timeout(LEAVE_SECONDS), self._left:
                    await self._left.wait_for(lambda: self._requests <= 1)
            except TimeoutError:
                log.warning("requests_still_open", count=self._requests)
            await self._end()
            await asyncio.to_thread(shutil.rmtree, self._directory)
            await self._begin()

    async def _begin(self) -> None:
        try:
            app = await self._open_application()
        except DatabaseUnusable:  # made by another version; it is only a demo
            log.warning("demo_begins_anew")
            await asyncio.to_thread(shutil.rmtree, self._directory)
            app = await self._open_application()
        self._app = app
        moment = await app.db.read(rows.latest_moment)
        if moment > self._clock.now():
            self._clock.move_to(moment)
        if moment == 0:
            await app.db.write(lambda tx: _seed(tx, app.installation, self._account_id, self._cast))
        await app.start()
        if moment == 0:
            await self._greet()
        self._sweeping = site.sweeping(app, self._channel)
        self._pages = stage(site.running(app), site.talk(app, self._channel), self, self._hosts)

    async def _open_application(self) -> Application:
        self._clock = MovableClock(self.start)
        self._channel = WebChat(Uploads(self._directory / "uploads"))
        return await Application.open(
            Plan(
                self._directory / "demo.db",
                self._directory,
                self._clock,
                load_federation(FILES / "federation.yaml"),
                load_pack(PACK),
                ZONE,
                [Line(self._channel, 0, 0)],
            )
        )

    async def _end(self) -> None:
        if self._travelling is not None:
            self._travelling.cancel()
            await asyncio.wait([self._travelling])
        self._sweeping.cancel()
        await self._app.stop()

    async def _travel(self, target: int) -> None:
        try:
            await self._app.ticker.advance(self._clock, target, self._app.settle)
        except Exception:  # the clock stays where it got to, and may be sent on
            log.exception("journey_failed", target=target)
        finally:
            self._journey = None

    async def _greet(self) -> None:
        """Everybody who has joined opens their menu."""
        for persona in self._cast.personas:
            if persona.member is not None:
                asking = Inbound(f"greet:{persona.id}", persona.id, InboundKind.TEXT, text="/menu")
                await self._app.receive(self._channel, [asking])
        await self._app.settle()

    @property
    def _account_id(self) -> int:
        return self._app.accounts[self._channel.name]


async def serve_demo(
    data_dir: Path, host: str = HOST, port: int = 8080, ready: Callable[[str], None] = lambda url: None
) -> None:
    """Serve the demo until cancelled; `ready` is told its address. Raises as `Demo.open`."""
    demo = await Demo.open(data_dir, host, port)
    try:
        ready(demo.url)
        await asyncio.Event().wait()
    finally:
        await demo.close()


def _local(moment: datetime) -> int:
    return int(moment.replace(tzinfo=ZONE).timestamp() * 1000)


def _seed(tx: Transaction, at: Installation, account_id: int, cast: Cast) -> None:
    """The invented tree and everybody in it."""
    now = _local(cast.start)
    sheet = unit_rows.read((FILES / "units.csv").read_bytes(), at.texts, at.federation)
    problems = unit_import.check(tx, {kind.id: kind.level for kind in at.federation.unit_kinds}, sheet)
    if problems:
        raise ValueError(f"units.csv: {problems}")
    unit_import.write(tx, sheet, unit_import.plan(tx, sheet), lambda: None)
    ids = {unit.code: unit.id for unit in units.every(tx)}
    turn = Turn(tx, at, now, "demo")
    for persona in cast.personas:
        if persona.member is not None:
            _seed_member(turn, account_id, persona, persona.member, ids)
    _seed_crowd(turn, account_id, cast.crowd, ids)


def _seed_crowd(turn: Turn, account_id: int, crowd: Crowd, ids: dict[str, int]) -> None:
    chats = [f"nguoi-{number}" for number in range(crowd.count)]
    where = [ids[code] for code in crowd.units]
    seeding.add_members(turn.tx, account_id, chats, where, turn.at.federation.consent_version, turn.now)
    form = turn.at.texts.words["form_dong_chi"].show.lower()
    for number, chat in enumerate(chats):
        member_id = roster.member_at(turn.tx, account_id, chat)
        assert member_id is not None
        members.set_fields(turn.tx, member_id, name=crowd.name(number), form=form)


def _seed_member(turn: Turn, account_id: int, persona: Persona, membership: _Membership, ids: dict[str, int]) -> None:
    tx, hours, now = turn.tx, turn.at.federation.hours, turn.now
    address = members.arrive(tx, account_id, persona.id, now).address
    quiet = hours.minutes("quiet_from"), hours.minutes("quiet_to")
    member = members.create(tx, address.id, turn.at.federation.consent_version, *quiet, now)
    members.set_fields(
        tx,
        member.id,
        name=membership.name,
        form=joining.form_shown(replace(turn, member=member), membership.form),
        unit_id=ids[membership.unit],
        unit_state="confirmed",
        slot=membership.slot,
    )
    for duty in persona.roles:
        units.grant(
            tx,
            member.id,
            ids[duty.unit],
            duty.kind,
            now,
            title=duty.title,
            phone=duty.phone,
            phone_shown=duty.phone_shown,
        )

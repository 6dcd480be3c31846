"""`run`: the real bot, one process, until it is told to stop."""

import asyncio
import gc
import socket
from datetime import datetime
from typing import Final, NoReturn

import structlog
import uvloop

from bot import logging
from bot.app import FIRST_POLL_SECONDS, Application, Plan
from bot.channels.contract import ChannelUnusable, TokenRefused
from bot.cli.ground import alone, finish_restore, read_settings, until_told
from bot.cli.plan import read_plan
from bot.cli.words import FAILED, give_up, tell
from bot.domain.time import Clock
from bot.settings import Settings
from bot.storage.database import DatabaseUnusable
from bot.web.listening import AddressInUse, listen
from scheduler.clock import MovableClock, SystemClock

STOP_SECONDS: Final = 9.5
"""Within the ten seconds after which a supervisor kills."""

log = structlog.get_logger(__name__)


def run(clock: str = "") -> None:
    """Run until SIGTERM or SIGINT. `clock` is an ISO instant to start at, for trials."""
    settings = read_settings()
    logging.configure(settings.log_level, settings.log_format, settings.secrets)
    if not settings.token and not settings.zalo_token and settings.web_chat == "off":
        give_up("start.no_channel")
    people_time = read_clock(settings, clock)
    with alone(settings.database):
        finish_restore(settings)
        plans = [read_plan(settings, people_time)]
        try:
            listening = listen(settings.http_host, settings.http_port)
        except AddressInUse as error:
            give_up("start.port", host=settings.http_host, port=settings.http_port, detail=error.__cause__)
        with listening:
            uvloop.run(_run(settings, plans.pop(), listening))  # kept here, its pack would outlive its use


def read_clock(settings: Settings, given: str) -> Clock:
    """The machine's clock, or one that starts at `given`; ends the process when that may not be."""
    if not given:
        return SystemClock()
    if settings.official:
        give_up("start.clock_official")
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        give_up("start.clock", given=given)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=settings.zone)
    return MovableClock(int(moment.timestamp() * 1000))


async def _run(settings: Settings, plan: Plan, listening: socket.socket) -> None:
    """Open, run until a signal comes or a part dies, stop."""
    opening = asyncio.create_task(Application.open(plan))
    del plan
    until_told(opening.cancel)
    try:
        app = await opening
    except asyncio.CancelledError:
        return
    except DatabaseUnusable as unusable:
        give_up("start.database", detail=unusable)
    except ChannelUnusable as unusable:
        give_up_channel(unusable)
    told_to_stop = asyncio.Event()
    until_told(told_to_stop.set)
    await app.start()
    await _greet(app)
    if not settings.webhook_secrets:
        await asyncio.sleep(FIRST_POLL_SECONDS)
    pages = await asyncio.to_thread(__import__, "bot.site", fromlist=["Site"])
    site = await pages.Site.open(
        app,
        listening,
        webhook_secrets=settings.webhook_secrets,
        metrics_token=settings.metrics_token.get_secret_value(),
    )
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)  # updates leave few cycles: looking for them every 700 objects costs a tenth
    gc.enable()
    app.broken.add_done_callback(lambda _broken: told_to_stop.set())
    await told_to_stop.wait()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await site.stop()
            await app.stop()
    except TimeoutError:
        log.error("stop_cut_short", seconds=STOP_SECONDS)
    if app.broken.done():
        _report(app.broken.result())


async def _greet(app: Application) -> None:
    await app.tell_of_pack()
    code = await app.first_admin_code()
    if code:
        tell("start.admin_code", code=code)
    links = [line.channel.link for line in app.plan.lines if line.channel.link]
    tell("start.running", link=f" ({', '.join(links)})" if links else "")


def give_up_channel(unusable: ChannelUnusable) -> NoReturn:
    """End the process because a channel cannot be used."""
    if isinstance(unusable, TokenRefused):
        give_up("start.bad_token", detail=unusable)
    give_up("start.channel", detail=unusable)


def _report(error: BaseException) -> NoReturn:
    if isinstance(error, ChannelUnusable):
        give_up_channel(error)
    log.critical("part_died", exc_info=error)
    raise SystemExit(FAILED)

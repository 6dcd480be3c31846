"""`posters [--unit CODE] --to DIR`: a unit's printable poster, or that of every unit, as PDF files."""

import asyncio
from pathlib import Path

from bot.app import install
from bot.channels.contract import ChannelUnusable
from bot.cli.ground import open_database, read_settings
from bot.cli.plan import read_plan
from bot.cli.progress import progress
from bot.cli.words import give_up, phrase, tell
from bot.domain.people import Unit
from bot.services import posters
from bot.services.turn import Turn
from bot.settings import Settings
from bot.storage import units
from bot.storage.database import Transaction
from content import printing
from content.printing import Poster
from scheduler.clock import SystemClock


def print_posters(code: str, to: Path) -> None:
    """Write DIR/CODE.pdf for the unit with this code, or for every unit that exists."""
    settings = read_settings()
    sheets = asyncio.run(_sheets(settings, code.strip().upper()))
    if not sheets:
        give_up("posters.no_unit" if code else "posters.no_units", code=code.upper())
    try:
        to.mkdir(parents=True, exist_ok=True)
        with progress(phrase("posters.printing"), len(sheets)) as advance:
            for sheet in sheets:
                (to / f"{sheet.code}.pdf").write_bytes(printing.poster(sheet))
                advance(1)
    except OSError as error:
        give_up("posters.not_written", path=to, detail=error.strerror)
    tell("posters.done", count=len(sheets), path=to)
    if not sheets[0].ways:
        tell("posters.no_link")


async def _sheets(settings: Settings, code: str) -> list[Poster]:
    # Only who we are is asked of the platforms: the webhook of a running bot stays as it is.
    asking = settings.model_copy(update={"telegram_mode": "polling", "zalo_mode": "polling"})
    plan = read_plan(asking, SystemClock())
    async with open_database(settings, plan.clock.now()) as db:
        try:
            for line in plan.lines:
                await line.channel.open()
            installation, _ = await install(plan, db)
        except ChannelUnusable as unusable:
            give_up("start.channel", detail=unusable)
        finally:
            for line in plan.lines:
                await line.channel.close()

        def gather(tx: Transaction) -> list[Poster]:
            turn = Turn(tx, installation, plan.clock.now(), "console")
            return [posters.sheet(turn, unit) for unit in _wanted(turn, code)]

        return await db.read(gather)


def _wanted(turn: Turn, code: str) -> list[Unit]:
    wanted = (unit.id for unit in units.existing(turn.tx, turn.today) if code in ("", unit.code))
    return units.listed(turn.tx, wanted)

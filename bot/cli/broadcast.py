"""`broadcast`: an announcement from the terminal; the running process sends it."""

import asyncio
import sys
from collections.abc import Callable

from bot.app import install
from bot.cli.ground import open_database, read_settings
from bot.cli.plan import read_plan
from bot.cli.words import give_up, phrase, tell, words
from bot.services import console, drafts
from bot.services.turn import Turn
from bot.settings import Settings
from bot.storage.database import Database, Transaction
from scheduler.clock import SystemClock


def broadcast(to: str, text: str, *, confirmed: bool) -> None:
    """Count, show, ask unless `confirmed`, and write the announcement for the unit with code `to`, or `all`.

    One that a plan has too few messages left for is refused, also when they went while somebody was asked.
    """
    settings = read_settings()
    if not text.strip():
        give_up("broadcast.no_text")
    try:
        asyncio.run(_broadcast(settings, to, text, confirmed))
    except console.DoesNotFit as refused:
        give_up("broadcast.does_not_fit", why=refused)


async def _broadcast(settings: Settings, to: str, text: str, confirmed: bool) -> None:
    plan = read_plan(settings, SystemClock())
    async with open_database(settings, plan.clock.now()) as db:
        installation, _ = await install(plan, db)

        def turn(tx: Transaction) -> Turn:
            return Turn(tx, installation, plan.clock.now(), "console")

        try:
            await _count_ask_and_write(db, turn, to, text, confirmed)
        except console.UnknownUnit:
            give_up("broadcast.no_unit", code=to)


async def _count_ask_and_write(
    db: Database, turn: Callable[[Transaction], Turn], to: str, text: str, confirmed: bool
) -> None:
    checked = await db.read(lambda tx: drafts.check(turn(tx), text))
    if checked["too_long"]:
        limit = await db.read(lambda tx: drafts.longest(turn(tx)))
        give_up("broadcast.too_long", length=len(text), limit=limit)
    if checked["unknown"]:
        give_up("broadcast.unknown", names=", ".join(checked["unknown"]))
    reach = await db.read(lambda tx: console.count_for_console(turn(tx), to))
    unit = phrase("broadcast.all") if to == "all" else to
    if not reach["people"]:
        give_up("broadcast.empty", unit=unit)
    tell("broadcast.preview", count=reach["people"], reachable=reach["reachable"], unit=unit)
    sys.stdout.write(f"\n{text.strip()}\n\n")
    if not confirmed and not _agreed():
        tell("broadcast.stopped")
        return
    await db.write(lambda tx: console.announce_from_console(turn(tx), to, text))
    tell("broadcast.done", count=reach["people"])


def _agreed() -> bool:
    try:
        answer = input(phrase("broadcast.confirm"))
    except EOFError:
        return False
    return answer.strip().casefold() in words()["broadcast"]["accept"]

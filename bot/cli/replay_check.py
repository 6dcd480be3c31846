"""`replay-check`: whether the conversations that are open go on with this version; nothing is written."""

import asyncio
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import handlers
from bot.app import Plan, federation_variables
from bot.cli.ground import read_settings
from bot.cli.plan import read_plan
from bot.cli.progress import progress
from bot.cli.words import FAILED, give_up, phrase, tell
from bot.inbound.replaying import Fate, Verdict, judge
from bot.services.turn import Installation, Turn
from bot.storage import copying, dialogs, installation, members, quota
from bot.storage.database import Database, DatabaseUnusable, Transaction
from bot.storage.dialogs import StoredDialog
from bot.storage.migrate import load, migrate
from content.loader import copies_in
from content.shelf import NotRead, Shelf
from content.texts import Texts
from scheduler.clock import SystemClock

WHYS_SHOWN = 5


def replay_check(database: Path | None) -> None:
    """Report flow by flow; ends the process with status 1 when a conversation would be parked.

    A database of an older version is looked at as it will be: a copy, brought up to date, is.
    """
    settings = read_settings()
    path = database or settings.database
    plan = read_plan(settings, SystemClock())
    try:
        with copying.reading(path) as tx:
            behind = copying.facts(tx).schema < len(load())
        if not behind:
            found = _look(plan, path)
        else:
            with tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
                found = _look(plan, asyncio.run(_brought_up_to_date(path, Path(folder), plan.clock.now())))
    except (OSError, sqlite3.Error, DatabaseUnusable) as error:
        give_up("replay_check.database", path=path, detail=error)
    _report(found)


async def _brought_up_to_date(path: Path, folder: Path, now: int) -> Path:
    copy = folder / "bot.db"
    copying.copy_database(path, copy)
    db = await Database.open(copy)
    try:
        await migrate(db, now)
    finally:
        await db.close()
    return copy


def _look(plan: Plan, path: Path) -> Counter[tuple[str, Verdict]]:
    found: Counter[tuple[str, Verdict]] = Counter()
    with copying.reading(path) as tx:
        at = _installation(plan, tx)
        count = dialogs.count_open(tx)
        with progress(phrase("replay_check.checking"), count) as advance:
            for stored in dialogs.open_ones(tx):
                address = members.address_by_id(tx, stored.address_id)
                member = members.at_address(tx, stored.address_id)
                turn = Turn(tx, at, plan.clock.now(), "replay_check", address, member)
                found[stored.flow, _verdict(turn, stored)] += 1
                advance(1)
    return found


def _verdict(turn: Turn, stored: StoredDialog) -> Verdict:
    try:
        return judge(handlers.FLOWS, turn, stored)
    except NotRead as missing:
        turn.at.shelf.read(missing.revision)
        return judge(handlers.FLOWS, turn, stored)


def _installation(plan: Plan, tx: Transaction) -> Installation:
    """What every turn is given, of the accounts this database knows."""
    lines = {line.channel.name: line for line in plan.lines}
    known = {id: lines[name] for id, name in quota.channels(tx).items() if name in lines}
    return Installation(
        plan.federation,
        Texts(federation_variables(plan.federation)),
        plan.pack,
        plan.zone,
        bytes.fromhex(installation.setting(tx, "secret") or "00"),  # a database nothing ran on yet has none
        {id: line.channel.capabilities for id, line in known.items()},
        {id: line.channel.link for id, line in known.items()},
        plan.data_dir,
        {id: line.rate for id, line in known.items()},
        public_url=plan.public_url,
        shelf=Shelf(copies_in(plan.data_dir)),
    )


def _report(found: Counter[tuple[str, Verdict]]) -> None:
    if not found:
        tell("replay_check.none")
        return
    tell("replay_check.head", count=found.total())
    for flow in sorted({flow for flow, _ in found}):
        mine = Counter({verdict: count for (name, verdict), count in found.items() if name == flow})
        fates = {fate.value: sum(n for verdict, n in mine.items() if verdict.fate is fate) for fate in Fate}
        tell("replay_check.line", flow=flow, **fates)
        whys = [(verdict.why, count) for verdict, count in mine.most_common() if verdict.why]
        for why, count in whys[:WHYS_SHOWN]:
            tell("replay_check.why", count=count, why=phrase("replay_check.unknown") if why == "unknown" else why)
    parked = sum(count for (_, verdict), count in found.items() if verdict.fate is Fate.PARKED)
    if parked:
        tell("replay_check.bad", count=parked)
        raise SystemExit(FAILED)
    tell("replay_check.good")

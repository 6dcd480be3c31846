"""`sheets --to DIR`: what is printed or read out of the pack: meetings, loudspeaker, pictures of cards and days.

Nothing of it needs a channel: a machine without a network makes it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bot.app import install
from bot.cli.ground import open_database, read_settings
from bot.cli.plan import read_plan
from bot.cli.progress import progress
from bot.cli.words import give_up, phrase, tell
from bot.services import drawing, sheets
from bot.services.turn import Turn
from bot.settings import Settings
from bot.storage.database import Transaction
from content import printing
from content.printing import CardPicture, Picture
from scheduler.clock import SystemClock


def print_sheets(to: Path) -> None:
    """Write DIR/meetings, DIR/loudspeaker, DIR/cards and DIR/milestones; beside each picture its words."""
    asyncio.run(_print(read_settings(), to))


async def _print(settings: Settings, to: Path) -> None:
    plan = replace(read_plan(settings, SystemClock()), lines=())
    async with open_database(settings, plan.clock.now()) as db:
        installation, _ = await install(plan, db)

        def write(tx: Transaction) -> int:
            turn = Turn(tx, installation, plan.clock.now(), "console")
            pack = plan.pack
            pictures = _pictures(turn)
            count = 2 * len(pack.meetings) + len(pack.weeks) + 2 * len(pictures)
            with progress(phrase("sheets.printing"), count) as advance:
                for name, content in _files(turn, pictures):
                    path = to / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
                    advance(1)
            for name, picture in pictures.items():
                if not printing.is_whole(picture):
                    tell("sheets.cut", name=name)
            return count

        try:
            count = await db.read(write)
        except OSError as error:
            give_up("sheets.not_written", path=to, detail=error.strerror)
    tell("sheets.done", count=count, path=to)


def _pictures(turn: Turn) -> dict[str, Picture | CardPicture]:
    """What stands in the pictures, by their files' names without ending."""
    cards = {f"cards/{card.id}": sheets.card_picture(turn, card) for card in turn.at.pack.cards}
    days = {f"milestones/{day.id}": sheets.milestone_picture(turn, day) for day in turn.at.pack.milestones}
    return {**cards, **days}


def _files(turn: Turn, pictures: Mapping[str, Picture | CardPicture]) -> Iterator[tuple[str, bytes]]:
    pack = turn.at.pack
    for meeting in pack.meetings:
        yield f"meetings/{meeting.month:02}.pdf", sheets.meeting_sheet(turn, meeting)
        yield f"meetings/{meeting.month:02}.txt", sheets.meeting_text(turn, meeting).encode()
    for week in pack.weeks:
        yield f"loudspeaker/{week.week:02}.txt", sheets.script_with_sources(turn, week).encode()
    for name, picture in pictures.items():
        yield f"{name}.png", drawing.drawn(picture)
        yield f"{name}.txt", drawing.alternative(turn, picture).encode()

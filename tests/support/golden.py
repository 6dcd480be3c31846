"""Golden journals: one of each flow, as an earlier version wrote it, that every later version must replay.

`pytest tests/conversations --write-golden` keeps, of each flow that has none, the longest journal that any conversation
came to. One that is there is never written again: when a flow changes so that it no longer fits, that is what happens to
people in the middle of it.
"""

import json
from pathlib import Path
from typing import Any

import handlers
from bot.dialog.journal import Journal
from bot.storage import dialogs
from bot.storage.database import Transaction

DIRECTORY = Path(__file__).resolve().parents[1] / "dialog" / "golden"


class Gatherer:
    """Sees every journal that is stored while it is in place."""

    def __init__(self) -> None:
        self._longest: dict[str, tuple[int, str, str]] = {}
        self._start, self._save = dialogs.start, dialogs.save

    def take_place(self) -> None:
        dialogs.start, dialogs.save = self.start, self.save

    def start(
        self, tx: Transaction, address_id: int, flow: str, journal: str, asked: str, now: int, pack: str = ""
    ) -> int:
        self._see(flow, journal, asked)
        return self._start(tx, address_id, flow, journal, asked, now, pack)

    def save(self, tx: Transaction, id: int, seq: int, journal: str, asked: str, now: int) -> None:
        self._see(tx.scalar("SELECT flow FROM dialog WHERE id = ?", (id,)), journal, asked)
        self._save(tx, id, seq, journal, asked, now)

    def _see(self, flow: str, journal: str, asked: str) -> None:
        entries = len(Journal.load(journal).entries)
        if entries > self._longest.get(flow, (-1, "", ""))[0] and not Journal.load(journal).kept:
            self._longest[flow] = (entries, journal, asked)

    def write_missing(self) -> None:
        DIRECTORY.mkdir(exist_ok=True)
        for flow, (_, journal, asked) in self._longest.items():
            path = DIRECTORY / f"{flow}.json"
            if flow in handlers.FLOWS and not path.exists():
                kept: dict[str, Any] = {"flow": flow, "asked": asked, "journal": json.loads(journal)}
                path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")

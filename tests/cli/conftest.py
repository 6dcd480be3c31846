"""The command line on an installation of its own: nothing of the developer's environment or `.env` gets in."""

import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.settings import Settings
from tests.support.fake_bot_api.server import TOKEN

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Place:
    """A folder with a data folder, and the variables that point there."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "data" / "bot.db"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def change(self, sql: str) -> None:
        connection = sqlite3.connect(self.database)
        try:
            with connection:
                connection.execute(sql)
        finally:
            connection.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a process of ours is given."""
        base = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return base | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"} | self.variables

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "bot", *arguments]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command sets up the log of its process, which here goes on: its stream is closed after the test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty folder that is the working folder too, with a token for an address that is not Telegram's."""
    monkeypatch.chdir(tmp_path)
    clear(monkeypatch)
    place = Place(tmp_path)
    given = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": "http://127.0.0.1:9",
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/data/bot.db",
    }
    put(monkeypatch, place, given)
    return place


def clear(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def put(monkeypatch: pytest.MonkeyPatch, place: Place, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    place.variables |= variables

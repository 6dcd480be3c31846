"""The bot as the process people run, to be stopped and killed."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

from tests.support.fake_bot_api import TOKEN, FakeBotApi

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN = 30.0


class Bot:
    """`python -m bot` on a folder of its own against a fake Bot API, without rates."""

    def __init__(self, folder: Path, api: FakeBotApi, **variables: str) -> None:
        self._folder = folder
        self._api = api
        self._process: asyncio.subprocess.Process | None = None
        self.database = folder / "data" / "bot.db"
        base = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self._environment = base | {
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": api.url,
            "TELEGRAM_RATE": "0",
            "TELEGRAM_CHAT_RATE": "0",
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "HTTP_PORT": str(_free_port()),
            "LOG_LEVEL": "warning",
            **variables,
        }

    @property
    def log(self) -> str:
        """All that the processes printed."""
        return (self._folder / "log.txt").read_text("utf-8")

    async def does(self, *arguments: str) -> None:
        """Run a command to its end, which must be a good one."""
        process = await self._spawn(*arguments)
        assert await process.wait() == 0, self.log

    async def start(self) -> None:
        """Start `run` and wait until it is about to poll."""
        assert self._process is None
        before = len(self._api.called("deleteWebhook"))
        self._process = await self._spawn("run")
        died = asyncio.ensure_future(self._process.wait())
        polls = asyncio.ensure_future(
            self._api.wait_until(lambda: len(self._api.called("deleteWebhook")) > before, STARTED_WITHIN)
        )
        await asyncio.wait([died, polls], return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        polls.cancel()
        assert self._process.returncode is None, self.log

    async def kill(self) -> None:
        """kill -9, at once."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        self._process = None

    async def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM; it must end well within `seconds`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self._process.wait(), seconds) == 0, self.log
        self._process = None

    async def end(self) -> None:
        """Leave nothing running."""
        if self._process is not None:
            await self.kill()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What is in the database now."""
        connection = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def states(self, lane: int) -> dict[str, int]:
        """How many rows of a lane are in which state."""
        return dict(self.rows("SELECT state, COUNT(*) FROM outbox WHERE lane = ? GROUP BY state", lane))

    async def until_quiet(self, seconds: float = 60.0) -> None:
        """Wait until no update waits for its turn, and no message that may go out for its call."""
        unfinished = (
            "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending')"
            " + (SELECT COUNT(*) FROM outbox WHERE state IN ('pending', 'sending') AND not_before = 0)"
        )
        async with asyncio.timeout(seconds):
            while self._api.updates.pending or self.rows(unfinished) != [(0,)]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _spawn(self, *arguments: str) -> asyncio.subprocess.Process:
        with (self._folder / "log.txt").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *arguments, cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port

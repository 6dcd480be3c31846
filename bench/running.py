"""One bot as a process against `fake_api.py`, watched from outside: what it answered when, and its memory."""

import contextlib
import math
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.compare import ROOT, cpu_seconds, environment, event, memory_mb

OURS = [sys.executable, "-m", "bot"]
TEXT = "Thư chung gửi mọi người"
FOREVER = 10**9


@dataclass(frozen=True)
class Running:
    """A running bot, its fake API, and the log of what that took; times are monotonic seconds."""

    folder: Path
    env: dict[str, str]
    bot: "subprocess.Popen[bytes]"
    api: "subprocess.Popen[str]"

    def command(self, *arguments: str) -> None:
        """Run another command of the bot beside it."""
        command(self.env, *arguments)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What is in the database now."""
        return rows(self.folder, sql)

    def replies(self, since: float, until: float) -> list[float]:
        """How many seconds each reply took to what was said in between."""
        return [seconds for kind, at, seconds in self._log() if kind == "reply" and since <= at <= until]

    def pushes(self) -> list[float]:
        """When each message of the broadcast arrived."""
        return [at for kind, at, _ in self._log() if kind == "push"]

    def memory(self) -> float:
        """MB the bot holds now."""
        return memory_mb(self.bot.pid, "VmRSS")

    def cpu(self) -> float:
        """Seconds of processor it used so far."""
        return cpu_seconds(self.bot.pid)

    def _log(self) -> list[tuple[str, float, float]]:
        lines = (self.folder / "api.log").read_text().splitlines()[:-1]  # the last may be half written
        return [(kind, float(at), float(seconds)) for kind, at, seconds in map(str.split, lines)]


@contextlib.contextmanager
def running(folder: Path, *arguments: str, rate: float = 0) -> Iterator[Running]:
    """A bot on the database in `folder`, with its own `rate` (0: no limit); the arguments are for the fake API."""
    fake = [sys.executable, str(ROOT / "bench" / "fake_api.py"), "--max-time", "3600", "--announced", TEXT]
    api = subprocess.Popen([*fake, "--log", f"{folder}/api.log", *arguments], stdout=subprocess.PIPE, text=True)
    bot = None
    try:
        env = environment(event(api, "ready")["port"], folder, "") | {"TELEGRAM_RATE": str(rate)}
        bot = subprocess.Popen([*OURS, "run"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        event(api, "first_poll")
        yield Running(folder, env, bot, api)
    finally:
        if bot is not None:
            bot.send_signal(signal.SIGTERM)
            bot.wait(15)
        api.terminate()
        api.wait(5)


def seed(folder: Path, members: int, units: int = 1) -> None:
    """Invented members in a new database."""
    command(environment(1, folder, ""), "seed", "--members", str(members), "--units", str(units))


def command(env: dict[str, str], *arguments: str) -> None:
    """Run a command of the bot to its end."""
    subprocess.run([*OURS, *arguments], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What is in a folder's database."""
    with contextlib.closing(connect(folder)) as connection:
        return connection.execute(sql).fetchall()


def connect(folder: Path) -> sqlite3.Connection:
    """Only to read; each statement sees the newest commit."""
    return sqlite3.connect(f"file:{folder}/bench.db?mode=ro", uri=True, timeout=10)


def wait_for(folder: Path, sql: str, wanted: Any, seconds: float) -> float:
    """Wait until the one value is there; returns when (monotonic). TimeoutError after `seconds`."""
    until = time.monotonic() + seconds
    with contextlib.closing(connect(folder)) as connection:  # one for all looks: opening it costs the machine more
        while connection.execute(sql).fetchall() != [(wanted,)]:
            if time.monotonic() > until:
                raise TimeoutError(sql)
            time.sleep(0.01)
    return time.monotonic()


def p50(values: list[float]) -> float:
    """The median in ms."""
    return round(statistics.median(values) * 1000, 1)


def p99(values: list[float]) -> float:
    """The value that one in a hundred is above, in ms."""
    return round(sorted(values)[math.ceil(len(values) * 0.99) - 1] * 1000, 1)


def table(figures: list[tuple[str, str, str]]) -> None:
    """Print what was measured: what, how much, and how much it may be."""
    print("| measured | figure | may be |\n|---|---|---|")  # noqa: T201
    for row in figures:
        print(f"| {' | '.join(row)} |")  # noqa: T201

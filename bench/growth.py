"""What a million members change: their announcement, replies meanwhile, a turn, memory, the next one, stopping.

    python -m bench.growth [--members 1000000] [--reps 3]

One installation with so many members and one with 10,000, real processes, SQLite with synchronous=FULL.
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from bench.compare import event
from bench.running import FOREVER, TEXT, p50, p99, rows, running, seed, table, wait_for
from bot.storage import broadcasts
from bot.storage.database import Transaction

FEW = 10_000
A_UNIT = 1_000
WARM_SECONDS = 3.0
TURNS = 3_000
NEWEST = "SELECT state FROM announcement ORDER BY id DESC LIMIT 1"
LOAD = ("--updates", str(FOREVER), "--expect-sends", str(FOREVER))
Figures = list[tuple[str, str, str]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--sending", type=float, default=40, help="seconds to watch the memory for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-few-") as few, tempfile.TemporaryDirectory(prefix="bench-") as many:
        seed(Path(few), FEW, FEW // A_UNIT)
        seed(Path(many), options.members, options.members // A_UNIT)
        figures = turns(Path(few), Path(many), options.members, options.reps)
        figures += queueing(Path(many), options.members)
        figures += memory(Path(many), options.sending)
        figures += behind(Path(many))
        figures += stopping(Path(many))
    table(figures)


def turns(few: Path, many: Path, members: int, reps: int) -> Figures:
    """The processor's time for a turn and its reply, with chats from all over the members."""
    used: dict[Path, list[float]] = {few: [], many: []}
    for _ in range(reps):
        for folder, count in ((few, FEW), (many, members)):
            spread = ("--chats", str(TURNS), "--stride", str(count // TURNS))
            with running(folder, "--updates", str(TURNS), *spread) as bot:
                before = bot.cpu()
                event(bot.api, "summary")
                used[folder].append((bot.cpu() - before) / TURNS * 1000)
    ratio = statistics.median(used[many]) / statistics.median(used[few])
    return [(f"a turn at {members:,} members ÷ one at {FEW:,}", f"{ratio:.2f}", "1.5")]


def queueing(folder: Path, members: int) -> Figures:
    """A broadcast to everyone, from its first recipient to the last; 30 members a second write, 30 get it."""
    with running(folder, *LOAD, "--arrival", "30", rate=60) as bot:
        time.sleep(WARM_SECONDS)
        bot.command("broadcast", "--to", "all", "--text", TEXT, "--yes")
        began = wait_for(folder, "SELECT cursor > 0 FROM announcement ORDER BY id DESC LIMIT 1", 1, 60)
        ended = wait_for(folder, NEWEST, "sending", 120)
        time.sleep(5)
        during, after = bot.replies(began - 0.2, ended), bot.replies(ended, ended + 4)
    queued = rows(folder, "SELECT COUNT(*) FROM outbox WHERE queue > 0")[0][0]
    return [
        (f"recipients queued, of {members:,}", f"{queued:,}", "-"),
        ("seconds to queue them", f"{ended - began:.1f}", "5"),
        ("replies meanwhile: number, p50, p99 ms", f"{len(during)}, {p50(during)}, {p99(during)}", "p99 100"),
        ("replies while it goes out: number, p50, p99 ms", f"{len(after)}, {p50(after)}, {p99(after)}", "p99 100"),
    ]


def memory(folder: Path, seconds: float) -> Figures:
    """The same broadcast without a limit for so many seconds."""
    with running(folder, *LOAD, "--arrival", "1") as bot:
        time.sleep(WARM_SECONDS)
        held = [bot.memory()]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.5)
            held.append(bot.memory())
        sent = len(bot.pushes())
    middle = (max(held) + min(held)) / 2
    return [(f"memory over {sent:,} messages, MB", f"{middle:.0f} ± {max(held) - middle:.1f}", "± 10")]


def pause(folder: Path) -> None:
    """As an officer pauses an announcement."""
    with sqlite3.connect(folder / "bench.db", timeout=10) as connection:
        connection.execute("UPDATE announcement SET state = 'paused'")


def press(folder: Path, state: str, *, count: bool) -> None:
    """What a press writes in one transaction: the state, and with `count` how many were reached, as *Dừng tất cả*."""
    with sqlite3.connect(folder / "bench.db", timeout=10) as connection:
        connection.execute("BEGIN IMMEDIATE")
        (id,) = connection.execute("SELECT MIN(id) FROM announcement").fetchone()
        connection.execute("UPDATE announcement SET state = ? WHERE id = ?", (state, id))
        if count:
            broadcasts.reached(Transaction(connection), f"announcement:{id}")


def stopping(folder: Path) -> Figures:
    """Pause and stop what is left of it while it goes out without a limit: until when messages still arrive."""
    figures = []
    for name, state in (("pause", "paused"), ("stop everything", "stopping")):
        with running(folder, *LOAD, "--arrival", "1") as bot:
            press(folder, "sending", count=False)
            time.sleep(WARM_SECONDS)
            pressed = time.monotonic()
            press(folder, state, count=True)
            time.sleep(3)
            figures.append((f"{name}, s until the last message", f"{max(bot.pushes()) - pressed:.2f}", "2"))
            if state == "stopping":
                ended = wait_for(folder, "SELECT state FROM announcement ORDER BY id LIMIT 1", "stopped", 300)
                figures.append(("s until the list of the stopped one is written", f"{ended - pressed:.0f}", "-"))
    return figures


def behind(folder: Path) -> Figures:
    """An announcement to one unit behind what is left of the broadcast, which goes out too, or pauses."""
    figures = []
    for paused in (False, True):
        with running(folder, *LOAD, "--arrival", "20") as bot:
            if paused:
                pause(folder)
            time.sleep(WARM_SECONDS)
            bot.command("broadcast", "--to", "TAI1", "--text", TEXT, "--yes")
            began = time.monotonic()
            ended = wait_for(folder, NEWEST, "done", 120)
            replies = bot.replies(began, ended - 0.2)
        beside = "a paused" if paused else "a running"
        figures.append((f"{A_UNIT:,} more beside {beside} broadcast, s", f"{ended - began:.1f}", "-"))
        figures.append(("replies meanwhile: number, p99 ms", f"{len(replies)}, {p99(replies)}", "p99 100"))
    return figures


if __name__ == "__main__":
    main()

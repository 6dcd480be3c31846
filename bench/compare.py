"""Ratios of this bot over stock python-telegram-bot, in one run on one machine.

    python bench/compare.py poll [--reps 5]     5,000 texts queued at once from 500 chats
    python bench/compare.py open                150 texts a second: latency
    python bench/compare.py latency             50 ms before each answer of the API
    python bench/compare.py broadcast           3,000 recipients, no limit (this bot alone)
    python bench/compare.py limited             a broadcast under 30 sends a second (this bot alone)

The contestants take turns, so that the machine's noise hits both. Absolute numbers mean little; quote the ratios.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "123456789:" + "b" * 35  # of a bot that does not exist
TICKS = os.sysconf("SC_CLK_TCK")
SCENARIOS = {
    "poll": ["--updates", "5000"],
    "open": ["--updates", "1500", "--arrival", "150"],
    "latency": ["--updates", "600", "--latency", "50"],
    "broadcast": ["--expect-sends", "3000"],
    "limited": ["--expect-sends", "600", "--rate", "30", "--latency", "20"],
}
MEMBERS = {"broadcast": 3000, "limited": 600}


def environment(port: int, directory: Path, scenario: str) -> dict[str, str]:
    """What the contestants read."""
    return {
        **os.environ,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_RATE": "30" if scenario == "limited" else "0",
        "TELEGRAM_CHAT_RATE": "0",
        "DATABASE_URL": f"sqlite:///{directory}/bench.db",
        "DATA_DIR": str(directory),
        "HTTP_PORT": str(free_port()),
        "LOG_LEVEL": "warning",
    }


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int, name: str) -> float:
    """VmRSS or VmHWM in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


def event(process: "subprocess.Popen[str]", name: str) -> dict[str, Any]:
    """The next JSON line of this name; raises RuntimeError when the API ends first."""
    assert process.stdout is not None
    for line in process.stdout:
        found: dict[str, Any] = json.loads(line)
        if found["event"] == name:
            return found
    raise RuntimeError(f"the fake API ended before {name}")


def once(name: str, scenario: str) -> dict[str, Any]:
    """One run of one contestant."""
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    api = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "fake_api.py"), *SCENARIOS[scenario]], stdout=subprocess.PIPE, text=True
    )
    bot = None
    try:
        port = event(api, "ready")["port"]
        env = environment(port, directory, scenario)
        ours = [sys.executable, "-m", "bot"]
        if name == "ours":
            members = str(MEMBERS.get(scenario, 500))
            subprocess.run(
                [*ours, "seed", "--members", members], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
        command = (
            [*ours, "run"]
            if name == "ours"
            else [sys.executable, str(ROOT / "bench" / "stock_ptb.py"), f"{directory}/ptb.db"]
        )
        began = time.monotonic()
        bot = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        started = event(api, "first_poll")["at"] - began
        time.sleep(0.6)
        idle, before = memory_mb(bot.pid, "VmRSS"), cpu_seconds(bot.pid)
        if scenario in MEMBERS:
            send = [*ours, "broadcast", "--to", "all", "--text", "Xin chào", "--yes"]
            subprocess.run(send, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        figures = event(api, "summary")
        used = cpu_seconds(bot.pid) - before
        return {
            **figures,
            "start_s": round(started, 2),
            "cpu_ms": round(used * 1000 / max(1, figures["sends"]), 3),
            "idle_mb": round(idle, 1),
            "peak_mb": round(memory_mb(bot.pid, "VmHWM"), 1),
        }
    finally:
        if bot is not None:
            bot.send_signal(signal.SIGTERM)
            bot.wait(15)
        api.terminate()
        api.wait(5)
        shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    """Run, then print a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--reps", type=int, default=5)
    options = parser.parse_args()
    names = ["ours"] if options.scenario in MEMBERS else ["ours", "stock_ptb"]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(options.reps):
        for name in names:
            runs[name].append(once(name, options.scenario))
    columns = [
        "per_second",
        "cpu_ms",
        "p50_ms",
        "p99_ms",
        "start_s",
        "idle_mb",
        "peak_mb",
        "too_many_requests",
        "out_of_order",
    ]
    medians = {name: {c: _median(found, c) for c in columns} for name, found in runs.items()}
    print("| bot | × stock | " + " | ".join(columns) + " | finished |")  # noqa: T201
    print("|" + "---|" * (len(columns) + 3))  # noqa: T201
    base = medians[names[-1]]["per_second"]
    for name, figures in medians.items():
        finished = sum(run["finished"] for run in runs[name])
        ratio = f"{(figures['per_second'] or 0) / base:.2f}" if base and len(names) > 1 else "-"
        cells = " | ".join("-" if figures[c] is None else f"{figures[c]}" for c in columns)
        print(f"| {name} | {ratio} | {cells} | {finished}/{len(runs[name])} |")  # noqa: T201


def _median(found: list[dict[str, Any]], column: str) -> float | None:
    values = [run[column] for run in found if run[column] is not None]
    return round(statistics.median(values), 2) if values else None


if __name__ == "__main__":
    main()

"""How long a reply takes while a broadcast uses all there is, against the same without one, in one run.

    python -m bench.saturation [--members 20000] [--latency 50] [--arrival 30] [--rate 0]

Members write all the time. First nothing else happens; then a broadcast goes out as fast as it can, or at `--rate`.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.running import FOREVER, TEXT, p50, p99, running, seed, table, wait_for

WARM_SECONDS = 3.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--latency", type=float, default=50, help="milliseconds before each answer")
    parser.add_argument("--arrival", type=float, default=30, help="updates a second")
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--quiet", type=float, default=15, help="seconds without a broadcast")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        seed(folder, options.members)
        load = ("--updates", str(FOREVER), "--arrival", str(options.arrival), "--latency", str(options.latency))
        with running(folder, *load, "--expect-sends", str(FOREVER), rate=options.rate) as bot:
            time.sleep(WARM_SECONDS)
            quiet_from = time.monotonic()
            time.sleep(options.quiet)
            quiet_to = time.monotonic()
            bot.command("broadcast", "--to", "all", "--text", TEXT, "--yes")
            wait_for(folder, "SELECT state FROM announcement", "done", 600)
            time.sleep(0.5)
            pushes = bot.pushes()
            alone = bot.replies(quiet_from, quiet_to)
            beside = bot.replies(pushes[0], pushes[-1])
    per_second = len(pushes) / (pushes[-1] - pushes[0])
    table(
        [
            ("broadcast, messages", f"{len(pushes)}", f"{options.members}"),
            ("broadcast, messages a second", f"{per_second:.0f}", "-"),
            ("replies alone: number, p50, p99 ms", f"{len(alone)}, {p50(alone)}, {p99(alone)}", "-"),
            ("replies beside it: number, p50, p99 ms", f"{len(beside)}, {p50(beside)}, {p99(beside)}", "-"),
            ("p99 beside it less p99 alone, ms", f"{p99(beside) - p99(alone):.1f}", "50"),
        ]
    )


if __name__ == "__main__":
    main()

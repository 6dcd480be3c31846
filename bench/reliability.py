"""Broadcasts whose sender is killed with kill -9 again and again; what the list and the platform say in the end.

    python -m bench.reliability                                              20,000 recipients, 50 kills, no limit
    python -m bench.reliability --members 2000 --kills 10 --rate 30          30 a second, 50 ms round trip

The fake Bot API lives in this process, answers 429 above `--rate` and counts who got what.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench.running import table
from tests.support.fake_bot_api import FakeBotApi
from tests.support.killing import Ending, broadcast_with_kills
from tests.support.process import Bot


async def run(members: int, kills: int, rate: float, latency: float, seed: int) -> tuple[Ending, int]:
    """One broadcast; how it ended, and how often the platform said 429."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with FakeBotApi(round_trip=latency / 1000, rate=rate) as api:
            bot = Bot(Path(folder), api, TELEGRAM_RATE=str(rate))
            try:
                ending = await broadcast_with_kills(bot, api, members, kills, seed)
            finally:
                await bot.end()
            return ending, sum(call.status == 429 for call in api.calls)


def main() -> None:
    """Run, print, and fail when anybody was missed, got it twice, or stands wrongly on the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--latency", type=float, default=50, help="milliseconds of a round trip")
    parser.add_argument("--seed", type=int, default=2025)
    options = parser.parse_args()
    ending, refused = asyncio.run(run(options.members, options.kills, options.rate, options.latency, options.seed))
    table(
        [
            ("recipients on the list", f"{len(ending.outcomes)}", f"{options.members}"),
            ("kills", f"{len(ending.in_flight)}", f"{options.kills}"),
            ("missed without being listed", f"{len(ending.missed)}", "0"),
            ("got it twice", f"{len(ending.twice)}", "0"),
            ("got it, and the list says otherwise", f"{len(ending.unlisted)}", "0"),
            ("listed as uncertain", f"{ending.uncertain}", "-"),
            ("of those, got it", f"{ending.uncertain - ending.uncertain_without}", "-"),
            ("on the wire at a kill, most", f"{max(ending.in_flight)}", "10 at 30/s" if options.rate else "128"),
            ("answers 429", f"{refused}", "-"),
        ]
    )
    if len(ending.outcomes) != options.members or ending.missed or ending.twice or ending.unlisted:
        sys.exit(1)


if __name__ == "__main__":
    main()

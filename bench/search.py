"""Search over the whole pack: making the index, finding, and a member's line until its answer is with the platform.

`python -m bench.search [PACK]` prints ms: the index, the slowest searches of each kind, whole turns beside a turn that
shows the menu.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from bench.running import p50, p99, table
from bot.vietnamese import fold
from content.loader import load_pack
from content.models import Pack
from tests.support.house import ROOT, House

REPEATED = 20
TURNS = 200


def queries(pack: Pack) -> dict[str, list[str]]:
    """What people might type: titles and single words, with their accents and without, slips, and what is nowhere."""
    titles = [card.title for card in pack.cards]
    words = sorted({word for title in titles for word in title.split() if len(word) > 3})
    return {
        "titles": titles,
        "titles without accents": [fold(title) for title in titles],
        "one word": words,
        "one word without accents": [fold(word) for word in words],
        "a letter left out": [fold(word)[:2] + fold(word)[3:] for word in words],
        "nowhere": [f"{fold(word)} zzqxw" for word in words],
    }


def without_index(pack: Pack) -> Pack:
    """The pack as it was read, before anything is made of it."""
    copied = pack.model_copy()
    copied.__dict__.pop("index")
    return copied


def timed(function: Callable[[], Any]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


async def turns(lines: Iterable[str]) -> list[float]:
    """Seconds of whole turns: from a line's arrival to its answer at the platform, all of it committed."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        await house.open()
        await house.plant_units()
        phone = house.phone("1")
        await phone.joins()
        for line in lines:
            house.clock.forward(seconds=60)
            await phone.says("/menu")
            seconds.append(await _timed(phone.says(line)))
        await house.close()
    return seconds


async def _timed(call: Awaitable[str]) -> float:
    began = time.perf_counter()
    await call
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    pack = load_pack(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "content" / "packs" / "2025")
    pack.index.find("zzqxw")  # loads what looks for slips
    makes = [timed(lambda: without_index(pack).index) for _ in range(REPEATED)]
    figures = [_figure(f"an index of {len(pack.cards)} cards, {len(pack.questions)} questions and the rest", makes, "")]
    typed = queries(pack)
    for name, lines in typed.items():
        found = [timed(lambda line=line: pack.index.find(line)) for line in lines]  # type: ignore[misc]
        figures.append(_figure(name, found, "50 ms"))
    every = [f"tìm {line}"[:79] for lines in typed.values() for line in lines]
    some = every[:: max(1, len(every) // TURNS)]
    figures.append(_figure("a turn that searches", asyncio.run(turns(some)), ""))
    figures.append(_figure("a turn that shows the menu", asyncio.run(turns(["menu"] * len(some))), ""))
    table(figures)


def _figure(name: str, seconds: list[float], may_be: str) -> tuple[str, str, str]:
    most = round(max(seconds) * 1000, 1)
    return name, f"{p50(seconds)} · {p99(seconds)} · {most} ms (p50 · p99 · most)", may_be


if __name__ == "__main__":
    main()

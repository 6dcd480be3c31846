"""Processes of ours on a Place: started, watched, stopped."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.settings import SHIPPED_FEDERATION
from tests.cli.conftest import Place
from tests.content.conftest import write_small_pack

READY = "✔"


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def with_a_contact(place: Place) -> None:
    """The federation's sample with a person's name and number filled in."""
    place.database.parent.mkdir()
    sample = SHIPPED_FEDERATION.read_text("utf-8")
    filled = sample.replace("(điền tên)", "Nguyễn Văn Mẫu").replace("(điền số điện thoại)", "0912 000 001")
    (place.database.parent / "federation.yaml").write_text(filled, "utf-8")


def with_a_pack_of(place: Place, year: int) -> None:
    """A small pack of this year."""
    pack = place.folder / "packs" / str(year)
    write_small_pack(pack)
    header = (pack / "pack.yaml").read_text("utf-8")
    (pack / "pack.yaml").write_text(header.replace("year: 2025", f"year: {year}"), "utf-8")
    place.variables["CONTENT_PACK"] = str(pack)


@asynccontextmanager
async def started(place: Place, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of ours, ready to work; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *place.command(*arguments),
        cwd=place.folder,
        env=place.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await until(process, READY)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(process: asyncio.subprocess.Process, mark: str) -> str:
    """What the process prints up to the line that holds `mark`."""
    assert process.stdout is not None
    shown = ""
    while mark not in shown:
        line = await process.stdout.readline()
        assert line, shown
        shown += line.decode()
    return shown


async def ends(place: Place, *arguments: str) -> tuple[int, str]:
    """Run a command to its end: (status, all it printed)."""
    process = await asyncio.create_subprocess_exec(
        *place.command(*arguments),
        cwd=place.folder,
        env=place.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    shown, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, shown.decode()


async def one_sentence(place: Place, *arguments: str) -> str:
    """A command that must fail with one sentence."""
    status, shown = await ends(place, *arguments)
    assert status == 1, shown
    assert shown.startswith("✘ ")
    assert "Traceback" not in shown
    assert len(shown.strip().splitlines()) == 1, shown
    return shown


async def stop(process: asyncio.subprocess.Process) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    shown, _ = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode is not None
    return process.returncode, shown.decode()


async def patiently(http: aiohttp.ClientSession, url: str) -> aiohttp.ClientResponse:
    """Ask again while nobody listens: the pages come up after the first poll."""
    while True:
        try:
            return await http.get(url)
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)

"""`preview` as a process: what it says, how it stops, what stops it."""

import socket
import time

import aiohttp
import pytest

from bot.preview import HOST
from tests.cli.conftest import Place, put
from tests.cli.processes import free_port, one_sentence, patiently, started, stop

pytestmark = [pytest.mark.process, pytest.mark.timeout(60)]
FIRST_PAGE_SECONDS = 10
"""Two on an idle machine; tests share theirs."""


async def test_it_shows_the_shipped_pack_soon_and_leaves_nothing_behind(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    put(monkeypatch, place, {"TMPDIR": str(place.folder)})
    begun = time.monotonic()
    async with started(place, "preview", "--port", str(port)) as process, aiohttp.ClientSession() as http:
        async with await patiently(http, f"http://{HOST}:{port}/") as answer:
            assert answer.status == 200
            assert "Chuyên đề năm 2025 nói về điều gì" in await answer.text()
        assert time.monotonic() - begun < FIRST_PAGE_SECONDS
        assert await stop(process) == (0, "")
    assert list(place.folder.iterdir()) == []


async def test_a_port_in_use_and_a_pack_that_is_not_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"✘ Không mở được cổng {HOST}:{port}" in await one_sentence(place, "preview", "--port", port)
    put(monkeypatch, place, {"CONTENT_PACK": "nowhere"})
    assert "✘ Không có gói nội dung ở" in await one_sentence(place, "preview")

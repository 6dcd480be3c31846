"""The transport: what was not written, what was, and never twice; the token shows nowhere."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from structlog.testing import capture_logs
from telegram.error import TelegramError

from bot.channels import http
from bot.channels.contract import ChannelUnusable, Delivery, Operation, OutcomeKind
from bot.channels.telegram import TelegramChannel, transport
from bot.channels.telegram.api import Api
from bot.channels.telegram.transport import NotWritten, Throttled, Transport, WrittenNoAnswer
from bot.domain.messages import Outbound
from tests.support.fake_bot_api import FakeBotApi, Fault

MESSAGE = {"chat_id": 5, "text": "Xin chào"}


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


@asynccontextmanager
async def client(url: str, token: str, connections: int = 10, answer_seconds: float = 20) -> AsyncIterator[Api]:
    async with Transport(connections, answer_seconds) as opened:
        yield Api(opened, url, token)


def closed_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


async def test_a_refused_connection_was_not_written() -> None:
    async with client(closed_address(), "1:secret") as bot:
        with pytest.raises(NotWritten):
            await bot.call("sendMessage", MESSAGE)


async def test_a_failed_tls_handshake_was_not_written(api: FakeBotApi) -> None:
    async with client(api.url.replace("http:", "https:"), api.token) as bot:
        with pytest.raises(NotWritten):
            await bot.call("sendMessage", MESSAGE)


async def test_a_failed_name_lookup_was_not_written() -> None:
    async with client("http://telegram.invalid", "1:secret") as bot:
        with pytest.raises(NotWritten):
            await bot.call("sendMessage", MESSAGE)


async def test_a_connection_that_is_not_taken_up_was_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.2)
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for early in (first, second):  # they fill the queue of a listener that accepts nobody
            early.setblocking(False)
            early.connect_ex(deaf.getsockname())
        async with client(f"http://127.0.0.1:{deaf.getsockname()[1]}", "1:secret", answer_seconds=60) as bot:
            with pytest.raises(NotWritten):
                await bot.call("sendMessage", MESSAGE)


async def test_an_address_that_is_none_was_not_written() -> None:
    async with client("ftp://telegram.invalid", "1:secret") as bot:
        with pytest.raises(NotWritten):
            await bot.call("sendMessage", MESSAGE)


async def test_a_closed_transport_writes_nothing(api: FakeBotApi) -> None:
    async with client(api.url, api.token) as bot:
        pass
    with pytest.raises(NotWritten):
        await bot.call("sendMessage", MESSAGE)


async def test_waiting_for_a_free_connection_in_vain_was_not_written(
    api: FakeBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.05)
    async with client(api.url, api.token, connections=1) as bot:
        api.fail_next("sendMessage", Fault.SLOW, seconds=60)
        slow = asyncio.create_task(bot.call("sendMessage", MESSAGE))
        await api.wait_until(lambda: api.sent(5))
        with pytest.raises(NotWritten):
            await bot.call("sendMessage", MESSAGE)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
    assert len(api.sent(5)) == 1


async def test_no_answer_in_time_may_have_been_carried_out(api: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.2)
    async with client(api.url, api.token, answer_seconds=0.1) as bot:
        api.fail_next("sendMessage", Fault.SLOW, seconds=60)
        with pytest.raises(WrittenNoAnswer):
            await bot.call("sendMessage", MESSAGE)
    assert len(api.sent(5)) == 1


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SWALLOW])
async def test_a_post_on_a_dying_kept_alive_connection_is_not_repeated(api: FakeBotApi, fault: Fault) -> None:
    async with client(api.url, api.token, connections=1) as bot:
        await bot.call("sendMessage", MESSAGE)
        api.fail_next("sendMessage", fault)
        with pytest.raises(WrittenNoAnswer):
            await bot.call("sendMessage", MESSAGE)
        assert len(api.called("sendMessage")) == 2


async def test_a_redirect_is_not_followed() -> None:
    hits: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with serving(redirect) as url, client(url, "1:secret") as bot:
        with pytest.raises(WrittenNoAnswer):
            await bot.call("sendMessage", MESSAGE)
    assert hits == ["/bot1:secret/sendMessage"]


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("body", ["<html>busy</html>", '{"ok":false}', '{"parameters":{"retry_after":"x"}}'])
async def test_a_429_without_a_number_still_throttles(body: str) -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=429, text=body)

    async with serving(busy) as url, client(url, "1:secret") as bot:
        with pytest.raises(Throttled) as raised:
            await bot.call("sendMessage", MESSAGE)
    assert raised.value.seconds == transport.DEFAULT_RETRY_SECONDS


@pytest.mark.parametrize("body", ["[]", "null", "", "{", '"text"'])
async def test_an_answer_that_is_no_envelope_is_an_error(body: str) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(text=body)

    async with serving(odd) as url, client(url, "1:secret") as bot:
        with pytest.raises(TelegramError, match="Invalid server response"):
            await bot.call("sendMessage", MESSAGE)


@pytest.fixture
def wiretap(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything the standard loggers have written at any level so far."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join([*caplog.messages, caplog.text])


FAULTS: list[tuple[str, dict[str, Any]]] = [
    *((fault, {}) for fault in Fault if fault not in (Fault.SLOW, Fault.REFUSE)),
    *(
        (Fault.REFUSE, {"status": status, "description": f"{status} refused"})
        for status in (400, 401, 403, 404, 409, 500)
    ),
]


@pytest.mark.parametrize(("fault", "details"), FAULTS)
async def test_no_failure_shows_the_token(
    fault: Fault,
    details: dict[str, Any],
    api: FakeBotApi,
    wiretap: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.telegram.channel._OPEN_PAUSES", (0.0,))
    secret = api.token.split(":")[1]
    channel = TelegramChannel(api.token, api.url, "polling")
    with capture_logs() as logs:
        await channel.open()
        api.fail_next("*", fault, **details)
        outcome = await channel.deliver(Delivery(1, "5", Operation.SEND, Outbound("x")))
        api.fail_next("*", fault, times=9, **details)
        async with client(api.url, api.token) as bot:
            with pytest.raises(TelegramError) as raised:
                await bot.call("sendMessage", MESSAGE)
        with pytest.raises(ChannelUnusable) as unusable:
            await channel.open()
        await channel.set_commands([("menu", "Menu")])
        await channel.fetch("file", 10)
        await channel.close()
    errors = [traceback.format_exception(error.value) for error in (raised, unusable)]
    shown = [outcome, logs, errors, repr(raised.value), repr(channel), repr(bot), wiretap()]
    assert secret not in repr(shown)


async def test_no_failure_to_connect_shows_the_token(wiretap: Callable[[], str]) -> None:
    for url in (closed_address(), "ftp://127.0.0.1"):
        async with client(url, "1:secret") as bot:
            with pytest.raises(NotWritten) as raised:
                await bot.call("sendMessage", MESSAGE)
        assert raised.value.__context__ is None
        assert "secret" not in "".join(traceback.format_exception(raised.value)) + wiretap()


async def test_a_channel_that_cannot_open_does_not_show_the_token(
    api: FakeBotApi, wiretap: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.channel._OPEN_PAUSES", (0.0,))
    for url in (api.url, closed_address()):
        channel = TelegramChannel("1:secret", url, "polling")
        with capture_logs() as logs, pytest.raises(ChannelUnusable) as raised:
            await channel.open()
        await channel.close()
        assert "secret" not in repr(logs) + "".join(traceback.format_exception(raised.value)) + wiretap()
        assert ("TELEGRAM_BOT_TOKEN" if url == api.url else "TELEGRAM_API_URL") in str(raised.value)


async def test_proxies_of_the_environment_are_not_used(api: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_address())
    channel = TelegramChannel(api.token, api.url, "polling")
    await channel.open()
    outcome = await channel.deliver(Delivery(1, "5", Operation.SEND, Outbound("x")))
    await channel.close()
    assert outcome.kind is OutcomeKind.SENT

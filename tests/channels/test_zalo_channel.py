"""The channel as a whole: the start, what is fetched, webhooks; the token shows nowhere."""

import asyncio
import io
import json
import logging
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from structlog.testing import capture_logs

from bot.channels import http
from bot.channels.contract import (
    Channel,
    ChannelUnusable,
    Delivery,
    Operation,
    Quota,
    Refusal,
    TokenRefused,
)
from bot.channels.zalo_bot import Quirks, ZaloBotChannel
from bot.channels.zalo_bot.api import Api
from bot.channels.zalo_bot.files import judge
from bot.domain.messages import Inbound, InboundKind, Outbound
from bot.web.webhooks import WebhookChannel
from tests.support.fake_zalo import TOKEN, FakeZalo, Fault

CHAT = "6ede9afa66b88fe6d6a9"
MB = 1024 * 1024
HELLO = Delivery(1, CHAT, Operation.SEND, Outbound("<b>Xin chào</b>"))


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as api:
        yield api


@pytest_asyncio.fixture
async def channel(api: FakeZalo) -> AsyncIterator[ZaloBotChannel]:
    channel = ZaloBotChannel(api.token, f"{api.url}/", "polling")
    await channel.open()
    yield channel
    await channel.close()


def test_it_is_a_channel_that_knows_its_account_before_it_is_open() -> None:
    channel: Channel = ZaloBotChannel("1459:x", "https://zalo.invalid", "polling", link="https://zalo.me/s/bot")
    assert (channel.name, channel.account, channel.link) == ("zalo_bot", "1459", "https://zalo.me/s/bot")
    assert isinstance(channel, WebhookChannel)
    can = channel.capabilities
    assert (can.max_text, can.buttons, can.edits, can.quota) == (1800, False, False, Quota(50, 3000, True))


def test_what_was_learned_of_the_platform_changes_what_it_can_do() -> None:
    learned = Quirks(max_text=1000, quota_users=500, quota_messages=0, quota_counts_received=False)
    can = ZaloBotChannel("1:x", "https://zalo.invalid", "polling", quirks=learned).capabilities
    assert (can.max_text, can.quota) == (1000, Quota(500, 0, False))


async def test_typing_is_shown_without_a_message_and_never_raises(api: FakeZalo, channel: ZaloBotChannel) -> None:
    api.methods.quota, api.methods.counts_received = 1, False
    inbound = Inbound("1", CHAT, InboundKind.TEXT)
    await channel.acknowledge(inbound)
    assert (api.methods.typing, api.methods.used) == ([CHAT], 0)
    api.fail_next("sendChatAction", Fault.DROP)
    await channel.acknowledge(inbound)
    api.fail_next("sendChatAction", Fault.REFUSE)
    await channel.acknowledge(inbound)
    assert len(api.called("sendChatAction")) == 3


async def test_what_a_person_sent_can_be_fetched(api: FakeZalo, channel: ZaloBotChannel) -> None:
    event = api.user_sends_image(CHAT, b"x" * 300_000)
    assert await channel.fetch(event["message"]["photo_url"], MB) == b"x" * 300_000


@pytest.mark.parametrize(
    ("status", "size", "refusal"),
    [
        (200, 2 * MB, Refusal.TOO_BIG),
        (200, 40 * MB, Refusal.TOO_BIG),
        (403, 1, Refusal.GONE),
        (404, 1, Refusal.GONE),
        (410, 1, Refusal.GONE),
        (302, 1, Refusal.TRY_LATER),
        (429, 1, Refusal.TRY_LATER),
        (500, 1, Refusal.TRY_LATER),
    ],
)
async def test_what_cannot_be_fetched_says_why(
    status: int, size: int, refusal: Refusal, api: FakeZalo, channel: ZaloBotChannel
) -> None:
    """And the log does, without the address, which may open somebody's picture."""
    event = api.user_sends_image(CHAT, b"x" * size, status=status)
    with capture_logs() as logged:
        assert await channel.fetch(event["message"]["photo_url"], MB) is refusal
    assert logged == [
        {"event": "zalo_file_not_fetched", "status": status, "refused": refusal.value, "log_level": "warning"}
    ]


async def test_a_file_out_of_reach_is_tried_later(api: FakeZalo) -> None:
    event = api.user_sends_image(CHAT)
    closed = ZaloBotChannel(api.token, api.url, "polling")
    assert await closed.fetch(event["message"]["photo_url"], MB) is Refusal.TRY_LATER


OFFICIAL = "https://bot-api.zaloplatforms.com"
HERE = "http://127.0.0.1:8081"
ADDRESSES = [
    ("https://8.8.8.8/a.jpg", OFFICIAL, None),
    ("https://8.8.8.8/a.jpg", HERE, None),
    ("http://127.0.0.1:8081/file/a.jpg", HERE, None),
    ("http://8.8.8.8/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://127.0.0.1/a.jpg", OFFICIAL, Refusal.GONE),
    ("http://127.0.0.1:8082/a.jpg", HERE, Refusal.GONE),
    ("https://localhost/a.jpg", HERE, Refusal.GONE),
    ("https://10.0.0.5/a.jpg", OFFICIAL, Refusal.GONE),
    ("http://10.0.0.5/a.jpg", "http://10.0.0.5", Refusal.GONE),
    ("https://169.254.169.254/latest/meta-data", OFFICIAL, Refusal.GONE),
    ("https://[::1]/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[::ffff:10.0.0.5]/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[64:ff9b::a9fe:a9fe]/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[2002:7f00:1::]/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[::127.0.0.1]/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[fec0::1]/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[2606:4700::1111]/a.jpg", OFFICIAL, None),
    ("https://0x7f.1/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://224.0.0.1/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://8.8.8.8:99999/a.jpg", OFFICIAL, Refusal.GONE),
    ("https://[8/a.jpg", OFFICIAL, Refusal.GONE),
    ("https:///a.jpg", OFFICIAL, Refusal.GONE),
    ("file:///etc/passwd", HERE, Refusal.GONE),
    ("", HERE, Refusal.GONE),
    ("https://name.invalid/a.jpg", OFFICIAL, Refusal.TRY_LATER),
]


@pytest.mark.parametrize(("url", "api_url", "refusal"), ADDRESSES)
async def test_our_own_network_is_never_asked(url: str, api_url: str, refusal: Refusal | None) -> None:
    assert await judge(url, api_url) is refusal


async def test_a_command_menu_has_no_place(api: FakeZalo, channel: ZaloBotChannel) -> None:
    await channel.set_commands([("menu", "Mở menu")])
    assert [call.method for call in api.calls] == ["getMe"]


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
async def test_webhook_mode_is_pushed_to(shape: Any, api: FakeZalo) -> None:
    taken: list[tuple[str | None, Inbound | None]] = []

    async def hook(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Bot-Api-Secret-Token")
        taken.append((secret, pushed.parse_webhook(await request.read())))
        return web.Response(status=500 if len(taken) == 2 else 200)

    app = web.Application()
    app.router.add_post("/zalo/path", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/zalo/path"
    api.updates.shape = shape
    pushed = ZaloBotChannel(api.token, api.url, "webhook", webhook_url=url, webhook_secret="s3cret-s3cret")
    api.user_says(CHAT, "đến trước")
    await pushed.open()
    with capture_logs() as logs:
        await pushed.receive(never)
    await api.wait_until(lambda: not api.updates.pending)
    await pushed.close()
    await runner.cleanup()
    assert taken[0] == (None, None), "the probe"
    assert [(secret, inbound and inbound.text) for secret, inbound in taken[1:]] == [("s3cret-s3cret", "đến trước")] * 2
    assert not logs


async def never(_: object) -> None:
    raise AssertionError("nothing is taken in webhook mode")


async def test_a_webhook_that_zalo_cannot_reach_is_told_and_kept(api: FakeZalo) -> None:
    channel = ZaloBotChannel(
        api.token, api.url, "webhook", webhook_url="https://127.0.0.2:1/x", webhook_secret="s3cret-s3cret"
    )
    await channel.open()
    api.fail_next("setWebhook", Fault.REFUSE, code=502)
    with capture_logs() as logs:
        await channel.receive(never)
    await channel.close()
    assert [log["event"] for log in logs] == ["zalo_call_failed", "zalo_webhook_not_verified"]
    assert logs[1]["outcome"] == "webhook.err.unreachable"


@pytest.mark.parametrize("secret", ["short", "x" * 257])
async def test_a_refused_webhook_stops_the_channel(secret: str, api: FakeZalo) -> None:
    channel = ZaloBotChannel(api.token, api.url, "webhook", webhook_url="https://x.vn/x", webhook_secret=secret)
    await channel.open()
    with pytest.raises(ChannelUnusable, match="PUBLIC_URL and ZALO_WEBHOOK_SECRET"):
        await channel.receive(never)
    await channel.close()


async def test_a_wrong_token_stops_the_start(api: FakeZalo) -> None:
    channel = ZaloBotChannel("1:wrong", api.url, "polling")
    with pytest.raises(TokenRefused, match="ZALO_BOT_TOKEN"):
        await channel.open()
    await channel.close()


async def test_a_network_that_is_late_does_not_stop_the_start(api: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.zalo_bot.channel._OPEN_PAUSES", (0.0, 0.0))
    channel = ZaloBotChannel(api.token, api.url, "polling")
    api.fail_next("getMe", Fault.REFUSE, code=502)
    api.fail_next("getMe", Fault.DROP)
    await channel.open()
    await channel.close()
    api.fail_next("getMe", Fault.DROP, 3)
    with pytest.raises(ChannelUnusable, match="ZALO_API_URL"):
        await channel.open()
    await channel.close()


async def test_no_answer_in_time_may_have_been_carried_out(api: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.1)
    client = http.HttpClient(1, answer_seconds=0.1)
    client.open()
    api.fail_next("sendMessage", Fault.SLOW, seconds=60)
    with pytest.raises(http.NoAnswer):
        await Api(client, api.url, api.token).call("sendMessage", {"chat_id": CHAT, "text": "x"})
    await client.close()
    assert len(api.messages) == 1


class _Intake:
    def __init__(self, api: FakeZalo) -> None:
        self.api = api
        self.texts: list[str] = []
        self.failed = False

    async def __call__(self, batch: Sequence[Inbound]) -> None:
        if not self.failed:
            self.failed = True
            raise OSError("disk full")
        self.texts += [inbound.text for inbound in batch]
        self.api.changed()


async def test_the_token_shows_nowhere_whatever_goes_wrong(
    api: FakeZalo, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything a run prints, logs at any level, or hands on as an outcome or an exception."""
    monkeypatch.setattr("bot.channels.zalo_bot.channel._OPEN_PAUSES", ())
    monkeypatch.setattr("bot.channels.pauses._LONGEST_SECONDS", 0.01)
    caplog.set_level(logging.DEBUG)
    quirks = Quirks(poll_floor=0, throttle_seconds=0)
    channel = ZaloBotChannel(api.token, api.url, "polling", quirks=quirks, poll_timeout=0.02)
    printed, told = io.StringIO(), [repr(channel), repr(channel._api), repr(channel._patience)]
    echo = f"wrong path /bot{TOKEN}/x"
    faults: list[tuple[Fault, dict[str, Any]]] = [
        (Fault.DROP, {}),
        (Fault.SWALLOW, {}),
        (Fault.ANSWER, {"status": 502, "body": f"<html>{echo}</html>"}),
        (Fault.ANSWER, {"body": f'{{"{echo}'}),
        *((Fault.REFUSE, {"code": code, "description": echo}) for code in (400, 403, 404, 429, 502)),
    ]
    intake = _Intake(api)
    with redirect_stdout(printed), redirect_stderr(printed), capture_logs() as logs:
        for fault, details in faults:
            api.fail_next("getMe", fault, **details)
            try:
                await channel.open()
            except ChannelUnusable as error:
                told += traceback.format_exception(error)
        await channel.open()
        for fault, details in faults:
            for method in ("sendMessage", "sendChatAction", "getUpdates", "deleteWebhook", "setWebhook"):
                api.fail_next(method, fault, **details)
        for _ in faults:
            told.append(repr(await channel.deliver(HELLO)))
            await channel.acknowledge(Inbound("1", CHAT, InboundKind.TEXT))
        task = asyncio.create_task(channel.receive(intake))
        api.user_says(CHAT, "một")
        api.user_says(CHAT, "hai")
        await api.wait_until(lambda: intake.texts[-1:] == ["hai"], 30)
        api.fail_next("getUpdates", Fault.REFUSE, code=401, description=echo)
        try:
            await asyncio.wait_for(task, 5)
        except TokenRefused as error:
            told += traceback.format_exception(error)
        webhook = {"webhook_url": "https://x.vn", "webhook_secret": "s3cret-s3cret"}
        pushed = ZaloBotChannel(api.token, api.url, "webhook", **webhook)
        api.heal()
        await pushed.open()
        api.fail_next("setWebhook", Fault.REFUSE, description=echo)
        try:
            await pushed.receive(never)
        except ChannelUnusable as error:
            told += traceback.format_exception(error)
        await pushed.close()
        await channel.close()
        api_gone = ZaloBotChannel(api.token, "http://127.0.0.1:1", "polling")
        try:
            await api_gone.open()
        except ChannelUnusable as error:
            told += traceback.format_exception(error)
        await api_gone.close()
    everything = "\n".join([*told, printed.getvalue(), caplog.text, json.dumps(logs, default=repr)])
    assert {"zalo_call_failed", "zalo_intake_failed"} <= {log["event"] for log in logs}
    assert "ZALO_BOT_TOKEN" in everything
    assert "PUBLIC_URL" in everything
    assert "ZALO_API_URL" in everything
    assert TOKEN not in everything
    assert TOKEN.split(":")[1] not in everything

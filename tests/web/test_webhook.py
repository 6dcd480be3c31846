"""Webhooks: each platform's own secret path and header, limits, and 200 only for what is stored."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from bot.app import Application, Line, Plan
from bot.channels.telegram.parse import parse_webhook
from bot.domain.messages import Inbound
from bot.site import Site
from bot.storage.database import Transaction
from bot.web.listening import listen
from bot.web.webhooks import webhook_path
from tests.support.clock import ZONE, FakeClock
from tests.support.fake_channel import FakeChannel
from tests.support.house import FEDERATION, PACK
from tests.support.visitor import Visitor

SECRET = "a-webhook-secret-of-32-letters-x"
PATH = webhook_path("telegram", SECRET)


class Hooked(FakeChannel):
    """A fake at the network's edge that reads updates as Telegram's channel does."""

    def parse_webhook(self, body: bytes) -> Inbound | None:
        return parse_webhook(body, "vidu_bot")


class Hook:
    """Telegram's side."""

    def __init__(self, app: Application, channel: Hooked, visitor: Visitor) -> None:
        self.app = app
        self.channel = channel
        self.visitor = visitor

    async def calls(self, body: Any, *, path: str = PATH, secret: str | None = SECRET) -> int:
        headers = {} if secret is None else {"X_Telegram_Bot_Api_Secret_Token": secret}
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        status, _ = await self.visitor.post(path, body=raw, origin=None, **headers)
        return status

    async def sql(self, statement: str) -> None:
        def run(tx: Transaction) -> None:
            tx.run(statement)

        await self.app.db.write(run)


@pytest.fixture
async def hook(tmp_path: Path) -> AsyncIterator[Hook]:
    channel = Hooked()
    lines = [Line(channel, 0, 0)]
    plan = Plan(tmp_path / "bot.db", tmp_path, FakeClock(), FEDERATION, PACK, ZONE, lines, ticking=False)
    app = await Application.open(plan)
    await app.start()
    site = await Site.open(app, listen("127.0.0.1", 0), webhook_secrets={"telegram": SECRET})
    async with aiohttp.ClientSession() as http:
        yield Hook(app, channel, Visitor(http, site.url))
    await site.stop()
    await app.stop()


def update(number: int, words: str = "/start") -> dict[str, Any]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1746060900,
            "chat": {"id": 77, "type": "private"},
            "from": {"id": 77, "is_bot": False, "first_name": "Lan"},
            "text": words,
        },
    }


async def test_an_update_is_stored_then_answered(hook: Hook) -> None:
    assert await hook.calls(update(1)) == 200
    await hook.app.settle()
    [said] = hook.channel.phones["77"]
    assert "Liên đoàn Lao động tỉnh Ví dụ" in said.text


async def test_an_update_brought_twice_counts_once(hook: Hook) -> None:
    for _ in range(3):
        assert await hook.calls(update(1)) == 200
    await hook.app.settle()
    assert len(hook.channel.phones["77"]) == 1


@pytest.mark.parametrize("secret", [None, "", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "bí mật"])
async def test_without_the_secret_nothing_happens(hook: Hook, secret: str | None) -> None:
    assert await hook.calls(update(1), secret=secret) == 403
    await hook.app.settle()
    assert hook.channel.phones == {}


async def test_only_the_secret_path_exists(hook: Hook) -> None:
    for path in (
        "/telegram",
        "/telegram/",
        "/telegram/x",
        PATH + "0",
        PATH[:-1],
        webhook_path("telegram", SECRET + "x"),
    ):
        assert await hook.calls(update(1), path=path) == 404
    assert (await hook.visitor.get(PATH))[0] == 405
    assert SECRET not in PATH


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"update_id":"x"}',
        b'{"update_id":5,"message":{}}',
        b'{"update_id":5,"poll":{}}',
    ],
)
async def test_what_cannot_be_read_is_not_asked_for_again(hook: Hook, body: bytes) -> None:
    assert await hook.calls(body) == 200
    await hook.app.settle()
    assert hook.channel.phones == {}


async def test_a_body_of_two_megabytes_is_refused(hook: Hook) -> None:
    assert await hook.calls(update(1, "a" * 2_000_000)) == 413


async def test_storage_trouble_brings_the_update_again_and_it_counts_once(hook: Hook) -> None:
    await hook.sql("ALTER TABLE inbox RENAME TO hidden")
    assert await hook.calls(update(1)) == 503
    await hook.sql("ALTER TABLE hidden RENAME TO inbox")
    assert await hook.calls(update(1)) == 200
    assert await hook.calls(update(1)) == 200
    await hook.app.settle()
    assert len(hook.channel.phones["77"]) == 1


async def test_there_is_no_web_chat_unless_asked_for(hook: Hook) -> None:
    for path in ("/chat", "/chat/events", "/static/chat.js", "/"):
        assert (await hook.visitor.get(path))[0] == 404

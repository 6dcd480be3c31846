"""Webhooks: each platform's own secret path and header, limits, and 200 only for what is stored."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from bot.app import Application, Line, Plan
from bot.channels.telegram import parse as telegram
from bot.channels.zalo_bot import parse as zalo
from bot.domain.messages import Inbound
from bot.site import Site
from bot.storage.database import Transaction
from bot.web.listening import listen
from bot.web.webhooks import webhook_path
from tests.support.clock import ZONE, FakeClock
from tests.support.fake_channel import FakeChannel
from tests.support.house import FEDERATION, PACK

CHAT = "77"
PROBES: list[dict[str, str]] = [{}, {"User-Agent": "Java/17.0.2"}]


@dataclass(frozen=True)
class Platform:
    """What a platform sends to its webhook: the `write`n body of message number so and so."""

    name: str
    secret: str
    header: str
    parse: Callable[[bytes], Inbound | None]
    write: Callable[[int, str], Any]

    @property
    def path(self) -> str:
        return webhook_path(self.name, self.secret)


def telegram_update(number: int, words: str) -> dict[str, Any]:
    message = {
        "message_id": number,
        "date": 1746060900,
        "chat": {"id": int(CHAT), "type": "private"},
        "from": {"id": int(CHAT), "is_bot": False, "first_name": "Lan"},
        "text": words,
    }
    return {"update_id": number, "message": message}


def zalo_event(number: int, words: str) -> dict[str, Any]:
    message = {
        "date": 1746060900000 + number,
        "chat": {"chat_type": "PRIVATE", "id": CHAT},
        "message_id": f"m{number}",
        "from": {"id": CHAT, "is_bot": False},
        "text": words,
    }
    return {"event_name": "message.text.received", "message": message}


TELEGRAM = Platform(
    "telegram",
    "a-webhook-secret-of-32-letters-x",
    "X-Telegram-Bot-Api-Secret-Token",
    lambda body: telegram.parse_webhook(body, "vidu_bot"),
    telegram_update,
)
ZALO = Platform(
    "zalo_bot", "another-secret!", "X-Bot-Api-Secret-Token", lambda body: zalo.parse_webhook(body), zalo_event
)
WRAPPED = Platform(
    ZALO.name, ZALO.secret, ZALO.header, ZALO.parse, lambda n, words: {"ok": True, "result": zalo_event(n, words)}
)
ALL = pytest.mark.parametrize("at", [TELEGRAM, ZALO, WRAPPED], ids=["telegram", "zalo", "zalo wrapped"])
EACH = pytest.mark.parametrize("at", [TELEGRAM, ZALO], ids=["telegram", "zalo"])


class Hooked(FakeChannel):
    """A fake at the network's edge that reads updates as the platform's own channel does."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.name)
        self.parse_webhook = platform.parse


@dataclass
class Hooks:
    """The platforms' side: both have their webhook here."""

    app: Application
    url: str
    http: aiohttp.ClientSession
    channels: dict[str, Hooked]

    async def calls(self, at: Platform, body: Any, *, path: str = "", secret: str | None = "") -> int:
        """Bring `body`, as JSON or as it is, with the platform's secret, another or none (None)."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers[at.header] = secret or at.secret
        return await self.posts(path or at.path, raw, headers)

    async def posts(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        async with self.http.post(
            self.url + path, data=io.BytesIO(body), headers=headers, skip_auto_headers=["Content-Type"]
        ) as response:
            return response.status

    def answers(self, at: Platform) -> list[str]:
        """What the bot said there."""
        return [shown.text for shown in self.channels[at.name].phones.get(CHAT, [])]

    async def sql(self, statement: str) -> None:
        def run(tx: Transaction) -> None:
            tx.run(statement)

        await self.app.db.write(run)


@pytest.fixture
async def hooks(tmp_path: Path) -> AsyncIterator[Hooks]:
    channels = {platform.name: Hooked(platform) for platform in (TELEGRAM, ZALO)}
    lines = [Line(channel, 0, 0) for channel in channels.values()]
    plan = Plan(tmp_path / "bot.db", tmp_path, FakeClock(), FEDERATION, PACK, ZONE, lines, ticking=False)
    app = await Application.open(plan)
    await app.start()
    secrets = {platform.name: platform.secret for platform in (TELEGRAM, ZALO)}
    site = await Site.open(app, listen("127.0.0.1", 0), webhook_secrets=secrets)
    async with aiohttp.ClientSession() as http:
        yield Hooks(app, site.url, http, channels)
    await site.stop()
    await app.stop()


@ALL
async def test_an_update_is_stored_then_answered_where_it_came_from(hooks: Hooks, at: Platform) -> None:
    assert await hooks.calls(at, at.write(1, "/start")) == 200
    await hooks.app.settle()
    [said] = hooks.answers(at)
    assert "Liên đoàn Lao động tỉnh Ví dụ" in said
    assert hooks.answers(TELEGRAM if at.name == ZALO.name else ZALO) == []


async def test_both_at_once(hooks: Hooks) -> None:
    calls = [hooks.calls(at, at.write(n, "/start")) for n in range(1, 4) for at in (TELEGRAM, ZALO)]
    assert await asyncio.gather(*calls) == [200] * 6
    await hooks.app.settle()
    assert hooks.answers(TELEGRAM)
    assert hooks.answers(ZALO)


@ALL
async def test_an_update_brought_twice_counts_once(hooks: Hooks, at: Platform) -> None:
    for _ in range(3):
        assert await hooks.calls(at, at.write(1, "/start")) == 200
    await hooks.app.settle()
    assert len(hooks.answers(at)) == 1


async def test_bare_and_wrapped_are_one_and_the_same_update(hooks: Hooks) -> None:
    for at in (ZALO, WRAPPED):
        assert await hooks.calls(at, at.write(1, "/start")) == 200
    await hooks.app.settle()
    assert len(hooks.answers(ZALO)) == 1


@EACH
@pytest.mark.parametrize("change", [str.upper, lambda s: s[:-1], lambda s: s + "x", lambda s: "x", lambda s: "bí mật"])
async def test_with_another_secret_nothing_happens(hooks: Hooks, at: Platform, change: Callable[[str], str]) -> None:
    assert await hooks.calls(at, at.write(1, "/start"), secret=change(at.secret)) == 403
    await hooks.app.settle()
    assert hooks.answers(at) == []


@EACH
async def test_without_a_secret_or_with_the_other_bots_nothing_happens(hooks: Hooks, at: Platform) -> None:
    other = TELEGRAM if at is ZALO else ZALO
    body = orjson.dumps(at.write(1, "/start"))
    assert await hooks.calls(at, body, secret=None) == 403
    assert await hooks.calls(at, body, secret=other.secret) == 403
    assert await hooks.posts(at.path, body, {other.header: at.secret}) == 403
    assert await hooks.calls(other, body, path=at.path) == 403
    await hooks.app.settle()
    assert hooks.answers(at) == hooks.answers(other) == []


@EACH
@pytest.mark.parametrize("headers", PROBES)
async def test_an_empty_probe_is_answered_and_does_nothing(hooks: Hooks, at: Platform, headers: dict[str, str]) -> None:
    """No body, no content type, no secret: somebody looks whether we are here."""
    assert await hooks.posts(at.path, b"", headers) == 200
    assert await hooks.posts(at.path, b" ", headers) == 403
    await hooks.app.settle()
    assert hooks.answers(at) == []


@EACH
async def test_only_the_secret_path_exists(hooks: Hooks, at: Platform) -> None:
    word = at.path.split("/")[1]
    others = [
        f"/{word}",
        f"/{word}/",
        f"/{word}/x",
        at.path + "0",
        at.path[:-1],
        webhook_path(at.name, at.secret + "x"),
    ]
    for path in others:
        assert await hooks.calls(at, at.write(1, "/start"), path=path) == 404
    async with hooks.http.get(hooks.url + at.path) as response:
        assert response.status == 405
    assert at.secret not in at.path


@EACH
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
        b'{"ok":true,"result":[]}',
        b'{"ok":true,"result":{"event_name":"message.text.received"}}',
        b'{"event_name":"message.text.received","message":{"chat":{"id":"77"},"text":"a"}}',
        b'{"event_name":"user.followed","message":{"chat":{"id":"77"},"message_id":"1","text":"a"}}',
        b'{"event_name":["message.text.received"]}',
    ],
)
async def test_what_cannot_be_read_is_not_asked_for_again(hooks: Hooks, at: Platform, body: bytes) -> None:
    assert await hooks.calls(at, body) == 200
    await hooks.app.settle()
    assert hooks.answers(at) == []


@EACH
async def test_a_body_of_two_megabytes_is_refused(hooks: Hooks, at: Platform) -> None:
    assert await hooks.calls(at, at.write(1, "a" * 2_000_000)) == 413


@EACH
async def test_storage_trouble_brings_the_update_again_and_it_counts_once(hooks: Hooks, at: Platform) -> None:
    await hooks.sql("ALTER TABLE inbox RENAME TO hidden")
    assert await hooks.calls(at, at.write(1, "/start")) == 503
    await hooks.sql("ALTER TABLE hidden RENAME TO inbox")
    assert await hooks.calls(at, at.write(1, "/start")) == 200
    assert await hooks.calls(at, at.write(1, "/start")) == 200
    await hooks.app.settle()
    assert len(hooks.answers(at)) == 1


async def test_there_is_no_web_chat_unless_asked_for(hooks: Hooks) -> None:
    for path in ("/chat", "/chat/events", "/static/chat.js", "/"):
        async with hooks.http.get(hooks.url + path) as response:
            assert response.status == 404

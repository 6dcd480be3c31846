"""`run` with a Zalo bot: alone, beside Telegram, pushed to, with its token reset in the middle, and what its log shows."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.cli.conftest import Place, put
from tests.cli.processes import (
    ends,
    free_port,
    one_sentence,
    patiently,
    started,
    stop,
    until,
    with_a_contact,
    with_a_pack_of,
)
from tests.support.fake_bot_api import TOKEN as TELEGRAM_TOKEN
from tests.support.fake_bot_api import FakeBotApi
from tests.support.fake_bot_api import Fault as TelegramFault
from tests.support.fake_zalo import TOKEN, FakeZalo, Fault
from tests.support.process import Bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

LAN = "6ede9afa66b88fe6d6a9"
ON_TELEGRAM = 41
HOOK = "hook-secret-between-zalo-and-us"
METRICS = "metrics-token-0123456789"


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as zalo:
        yield zalo


@pytest.fixture
async def telegram() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as telegram:
        yield telegram


@pytest.fixture
def only(place: Place, monkeypatch: pytest.MonkeyPatch, zalo: FakeZalo) -> Place:
    """An installation whose only channel is Zalo."""
    variables = {
        "TELEGRAM_BOT_TOKEN": "",
        "ZALO_BOT_TOKEN": TOKEN,
        "ZALO_API_URL": zalo.url,
        "ZALO_RATE": "0",
        "HTTP_PORT": str(free_port()),
    }
    put(monkeypatch, place, variables)
    return place


@pytest.fixture
def url() -> str:
    """Where the process serves its pages."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
async def bot(tmp_path: Path, telegram: FakeBotApi, zalo: FakeZalo, url: str) -> AsyncIterator[Bot]:
    """Telegram and Zalo in one process, everything it says in a file."""
    bot = beside_telegram(tmp_path, telegram, zalo, url)
    yield bot
    await bot.end()


def beside_telegram(folder: Path, telegram: FakeBotApi, zalo: FakeZalo, url: str, **variables: str) -> Bot:
    """A bot on both that serves its pages at `url` and hides nothing it could say."""
    return Bot(
        folder,
        telegram,
        ZALO_BOT_TOKEN=TOKEN,
        ZALO_API_URL=zalo.url,
        ZALO_RATE="0",
        ZALO_POLL_FLOOR="0.05",
        ADMINS=f"zalo_bot:{LAN}",
        HTTP_PORT=url.rpartition(":")[2],
        METRICS_TOKEN=METRICS,
        LOG_LEVEL="debug",
        **variables,
    )


async def test_zalo_is_enough(only: Place, zalo: FakeZalo) -> None:
    async with started(only, "run") as process:
        zalo.user_says(LAN, "xin chào")
        await zalo.wait_until(lambda: zalo.sent(LAN), 30)
        assert await stop(process) == (0, "")
    assert only.rows("SELECT channel, external_id FROM account") == [("zalo_bot", TOKEN.split(":")[0])]
    assert only.rows("SELECT state, COUNT(*) FROM outbox GROUP BY state") == [("sent", 1)]


async def test_the_link_that_zalo_does_not_tell_is_shown(
    only: Place, monkeypatch: pytest.MonkeyPatch, zalo: FakeZalo
) -> None:
    put(monkeypatch, only, {"ZALO_LINK": "https://zalo.me/s/vidu", "ADMINS": f"zalo_bot:{LAN}"})
    process = await asyncio.create_subprocess_exec(
        *only.command("run"), cwd=only.folder, env=only.environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        shown = await until(process, "✔")
        assert "(https://zalo.me/s/vidu)" in shown
        assert len(shown.splitlines()) == 1, "there is an administrator: no code is printed"
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
async def test_a_webhook_is_set_verified_and_pushed_to(
    only: Place, monkeypatch: pytest.MonkeyPatch, zalo: FakeZalo, shape: str
) -> None:
    zalo.updates.shape = "wrapped" if shape == "wrapped" else "flat"
    ours = f"http://127.0.0.1:{only.variables['HTTP_PORT']}"
    put(monkeypatch, only, {"ZALO_MODE": "webhook", "PUBLIC_URL": ours, "ZALO_WEBHOOK_SECRET": HOOK})
    async with started(only, "run") as process, aiohttp.ClientSession() as http:
        await zalo.wait_until(lambda: zalo.called("setWebhook"), 30)
        zalo.user_says(LAN, "xin chào")
        await zalo.wait_until(lambda: zalo.sent(LAN), 30)
        assert zalo.updates.webhook_url.startswith(f"{ours}/zalo/")
        assert HOOK not in zalo.updates.webhook_url
        async with await patiently(http, f"{ours}/media/1-2-{'0' * 32}/anh.jpg") as answer:
            assert answer.status == 404
        assert await stop(process) == (0, ""), "nothing was said about the address not working"
    assert set(zalo.updates.webhook_statuses) == {200}
    assert zalo.called("getUpdates") == []


async def test_a_token_that_zalo_refuses_at_the_start(only: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, only, {"ZALO_BOT_TOKEN": "1459232241454765289:another-token"})
    shown = await one_sentence(only, "run")
    assert "ZALO_BOT_TOKEN" in shown
    assert "another-token" not in shown


async def test_a_zalo_that_cannot_be_reached_at_the_start(only: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, only, {"ZALO_API_URL": f"http://127.0.0.1:{free_port()}", "LOG_LEVEL": "error"})
    shown = await one_sentence(only, "run")
    assert "ZALO_API_URL" in shown
    assert TOKEN not in shown


async def test_doctor_looks_at_zalo(only: Place, monkeypatch: pytest.MonkeyPatch, zalo: FakeZalo) -> None:
    """Without PUBLIC_URL it works, but not all of it: a warning, and the way to mend it."""
    with_a_contact(only)
    with_a_pack_of(only, 2099)
    async with started(only, "run") as process:
        zalo.user_says(LAN, "xin chào")
        await zalo.wait_until(lambda: zalo.sent(LAN), 30)
        await stop(process)
    status, shown = await ends(only, "doctor")
    assert status == 0, shown
    assert "✘" not in shown
    assert "Telegram" not in shown
    assert f"✔ Mã bot Zalo: Zalo nhận, {zalo.url} trả lời" in shown
    assert "✔ Webhook Zalo: không có" in shown
    assert "⚠ Địa chỉ công khai: chưa có PUBLIC_URL" in shown
    assert shown.count("→") == 1
    assert "⚠" in shown.splitlines()[-1]

    put(monkeypatch, only, {"PUBLIC_URL": "http://127.0.0.1:8080", "WEB_CHAT": "on"})
    status, shown = await ends(only, "doctor")
    assert status == 0
    assert "⚠" not in shown
    assert "✔ Kênh: Zalo, Web" in shown


async def test_doctor_shows_what_the_plan_has_left(only: Place, zalo: FakeZalo) -> None:
    _, shown = await ends(only, "doctor")
    assert "bot đã gửi 0, nhận 0 tin; gói cho phép 3000" in shown
    async with started(only, "run") as process:
        zalo.user_says(LAN, "xin chào")
        await zalo.wait_until(lambda: zalo.sent(LAN), 30)
        await stop(process)
    for sent, line in (
        (7, "✔ Hạn mức Zalo: tháng này bot đã gửi 7,"),
        (2399, "⚠ Hạn mức Zalo: tháng này bot đã gửi 2399,"),
    ):
        connection = sqlite3.connect(only.database)
        connection.execute("UPDATE quota_use SET sent = ?", (sent,))
        connection.commit()
        connection.close()
        _, shown = await ends(only, "doctor")
        assert f"{line} nhận 1 tin; gói cho phép 3000" in shown


@pytest.mark.parametrize(
    ("mode", "there", "said"),
    [
        ("polling", "", "✔ Webhook Zalo: không có"),
        ("polling", "https://other.example.org/hook-of-theirs", "⚠ Webhook Zalo: Zalo đang gọi tới other.example.org,"),
        ("webhook", "", "✔ Webhook Zalo: chưa có"),
        ("webhook", "https://other.example.org/hook-of-theirs", "⚠ Webhook Zalo: Zalo đang gọi tới other.example.org,"),
    ],
)
async def test_doctor_says_whom_zalo_calls(
    only: Place, monkeypatch: pytest.MonkeyPatch, zalo: FakeZalo, mode: str, there: str, said: str
) -> None:
    zalo.updates.webhook_url = there
    pushed = {"ZALO_MODE": mode, "PUBLIC_URL": "http://127.0.0.1:8080", "ZALO_WEBHOOK_SECRET": HOOK}
    put(monkeypatch, only, pushed)
    _, shown = await ends(only, "doctor")
    assert said in shown
    assert "hook-of-theirs" not in shown


@pytest.mark.parametrize(
    ("broken", "said", "remedy"),
    [
        ({"ZALO_BOT_TOKEN": "1459232241454765289:another-token"}, "✘ Mã bot Zalo", "sửa ZALO_BOT_TOKEN"),
        ({"ZALO_API_URL": "http://127.0.0.1:9"}, "✘ Mã bot Zalo", "và ZALO_API_URL"),
        ({"ZALO_BOT_TOKEN": ""}, "✘ Kênh: chưa có kênh nào", "WEB_CHAT=on"),
    ],
)
async def test_doctor_knows_what_to_do(
    only: Place, monkeypatch: pytest.MonkeyPatch, broken: dict[str, str], said: str, remedy: str
) -> None:
    put(monkeypatch, only, broken)
    status, shown = await ends(only, "doctor")
    assert status == 1
    assert said in shown
    assert remedy in shown
    assert "Traceback" not in shown
    assert "another-token" not in shown
    assert TOKEN not in shown


async def both_answer(zalo: FakeZalo, telegram: FakeBotApi) -> None:
    """Somebody writes to each bot and is answered."""
    zalo.user_says(LAN, "xin chào")
    await zalo.wait_until(lambda: zalo.sent(LAN), 30)
    telegram.user_says(ON_TELEGRAM, "xin chào")
    await telegram.wait_until(lambda: telegram.sent(ON_TELEGRAM), 30)


def alerts(bot: Bot) -> list[str]:
    """The log's lines that need a person."""
    return [line for line in bot.log.splitlines() if "critical" in line]


def states(bot: Bot, channel: str) -> list[str]:
    """The states of a channel's messages, oldest first."""
    sql = "SELECT o.state FROM outbox o JOIN account a ON a.id = o.account_id WHERE a.channel = ? ORDER BY o.id"
    return [state for (state,) in bot.rows(sql, channel)]


@pytest.mark.parametrize("refused", ["getUpdates", "sendMessage", "*"])
async def test_a_token_reset_in_the_middle_stops_that_channel_alone(
    bot: Bot, zalo: FakeZalo, telegram: FakeBotApi, url: str, refused: str
) -> None:
    """Whether a poll finds out, or a send, or both: one alert, nothing fails, and all of it goes out with a good token."""
    await bot.start()
    await both_answer(zalo, telegram)
    zalo.fail_next(refused, Fault.REFUSE, times=10**6, code=401, description="Unauthorized")
    zalo.user_says(LAN, "menu")
    health = await until_zalo_stopped(url)
    assert health["senders"] == {"zalo_bot": "stopped", "telegram": "ok"}
    telegram.user_says(ON_TELEGRAM, "menu")
    await telegram.wait_until(lambda: len(telegram.sent(ON_TELEGRAM)) == 2, 30)
    await bot.stop()
    assert len(alerts(bot)) == 1
    assert "zalo_bot" in alerts(bot)[0]
    assert set(states(bot, "telegram")) == {"sent"}
    waiting = ["sent", "pending"]
    assert states(bot, "zalo_bot") in ([waiting, ["sent", "sent"]] if refused == "getUpdates" else [waiting])

    zalo.heal()
    await bot.start()
    await zalo.wait_until(lambda: len(zalo.sent(LAN)) == 2, 30)
    await bot.until_quiet()
    assert states(bot, "zalo_bot") == ["sent", "sent"]


async def until_zalo_stopped(url: str) -> dict[str, Any]:
    """What the process says of its health once Zalo's sender has stopped."""
    async with asyncio.timeout(30), aiohttp.ClientSession() as http:
        while True:
            async with await patiently(http, f"{url}/healthz") as answer:
                health: dict[str, Any] = await answer.json()
            if health["senders"].get("zalo_bot") == "stopped":
                return health
            await asyncio.sleep(0.05)


def shown_by(bot: Bot) -> list[str]:
    """The secrets that the log shows."""
    [(installation,)] = bot.rows("SELECT value FROM installation WHERE name = 'secret'")
    tokens = [TOKEN, TELEGRAM_TOKEN]
    secrets = [*tokens, *(token.partition(":")[2] for token in tokens), HOOK, METRICS, installation]
    return [secret for secret in secrets if secret in bot.log]


async def test_no_secret_reaches_the_log_when_everything_fails(bot: Bot, zalo: FakeZalo, telegram: FakeBotApi) -> None:
    """Both platforms quote our addresses back at us, drop us, talk nonsense; the database refuses an update."""
    address, rival = f"{zalo.url}/bot{TOKEN}/sendMessage", f"{telegram.url}/bot{TELEGRAM_TOKEN}/sendMessage"
    for method in ("deleteWebhook", "getUpdates", "sendMessage", "sendChatAction"):
        zalo.fail_next(method, Fault.DROP)
        zalo.fail_next(method, Fault.ANSWER, status=502, body=f"<html>no answer from {address}</html>")
        zalo.fail_next(method, Fault.REFUSE, code=403, description=f"Internal server error: {address}")
        zalo.fail_next(method, Fault.ANSWER, status=500, body=f'{{"ok": false, "description": "{address}"}}')
    for method in ("getUpdates", "sendMessage"):
        telegram.fail_next(method, TelegramFault.DROP)
        telegram.fail_next(method, TelegramFault.GARBAGE)
        telegram.fail_next(method, TelegramFault.REFUSE, status=502, description=f"Bad Gateway: {rival}")
    await bot.start()
    await both_answer(zalo, telegram)
    connection = sqlite3.connect(bot.database, timeout=10)
    connection.execute("ALTER TABLE inbox RENAME TO hidden")
    zalo.user_says(LAN, "menu")
    await until_logged(bot, "zalo_intake_failed")
    connection.execute("ALTER TABLE hidden RENAME TO inbox")
    connection.close()
    await zalo.wait_until(lambda: len(zalo.sent(LAN)) == 2, 30)
    await bot.stop()
    for event in ("zalo_call_failed", "telegram_poll_failed", "Traceback"):
        assert event in bot.log
    assert shown_by(bot) == []


async def test_no_secret_reaches_the_log_of_a_webhook(
    tmp_path: Path, zalo: FakeZalo, telegram: FakeBotApi, url: str
) -> None:
    """Others call it, Zalo quotes the secret, then refuses the token."""
    pushed = {"ZALO_MODE": "webhook", "ZALO_WEBHOOK_SECRET": HOOK, "PUBLIC_URL": url}
    bot = beside_telegram(tmp_path, telegram, zalo, url, **pushed)
    zalo.fail_next("setWebhook", Fault.REFUSE, code=500, description=f"cannot keep {HOOK} for {TOKEN}")
    try:
        await bot.start()
        await zalo.wait_until(lambda: zalo.updates.webhook_url, 30)
        async with aiohttp.ClientSession() as http:
            for given in ("", "another-secret", TOKEN, METRICS):
                headers = {"X-Bot-Api-Secret-Token": given}
                async with http.post(zalo.updates.webhook_url, data=HOOK, headers=headers) as answer:
                    assert answer.status == 403
                async with http.get(f"{url}/metrics", headers={"Authorization": f"Bearer {given}x"}) as answer:
                    assert answer.status == 403
        zalo.fail_next("*", Fault.REFUSE, times=10**6, code=401, description=f"Unauthorized: bot{TOKEN}")
        zalo.user_says(LAN, "menu")
        await until_zalo_stopped(url)
        await bot.stop()
    finally:
        await bot.end()
    assert len(alerts(bot)) == 1
    assert "zalo_call_failed" in bot.log
    assert shown_by(bot) == []


async def until_logged(bot: Bot, event: str) -> None:
    """Wait for a line of the log."""
    async with asyncio.timeout(30):
        while event not in bot.log:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

"""The fake Zalo says no where Zalo is known to, and a client library made for the real one can use it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, FormData, web
from zalo_bot import Bot
from zalo_bot.error import InvalidToken, NetworkError

from tests.support.fake_zalo import FakeZalo, Fault

CHAT = "6ede9afa66b88fe6d6a9"


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as api:
        yield api


async def answer(api: FakeZalo, method: str, token: str = "", **fields: Any) -> tuple[int, dict[str, Any]]:
    url = f"{api.url}/bot{token or api.token}/{method}"
    async with ClientSession() as client, client.post(url, json=fields) as response:
        return response.status, await response.json()


async def test_the_published_client_can_use_it(api: FakeZalo) -> None:
    """python-zalo-bot: forms, one update a poll; an idle poll is a network error to it, no webhook a bad token."""
    async with Bot(api.token, base_url=api.url) as bot:
        me = await bot.get_me()
        assert (me.id, me.account_name) == (api.token.split(":")[0], api.account_name)
        message = await bot.send_message(CHAT, "Xin chào")
        assert message.message_id == api.sent(CHAT)[0].message_id
        photo = await bot.send_photo(CHAT, "ảnh", "https://placehold.co/600x400")
        sticker = await bot.send_sticker(CHAT, "0e078a2fb66a5f34067b")
        assert [photo.message_id, sticker.message_id] == [message.message_id for message in api.sent(CHAT)[1:]]
        event = api.user_says(CHAT, "chào bot")
        update = await bot.get_update(timeout=5)
        assert (update.message.message_id, update.message.text) == (event["message"]["message_id"], "chào bot")
        assert update.message.chat.id == update.effective_user.id == CHAT
        with pytest.raises(NetworkError, match=r"Request timeout \(408\)"):
            await bot.get_update(timeout=0, api_kwargs={"timeout": 0.01})
        with pytest.raises(InvalidToken, match="Not Found"):
            await asyncio.to_thread(bot.get_webhook_info)
    assert set(api.forms) == {"application/x-www-form-urlencoded", "application/octet-stream"}
    with pytest.raises(InvalidToken):
        async with Bot("1:x", base_url=api.url):
            pass


async def test_parameters_come_in_every_documented_way(api: FakeZalo) -> None:
    url = f"{api.url}/bot{api.token}/sendMessage"
    fields = {"chat_id": CHAT, "text": "chào"}
    multipart = FormData(fields, default_to_multipart=True)
    async with ClientSession() as client:
        answers = [
            await client.post(url, json=fields),
            await client.post(url, data=fields),
            await client.post(url, data=multipart),
            await client.get(url, params=fields),
        ]
    assert [answered.status for answered in answers] == [200] * 4
    assert [sent.text for sent in api.sent(CHAT)] == ["chào"] * 4


STYLE = {"start": 0, "len": 1, "st": ["b"]}
REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "no chat": ("sendMessage", {"text": "x"}),
    "no text": ("sendMessage", {"chat_id": CHAT}),
    "empty text": ("sendMessage", {"chat_id": CHAT, "text": ""}),
    "too long": ("sendMessage", {"chat_id": CHAT, "text": "😀" * 1001}),
    "unknown style": ("sendMessage", {"chat_id": CHAT, "text": "x", "text_styles": [STYLE | {"st": ["h1"]}]}),
    "style past the end": ("sendMessage", {"chat_id": CHAT, "text": "x", "text_styles": [STYLE | {"len": 2}]}),
    "unknown parse mode": ("sendMessage", {"chat_id": CHAT, "text": "x", "parse_mode": "HTML"}),
    "photo without address": ("sendPhoto", {"chat_id": CHAT, "photo": "file-id"}),
    "voice that is no aac": ("sendVoice", {"chat_id": CHAT, "voice_url": "https://x.vn/a.ogg"}),
    "unknown action": ("sendChatAction", {"chat_id": CHAT, "action": "upload_photo"}),
    "unknown method": ("sendTelepathy", {}),
    "method in lower case": ("sendmessage", {"chat_id": CHAT, "text": "x"}),
    "short secret": ("setWebhook", {"url": "https://x.vn", "secret_token": "1234567"}),
    "webhook at home": ("setWebhook", {"url": "https://localhost/x", "secret_token": "12345678"}),
    "webhook without TLS": ("setWebhook", {"url": "http://x.vn", "secret_token": "12345678"}),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(name: str, api: FakeZalo) -> None:
    method, fields = REFUSED[name]
    status, body = await answer(api, method, **fields)
    assert (status, body["ok"], body["error_code"]) == (400, False, 400)
    assert not api.messages


async def test_an_error_may_come_with_http_200() -> None:
    async with FakeZalo(mirrors=False) as api:
        assert await answer(api, "getMe", token="1:x") == (
            200,
            {"ok": False, "description": "Unauthorized", "error_code": 401},
        )


async def test_an_event_is_handed_out_once_or_again_and_again(api: FakeZalo) -> None:
    first, second = api.user_says(CHAT, "một"), api.user_says(CHAT, "hai")
    polled = [(await answer(api, "getUpdates", timeout="0.01"))[1].get("result") for _ in range(3)]
    assert polled == [first, second, None]
    api.updates.mode = "replay"
    polled = [(await answer(api, "getUpdates", timeout="0.01"))[1].get("result") for _ in range(2)]
    assert polled == [second, second]
    third = api.user_says(CHAT, "ba")
    assert (await answer(api, "getUpdates"))[1]["result"] == third


async def test_two_pollers_share_what_comes(api: FakeZalo) -> None:
    polls = [asyncio.create_task(answer(api, "getUpdates", timeout=5)) for _ in range(2)]
    texts = ["một", "hai"]
    for text in texts:
        api.user_says(CHAT, text)
    assert sorted(body["result"]["message"]["text"] for _, body in await asyncio.gather(*polls)) == sorted(texts)


async def test_a_webhook_shuts_polling_out(api: FakeZalo) -> None:
    status, body = await answer(api, "setWebhook", url="https://127.0.0.2:1/x", secret_token="12345678")
    verification = body["result"]["verification"]
    assert (status, verification["ok"], verification["outcome"]) == (200, False, "webhook.err.unreachable")
    assert (await answer(api, "getWebhookInfo"))[1]["result"]["url"] == "https://127.0.0.2:1/x"
    status, body = await answer(api, "getUpdates", timeout=0)
    assert (status, "webhook is set" in body["description"]) == (400, True)
    assert (await answer(api, "deleteWebhook"))[1]["result"]["url"] == ""
    assert (await answer(api, "getWebhookInfo"))[0] == 404


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
async def test_a_webhook_is_tried_without_the_secret_and_then_pushed_to(api: FakeZalo, shape: Any) -> None:
    calls: list[tuple[str | None, str | None, bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Bot-Api-Secret-Token")
        calls.append((secret, request.headers.get("User-Agent"), await request.read()))
        return web.Response(status=500 if len(calls) == 2 else 200)

    app = web.Application()
    app.router.add_post("/zalo", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.updates.shape = shape
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/zalo"
    _, body = await answer(api, "setWebhook", url=url, secret_token="mykey-abcyxz")
    assert body["result"]["verification"]["outcome"] == "webhook.ok"
    event = api.user_says(CHAT, "chào")
    await api.wait_until(lambda: not api.updates.pending)
    await runner.cleanup()
    pushed = event if shape == "flat" else {"ok": True, "result": event}
    assert calls[0] == (None, "Java/17.0.2", b"")
    assert [(secret, json.loads(body)) for secret, _, body in calls[1:]] == [("mykey-abcyxz", pushed)] * 2
    assert api.updates.webhook_statuses == [500, 200]


async def test_the_quota_counts_both_ways_and_begins_anew(api: FakeZalo) -> None:
    api.methods.quota = 3
    api.user_says(CHAT, "chào")
    statuses = [(await answer(api, "sendMessage", chat_id=CHAT, text="x"))[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await answer(api, "sendChatAction", chat_id=CHAT, action="typing")) == (200, {"ok": True})
    api.methods.new_month()
    assert (await answer(api, "sendMessage", chat_id=CHAT, text="x"))[0] == 200


async def test_users_beyond_the_plan_and_strangers_are_refused_as_told(api: FakeZalo) -> None:
    api.methods.cap, api.methods.cap_refusal = 2, (403, "Internal server error")
    api.methods.stranger = (404, "Not Found")
    for chat in ("1", "2", "3"):
        api.user_says(chat, "chào")
    statuses = [(await answer(api, "sendMessage", chat_id=chat, text="x"))[0] for chat in ("1", "2", "3", "4")]
    assert statuses == [200, 200, 403, 404]


async def test_a_voice_note_to_a_group_is_accepted_and_lost(api: FakeZalo) -> None:
    api.group_says("g1", CHAT, "@Bot ơi")
    for chat in ("g1", CHAT):
        assert (await answer(api, "sendVoice", chat_id=chat, voice_url="https://x.vn/a.aac"))[0] == 200
    assert [(sent.chat, sent.delivered) for sent in api.messages] == [("g1", False), (CHAT, True)]


async def test_it_runs_as_a_process_and_is_steered_over_http(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    command = [sys.executable, "-m", "tests.support.fake_zalo", "--mode", "replay", "--always-200", "--log", str(log)]
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=root)
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    try:
        async with ClientSession(url) as client:
            trouble = {"method": "sendMessage", "fault": Fault.REFUSE, "code": 502}
            await client.post("/control/fail", json=trouble)
            await client.post("/control/say", json={"chat": CHAT, "text": "chào"})
            event = await (await client.post("/control/image", json={"chat": CHAT})).json()
            path = f"/bot{FakeZalo.token}"
            polled = [await (await client.get(f"{path}/getUpdates")).json() for _ in range(3)]
            assert [body["result"]["event_name"] for body in polled] == [
                "message.text.received",
                "message.image.received",
                "message.image.received",
            ]
            assert await (await client.get(event["message"]["photo_url"])).read() == b"jpeg"
            message = {"chat_id": CHAT, "text": "đáp"}
            answers = [await client.post(f"{path}/sendMessage", json=message) for _ in range(2)]
            assert [(answered.status, (await answered.json())["ok"]) for answered in answers] == [
                (200, False),
                (200, True),
            ]
            [shown] = await (await client.get("/control/sent", params={"chat": CHAT})).json()
            assert shown["text"] == "đáp"
    finally:
        process.terminate()
        await process.wait()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["method"], line["code"]) for line in lines] == [("sendMessage", 502), ("sendMessage", 200)]

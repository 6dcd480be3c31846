"""The fake Bot API says no where Telegram does, and python-telegram-bot's own client can use it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken

from tests.support.fake_bot_api import FakeBotApi
from tests.support.fake_bot_api.entities import BadMarkup, plain_of, utf16_length

CHAT = 5001


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


async def answer(api: FakeBotApi, method: str, token: str = "", **fields: Any) -> tuple[int, dict[str, Any]]:
    url = f"{api.url}/bot{token or api.token}/{method}"
    async with ClientSession() as client, client.post(url, json=fields) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("a &lt; b &#39; &#x2F; &quot;", "a < b ' / \""),
        ("<b>đậm <i>nghiêng</i></b>", "đậm nghiêng"),
        ('<a href="https://x.vn/?a=1&amp;b=2">x</a>', "x"),
        ("<blockquote>t</blockquote> a > b", "t a > b"),
    ],
)
def test_markup_that_parses(markup: str, plain: str) -> None:
    assert plain_of(markup) == plain


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ("<b>a", "Can't find end tag"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>ấ<i>c</b></i>", "Unmatched end tag at byte offset 10"),
        ("<h1>a</h1>", 'Unsupported start tag "h1"'),
        ("1 < 2", "Unclosed start tag"),
        ("R&D", "Unescaped character"),
        ("&nbsp;", "Unescaped character"),
        ("<b", "Unclosed start tag"),
    ],
)
def test_markup_that_does_not(markup: str, complaint: str) -> None:
    with pytest.raises(BadMarkup, match=complaint):
        plain_of(markup)


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no chat": ("sendMessage", {"text": "x"}, "chat_id is empty"),
    "no text": ("sendMessage", {"chat_id": CHAT}, "message text is empty"),
    "nothing but markup": (
        "sendMessage",
        {"chat_id": CHAT, "text": "<b></b>", "parse_mode": "HTML"},
        "text is empty",
    ),
    "too long": ("sendMessage", {"chat_id": CHAT, "text": "😀" * 2049}, "message is too long"),
    "bad markup": (
        "sendMessage",
        {"chat_id": CHAT, "text": "<b>x", "parse_mode": "HTML"},
        "can't parse entities: Can't find end tag",
    ),
    "data over 64 bytes": (
        "sendMessage",
        {
            "chat_id": CHAT,
            "text": "x",
            "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "đ" * 33}]]},
        },
        "BUTTON_DATA_INVALID",
    ),
    "button without an action": (
        "sendMessage",
        {"chat_id": CHAT, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
        "Text buttons are unallowed",
    ),
    "keyboard without rows": (
        "sendMessage",
        {"chat_id": CHAT, "text": "x", "reply_markup": {"inline_keyboard": [{"text": "x"}]}},
        "object expected",
    ),
    "caption too long": (
        "sendPhoto",
        {"chat_id": CHAT, "photo": "f", "caption": "x" * 1025},
        "message caption is too long",
    ),
    "unknown file": ("sendPhoto", {"chat_id": CHAT, "photo": "f"}, "wrong file identifier"),
    "one-item group": ("sendMediaGroup", {"chat_id": CHAT, "media": [{}]}, "2-10 items"),
    "voice in a group": (
        "sendMediaGroup",
        {"chat_id": CHAT, "media": [{"type": "voice", "media": "f"}] * 2},
        "can't be mixed",
    ),
    "unknown press": ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old"),
    "bad secret": ("setWebhook", {"url": "https://x.vn", "secret_token": "có dấu"}, "unallowed characters"),
    "webhook without TLS": ("setWebhook", {"url": "http://x.vn"}, "HTTPS URL"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(name: str, api: FakeBotApi) -> None:
    method, fields, complaint = REFUSED[name]
    status, body = await answer(api, method, **fields)
    assert (status, body["ok"], body["error_code"]) == (400, False, 400)
    assert complaint in body["description"]
    assert not api.sent(CHAT)


async def test_the_longest_text_is_counted_without_markup(api: FakeBotApi) -> None:
    text = "<b>" + "😀" * 2048 + "</b>"
    assert (await answer(api, "sendMessage", chat_id=CHAT, text=text, parse_mode="HTML"))[0] == 200
    assert utf16_length(api.sent(CHAT)[0].text) == 4096


async def test_unknown_tokens_and_methods(api: FakeBotApi) -> None:
    assert (await answer(api, "getMe", token="1:x"))[0] == 401
    assert (await answer(api, "sendTelepathy"))[0] == 404


async def test_offsets_confirm_and_kinds_are_filtered(api: FakeBotApi) -> None:
    first = api.user_says(CHAT, "một")
    api.user_says(CHAT, "hai")
    _, body = await answer(api, "getUpdates", limit=1, allowed_updates=["message"])
    assert [update["update_id"] for update in body["result"]] == [first]
    api.user_edits(CHAT, "ba")
    _, body = await answer(api, "getUpdates", offset=first + 1)
    assert [update["message"]["text"] for update in body["result"]] == ["hai"]
    _, body = await answer(api, "getUpdates", offset=first + 3)
    assert body["result"] == []


async def test_python_telegram_bots_own_client_can_use_it(api: FakeBotApi) -> None:
    """Its parameters come as a form with JSON inside, its uploads as multipart."""
    async with Bot(api.token, f"{api.url}/bot", f"{api.url}/file/bot") as bot:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Có", callback_data="y")]])
        message = await bot.send_message(CHAT, "<b>Chào</b>", "HTML", reply_markup=keyboard)
        photo = await bot.send_photo(CHAT, b"jpeg", caption="ảnh", filename="ảnh.jpg")
        await bot.edit_message_reply_markup(CHAT, message.message_id)
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_text("<b>Chào</b>", CHAT, message.message_id, parse_mode="HTML")
        api.user_sends_voice(CHAT)
        api.user_forges_press(CHAT, "y", message.message_id)
        api.blocks(CHAT)
        kinds = [sorted(update.to_dict())[0] for update in await bot.get_updates()]
    assert [sent.text for sent in api.sent(CHAT)] == ["Chào", "ảnh"]
    assert photo.photo[-1].file_id == api.sent(CHAT)[1].file
    assert kinds == ["message", "callback_query", "my_chat_member"]
    with pytest.raises(InvalidToken):
        async with Bot("1:x", f"{api.url}/bot"):
            pass


async def test_it_runs_as_a_process_and_is_steered_over_http(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    command = [sys.executable, "-m", "tests.support.fake_bot_api", "--port", "0", "--log", str(log)]
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=root)
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    try:
        async with ClientSession(url) as client:
            await client.post("/control/fail", json={"method": "sendMessage", "fault": "server_error"})
            update = await (await client.post("/control/say", json={"chat": CHAT, "text": "chào"})).json()
            path = f"/bot{FakeBotApi.token}"
            updates = await (await client.get(f"{path}/getUpdates")).json()
            assert [u["update_id"] for u in updates["result"]] == [update["update_id"]]
            markup = {"inline_keyboard": [[{"text": "Có", "callback_data": "y"}]]}
            message = {"chat_id": CHAT, "text": "đáp", "reply_markup": markup}
            statuses = [(await client.post(f"{path}/sendMessage", json=message)).status for _ in range(2)]
            assert statuses == [500, 200]
            [shown] = await (await client.get("/control/sent", params={"chat": CHAT})).json()
            assert shown["text"] == "đáp"
            pressed = await client.post("/control/press", json={"chat": CHAT, "choice": "Có"})
            assert pressed.status == 200
    finally:
        process.terminate()
        await process.wait()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [(line["method"], line["status"]) for line in lines] == [("sendMessage", 0), ("sendMessage", 200)]

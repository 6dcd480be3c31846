"""The fake as a process, steered over HTTP.

POST /control/say {"chat", "text"} · POST /control/press {"chat", "choice"} · GET /control/sent[?chat=] ·
POST /control/fail {"method", "fault", "times", …} (server.Trouble).
"""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

import orjson
from aiohttp import web

from tests.support.fake_bot_api.server import FakeBotApi, Fault


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def add_control(api: FakeBotApi) -> None:
    """Add the control routes to a fake that is not serving yet."""

    async def say(request: web.Request) -> web.Response:
        wish = await request.json()
        return _json({"update_id": api.user_says(wish["chat"], wish["text"])})

    async def press(request: web.Request) -> web.Response:
        wish = await request.json()
        return _json({"update_id": api.user_presses(wish["chat"], wish["choice"])})

    async def fail(request: web.Request) -> web.Response:
        wish = await request.json()
        api.fail_next(wish.pop("method"), Fault(wish.pop("fault")), **wish)
        return _json({})

    async def sent(request: web.Request) -> web.Response:
        chat = request.query.get("chat")
        shown = api.chats.messages if chat is None else api.sent(int(chat))
        return _json([asdict(message) for message in shown])

    api.app.router.add_post("/control/say", say)
    api.app.router.add_post("/control/press", press)
    api.app.router.add_post("/control/fail", fail)
    api.app.router.add_get("/control/sent", sent)


async def serve(port: int, log: Path | None) -> None:
    """Serve until cancelled; the first line printed is the address."""
    api = FakeBotApi(port, log=log)
    add_control(api)
    async with api:
        print(api.url, flush=True)  # noqa: T201 - whoever started the process reads it
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--log", type=Path)
    chosen = arguments.parse_args()
    asyncio.run(serve(chosen.port, chosen.log))

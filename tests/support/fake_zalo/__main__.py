"""The fake as a process, steered over HTTP.

POST /control/say {"chat", "text"} · POST /control/image {"chat", "caption"} · GET /control/sent[?chat=] ·
POST /control/fail {"method", "fault", "times", …} (server.Trouble).
"""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

import orjson
from aiohttp import web

from tests.support.fake_zalo.server import FakeZalo, Fault


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def add_control(api: FakeZalo) -> None:
    """Add the control routes to a fake that is not serving yet."""

    async def say(request: web.Request) -> web.Response:
        wish = await request.json()
        return _json(api.user_says(wish["chat"], wish["text"]))

    async def image(request: web.Request) -> web.Response:
        wish = await request.json()
        return _json(api.user_sends_image(wish["chat"], caption=wish.get("caption", "")))

    async def fail(request: web.Request) -> web.Response:
        wish = await request.json()
        api.fail_next(wish.pop("method"), Fault(wish.pop("fault")), **wish)
        return _json({})

    async def sent(request: web.Request) -> web.Response:
        chat = request.query.get("chat")
        shown = api.messages if chat is None else api.sent(chat)
        return _json([asdict(message) for message in shown])

    api.app.router.add_post("/control/say", say)
    api.app.router.add_post("/control/image", image)
    api.app.router.add_post("/control/fail", fail)
    api.app.router.add_get("/control/sent", sent)


async def serve(port: int, mode: str, mirrors: bool, log: Path | None) -> None:
    """Serve until cancelled; the first line printed is the address."""
    api = FakeZalo(port, mirrors=mirrors, log=log)
    api.updates.mode = "replay" if mode == "replay" else "consume"
    add_control(api)
    async with api:
        print(api.url, flush=True)  # noqa: T201 - whoever started the process reads it
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--mode", choices=("consume", "replay"), default="consume")
    arguments.add_argument("--always-200", action="store_true", help="HTTP 200 for errors too")
    arguments.add_argument("--log", type=Path)
    chosen = arguments.parse_args()
    asyncio.run(serve(chosen.port, chosen.mode, not chosen.always_200, chosen.log))

"""`/healthz`: whether the database answers and the senders send. Says no more than that."""

import asyncio
import sqlite3
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.storage import outbox
from bot.web.site import Running

ANSWER_SECONDS: Final = 3.0


def health_route(running: Running) -> Route:
    """200 while all is well, else 503."""

    async def health(_request: Request) -> Response:
        backlog = await _backlog(running)
        senders = {name: "stopped" if why else "ok" for name, why in running.senders().items()}
        well = backlog is not None and "stopped" not in senders.values()
        state: dict[str, Any] = {
            "status": "ok" if well else "broken",
            "database": "ok" if backlog is not None else "silent",
            "senders": senders,
            "backlog": backlog or {},
        }
        return JSONResponse(state, 200 if well else 503, {"Cache-Control": "no-store"})

    return Route("/healthz", health)


async def _backlog(running: Running) -> dict[str, int] | None:
    """Pending rows by lane; None when the writer or a reader does not answer."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await running.db.write(lambda _tx: None)
            return await running.db.read(outbox.backlog)
    except (sqlite3.Error, TimeoutError, ValueError):  # ValueError: a closed connection
        return None

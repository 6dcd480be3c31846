"""What the bot says, as server-sent events: first what the page has not seen, then each row as it is delivered.

An event's id is its outbox row's, so a page that comes back says where it stopped. Events may repeat; a page
knows rows by id.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.channels.webchat import HANG_UP, WebChat
from bot.storage import webchat as rows
from bot.storage.database import Transaction
from bot.storage.webchat import ShownRow
from bot.web.site import Running

HEARTBEAT_SECONDS: Final = 15.0
RETRY_MS: Final = 2000
STREAMS_A_CHAT: Final = 6
STREAMS_A_CLIENT: Final = 200
"""From one network address: a factory's phones may share one, and cookies for more chats are free."""
STREAMS_AT_ONCE: Final = 1_000
BUSY_SECONDS: Final = 30
"""How long a page that found no place is asked to wait."""
_NAMES: Final = {"send": "said", "edit": "edited", "edit_keyboard": "keyboard"}


class Places:
    """Streams that are open now: bounded for each chat, each client and in all."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, str]] = Counter()

    def take(self, chat: str, client: str) -> bool:
        """Take a place; False when there is none left."""
        limits = {("chat", chat): STREAMS_A_CHAT, ("client", client): STREAMS_A_CLIENT, ("all", ""): STREAMS_AT_ONCE}
        if any(self._taken[key] >= limit for key, limit in limits.items()):
            return False
        self._taken.update(limits.keys())
        return True

    def leave(self, chat: str, client: str) -> None:
        """Give a place back."""
        for key in (("chat", chat), ("client", client), ("all", "")):
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]


class Events(StreamingResponse):
    """A stream whose `end` runs when it is over, also when it never began."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes], end: Callable[[], None]) -> None:
        super().__init__(content, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


async def stream(
    running: Running,
    channel: WebChat,
    account_id: int,
    chat: str,
    seen: int | None,
    world: str,
    media_path: Callable[[int], str],
) -> AsyncIterator[bytes]:
    """Events for one listener until it or the server leaves; `seen` is the last row it knows.

    `media_path` gives a file's address below the chat's own.
    """
    with channel.listen(chat) as listener:
        now = running.clock.now()
        yield f"retry: {RETRY_MS}\n".encode() + _event("hello", {"world": world, "now": now})
        if seen is None:
            missed = await running.db.read(lambda tx: rows.history(tx, account_id, chat, now))
        else:
            missed = await running.db.read(lambda tx: rows.since(tx, account_id, chat, seen, now))
        for shown in missed:
            yield _shown(shown, media_path)
        yield _event("ready", {})
        told = {shown.id for shown in missed}
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    id = await listener.get()
            except TimeoutError:
                yield b":\n\n"
                continue
            if id == HANG_UP:
                return
            if id in told:
                continue
            row = await running.db.read(partial(_row, account_id, chat, id, running.clock.now()))
            if row is not None:
                yield _shown(row, media_path)


def _row(account_id: int, chat: str, id: int, now: int, tx: Transaction) -> ShownRow | None:
    return rows.row(tx, account_id, chat, id, now)


def _shown(row: ShownRow, media_path: Callable[[int], str]) -> bytes:
    """One event; of a message that went out as several the last holds text and buttons, and all are deleted."""
    if row.operation == "delete":
        return b"".join(_event("deleted", {"row": row.id, "at": row.at, "target": id}, row.id) for id in row.targets)
    value: dict[str, Any] = {"row": row.id, "at": row.at, "target": row.targets[-1] if row.targets else None}
    outbound = row.outbound
    if outbound is not None:
        if row.operation == "edit":
            outbound = (outbound, *outbound.then)[-1]
        value["html"] = outbound.html
        value["buttons"] = [[[button.label, button.data] for button in line] for line in outbound.buttons]
        value["media"] = [[m.kind, media_path(m.media_id), m.name, m.alt] for m in outbound.media]
    return _event(_NAMES[row.operation], value, row.id)


def _event(name: str, value: dict[str, Any], id: int | None = None) -> bytes:
    line = f"id: {id}\n" if id is not None else ""
    return f"{line}event: {name}\ndata: ".encode() + orjson.dumps(value) + b"\n\n"

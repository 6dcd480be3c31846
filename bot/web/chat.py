"""The web chat over HTTP: what a person types, taps or uploads goes in; `events` brings out what the bot says."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot.channels.webchat import WebChat
from bot.channels.webchat.uploads import MAGIC_BYTES, MAX_BYTES, kind_of
from bot.domain.messages import Attachment, Inbound, InboundKind
from bot.storage import webchat as rows
from bot.web.events import BUSY_SECONDS, Events, Places, stream
from bot.web.site import Pages, Receiving, Running, body_within, client_of

BODY_LIMIT: Final = 64 * 1024
DATA_LIMIT: Final = 64
UPLOADS_AT_ONCE: Final = 4
"""Each is whole in memory while it comes in."""
UPLOAD_SECONDS: Final = 120.0
"""As long as the page itself waits."""
MESSAGE_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ID_HEADER: Final = "x-message-id"

Whose = Callable[[Request], str | None]
"""The chat a request belongs to; None for nobody's."""


class Chats:
    """The endpoints of one web chat channel; put `routes` under the path that says whose chat it is."""

    def __init__(
        self,
        running: Running,
        pages: Pages,
        channel: WebChat,
        account_id: int,
        receive: Receiving,
        whose: Whose,
        public_host: str = "",
    ) -> None:
        self._running = running
        self._pages = pages
        self._channel = channel
        self._account_id = account_id
        self._receive = receive
        self._whose = whose
        self._public_host = public_host
        self._uploading = 0
        self._places = Places()

    def routes(self) -> list[Route]:
        """Paths relative to the chat's own."""
        return [
            Route("/messages", self._post_message, methods=["POST"]),
            Route("/files", self._post_file, methods=["POST"]),
            Route("/events", self._events),
            Route("/media/{media:int}/{seal}", self._media),
        ]

    def world(self, chat: str) -> str:
        """Changes when the chat is another or the installation was made anew: the page then forgets what it kept."""
        return self._running.installation().digest("webchat-world", chat).hex()[:16]

    async def _post_message(self, request: Request) -> Response:
        chat = self._whose(request)
        if chat is None or not self._same_origin(request):
            return self._refuse(401 if chat is None else 403, "not_yours")
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return self._refuse(415, "unreadable")
        body = await body_within(request, BODY_LIMIT)
        if body is None:
            return self._refuse(413, "too_long")
        inbound = self._read(chat, body)
        if inbound is None:
            return self._refuse(400, "unreadable")
        return await self._take(inbound)

    def _read(self, chat: str, body: bytes) -> Inbound | None:
        """`{id, text}` or `{id, data, on}`, as an inbound message."""
        try:
            said: Any = orjson.loads(body)
        except ValueError:
            return None
        if not isinstance(said, dict) or not _is_message_id(said.get("id")):
            return None
        key, now = f"{chat}:{said['id']}", self._running.clock.now()
        match said:
            case {"text": str(text)}:
                return Inbound(key, chat, InboundKind.TEXT, text=_printable(text), sent_at=now)
            case {"data": str(data), "on": int(on)} if len(data.encode()) <= DATA_LIMIT:
                return Inbound(key, chat, InboundKind.BUTTON, data=data, message_ref=str(on), sent_at=now)
            case _:
                return None

    async def _post_file(self, request: Request) -> Response:
        chat = self._whose(request)
        if chat is None or not self._same_origin(request):
            return self._refuse(401 if chat is None else 403, "not_yours")
        id = request.headers.get(ID_HEADER)
        if not _is_message_id(id):
            return self._refuse(400, "unreadable")
        if self._uploading >= UPLOADS_AT_ONCE:
            return self._refuse(503, "trouble")
        self._uploading += 1
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                content = await body_within(request, MAX_BYTES)
            if content is None:
                return self._refuse(413, "too_big")
            return await self._keep_file(f"{chat}:{id}", chat, content)
        except TimeoutError:
            return self._refuse(503, "trouble")
        finally:
            self._uploading -= 1

    async def _keep_file(self, key: str, chat: str, content: bytes) -> Response:
        known = kind_of(content)
        if known is None:
            return self._refuse(415, "unknown_file")
        kind, _ = known
        try:
            ref = await asyncio.to_thread(self._channel.uploads.put, content)
        except OSError:
            return self._refuse(503, "trouble")
        attachment = Attachment(kind, ref, len(content))
        return await self._take(Inbound(key, chat, kind, attachment=attachment, sent_at=self._running.clock.now()))

    async def _take(self, inbound: Inbound) -> Response:
        if not await self._running.accept(self._receive, inbound):
            return self._refuse(503, "trouble")
        return JSONResponse({"at": inbound.sent_at})

    async def _events(self, request: Request) -> Response:
        chat = self._whose(request)
        if chat is None:
            return self._refuse(401, "not_yours")
        client = client_of(request)
        if not self._places.take(chat, client):
            refused = self._refuse(503, "too_many")
            refused.headers["Retry-After"] = str(BUSY_SECONDS)
            return refused
        last = request.headers.get("last-event-id") or request.query_params.get("last", "")
        seen = int(last) if last.isascii() and last.isdecimal() and len(last) < 19 else None

        def media_path(media_id: int) -> str:
            return f"media/{media_id}/{self._seal(chat, media_id)}"

        world = self.world(chat)
        events = stream(self._running, self._channel, self._account_id, chat, seen, world, media_path)
        return Events(events, partial(self._places.leave, chat, client))

    async def _media(self, request: Request) -> Response:
        chat = self._whose(request)
        media_id: int = request.path_params["media"]
        if chat is None or request.path_params["seal"] != self._seal(chat, media_id):
            return Response(status_code=404)
        found = await self._running.db.read(lambda tx: rows.media_file(tx, self._account_id, media_id))
        if found is None:
            return Response(status_code=404)
        stored, name, ref = found
        paths = [Path(stored)] if stored else []
        paths += [self._channel.uploads.path(ref)] if ref else []
        opened = await asyncio.to_thread(_first_there, paths)
        if opened is None:
            return Response(status_code=404)
        path, head = opened
        known = kind_of(head)
        return FileResponse(
            path,
            media_type=known[1] if known else "application/octet-stream",
            filename=name or path.name,
            content_disposition_type="inline" if known else "attachment",
            headers={"Cache-Control": "private, max-age=3600"},
        )

    def _seal(self, chat: str, media_id: int) -> str:
        """What makes a media address good for one chat only."""
        return self._running.installation().digest("webchat-media", f"{chat}\0{media_id}").hex()

    def _same_origin(self, request: Request) -> bool:
        """Whether our own page sent this; another site's page can neither forge Origin nor leave it out."""
        origin = urlsplit(request.headers.get("origin", ""))
        if not origin.netloc:
            return request.headers.get("sec-fetch-site") == "same-origin"
        return origin.netloc in (request.headers.get("host"), self._public_host or None)

    def _refuse(self, status: int, why: str) -> Response:
        return JSONResponse({"error": self._pages.word(why)}, status)


def _is_message_id(value: Any) -> bool:
    return isinstance(value, str) and MESSAGE_ID.fullmatch(value) is not None


def _printable(text: str) -> str:
    """Without control characters, which no keyboard types."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")


def _first_there(paths: list[Path]) -> tuple[Path, bytes] | None:
    """The first of some files that can be read, and how it begins: an upload is shown before it is fetched."""
    for path in paths:
        try:
            with path.open("rb") as file:
                return path, file.read(MAGIC_BYTES)
        except OSError:
            continue
    return None

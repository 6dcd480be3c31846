"""`/media/…`: files of messages, for platforms that fetch what they show, under addresses that are signed and end."""

import asyncio
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.channels.webchat.uploads import MAGIC_BYTES, kind_of
from bot.domain.messages import InboundKind
from bot.services import media
from bot.storage import media as rows
from bot.web.site import Running

HEADERS: Final = {
    "Cache-Control": "private, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Unlike our pages, files may be shown by others: perhaps a platform lets its web application fetch them itself."""
PDF: Final = b"%PDF-"


def media_route(running: Running) -> Route:
    """What `media.url` points to. Forged, late, unknown and erased are one and the same 404."""

    async def serve(request: Request) -> Response:
        name: str = request.path_params["name"]
        now = running.clock.now()
        media_id = media.opened(running.installation(), request.path_params["token"], name, now)
        if media_id is None:
            return Response(status_code=404)
        path = await running.db.read(lambda tx: rows.stored(tx, media_id, now))
        head = await asyncio.to_thread(_head, Path(path)) if path else None
        if path is None or head is None:
            return Response(status_code=404)
        document = "application/pdf" if head.startswith(PDF) else "application/octet-stream"
        kind, media_type = kind_of(head) or (InboundKind.DOCUMENT, document)
        return FileResponse(
            path,
            media_type=media_type,
            filename=name,
            content_disposition_type="inline" if kind is InboundKind.PHOTO else "attachment",
            headers=HEADERS,
        )

    return Route("/media/{token}/{name}", serve)


def _head(path: Path) -> bytes | None:
    """How a file begins; None when it is gone."""
    try:
        with path.open("rb") as file:
            return file.read(MAGIC_BYTES)
    except OSError:
        return None

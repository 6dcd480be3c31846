"""Somebody at the web chat without a browser: plain HTTP requests, and the event stream."""

import asyncio
import io
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass
class Event:
    """A server-sent event."""

    name: str
    id: str
    value: dict[str, Any]


class Visitor:
    """One cookie jar on one site; `base` is the chat's path."""

    def __init__(self, http: aiohttp.ClientSession, url: str, base: str = "/chat") -> None:
        self.http = http
        self.url = url
        self.base = base

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        async with self.http.get(self.url + path, **options) as response:
            return response.status, await response.text()

    async def post(
        self, path: str, value: Any = None, *, origin: str | None = "", body: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """POST `value` as JSON (or `body` as it is) from our own origin, or from `origin`; None leaves it out."""
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): v for name, v in headers.items()}
        if origin is not None:
            sent["Origin"] = origin or self.url
        data = io.BytesIO(body if body is not None else json.dumps(value).encode())
        async with self.http.post(self.url + path, data=data, headers=sent) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text

    async def says(self, text: str, *, id: str = "") -> tuple[int, Any]:
        return await self.post(f"{self.base}/messages", {"id": id or str(uuid.uuid4()), "text": text})

    async def taps(self, data: str, on: int = 1) -> tuple[int, Any]:
        return await self.post(f"{self.base}/messages", {"id": str(uuid.uuid4()), "data": data, "on": on})

    async def uploads(self, content: bytes, *, id: str = "") -> tuple[int, Any]:
        return await self.post(
            f"{self.base}/files",
            body=content,
            Content_Type="application/octet-stream",
            X_Message_Id=id or str(uuid.uuid4()),
        )

    @asynccontextmanager
    async def stream(self, last: str = "") -> AsyncIterator[AsyncIterator[Event]]:
        """The event stream, from after `last`."""
        headers = {"Last-Event-ID": last} if last else {}
        async with self.http.get(f"{self.url}{self.base}/events", headers=headers) as response:
            assert response.status == 200, response.status
            yield _events(response.content)

    async def seen(self, last: str = "") -> list[Event]:
        """Everything the stream says before it is up to date."""
        found = []
        async with asyncio.timeout(5), self.stream(last) as events:
            async for event in events:
                if event.name == "ready":
                    return found
                if event.name != "hello":
                    found.append(event)
        raise AssertionError("the stream ended before it was up to date")

    async def texts(self, last: str = "") -> list[str]:
        """The messages of `seen`, as HTML."""
        return [event.value["html"] for event in await self.seen(last) if event.name == "said"]


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[Event]:
    name, id = "", ""
    async for raw in content:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("id: "):
            id = line.removeprefix("id: ")
        elif line.startswith("data: "):
            yield Event(name, id, json.loads(line.removeprefix("data: ")))
            id = ""

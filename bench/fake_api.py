"""A Bot API on loopback that does nothing but hand out updates and take calls, quickly.

    python bench/fake_api.py --updates 5000 --chats 500            saturation: all queued at once
    python bench/fake_api.py --updates 1500 --arrival 150          open load: 150 updates a second
    python bench/fake_api.py --expect-sends 3000 [--rate 30]       counts sends; --rate answers 429 above it
    python bench/fake_api.py --announced TEXT --log FILE …         a line in FILE for each reply and each TEXT

Prints one JSON line "ready" with its port, "first_poll" at the first getUpdates, and "summary" when everything was
answered or --max-time seconds are over.
"""

import argparse
import asyncio
import json
import re
import time
from collections import defaultdict, deque
from pathlib import Path

import uvloop

SETTLE_SECONDS = 0.7
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
BOT = {"id": 1000, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class Load:
    """The updates to hand out and what came back."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.handed = 0
        self.first_update = time.time_ns() // 100_000  # new to a database that knows earlier runs
        self.opened_at: float | None = None
        self.first_hand_out: float | None = None
        self.last_send: float | None = None
        self.sends: list[float] = []
        self.latencies: list[float] = []
        self.too_many = 0
        self.out_of_order = 0
        self.waiting: dict[int, deque[tuple[int, float]]] = defaultdict(deque)
        self.tokens, self.tokens_at = float(options.rate), time.monotonic()
        self.done = asyncio.Event()
        self.log = Path(options.log).open("w", buffering=1) if options.log else None  # noqa: SIM115

    def available(self) -> int:
        """How many updates have arrived by now."""
        if self.opened_at is None or time.monotonic() < self.opened_at:
            return 0
        if not self.options.arrival:
            return self.options.updates
        return min(self.options.updates, int((time.monotonic() - self.opened_at) * self.options.arrival) + 1)

    def hand_out(self, limit: int) -> list[dict[str, object]]:
        """The next updates; a chat's replies are matched to them in order."""
        batch = []
        now = time.monotonic()
        while self.handed < self.available() and len(batch) < limit:
            index = self.handed
            self.handed += 1
            chat = 1000 + index % self.options.chats * self.options.stride
            arrived = now
            if self.options.arrival and self.opened_at is not None:
                arrived = self.opened_at + index / self.options.arrival
            self.first_hand_out = self.first_hand_out or now
            self.waiting[chat].append((index, arrived))
            person = {"id": chat, "is_bot": False, "first_name": f"User{chat}"}
            message = {
                "message_id": index + 1,
                "from": person,
                "chat": {"id": chat, "type": "private", "first_name": person["first_name"]},
                "date": int(time.time()),
                "text": f"hello #{index}",
            }
            batch.append({"update_id": self.first_update + index, "message": message})
        return batch

    def limited(self) -> bool:
        """Whether this send is over --rate (a bucket of one second)."""
        if not self.options.rate:
            return False
        now = time.monotonic()
        self.tokens = min(self.options.rate, self.tokens + (now - self.tokens_at) * self.options.rate)
        self.tokens_at = now
        if self.tokens < 1:
            self.too_many += 1
            return True
        self.tokens -= 1
        return False

    def take_send(self, chat: int, text: str) -> None:
        """A message arrived."""
        now = time.monotonic()
        self.sends.append(now)
        self.last_send = now
        if self.options.announced and self.options.announced in text:
            self.note("push", now, 0)
        elif self.waiting[chat]:
            index, arrived = self.waiting[chat].popleft()
            self.latencies.append(now - arrived)
            self.note("reply", arrived, now - arrived)
            found = re.search(r"#(\d+)", text)
            if found and int(found[1]) != index:
                self.out_of_order += 1
        wanted = self.options.expect_sends or self.options.updates
        if len(self.sends) >= wanted:
            self.done.set()

    def note(self, kind: str, at: float, seconds: float) -> None:
        """A line of the log: what, when (monotonic), and how long it took."""
        if self.log is not None:
            self.log.write(f"{kind} {at:.4f} {seconds:.4f}\n")

    def summary(self) -> dict[str, object]:
        """The figures."""
        ordered = sorted(self.latencies)
        began = self.sends[0] if self.options.expect_sends and self.sends else self.first_hand_out
        seconds = (self.last_send - began) if self.last_send and began else 0.0
        return {
            "event": "summary",
            "sends": len(self.sends),
            "per_second": round(len(self.sends) / seconds, 1) if seconds else 0.0,
            "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2) if ordered else None,
            "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2) if ordered else None,
            "too_many_requests": self.too_many,
            "out_of_order": self.out_of_order,
            "finished": self.done.is_set(),
        }


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are answered in order."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in the buffer."""
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head = self._buffer[:end]
            found = LENGTH.search(head)
            size = int(found[1]) if found else 0
            if len(self._buffer) < end + 4 + size:
                return
            body = self._buffer[end + 4 : end + 4 + size]
            self._buffer = self._buffer[end + 4 + size :]
            method = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            self._answer(method, json.loads(body) if body[:1] == b"{" else form(body))

    def _answer(self, method: str, fields: dict[str, object]) -> None:
        load = self._load
        if method == "getUpdates":
            asyncio.ensure_future(self._poll(fields))
        elif method == "sendMessage" and load.limited():
            self._later(
                429,
                {
                    "ok": False,
                    "error_code": 429,
                    "description": "Too Many Requests: retry after 1",
                    "parameters": {"retry_after": 1},
                },
            )
        elif method == "sendMessage":
            chat = int(str(fields["chat_id"]))
            load.take_send(chat, str(fields["text"]))
            self._later(
                200,
                {
                    "ok": True,
                    "result": {"message_id": len(load.sends), "date": 0, "chat": {"id": chat, "type": "private"}},
                },
            )
        else:
            self._later(200, {"ok": True, "result": BOT if method == "getMe" else True})

    async def _poll(self, fields: dict[str, object]) -> None:
        load = self._load
        if load.opened_at is None:
            load.opened_at = time.monotonic() + SETTLE_SECONDS
            emit({"event": "first_poll", "at": time.monotonic()})
        until = time.monotonic() + float(str(fields.get("timeout", 0)))
        limit = int(str(fields.get("limit", 100)))
        while not (batch := load.hand_out(limit)) and time.monotonic() < until:
            await asyncio.sleep(0.002)
        self._later(200, {"ok": True, "result": batch})

    def _later(self, status: int, answer: dict[str, object]) -> None:
        delay = self._load.options.latency / 1000
        if delay:
            asyncio.get_running_loop().call_later(delay, self._write, status, answer)
        else:
            self._write(status, answer)

    def _write(self, status: int, answer: dict[str, object]) -> None:
        payload = json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(head.encode() + payload)


def form(body: bytes) -> dict[str, object]:
    """A form-encoded body, as stock clients send it."""
    from urllib.parse import parse_qsl

    return dict(parse_qsl(body.decode()))


def emit(event: dict[str, object]) -> None:
    """One JSON line on standard output."""
    print(json.dumps(event), flush=True)  # noqa: T201


async def main(options: argparse.Namespace) -> None:
    """Serve until everything was answered or the time is over."""
    load = Load(options)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(load), "127.0.0.1", 0)
    emit({"event": "ready", "port": server.sockets[0].getsockname()[1]})
    try:
        async with asyncio.timeout(options.max_time):
            await load.done.wait()
    except TimeoutError:
        pass
    emit(load.summary())
    await asyncio.sleep(options.linger)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=0)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--stride", type=int, default=1, help="how far the chats' ids are from one another")
    parser.add_argument("--announced", default="", help="text of a broadcast, which is nobody's reply")
    parser.add_argument("--log", default="")
    parser.add_argument("--arrival", type=float, default=0)
    parser.add_argument("--expect-sends", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--latency", type=float, default=0, help="milliseconds before each answer")
    parser.add_argument("--max-time", type=float, default=60)
    parser.add_argument("--linger", type=float, default=5, help="seconds to stay after the summary")
    uvloop.run(main(parser.parse_args()))

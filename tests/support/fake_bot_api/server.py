"""The fake's HTTP side: routes, faults on demand, and a record of every call."""

import asyncio
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web

from tests.support.fake_bot_api.chats import Chats, SentMessage
from tests.support.fake_bot_api.methods import Methods
from tests.support.fake_bot_api.people import People
from tests.support.fake_bot_api.rules import Parameters, Refused
from tests.support.fake_bot_api.updates import Updates
from tests.support.loopback import Loopback

TOKEN: Final = "777000111:fake-token_0123456789"
_MAX_REQUEST: Final = 64 * 1024 * 1024


class Fault(StrEnum):
    """What can go wrong with a call. Only SWALLOW and SLOW carry it out."""

    SWALLOW = "swallow"
    DROP = "drop"
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    GARBAGE = "garbage"
    THROTTLE = "throttle"
    MIGRATED = "migrated"
    REFUSE = "refuse"


@dataclass
class Trouble:
    """A fault for the next `times` calls of a method, of one chat if given.

    `seconds` is how slow, or `retry_after`; `status` and `description` make a REFUSE's answer; `new_chat` is
    where MIGRATED points.
    """

    method: str
    fault: Fault
    times: int = 1
    chat: int | None = None
    seconds: float = 0
    new_chat: int = 0
    status: int = 400
    description: str = "Bad Request: refused by the test"

    def hits(self, method: str, chat: int | None) -> bool:
        """Whether this call is to fail."""
        return self.times > 0 and self.method in (method, "*") and self.chat in (None, chat)


@dataclass(frozen=True)
class Call:
    """One call as it was judged. `status` 0: the connection was closed without an answer."""

    method: str
    chat: int | None
    values: dict[str, Any]
    status: int
    description: str = ""


class FakeBotApi(Loopback, People):
    """A Telegram Bot API on loopback, for one bot.

    With `any_chat` false only chats that wrote first can be written to. `log` gets one JSON line a call,
    before its answer leaves. `round_trip` is how many seconds every call takes, half of them on its way here; over
    `rate` sends a second (0: no limit) the answer is 429.
    """

    token: Final = TOKEN
    username: Final = "fake_union_bot"

    def __init__(
        self,
        port: int = 0,
        any_chat: bool = True,
        log: Path | None = None,
        round_trip: float = 0,
        rate: float = 0,
    ) -> None:
        bot = {
            "id": int(TOKEN.split(":")[0]),
            "is_bot": True,
            "first_name": "Fake",
            "username": self.username,
        }
        Loopback.__init__(self)
        People.__init__(self, Chats(bot), Updates(self.changed))
        self.methods = Methods(self.chats, self.updates, any_chat)
        self.calls: list[Call] = []
        self._port = port
        self._log = log
        self._way = round_trip / 2
        self._rate = rate
        self._free_at = 0.0
        self._troubles: list[Trouble] = []
        self._throttled: dict[int | None, float] = {}
        self._busy: set[asyncio.BaseTransport | None] = set()
        app = web.Application(client_max_size=_MAX_REQUEST)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self.app = app
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    def sent(self, chat: int) -> list[SentMessage]:
        """The bot's messages in a chat, oldest first, as they stand now; deleted ones are marked."""
        return [message for message in self.chats.messages if message.chat == chat]

    def called(self, method: str) -> list[Call]:
        """Every call of a method, refused ones too."""
        return [call for call in self.calls if call.method == method]

    def fail_next(self, method: str, fault: Fault, times: int = 1, **details: Any) -> None:
        """Make the next calls of `method` ("*" for all) fail; the details are Trouble's."""
        self._troubles.append(Trouble(method, fault, times, **details))

    def heal(self) -> None:
        """Forget the faults that were to come."""
        self._troubles.clear()

    def throttle(self, seconds: float, chat: int | None = None) -> None:
        """Answer 429 for so long: to one chat, or to the whole account."""
        self._throttled[chat] = asyncio.get_running_loop().time() + seconds

    def close_idle_connections(self) -> None:
        """Close every kept-alive connection that waits for its next request."""
        assert self._runner.server is not None
        for connection in self._runner.server.connections:
            if connection.transport is not None and connection.transport not in self._busy:
                connection.transport.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._busy.add(request.transport)
        try:
            return await self._judged(request)
        finally:
            self._busy.discard(request.transport)

    async def _judged(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _refusal(Refused(401, "Unauthorized"))
        parameters = await _parameters(request)
        chat = _chat(parameters)
        await asyncio.sleep(self._way)
        trouble = self._trouble(method, chat)
        if trouble is not None and trouble.fault not in (Fault.SWALLOW, Fault.SLOW):
            return self._faulty(request, trouble, Call(method, chat, parameters.values, 0, trouble.fault))
        try:
            self._check_rate(chat)
            result = await self.methods.call(method, parameters)
        except Refused as refused:
            self._record(Call(method, chat, parameters.values, refused.status, refused.description))
            return _refusal(refused)
        if trouble is not None and trouble.fault is Fault.SLOW:
            self.changed()
            await asyncio.sleep(trouble.seconds)
        await asyncio.sleep(self._way)
        swallowed = trouble is not None and trouble.fault is Fault.SWALLOW
        self._record(Call(method, chat, parameters.values, 0 if swallowed else 200))
        return _dropped(request) if swallowed else _ok(result)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = next((file for file in self.chats.files.values() if file.path == path), None)
        if request.match_info["token"] != TOKEN or file is None:
            return _refusal(Refused(404, "Not Found"))
        trouble = self._trouble("download", None)
        if trouble is not None:
            return self._faulty(request, trouble, Call("download", None, {}, 0, trouble.fault))
        return web.Response(body=file.content)

    def _trouble(self, method: str, chat: int | None) -> Trouble | None:
        trouble = next((trouble for trouble in self._troubles if trouble.hits(method, chat)), None)
        if trouble is not None:
            trouble.times -= 1
        return trouble

    def _faulty(self, request: web.Request, trouble: Trouble, call: Call) -> web.StreamResponse:
        self._record(call)
        match trouble.fault:
            case Fault.SERVER_ERROR:
                return _refusal(Refused(500, "Internal Server Error"))
            case Fault.BAD_GATEWAY:
                page = f"<html>502 Bad Gateway for {request.path}</html>"
                return web.Response(status=502, text=page, content_type="text/html")
            case Fault.GARBAGE:
                return web.Response(text="{not json", content_type="application/json")
            case Fault.THROTTLE:
                return _refusal(_too_many(trouble.seconds))
            case Fault.MIGRATED:
                description = "Bad Request: group chat was upgraded to a supergroup chat"
                return _refusal(Refused(400, description, {"migrate_to_chat_id": trouble.new_chat}))
            case Fault.REFUSE:
                return _refusal(Refused(trouble.status, trouble.description))
            case _:
                return _dropped(request)

    def _check_rate(self, chat: int | None) -> None:
        if chat is None:
            return
        now = asyncio.get_running_loop().time()
        wait = max(self._throttled.get(None, 0.0), self._throttled.get(chat, 0.0)) - now
        if wait > 0:
            raise _too_many(wait)
        if self._rate:
            self._take(now)

    def _take(self, now: float) -> None:
        """One send of a second's worth that may come at once."""
        free_at = max(self._free_at, now - 1) + 1 / self._rate
        if free_at > now:
            raise _too_many(free_at - now)
        self._free_at = free_at

    def _record(self, call: Call) -> None:
        self.calls.append(call)
        if self._log is not None and call.method != "getUpdates":
            with self._log.open("ab") as log:
                log.write(orjson.dumps(asdict(call)) + b"\n")
        self.changed()


def _ok(result: Any) -> web.Response:
    return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


def _refusal(refused: Refused) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refused.status, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.Response(status=refused.status, body=orjson.dumps(body), content_type="application/json")


def _too_many(seconds: float) -> Refused:
    whole = max(math.ceil(seconds), 1)
    return Refused(429, f"Too Many Requests: retry after {whole}", {"retry_after": whole})


def _dropped(request: web.Request) -> web.Response:
    """Close the connection under the answer."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def _chat(parameters: Parameters) -> int | None:
    try:
        return int(parameters.values["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


async def _parameters(request: web.Request) -> Parameters:
    values: dict[str, Any] = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        body = await request.read()
        values |= orjson.loads(body) if body else {}
        return Parameters(values, files)
    for name, field in (await request.post()).items():
        if isinstance(field, web.FileField):
            files[name] = (field.filename, field.file.read())
        else:
            values[name] = field
    return Parameters(values, files)

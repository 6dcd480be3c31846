"""The fake's HTTP side: routes, faults on demand, and a record of every call."""

import asyncio
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web

from tests.support.fake_zalo.methods import Methods, Sent, envelope
from tests.support.fake_zalo.people import People
from tests.support.fake_zalo.rules import Parameters, Refused
from tests.support.fake_zalo.updates import Updates
from tests.support.loopback import Loopback

TOKEN: Final = "1459232241454765289:fake-zalo-secret_0123456789"


class Fault(StrEnum):
    """What can go wrong with a call. Only SWALLOW and SLOW carry it out; ANSWER is any status and body."""

    SWALLOW = "swallow"
    DROP = "drop"
    SLOW = "slow"
    REFUSE = "refuse"
    ANSWER = "answer"


@dataclass
class Trouble:
    """A fault for the next `times` calls of a method, of one chat if given.

    `seconds` is how slow. `code` and `description` make a REFUSE, `status` and `body` an ANSWER.
    """

    method: str
    fault: Fault
    times: int = 1
    chat: str | None = None
    seconds: float = 0
    code: int = 400
    description: str = "Bad request: refused by the test"
    status: int = 200
    body: str = ""

    def hits(self, method: str, chat: str | None) -> bool:
        """Whether this call is to fail."""
        return self.times > 0 and self.method in (method, "*") and self.chat in (None, chat)


@dataclass(frozen=True)
class Call:
    """One call as it was judged. `code` 0: the connection was closed without an answer."""

    method: str
    chat: str | None
    values: dict[str, Any]
    code: int
    description: str = ""


class FakeZalo(Loopback, People):
    """A Zalo Bot API on loopback, for one bot.

    `mirrors` is whether the HTTP status is the error's code, or always 200. `log` gets one JSON line a call, before its
    answer leaves.
    """

    token: Final = TOKEN
    account_name: Final = "bot.VDKyGxQvc"

    def __init__(self, port: int = 0, *, mirrors: bool = True, display_name: str = "", log: Path | None = None) -> None:
        Loopback.__init__(self)
        People.__init__(self, Updates(self.changed))
        me = {
            "id": TOKEN.split(":")[0],
            "account_name": self.account_name,
            "account_type": "BASIC",
            "can_join_groups": False,
        }
        self.methods = Methods(self, me | ({"display_name": display_name} if display_name else {}))
        self.mirrors = mirrors
        self.calls: list[Call] = []
        self.forms: list[str] = []
        self._port = port
        self._log = log
        self._troubles: list[Trouble] = []
        self.app = web.Application()
        self.app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self.app.router.add_get("/file/{name}", self._download)
        # A poller that went away must not be handed the next event.
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)

    @property
    def messages(self) -> list[Sent]:
        """Everything that was accepted, oldest first."""
        return self.methods.messages

    def sent(self, chat: str) -> list[Sent]:
        """The bot's messages in a chat, oldest first."""
        return [message for message in self.messages if message.chat == chat]

    def called(self, method: str) -> list[Call]:
        """Every call of a method, refused ones too."""
        return [call for call in self.calls if call.method == method]

    def fail_next(self, method: str, fault: Fault, times: int = 1, **details: Any) -> None:
        """Make the next calls of `method` ("*" for all) fail; the details are Trouble's."""
        self._troubles.append(Trouble(method, fault, times, **details))

    def heal(self) -> None:
        """Forget the faults that were to come."""
        self._troubles.clear()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return self._refusal(Refused(401, "Unauthorized"))
        method = request.match_info["method"]
        parameters = await _parameters(request)
        self.forms.append(request.content_type)
        chat = parameters.values.get("chat_id")
        trouble = self._trouble(method, chat)
        if trouble is not None and trouble.fault not in (Fault.SWALLOW, Fault.SLOW):
            return self._faulty(request, trouble, Call(method, chat, parameters.values, _code_of(trouble), "fault"))
        try:
            result = await self.methods.call(method, parameters)
        except Refused as refused:
            self._record(Call(method, chat, parameters.values, refused.code, refused.description))
            return self._refusal(refused)
        if trouble is not None and trouble.fault is Fault.SLOW:
            self.changed()
            await asyncio.sleep(trouble.seconds)
        swallowed = trouble is not None and trouble.fault is Fault.SWALLOW
        self._record(Call(method, chat, parameters.values, 0 if swallowed else 200))
        return _dropped(request) if swallowed else _json(200, envelope(result))

    async def _download(self, request: web.Request) -> web.Response:
        status, content = self.files.get(request.match_info["name"], (404, b""))
        return web.Response(status=status, body=content)

    def _trouble(self, method: str, chat: str | None) -> Trouble | None:
        trouble = next((trouble for trouble in self._troubles if trouble.hits(method, chat)), None)
        if trouble is not None:
            trouble.times -= 1
        return trouble

    def _faulty(self, request: web.Request, trouble: Trouble, call: Call) -> web.StreamResponse:
        self._record(call)
        match trouble.fault:
            case Fault.REFUSE:
                return self._refusal(Refused(trouble.code, trouble.description))
            case Fault.ANSWER:
                return web.Response(status=trouble.status, text=trouble.body)
            case _:
                return _dropped(request)

    def _refusal(self, refused: Refused) -> web.Response:
        body = {"ok": False, "description": refused.description, "error_code": refused.code}
        return _json(refused.code if self.mirrors else 200, body)

    def _record(self, call: Call) -> None:
        self.calls.append(call)
        if self._log is not None and call.method != "getUpdates":
            with self._log.open("ab") as log:
                log.write(orjson.dumps(asdict(call)) + b"\n")
        self.changed()


def _code_of(trouble: Trouble) -> int:
    return {Fault.REFUSE: trouble.code, Fault.ANSWER: trouble.status}.get(trouble.fault, 0)


def _json(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _dropped(request: web.Request) -> web.Response:
    """Close the connection under the answer."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _parameters(request: web.Request) -> Parameters:
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        return Parameters(values | (orjson.loads(body) if body else {}))
    return Parameters(values | dict(await request.post()))

"""One bot's methods on the Zalo Bot API, called with plain dictionaries."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from bot.channels.http import HttpClient, NoAnswer
from bot.channels.lenient import load_json

DONE: Final = 200
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
REQUEST_TIMEOUT: Final = 408
TOO_MANY_REQUESTS: Final = 429

_CODE_NAMES: Final = ("error_code", "errorCode")
_WITHOUT_WORDS: Final = frozenset({REQUEST_TIMEOUT, TOO_MANY_REQUESTS})
"""HTTP statuses that say what they mean, whoever answered."""
_DESCRIPTION_LENGTH: Final = 160


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said: `code` is 200, or the error's (0 when it told none); `status` is HTTP's own.

    The two need not agree: an error may come with HTTP 200.
    """

    status: int
    code: int
    description: str = ""
    result: Any = None

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return self.code == DONE

    @property
    def told(self) -> str:
        """Everything about an error, safe to log: nobody has listed the platform's errors yet."""
        return f"HTTP {self.status}, error {self.code}: {self.description}"


class Api:
    """Posts to `<api_url>/bot<token>/<method>`. Its repr shows neither the URL nor the token."""

    __slots__ = ("_http", "_prefix", "_token")

    def __init__(self, http: HttpClient, api_url: str, token: str) -> None:
        self._http = http
        self._prefix = f"{api_url}/bot{token}/"
        self._token = token

    async def call(self, method: str, fields: dict[str, Any], answer_seconds: float | None = None) -> Answer:
        """Post `fields` as JSON; `answer_seconds` replaces the client's patience.

        Raises NotWritten or NoAnswer, the latter too for what is no answer of the platform: a page by something in
        between says nothing about the call.
        """
        status, body = await self._http.post(self._prefix + method, orjson.dumps(fields), answer_seconds)
        try:
            envelope = load_json(body)
        except ValueError:
            envelope = None
        if isinstance(envelope, dict):
            return self._read(status, envelope)
        if status in _WITHOUT_WORDS:
            return Answer(status, status)
        raise NoAnswer(f"HTTP {status} without an answer of the platform")

    def _read(self, status: int, envelope: dict[str, Any]) -> Answer:
        if envelope.get("ok") is True:
            return Answer(status, DONE, result=envelope.get("result"))
        description = str(envelope.get("description") or "").replace(self._token, "…")
        return Answer(status, _code(envelope, status), " ".join(description.split())[:_DESCRIPTION_LENGTH])


def _code(envelope: dict[str, Any], status: int) -> int:
    for name in _CODE_NAMES:
        given = str(envelope.get(name))
        if given.isdecimal() and 400 <= int(given) < 600:
            return int(given)
    return status if status >= 400 else 0

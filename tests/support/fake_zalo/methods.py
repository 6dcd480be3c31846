"""The methods of one bot, and what people were sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from tests.support.fake_zalo.people import People
from tests.support.fake_zalo.rules import Parameters, Refused, bad_request

_DONE: Final = object()
"""The answer of a method without a result."""


@dataclass
class Sent:
    """A message as it stands on somebody's phone; `delivered` is false for what is lost though it was answered ok."""

    message_id: str
    chat: str
    text: str = ""
    styles: list[dict[str, Any]] = field(default_factory=list)
    photo: str = ""
    voice: str = ""
    sticker: str = ""
    delivered: bool = True


class Methods:
    """`quota` is the messages a month, counted with those received if `counts_received`; `cap` the users who may be
    written to, in the order they came; 0 is no limit. `cap_refusal` and `stranger` are what the others are refused with.
    """

    def __init__(self, people: People, me: dict[str, Any]) -> None:
        self.messages: list[Sent] = []
        self.typing: list[str] = []
        self.quota = 0
        self.counts_received = True
        self.cap = 0
        self.cap_refusal = (400, "Bad request: the bot has reached its number of users")
        self.stranger: tuple[int, str] | None = None
        self._people = people
        self._updates = people.updates
        self._me = me
        self._sent_before = 0
        self._received_before = 0

    @property
    def used(self) -> int:
        """Messages of this month."""
        received = self._people.received - self._received_before if self.counts_received else 0
        return len(self.messages) - self._sent_before + received

    def new_month(self) -> None:
        """The quota is whole again."""
        self._sent_before, self._received_before = len(self.messages), self._people.received

    async def call(self, method: str, parameters: Parameters) -> Any:
        """Judge and carry out one call; its result. Names are case-sensitive."""
        answers: dict[str, Callable[[], Any]] = {
            "getMe": lambda: self._me,
            "getUpdates": lambda: self._updates.get(parameters),
            "setWebhook": lambda: self._updates.set_webhook(parameters, self._people.now()),
            "deleteWebhook": lambda: self._updates.delete_webhook(self._people.now()),
            "getWebhookInfo": self._updates.webhook_info,
            "sendMessage": lambda: self._message(parameters),
            "sendPhoto": lambda: self._photo(parameters),
            "sendSticker": lambda: self._send(parameters, sticker=parameters.string("sticker")),
            "sendVoice": lambda: self._voice(parameters),
            "sendChatAction": lambda: self._action(parameters),
        }
        if method not in answers:
            raise Refused(400, "Bad request: wrong API name")
        result = answers[method]()
        return await result if isinstance(result, Awaitable) else result

    def _message(self, parameters: Parameters) -> dict[str, Any]:
        text = parameters.text("text")
        return self._send(parameters, text=text, styles=parameters.styles(text))

    def _photo(self, parameters: Parameters) -> dict[str, Any]:
        caption = parameters.text("caption") if parameters.values.get("caption") else ""
        return self._send(parameters, photo=parameters.address("photo"), text=caption)

    def _voice(self, parameters: Parameters) -> dict[str, Any]:
        address = parameters.address("voice_url")
        if not urlsplit(address).path.endswith(".aac"):
            raise bad_request("voice_url must end in .aac")
        in_group = parameters.values.get("chat_id") in self._people.groups
        return self._send(parameters, voice=address, delivered=not in_group)

    def _action(self, parameters: Parameters) -> Any:
        if parameters.string("action") != "typing":
            raise bad_request("action is unknown")
        self.typing.append(self._chat(parameters))
        return _DONE

    def _send(self, parameters: Parameters, **content: Any) -> dict[str, Any]:
        chat = self._chat(parameters)
        if self.quota and self.used >= self.quota:
            raise Refused(429, "Quota exceeded")
        message = Sent(self._people.message_id(), chat, **content)
        self.messages.append(message)
        return {"message_id": message.message_id, "date": self._people.now()}

    def _chat(self, parameters: Parameters) -> str:
        chat = parameters.string("chat_id")
        if self.stranger is not None and chat not in self._people.users and chat not in self._people.groups:
            raise Refused(*self.stranger)
        if self.cap and chat in self._people.users[self.cap :]:
            raise Refused(*self.cap_refusal)
        return chat


def envelope(result: Any) -> dict[str, Any]:
    """An ok answer."""
    return {"ok": True} if result is _DONE else {"ok": True, "result": result}

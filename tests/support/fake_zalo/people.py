"""What people do to the bot, each deed one event. Ids are opaque strings; those given are used as they are."""

from typing import Any, Final

from tests.support.fake_zalo.updates import Event, Updates

_DATE: Final = 1_746_061_200_000


class People:
    """Causes events. Every method returns the event, which `updates.push` brings once more."""

    def __init__(self, updates: Updates) -> None:
        self.updates = updates
        self.users: list[str] = []
        self.groups: set[str] = set()
        self.received = 0
        self.files: dict[str, tuple[int, bytes]] = {}
        self._numbers = 0

    @property
    def url(self) -> str:
        """The bare root."""
        raise NotImplementedError

    def user_says(self, chat: str, text: str) -> Event:
        """A text message."""
        return self._private("text", chat, text=text)

    def user_sends_image(
        self, chat: str, content: bytes = b"jpeg", caption: str = "", *, field: str = "photo_url", status: int = 200
    ) -> Event:
        """A picture; its address stands in `field` and answers `status`. The documented field is `photo`."""
        address = self._serve("jpg", content, status)
        return self._private("image", chat, caption=caption, message_type="CHAT_PHOTO", **{field: address})

    def user_sends_voice(self, chat: str, content: bytes = b"aac", status: int = 200) -> Event:
        """A voice note."""
        address = self._serve("aac", content, status)
        return self._private("voice", chat, message_type="CHAT_VOICE", voice_url=address)

    def user_sends_sticker(self, chat: str) -> Event:
        """A sticker."""
        return self._private(
            "sticker", chat, sticker="0e078a2fb66a5f34067b", url="https://zalo-api.zadn.vn/sticker.png"
        )

    def user_sends_unsupported(self, chat: str) -> Event:
        """What the platform withholds: a link, a card, or any words of somebody in a protected class."""
        return self._private("unsupported", chat)

    def group_says(self, group: str, member: str, text: str) -> Event:
        """A text message in a group; real ones arrive only when they mention the bot."""
        self.groups.add(group)
        return self._send("text", group, member, "GROUP", text=text)

    def message_id(self) -> str:
        """A new one, 20 hexadecimal digits."""
        self._numbers += 1
        return f"{self._numbers:020x}"

    def now(self) -> int:
        """Epoch milliseconds; a second a message."""
        return _DATE + self._numbers * 1000

    def _serve(self, ending: str, content: bytes, status: int) -> str:
        name = f"{self.message_id()}.{ending}"
        self.files[name] = (status, content)
        return f"{self.url}/file/{name}"

    def _private(self, what: str, chat: str, **content: Any) -> Event:
        if chat not in self.users:
            self.users.append(chat)
        return self._send(what, chat, chat, "PRIVATE", **content)

    def _send(self, what: str, chat: str, sender: str, chat_type: str, **content: Any) -> Event:
        self.received += 1
        message = {
            "message_id": self.message_id(),
            "date": self.now(),
            "chat": {"id": chat, "chat_type": chat_type},
            "from": {"id": sender, "is_bot": False, "display_name": f"Zalo {sender}"},
            **content,
        }
        return self.updates.push({"event_name": f"message.{what}.received", "message": message})

"""The chats as Telegram would hold them: messages, keyboards, files, and the updates people cause."""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.fake_bot_api.rules import MAX_DOWNLOAD, Buttons, bad_request

FIRST_DATE: Final = 1_746_061_200
"""Every message is a second later than the one before; no clock is read."""


@dataclass
class SentMessage:
    """A message of the bot as it stands now. `text` is without markup, `raw` as it was sent.

    `file` is the file_id of its photo, video, document or voice note, `age_hours` how long ago it was sent.
    """

    message_id: int
    chat: int
    method: str
    text: str
    raw: str
    buttons: Buttons = ()
    file: str = ""
    file_name: str = ""
    album: str = ""
    edits: int = 0
    deleted: bool = False
    age_hours: int = 0

    @property
    def labels(self) -> list[str]:
        """The buttons' labels, row by row in one list."""
        return [label for row in self.buttons for label, _ in row]

    def data(self, label: str) -> str:
        """The callback data behind a label."""
        return next(data for row in self.buttons for text, data in row if text == label)


@dataclass
class StoredFile:
    """A file on the server; `size` may be claimed larger than its content."""

    path: str
    content: bytes
    size: int


@dataclass
class Chats:
    """All state behind the methods."""

    bot: dict[str, Any]
    messages: list[SentMessage] = field(default_factory=list)
    files: dict[str, StoredFile] = field(default_factory=dict)
    presses: dict[str, bool] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    last_message_id: int = 100
    last_date: int = FIRST_DATE

    def next_message_id(self) -> int:
        """Numbers run over all chats, people's messages included."""
        self.last_message_id += 1
        return self.last_message_id

    def date(self) -> int:
        """A later second each time."""
        self.last_date += 1
        return self.last_date

    def store(self, content: bytes, name: str, size: int | None = None) -> str:
        """Keep a file; its file_id."""
        file_id = f"file{len(self.files) + 1:06}"
        claimed = len(content) if size is None else size
        self.files[file_id] = StoredFile(f"files/{file_id}_{name}", content, claimed)
        return file_id

    def downloadable(self, file_id: str) -> StoredFile:
        """The file, unless it is unknown or too big for getFile."""
        file = self.files.get(file_id)
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if file.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return file

    def find(self, chat: int, message_id: int, verb: str) -> SentMessage:
        """The bot's own message that is to be edited or deleted."""
        for message in self.messages:
            if message.chat == chat and message.message_id == message_id and not message.deleted:
                return message
        raise bad_request(f"message to {verb} not found")

    def holding(self, chat: int, choice: str) -> tuple[SentMessage, str]:
        """The newest message in `chat` with a button of that label or data, and the button's data."""
        for message in reversed(self.messages):
            if message.chat == chat and not message.deleted:
                for row in message.buttons:
                    for label, data in row:
                        if choice in (label, data):
                            return message, data
        raise AssertionError(f"chat {chat} shows no button {choice!r}")

    def as_json(self, message: SentMessage) -> dict[str, Any]:
        """A message as the API shows it."""
        shown: dict[str, Any] = {
            "message_id": message.message_id,
            "from": self.bot,
            "chat": private_chat(message.chat),
            "date": FIRST_DATE,
        }
        if message.buttons:
            rows = [[{"text": label, "callback_data": data} for label, data in row] for row in message.buttons]
            shown["reply_markup"] = {"inline_keyboard": rows}
        if not message.file:
            return shown | {"text": message.text}
        size = self.files[message.file].size
        document = {"file_id": message.file, "file_unique_id": message.file, "file_size": size}
        kind = message.method.removeprefix("send").lower()
        contents: dict[str, Any] = {
            "photo": [
                {"file_id": f"{message.file}_small", "file_unique_id": "s", "width": 90, "height": 90},
                document | {"width": 1080, "height": 1080},
            ],
            "video": document | {"width": 640, "height": 360, "duration": 3},
            "voice": document | {"duration": 3},
            "document": document | {"file_name": message.file_name},
        }
        return shown | {kind: contents[kind], "caption": message.text}


def private_chat(chat: int) -> dict[str, Any]:
    """The Chat object of one person."""
    return {"id": chat, "type": "private", "first_name": f"User {chat}"}


def person(chat: int) -> dict[str, Any]:
    """The User object behind a private chat."""
    return {"id": chat, "is_bot": False, "first_name": f"User {chat}", "language_code": "vi"}

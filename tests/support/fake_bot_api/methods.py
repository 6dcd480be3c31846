"""The Bot API's methods that the bot uses, over the chats."""
# ruff: noqa: N802 - named as the API names them

from typing import Any

from tests.support.fake_bot_api.chats import Chats, SentMessage
from tests.support.fake_bot_api.rules import (
    DELETE_HOURS,
    MAX_CAPTION,
    MAX_DELETED,
    MAX_TEXT,
    MAX_UPLOAD,
    Parameters,
    Refused,
    bad_request,
    buttons_of,
    text_of,
)
from tests.support.fake_bot_api.updates import Updates

_SENDS_FILE = {"sendPhoto": "photo", "sendVideo": "video", "sendDocument": "document", "sendVoice": "voice"}


class Methods:
    """Carries out one call, in a method named as the API names it; refuses by raising Refused."""

    def __init__(self, chats: Chats, updates: Updates, any_chat: bool) -> None:
        self._chats = chats
        self._updates = updates
        self._any_chat = any_chat
        self.commands: list[dict[str, str]] = []

    async def call(self, method: str, parameters: Parameters) -> Any:
        """The `result` of a call of a known method; raises Refused(404) for an unknown one."""
        parameters.require(method)
        if method == "getUpdates":
            return await self._updates.get(parameters)
        handler = getattr(self, f"_{method}", None)
        if handler is not None:
            return handler(parameters)
        if method in _SENDS_FILE:
            return self._chats.as_json(self._send_file(method, parameters))
        raise Refused(404, "Not Found")

    def _getMe(self, _: Parameters) -> dict[str, Any]:
        return self._chats.bot

    def _setWebhook(self, parameters: Parameters) -> bool:
        self._updates.set_webhook(parameters)
        return True

    def _deleteWebhook(self, parameters: Parameters) -> bool:
        self._updates.delete_webhook(parameters)
        return True

    def _getWebhookInfo(self, _: Parameters) -> dict[str, Any]:
        return {
            "url": self._updates.webhook_url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }

    def _setMyCommands(self, parameters: Parameters) -> bool:
        self.commands = parameters.structure("commands")
        return True

    def _answerCallbackQuery(self, parameters: Parameters) -> bool:
        press = parameters.string("callback_query_id")
        if not self._chats.presses.get(press):
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        self._chats.presses[press] = False
        return True

    def _getFile(self, parameters: Parameters) -> dict[str, Any]:
        file_id = parameters.string("file_id")
        file = self._chats.downloadable(file_id)
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": file.size,
            "file_path": file.path,
        }

    def _sendMessage(self, parameters: Parameters) -> dict[str, Any]:
        chat = self._reachable(parameters)
        message = SentMessage(
            0,
            chat,
            "sendMessage",
            text_of(parameters.values, "text", MAX_TEXT),
            parameters.string("text"),
            buttons_of(parameters.structure("reply_markup")),
        )
        return self._chats.as_json(self._keep(message))

    def _sendMediaGroup(self, parameters: Parameters) -> list[dict[str, Any]]:
        chat = self._reachable(parameters)
        items = parameters.structure("media")
        if not isinstance(items, list) or not 2 <= len(items) <= 10:
            raise bad_request("there must be 2-10 items in the media group")
        if parameters.values.get("reply_markup"):
            raise bad_request("a media group has no reply markup")
        kinds = {item["type"] for item in items}
        if "voice" in kinds or (len(kinds) > 1 and not kinds <= {"photo", "video"}):
            raise bad_request("media of these types can't be mixed in one group")
        album = f"album{self._chats.last_message_id}"
        files = [self._file(item["type"], str(item["media"]), parameters) for item in items]
        texts = [text_of(item, "caption", MAX_CAPTION) for item in items]
        messages = [
            SentMessage(
                0,
                chat,
                f"send{item['type'].capitalize()}",
                text,
                item.get("caption", ""),
                file=file_id,
                file_name=name,
                album=album,
            )
            for item, text, (file_id, name) in zip(items, texts, files, strict=True)
        ]
        return [self._chats.as_json(self._keep(message)) for message in messages]

    def _editMessageText(self, parameters: Parameters) -> dict[str, Any]:
        message = self._own(parameters, "edit")
        text = text_of(parameters.values, "text", MAX_TEXT)
        raw, buttons = parameters.string("text"), buttons_of(parameters.structure("reply_markup"))
        if message.file:
            raise bad_request("there is no text in the message to edit")
        self._change(message, text, raw, buttons)
        return self._chats.as_json(message)

    def _editMessageReplyMarkup(self, parameters: Parameters) -> dict[str, Any]:
        message = self._own(parameters, "edit")
        self._change(message, message.text, message.raw, buttons_of(parameters.structure("reply_markup")))
        return self._chats.as_json(message)

    def _editMessageCaption(self, parameters: Parameters) -> dict[str, Any]:
        message = self._own(parameters, "edit")
        text = text_of(parameters.values, "caption", MAX_CAPTION)
        if not message.file:
            raise bad_request("there is no caption in the message to edit")
        buttons = buttons_of(parameters.structure("reply_markup"))
        if message.album and buttons:
            raise bad_request("a message of a media group has no reply markup")
        self._change(message, text, parameters.string("caption"), buttons)
        return self._chats.as_json(message)

    def _deleteMessage(self, parameters: Parameters) -> bool:
        self._delete([self._own(parameters, "delete")])
        return True

    def _deleteMessages(self, parameters: Parameters) -> bool:
        """Those that are not found are skipped."""
        chat, ids = self._reachable(parameters), parameters.structure("message_ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_DELETED:
            raise bad_request("there must be 1-100 message identifiers")
        self._delete([m for m in self._chats.messages if m.chat == chat and m.message_id in ids and not m.deleted])
        return True

    def _delete(self, messages: list[SentMessage]) -> None:
        if any(message.age_hours >= DELETE_HOURS for message in messages):
            raise bad_request("message can't be deleted")
        for message in messages:
            message.deleted = True

    def _send_file(self, method: str, parameters: Parameters) -> SentMessage:
        chat = self._reachable(parameters)
        kind = _SENDS_FILE[method]
        text = text_of(parameters.values, "caption", MAX_CAPTION)
        buttons = buttons_of(parameters.structure("reply_markup"))
        file_id, name = self._file(kind, parameters.string(kind), parameters)
        raw = parameters.string("caption")
        return self._keep(SentMessage(0, chat, method, text, raw, buttons, file_id, name))

    def _file(self, kind: str, ref: str, parameters: Parameters) -> tuple[str, str]:
        """(file_id, name) of an upload or of a file that is here already."""
        part = ref.removeprefix("attach://") if ref.startswith("attach://") else kind
        if part in parameters.files and (not ref or ref.startswith("attach://")):
            name, content = parameters.files[part]
            if len(content) > MAX_UPLOAD[kind]:
                raise Refused(413, "Request Entity Too Large")
            return self._chats.store(content, name), name
        if ref not in self._chats.files:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return ref, ""

    def _reachable(self, parameters: Parameters) -> int:
        chat = parameters.number("chat_id")
        if not self._any_chat and chat not in self._chats.known:
            raise bad_request("chat not found")
        if chat in self._chats.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return chat

    def _own(self, parameters: Parameters, verb: str) -> SentMessage:
        return self._chats.find(self._reachable(parameters), parameters.number("message_id"), verb)

    def _change(self, message: SentMessage, text: str, raw: str, buttons: Any) -> None:
        if (message.text, message.raw, message.buttons) == (text, raw, buttons):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        message.text, message.raw, message.buttons = text, raw, buttons
        message.edits += 1

    def _keep(self, message: SentMessage) -> SentMessage:
        message.message_id = self._chats.next_message_id()
        self._chats.messages.append(message)
        return message

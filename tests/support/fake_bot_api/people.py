"""What people do to the bot, each deed one update."""

from typing import Any

from tests.support.fake_bot_api.chats import Chats, person, private_chat
from tests.support.fake_bot_api.updates import Updates


class People:
    """Causes updates. Every method returns the update_id."""

    def __init__(self, chats: Chats, updates: Updates) -> None:
        self.chats = chats
        self.updates = updates

    def push(self, update: dict[str, Any]) -> int:
        """Any update, given without its number."""
        return self.updates.push(update)

    def user_says(self, chat: int, text: str) -> int:
        """A text message, or a command."""
        return self.user_sends(chat, text=text)

    def user_sends(self, chat: int, **content: Any) -> int:
        """A message with any content fields, such as `sticker={…}` or `location={…}`."""
        self.chats.known.add(chat)
        return self.push({"message": self._message(chat) | content})

    def user_sends_photo(
        self, chat: int, caption: str = "", album: str = "", content: bytes = b"jpeg", size: int | None = None
    ) -> int:
        """A photo in two sizes; `size` claims a size other than the content's."""
        file_id = self.chats.store(content, "photo.jpg", size)
        sizes = [
            {"file_id": f"{file_id}_s", "file_unique_id": "s", "width": 90, "height": 67, "file_size": 10},
            self._file(file_id) | {"width": 1280, "height": 960},
        ]
        extra = {"caption": caption, "media_group_id": album}
        return self.user_sends(chat, photo=sizes, **{name: value for name, value in extra.items() if value})

    def user_sends_voice(self, chat: int, content: bytes = b"ogg", size: int | None = None) -> int:
        """A voice note of three seconds."""
        file = self._file(self.chats.store(content, "voice.oga", size))
        return self.user_sends(chat, voice=file | {"duration": 3})

    def user_sends_document(self, chat: int, name: str, content: bytes = b"pdf", size: int | None = None) -> int:
        """A document."""
        file = self._file(self.chats.store(content, name, size))
        return self.user_sends(chat, document=file | {"file_name": name})

    def user_edits(self, chat: int, text: str) -> int:
        """An earlier text message, edited."""
        return self.push({"edited_message": self._message(chat) | {"edit_date": self.chats.date(), "text": text}})

    def user_presses(self, chat: int, choice: str) -> int:
        """The button with that label or data, in the newest message that shows one."""
        message, data = self.chats.holding(chat, choice)
        return self.user_forges_press(chat, data, message.message_id)

    def user_forges_press(self, chat: int, data: str, message_id: int) -> int:
        """A press of any data on any message, shown there or not."""
        press_id = str(9_000_000 + len(self.chats.presses))
        self.chats.presses[press_id] = True
        message = self._message(chat) | {"message_id": message_id, "from": self.chats.bot, "text": "…"}
        query = {
            "id": press_id,
            "from": person(chat),
            "chat_instance": "1",
            "message": message,
            "data": data,
        }
        return self.push({"callback_query": query})

    def presses_grow_old(self) -> None:
        """From now on the presses so far can no longer be answered."""
        self.chats.presses = dict.fromkeys(self.chats.presses, False)

    def blocks(self, chat: int) -> int:
        """The person blocks the bot."""
        self.chats.blocked.add(chat)
        return self.push(self._membership(chat, "member", "kicked"))

    def unblocks(self, chat: int) -> int:
        """The person lets the bot write again."""
        self.chats.blocked.discard(chat)
        return self.push(self._membership(chat, "kicked", "member"))

    def group_says(self, group: int, member: int, text: str) -> int:
        """A text message in a group (a negative id)."""
        chat = {"id": group, "type": "supergroup", "title": f"Group {group}"}
        self.chats.known.add(group)
        return self.push({"message": self._message(member) | {"chat": chat, "text": text}})

    def _message(self, chat: int) -> dict[str, Any]:
        return {
            "message_id": self.chats.next_message_id(),
            "from": person(chat),
            "chat": private_chat(chat),
            "date": self.chats.date(),
        }

    def _file(self, file_id: str) -> dict[str, Any]:
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": self.chats.files[file_id].size}

    def _member(self, status: str) -> dict[str, Any]:
        banned = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.chats.bot, "status": status} | banned

    def _membership(self, chat: int, before: str, after: str) -> dict[str, Any]:
        return {
            "my_chat_member": {
                "chat": private_chat(chat),
                "from": person(chat),
                "date": self.chats.date(),
                "old_chat_member": self._member(before),
                "new_chat_member": self._member(after),
            }
        }

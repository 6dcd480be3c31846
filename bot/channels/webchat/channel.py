"""The web chat as a channel. Its messages are read from the outbox; delivering one is telling who watches."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bot.channels.contract import Capabilities, Delivery, Intake, Outcome, OutcomeKind, Refusal
from bot.channels.webchat.uploads import Uploads
from bot.domain.messages import Inbound

Listener = asyncio.Queue[int]
"""Outbox rows just delivered to a chat; HANG_UP when the server stops."""

HANG_UP: Final = 0


class WebChat:
    """One web chat. `link` is the page's public address."""

    name: Final = "webchat"
    account: Final = "web"
    capabilities: Final = Capabilities(
        max_text=4096,
        buttons=True,
        edits=True,
        files=dict.fromkeys(("photo", "video", "document", "voice"), 4096),
        album=10,
        delete_hours=None,
        alternative=True,
    )

    def __init__(self, uploads: Uploads, link: str = "") -> None:
        self.uploads: Final = uploads
        self.link: Final = link
        self._listeners: dict[str, set[Listener]] = {}

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to release."""

    async def receive(self, intake: Intake) -> None:
        """Nothing to poll: browsers post what people say."""

    async def acknowledge(self, inbound: Inbound) -> None:
        """The page takes a pressed button off by itself."""

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """The page shows no such menu."""

    async def answers(self) -> bool:
        """It is ours."""
        return True

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Tell the chat's listeners; whoever comes later reads the same row."""
        for listener in self._listeners.get(delivery.chat, ()):
            listener.put_nowait(delivery.row)
        return Outcome(OutcomeKind.SENT, external_id=str(delivery.row))

    async def fetch(self, ref: str, limit: int) -> bytes | Refusal:
        """An uploaded file."""
        content = await asyncio.to_thread(self.uploads.read, ref)
        if content is None:
            return Refusal.GONE
        return Refusal.TOO_BIG if len(content) > limit else content

    @contextmanager
    def listen(self, chat: str) -> Iterator[Listener]:
        """Watch a chat's rows from now on."""
        listener: Listener = asyncio.Queue()
        self._listeners.setdefault(chat, set()).add(listener)
        try:
            yield listener
        finally:
            left = self._listeners[chat]
            left.discard(listener)
            if not left:
                del self._listeners[chat]

    def hang_up(self) -> None:
        """Tell every listener to leave."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.put_nowait(HANG_UP)

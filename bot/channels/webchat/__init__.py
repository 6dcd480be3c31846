"""The web chat: a channel whose messages are read from the outbox by the browser."""

from bot.channels.webchat.channel import HANG_UP, WebChat
from bot.channels.webchat.uploads import Uploads

__all__ = ["HANG_UP", "Uploads", "WebChat"]

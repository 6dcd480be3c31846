"""A Telegram Bot API on loopback that enforces Telegram's rules and fails on demand."""

from tests.support.fake_bot_api.chats import SentMessage
from tests.support.fake_bot_api.server import TOKEN, Call, FakeBotApi, Fault

__all__ = ["TOKEN", "Call", "FakeBotApi", "Fault", "SentMessage"]

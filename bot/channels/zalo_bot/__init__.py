"""The Zalo Bot API as a channel."""

from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_bot.quirks import Quirks

__all__ = ["Quirks", "ZaloBotChannel"]

"""Telegram as a channel."""

from bot.channels.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]

"""The yardstick: stock python-telegram-bot doing the same job (look up, insert, commit, reply with a menu)."""

import os
import sqlite3
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

DATABASE = sqlite3.connect(sys.argv[1], isolation_level=None)
DATABASE.execute("PRAGMA journal_mode=WAL")
DATABASE.execute("CREATE TABLE IF NOT EXISTS member (chat INTEGER PRIMARY KEY)")
DATABASE.execute("CREATE TABLE IF NOT EXISTS event (chat INTEGER, text TEXT)")
LABELS = [f"{number}. Choice" for number in range(1, 9)]


async def reply(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """One text update."""
    message = update.effective_message
    DATABASE.execute("BEGIN")
    DATABASE.execute("SELECT chat FROM member WHERE chat = ?", (message.chat_id,)).fetchone()
    DATABASE.execute("INSERT INTO event VALUES (?, ?)", (message.chat_id, message.text))
    DATABASE.execute("COMMIT")
    rows = [[InlineKeyboardButton(label, callback_data=label)] for label in LABELS]
    await message.reply_text(f"You said {message.text}", reply_markup=InlineKeyboardMarkup(rows))


application = (
    Application.builder()
    .token(os.environ["TELEGRAM_BOT_TOKEN"])
    .base_url(os.environ["TELEGRAM_API_URL"] + "/bot")
    .concurrent_updates(True)
    .build()
)
application.add_handler(MessageHandler(filters.TEXT, reply))
application.run_polling()

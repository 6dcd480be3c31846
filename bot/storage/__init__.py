"""All SQL of the bot: plain functions of a `Transaction`, one file a noun. Nothing here knows a channel or a text."""

"""The content pack: what the bot says about the topic of the year, with a source for every claim."""

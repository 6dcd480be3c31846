"""Công đoàn bot: a trade-union federation's chatbot."""

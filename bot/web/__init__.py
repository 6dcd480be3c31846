"""The ASGI application: web chat, webhooks, health, metrics."""

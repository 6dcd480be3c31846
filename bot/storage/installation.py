"""What belongs to the whole installation: its secret, its accounts, one-time codes, the audit log."""

import secrets
from typing import Final

from bot.storage.database import Transaction

SECRET_BYTES: Final = 32


def secret(tx: Transaction) -> bytes:
    """The installation's secret, made on first use. It keys hashes and seeds draws; it leaves the database never."""
    stored = tx.scalar("SELECT value FROM installation WHERE name = 'secret'")
    if stored is None:
        stored = secrets.token_hex(SECRET_BYTES)
        tx.run("INSERT INTO installation (name, value) VALUES ('secret', ?)", (stored,))
    return bytes.fromhex(stored)


def setting(tx: Transaction, name: str) -> str | None:
    """A remembered value, or None."""
    value: str | None = tx.scalar("SELECT value FROM installation WHERE name = ?", (name,))
    return value


def set_setting(tx: Transaction, name: str, value: str) -> None:
    """Remember a value."""
    tx.run(
        "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def drop_setting(tx: Transaction, name: str) -> None:
    """Forget a value."""
    tx.run("DELETE FROM installation WHERE name = ?", (name,))


def account_id(tx: Transaction, channel: str, external_id: str) -> int:
    """The row of a channel's account, made on first use."""
    tx.run(
        "INSERT INTO account (channel, external_id) VALUES (?, ?) ON CONFLICT (channel, external_id) DO NOTHING",
        (channel, external_id),
    )
    found: int = tx.scalar("SELECT id FROM account WHERE channel = ? AND external_id = ?", (channel, external_id))
    return found


def channel(tx: Transaction, account_id: int) -> str:
    """The channel's word of an account."""
    found: str = tx.scalar("SELECT channel FROM account WHERE id = ?", (account_id,))
    return found


def add_code(tx: Transaction, digest: bytes, purpose: str, now: int, expires_at: int) -> None:
    """Keep the hash of a one-time code."""
    tx.run(
        "INSERT INTO code (hash, purpose, created_at, expires_at) VALUES (?, ?, ?, ?)",
        (digest, purpose, now, expires_at),
    )


def drop_codes(tx: Transaction, purpose: str) -> None:
    """End every code of a purpose."""
    tx.run("DELETE FROM code WHERE purpose = ?", (purpose,))


def use_code(tx: Transaction, digest: bytes, now: int) -> str | None:
    """Use a code up and return its purpose; None when unknown, used or expired."""
    purpose: str | None = tx.scalar(
        "UPDATE code SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ? RETURNING purpose",
        (now, digest, now),
    )
    return purpose


def record_audit(
    tx: Transaction, at: int, actor_id: int | None, act: str, unit_id: int | None = None, detail: str = ""
) -> None:
    """Append to the audit log; nothing ever changes or removes a line."""
    tx.run(
        "INSERT INTO audit (at, actor_id, act, unit_id, detail) VALUES (?, ?, ?, ?, ?)",
        (at, actor_id, act, unit_id, detail),
    )

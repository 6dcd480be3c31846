"""The list of who was erased, outside the database and every copy of it, so that a copy cannot bring them back.

A line is an instant (epoch ms) and a keyed hash of a member's row: of nobody else's, though a number be given again.
"""

import hashlib
import os
import re
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from bot.storage import installation
from bot.storage.database import Transaction

NAME: Final = "erasures.log"
_LINE: Final = re.compile("([0-9]+) ([0-9a-f]{32})")


def identity(secret: bytes, member_id: int, created_at: int) -> str:
    """What stands for a member's row in the list."""
    return hashlib.blake2b(f"erased\0{member_id}\0{created_at}".encode(), digest_size=16, key=secret).hexdigest()


def identities(tx: Transaction, member_id: int) -> list[str]:
    """What stands for a member, and for those who were made one with them: an older copy holds these apart."""
    created_at: int = tx.scalar("SELECT created_at FROM member WHERE id = ?", (member_id,))
    merged = installation.setting(tx, f"was:{member_id}") or ""
    return [identity(installation.secret(tx), member_id, created_at), *merged.split()]


def remember_merged(tx: Transaction, kept: int, gone: int) -> None:
    """The member `gone`, whose row is about to go, is `kept` from now on."""
    before = installation.setting(tx, f"was:{kept}") or ""
    installation.set_setting(tx, f"was:{kept}", " ".join([*before.split(), *identities(tx, gone)]))
    forget_merged(tx, gone)


def forget_merged(tx: Transaction, member_id: int) -> None:
    """The member's row is about to go."""
    installation.drop_setting(tx, f"was:{member_id}")


def write_down(data_dir: Path, erased: Collection[str], now: int) -> None:
    """Add to the list and to the disk, before the commit that erases. Raises sqlite3.OperationalError: tried again."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _append(data_dir / NAME, dict.fromkeys(erased, now))
        sync_directory(data_dir)
    except OSError as error:
        raise sqlite3.OperationalError(f"{NAME}: {error.strerror}") from error


def _append(path: Path, entries: Mapping[str, int]) -> None:
    """A line begins with its break: one that a crash cut short spoils no other."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as opened:
        opened.write("".join(f"\n{at} {each}" for each, at in entries.items()))
        opened.flush()
        os.fsync(opened.fileno())


def sync_directory(path: Path) -> None:
    """Have names that were made or changed in a folder on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def listed(data_dir: Path) -> dict[str, int]:
    """Everybody on the list, with the instant."""
    path = data_dir / NAME
    lines = path.read_text("utf-8", "replace").split("\n") if path.exists() else []
    return {found[2]: int(found[1]) for line in lines if (found := _LINE.fullmatch(line))}


def prune(tx: Transaction, data_dir: Path, before: int) -> None:
    """Forget entries of before epoch ms `before`, and those of whose erasure nothing came.

    Only on the writer's thread, where entries are added, and alone in its commit.
    """
    known = listed(data_dir)
    not_erased = _not_erased(tx, known) if known else set()
    stays = {each: at for each, at in known.items() if at >= before and each not in not_erased}
    if len(stays) < len(known):
        part = data_dir / f"{NAME}.part"
        part.unlink(missing_ok=True)
        _append(part, stays)
        part.replace(data_dir / NAME)
        sync_directory(data_dir)


def _not_erased(tx: Transaction, known: Mapping[str, int]) -> set[str]:
    """Entries since the last restore of members who are still there: the turn failed after it had written them down.

    Those from before a restore stay: they may be of people it brought back for want of the list.
    """
    secret = installation.secret(tx)
    there = {identity(secret, id, created_at) for id, created_at in tx.all("SELECT id, created_at FROM member")}
    for (merged,) in tx.all("SELECT value FROM installation WHERE name LIKE 'was:%'"):
        there.update(merged.split())
    restored_at: int = tx.scalar("SELECT MAX(at) FROM audit WHERE act = 'restored'") or 0
    return {each for each, at in known.items() if each in there and at > restored_at}

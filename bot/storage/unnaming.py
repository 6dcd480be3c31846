"""Taking names and phones out of what was shown to others: at once where few saw them, else piece by piece."""

import re
from collections.abc import Collection
from typing import Any, Final

import orjson
from markupsafe import escape

from bot.dialog.journal import Journal
from bot.domain.messages import Outbound
from bot.storage.database import Transaction

WINDOW: Final = 2_000
"""Rows looked through at once: a few milliseconds a name."""


def take_out(tx: Transaction, names: Collection[str], addresses: str, values: tuple[Any, ...]) -> None:
    """Take names out of what was shown at `addresses`, a query of their ids with its values."""
    _clean_journals(tx, names, f"address_id IN ({addresses})", values)
    _blank_messages(tx, names, f"address_id IN ({addresses})", values)


def take_out_everywhere(tx: Transaction, names: Collection[str]) -> None:
    """Have names taken out of what was shown to anybody; `take_out_slice` does it."""
    for place in ("dialog", "outbox"):
        tx.run(
            "INSERT INTO unnaming (place, names, cursor)"
            f" VALUES (?, ?, (SELECT COALESCE(MIN(id), 1) - 1 FROM {place}))",
            (place, orjson.dumps(sorted(names)).decode()),
        )


def take_out_slice(tx: Transaction) -> bool:
    """Look through the next rows; False when there is nothing to look for. What is being sent is looked at later."""
    job = tx.one("SELECT id, place, names, cursor FROM unnaming ORDER BY id LIMIT 1")
    if job is None:
        return False
    id, place, names, cursor = job
    clean = _clean_journals if place == "dialog" else _blank_messages
    clean(tx, orjson.loads(names), "id > ? AND id <= ?", (cursor, cursor + WINDOW))
    if cursor + WINDOW < tx.scalar(f"SELECT COALESCE(MAX(id), 0) FROM {place}"):
        tx.run("UPDATE unnaming SET cursor = ? WHERE id = ?", (cursor + WINDOW, id))
    else:
        tx.run("DELETE FROM unnaming WHERE id = ?", (id,))
    return True


def _blank_messages(tx: Transaction, names: Collection[str], where: str, values: tuple[Any, ...]) -> None:
    for name in names:
        said = {name, str(escape(name))}
        word = re.compile("|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in said))
        for form in said:
            bodies = tx.all(
                "SELECT id, body FROM outbox WHERE state NOT IN ('pending', 'sending')"
                f" AND REPLACE(body, ?, '') <> body AND {where}",
                (_in_json(form), *values),
            )
            named = [(id,) for id, body in bodies if _says(Outbound.from_json(orjson.loads(body)), word)]
            tx.run_many("UPDATE outbox SET body = NULL WHERE id = ?", named)


def _clean_journals(tx: Transaction, names: Collection[str], where: str, values: tuple[Any, ...]) -> None:
    for name in names:
        found = tx.all(
            f"SELECT id, journal FROM dialog WHERE REPLACE(journal, ?, '') <> journal AND {where}",
            (_in_json(name), *values),
        )
        for id, journal in found:
            tx.run("UPDATE dialog SET journal = ? WHERE id = ?", (Journal.load(journal).without(name).dump(), id))


def _says(outbound: Outbound, word: re.Pattern[str]) -> bool:
    """Whether a message shows the word, whole."""
    labels = [button.label for row in outbound.buttons for button in row]
    return any(word.search(shown) for shown in (outbound.html, *labels))


def _in_json(shown: str) -> str:
    return orjson.dumps(shown).decode()[1:-1]

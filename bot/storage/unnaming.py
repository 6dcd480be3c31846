"""Taking names and phones out of what was shown to others: at once where few saw them, else piece by piece.

What they still wait for goes out without the names; what is on the wire is looked at when it has arrived.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import orjson
from markupsafe import escape

from bot.dialog.journal import Journal
from bot.domain.messages import Outbound
from bot.storage.database import Transaction

WINDOW: Final = 2_000
"""Rows looked through at once: a few milliseconds a name."""
GONE: Final = "…"
"""What stands in the place of a name."""
_TAG: Final = re.compile("(<[^>]*>)")


def take_out(tx: Transaction, names: Collection[str], addresses: str, values: tuple[Any, ...]) -> None:
    """Take names out of what was shown at `addresses`, a query of their ids with its values."""
    _clean_journals(tx, names, f"address_id IN ({addresses})", values)
    _blank_messages(tx, names, f"address_id IN ({addresses})", values)
    going = _on_the_wire(tx, names)
    if going is not None:
        _want(tx, "outbox", names, going - 1)


def take_out_everywhere(tx: Transaction, names: Collection[str]) -> None:
    """Have names taken out of what was shown to anybody; `take_out_slice` does it."""
    for place in ("dialog", "outbox"):
        _want(tx, place, names, tx.scalar(f"SELECT COALESCE(MIN(id), 1) - 1 FROM {place}"))


def _want(tx: Transaction, place: str, names: Collection[str], cursor: int) -> None:
    tx.run(
        "INSERT INTO unnaming (place, names, cursor) VALUES (?, ?, ?)",
        (place, orjson.dumps(sorted(names)).decode(), cursor),
    )


def take_out_slice(tx: Transaction) -> bool:
    """Look through the next rows; False when there is nothing to look for, or what there is is still being sent."""
    job = tx.one("SELECT id, place, names, cursor FROM unnaming ORDER BY id LIMIT 1")
    if job is None:
        return False
    id, place, names, cursor = job
    clean = _clean_journals if place == "dialog" else _blank_messages
    clean(tx, orjson.loads(names), "id > ? AND id <= ?", (cursor, cursor + WINDOW))
    if cursor + WINDOW < tx.scalar(f"SELECT COALESCE(MAX(id), 0) FROM {place}"):
        tx.run("UPDATE unnaming SET cursor = ? WHERE id = ?", (cursor + WINDOW, id))
        return True
    tx.run("DELETE FROM unnaming WHERE id = ?", (id,))
    going = _on_the_wire(tx, orjson.loads(names)) if place == "outbox" else None
    if going is not None:
        _want(tx, place, orjson.loads(names), going - 1)
    return going is None


def _on_the_wire(tx: Transaction, names: Collection[str]) -> int | None:
    """The first message with one of the names that is being sent."""
    said = [_in_json(form) for name in names for form in {name, str(escape(name))}]
    # Through the few that are being sent: the least of their ids would be looked for among all messages.
    going = "SELECT id FROM outbox WHERE state = 'sending' AND REPLACE(body, ?, '') <> body"
    return min((id for form in said for (id,) in tx.all(going, (form,))), default=None)


def _blank_messages(tx: Transaction, names: Collection[str], where: str, values: tuple[Any, ...]) -> None:
    for name in names:
        said = {name, str(escape(name))}
        word = re.compile("|".join(rf"(?<![\w&]){re.escape(form)}(?!\w)" for form in said))
        for form in said:
            found = tx.all(
                "SELECT id, state, body FROM outbox WHERE state <> 'sending'"
                f" AND REPLACE(body, ?, '') <> body AND {where}",
                (_in_json(form), *values),
            )
            for id, state, body in found:
                shown = Outbound.from_json(orjson.loads(body))
                nameless = _without(shown, word)
                if nameless != shown:
                    left = orjson.dumps(nameless.as_json()).decode() if state == "pending" else None
                    tx.run("UPDATE outbox SET body = ? WHERE id = ?", (left, id))


def _clean_journals(tx: Transaction, names: Collection[str], where: str, values: tuple[Any, ...]) -> None:
    for name in names:
        found = tx.all(
            f"SELECT id, journal FROM dialog WHERE REPLACE(journal, ?, '') <> journal AND {where}",
            (_in_json(name), *values),
        )
        for id, journal in found:
            tx.run("UPDATE dialog SET journal = ? WHERE id = ?", (Journal.load(journal).without(name).dump(), id))


def _without(outbound: Outbound, word: re.Pattern[str]) -> Outbound:
    """A message, with what follows it, that does not show the word where it stands whole."""
    return Outbound(
        "".join(part if part[:1] == "<" else word.sub(GONE, part) for part in _TAG.split(outbound.html)),
        tuple(tuple(button._replace(label=word.sub(GONE, button.label)) for button in row) for row in outbound.buttons),
        tuple(replace(file, name=word.sub(GONE, file.name), alt=word.sub(GONE, file.alt)) for file in outbound.media),
        tuple(_without(message, word) for message in outbound.then),
    )


def _in_json(shown: str) -> str:
    return orjson.dumps(shown).decode()[1:-1]

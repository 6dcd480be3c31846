"""*Ai giữ việc gì* and *Nhật ký việc làm* as workbooks, for who administers what stands in them."""

from typing import Final

from bot.domain.prompts import Option
from bot.services import access, audit_log, posters, tables, terms
from bot.services.turn import Turn
from bot.storage import installation

ACTS_AT_MOST: Final = 5_000
_ROLES: Final = ("unit", "role", "holder", "until", "by", "deputies")
_ACTS: Final = ("at", "who", "act", "unit")


def send_roles(turn: Turn) -> int:
    """Send who holds what in the acting administrator's subtrees; returns how many roles, 0 when they may not."""
    listed = terms.every(turn)
    rows = [
        [
            role["unit"],
            role["role"],
            role["holder"],
            role["until"],
            role["by"],
            "; ".join(f"{name} ({until})" for _, name, until in role["deputies"]),
        ]
        for role in listed
    ]
    return _send(turn, "roles", _ROLES, rows)


def send_acts(turn: Turn) -> int:
    """Send the newest acts of the acting administrator's subtrees; returns how many, 0 when they may not."""
    entries = audit_log.newest(turn, 0, ACTS_AT_MOST)
    return _send(turn, "log", _ACTS, [[entry["at"], entry["who"], entry["act"], entry["unit"]] for entry in entries])


def _send(turn: Turn, what: str, columns: tuple[str, ...], rows: list[list[str]]) -> int:
    mine = access.admin_units(turn)
    if rows and mine:
        name = turn.at.texts.spoken(Option(f"{what}_file")).label
        header = [turn.at.texts.words[f"column_of_{column}"].show for column in columns]
        posters.send_file(turn, "document", tables.write(name, header, rows), name)
        installation.record_audit(turn.tx, turn.now, turn.me.id, "list_exported", mine[0], f"{what} {len(rows)}")
    return len(rows)

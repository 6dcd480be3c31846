"""The union tree as a file, sent to an administrator in chat."""

from bot.domain.prompts import Option
from bot.services import access, posters, unit_import
from bot.services.turn import Turn
from bot.storage import installation
from bot.storage import roster as rows


def send(turn: Turn) -> int:
    """Send the units the acting person administers as a workbook; returns how many, 0 when they may not."""
    roots = access.admin_units(turn)
    inside = rows.units_under(turn.tx, roots) if roots else set()
    if inside:
        name = turn.at.texts.spoken(Option("units_file")).label
        content = unit_import.export(turn.tx, turn.at.texts, turn.at.federation, name, sorted(inside))
        posters.send_file(turn, "document", content, name)
        installation.record_audit(turn.tx, turn.now, turn.me.id, "units_exported", None, str(len(inside)))
    return len(inside)

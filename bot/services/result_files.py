"""The result of an announcement as a workbook: units in official order with subtotals, and why messages were lost."""

import io
from typing import Final

from bot.domain.people import Unit
from bot.domain.prompts import Option
from bot.services import notices, posters, results
from bot.services.results import FEW, OUTCOMES, Counted, Tree
from bot.services.turn import Turn
from bot.storage import installation
from bot.storage.announcements import Announcement

Row = list[str | int]
INDENT: Final = "    "
WIDEST: Final = 60


def send(turn: Turn, id: int) -> bool:
    """Send the workbook to the acting officer; False when the announcement is not theirs."""
    announced = results.mine(turn, id)
    if announced is None:
        return False
    posters.send_file(turn, "document", workbook(turn, announced), _word(turn, "result_file", id=str(id)))
    installation.record_audit(turn.tx, turn.now, turn.me.id, "result_exported", announced.unit_id, str(id))
    return True


def workbook(turn: Turn, announced: Announcement) -> bytes:
    """The file's bytes."""
    tree = results.by_unit(turn, announced)
    rows: list[Row] = [_header(turn, announced)]
    whole = Counted()
    for root in tree.roots:
        whole.add(tree.whole[root.id])
        rows += _rows(turn, announced, tree, root, 0)
    if tree.elsewhere.outcomes:
        rows.append([_word(turn, "result_elsewhere"), "", *_numbers(turn, announced, tree.elsewhere)])
        whole.add(tree.elsewhere)
    rows.append([_word(turn, "result_total"), "", *_numbers(turn, announced, whole)])
    why: list[Row] = [[_word(turn, "result_reason"), _word(turn, "result_people")]]
    why += [[_word(turn, f"reason_{reason}"), count] for reason, count in whole.reasons.most_common()]
    about: list[Row] = [[_word(turn, "result_about"), notices.label(turn, announced)]]
    return _saved({_word(turn, "sheet_units"): about + rows, _word(turn, "sheet_reasons"): why})


def _header(turn: Turn, announced: Announcement) -> Row:
    asked = [f"answer_{choice}" for choice in results.choices(announced)]
    words = ["result_unit", "result_code", "result_people", *(f"outcome_{outcome}" for outcome in OUTCOMES), *asked]
    return [_word(turn, word) for word in words]


def _rows(turn: Turn, announced: Announcement, tree: Tree, unit: Unit, depth: int) -> list[Row]:
    """A unit with its subtotal, its own people where units below have some too, and those units."""
    name, below = INDENT * depth + unit.name, tree.children.get(unit.id, [])
    rows: list[Row] = [[name, unit.code, *_numbers(turn, announced, tree.whole[unit.id])]]
    if below and unit.id in tree.alone:
        own = INDENT * (depth + 1) + _word(turn, "result_own")
        rows.append([own, unit.code, *_numbers(turn, announced, tree.alone[unit.id])])
    for child in below:
        rows += _rows(turn, announced, tree, child, depth + 1)
    return rows


def _numbers(turn: Turn, announced: Announcement, found: Counted) -> Row:
    few = _word(turn, "result_few", few=FEW)
    answers = [results.few(found.answers[choice]) for choice in results.choices(announced)]
    return [
        found.outcomes.total(),
        *(found.outcomes[outcome] for outcome in OUTCOMES),
        *(few if answer is None else answer for answer in answers),
    ]


def _word(turn: Turn, word: str, **params: object) -> str:
    return turn.at.texts.spoken(Option(word, params=params)).label


def _saved(sheets: dict[str, list[Row]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(number, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # a name that begins with = is no formula
        for column in range(1, max(map(len, rows)) + 1):
            longest = max(len(str(row[column - 1])) for row in rows if len(row) >= column)
            sheet.column_dimensions[get_column_letter(column)].width = min(longest, WIDEST) + 2
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()

"""The result of an announcement as a workbook: units in official order with subtotals, and why messages were lost."""

from collections.abc import Mapping
from typing import Final

from bot.domain.people import Unit
from bot.domain.prompts import Option
from bot.services import notices, posters, results, tables
from bot.services.results import FEW, OUTCOMES, Counted, Known, Tree
from bot.services.turn import Turn
from bot.storage import installation
from bot.storage.announcements import Announcement

Row = list[str | int]
INDENT: Final = "    "


def send(turn: Turn, id: int) -> bool:
    """Send the workbook to the acting officer; False when it is not theirs, or its numbers are not to be shown."""
    announced = results.mine(turn, id)
    if announced is None or results.conceals(turn, announced):
        return False
    posters.send_file(turn, "document", workbook(turn, announced), _word(turn, "result_file", id=str(id)))
    installation.record_audit(turn.tx, turn.now, turn.me.id, "result_exported", announced.unit_id, str(id))
    return True


def workbook(turn: Turn, announced: Announcement) -> bytes:
    """The file's bytes."""
    tree = results.by_unit(turn, announced)
    rows: list[Row] = [_header(turn, announced)]
    whole, asked = Counted(), results.choices(announced)
    answers = results.known_of_all(tree, asked)
    for root in tree.roots:
        whole.add(tree.whole[root.id])
        rows += _rows(turn, announced, tree, root, 0)
    if tree.elsewhere.outcomes:
        there = results.known_alone(tree.elsewhere, asked)
        rows.append([_word(turn, "result_elsewhere"), "", *_numbers(turn, tree.elsewhere, there)])
        whole.add(tree.elsewhere)
        answers = {choice: results.together([answers[choice], there[choice]]) for choice in asked}
    rows.append([_word(turn, "result_total"), "", *_numbers(turn, whole, answers)])
    why: list[Row] = [[_word(turn, "result_reason"), _word(turn, "result_people")]]
    why += [[_word(turn, f"reason_{reason}"), count] for reason, count in whole.reasons.most_common()]
    about: list[Row] = [[_word(turn, "result_about"), notices.label(turn, announced)]]
    return tables.workbook({_word(turn, "sheet_units"): about + rows, _word(turn, "sheet_reasons"): why})


def _header(turn: Turn, announced: Announcement) -> Row:
    asked = [f"answer_{choice}" for choice in results.choices(announced)]
    words = ["result_unit", "result_code", "result_people", *(f"outcome_{outcome}" for outcome in OUTCOMES), *asked]
    return [_word(turn, word) for word in words]


def _rows(turn: Turn, announced: Announcement, tree: Tree, unit: Unit, depth: int) -> list[Row]:
    """A unit with its subtotal, its own people where units below have some too, and those units."""
    name, below = INDENT * depth + unit.name, tree.children.get(unit.id, [])
    asked = results.choices(announced)
    answers = results.known(tree, unit, asked)
    rows: list[Row] = [[name, unit.code, *_numbers(turn, tree.whole[unit.id], answers)]]
    if below and unit.id in tree.alone:
        own = INDENT * (depth + 1) + _word(turn, "result_own")
        alone = tree.alone[unit.id]
        rows.append([own, unit.code, *_numbers(turn, alone, results.known_alone(alone, asked))])
    for child in below:
        rows += _rows(turn, announced, tree, child, depth + 1)
    return rows


def _numbers(turn: Turn, found: Counted, answers: Mapping[str, Known]) -> Row:
    outcomes = [found.outcomes[outcome] for outcome in OUTCOMES]
    return [found.outcomes.total(), *outcomes, *(_answer(turn, answer) for answer in answers.values())]


def _answer(turn: Turn, answer: Known) -> str | int:
    if answer.low == answer.high:
        return answer.count
    if answer.high < FEW:
        return _word(turn, "result_few", few=FEW)
    return _word(turn, "result_between", low=answer.low, high=answer.high)


def _word(turn: Turn, word: str, **params: object) -> str:
    return turn.at.texts.spoken(Option(word, params=params)).label

"""Choices on a channel without buttons: how they are written, and what a typed code or label presses.

Numbers and letters belong to the newest question of an address. What stands outside any dialog (an announcement's
*Đã nhận*, a reviewer's *Mở*) has a two-digit code of its own, so that neither can be taken for the other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import escape

from bot.domain.messages import Button
from bot.domain.prompts import text
from bot.domain.time import DAY
from bot.services.turn import Turn
from bot.storage import typed
from bot.vietnamese import fold, matches

VALID_FOR: Final = 7 * DAY

_NUMBERED: Final = re.compile(r"\d+\. ")
_CODE: Final = re.compile(r"(?:go )?(\d\d)(?: (.+))?")


@dataclass(frozen=True, slots=True)
class Meant:
    """A standing button that a text names: its data, its label, its code, and whether a word came with the code."""

    data: str
    label: str
    code: int
    worded: bool


def lines(turn: Turn, address_id: int, buttons: Sequence[Button]) -> list[str]:
    """The choices as lines of HTML; a code is given to each that stands outside the dialog."""
    return [line for button in buttons if (line := _line(turn, address_id, button))]


def _line(turn: Turn, address_id: int, button: Button) -> str:
    label = button.label
    if len(label) == 1:  # a quiz's letter: its line stands in the question already
        return ""
    if button.data[:2] in ("d:", "m:"):
        if _NUMBERED.match(label):
            return str(escape(label))
        return turn.render(text("common.typed_word", label=label))
    code = typed.give(turn.tx, address_id, button.data, label, turn.now, turn.now + VALID_FOR)
    return turn.render(text("common.typed_code", code=code, label=label))


def meant(turn: Turn, address_id: int, typed_text: str) -> Meant | None:
    """The live code a text is («27», «27 đọc», «gõ 27 đã nhận»); None when it is none.

    A word beside the code must be of its label: "27 tuổi" is no code.
    """
    found = _CODE.fullmatch(fold(typed_text))
    if found is None:
        return None
    code, word = int(found[1]), found[2] or ""
    for live, data, label in typed.live(turn.tx, address_id, turn.now):
        if live == code:
            fits = not word or set(word.split()) <= set(fold(label).split())
            return Meant(data, label, code, bool(word)) if fits else None
    return None


def by_label(turn: Turn, address_id: int, typed_text: str) -> str | None:
    """The data of the newest live button whose label was typed."""
    found = typed.live(turn.tx, address_id, turn.now)
    return next((data for _, data, label in found if matches(typed_text, (label,))), None)

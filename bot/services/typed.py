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
from bot.vietnamese.phrases import without_particle

VALID_FOR: Final = 7 * DAY
LONGER: Final = {"uend": 60 * DAY}
"""How long codes of buttons of some kinds are valid: a unit may end weeks after its members were asked."""

_NUMBERED: Final = re.compile(r"\d+\. ")
_CODE: Final = re.compile(r"(?:go |so )*(\d\d)(?:[.:)]? (.+))?")


@dataclass(frozen=True, slots=True)
class Meant:
    """A standing button that a text names: its data, its label, its code, and whether a word came with the code.

    `over` is when the code is not valid any more.
    """

    data: str
    label: str
    code: int
    worded: bool
    over: bool


def lines(turn: Turn, address_id: int, buttons: Sequence[Button]) -> list[str]:
    """The choices as lines of HTML; a code is given to each that stands outside the dialog."""
    return [line for button in buttons if (line := _line(turn, address_id, button))]


def _line(turn: Turn, address_id: int, button: Button) -> str:
    label = button.label
    if len(label) == 1:  # a quiz's letter: its line stands in the question already
        return ""
    if button.data[:2] in ("d:", "m:") and _NUMBERED.match(label):
        return str(escape(label))
    if button.data.startswith("d:") or button.data == "m:menu":
        return turn.render(text("common.typed_word", label=label))
    until = turn.now + LONGER.get(button.data.partition(":")[0], VALID_FOR)
    code = typed.give(turn.tx, address_id, button.data, label, turn.now, until)
    return turn.render(text("common.typed_code", code=code, label=label))


def meant(turn: Turn, address_id: int, typed_text: str) -> Meant | None:
    """The code a text is («27», «27 đọc», «Gõ 27: Đã nhận»); None when it is none that was given here.

    A word beside the code must be of its label, or of what else is typed for it: "27 tuổi" is no code.
    """
    found = _CODE.fullmatch(fold(without_particle(typed_text)))
    if found is None:
        return None
    code, word = int(found[1]), found[2] or ""
    for given, data, label, until in typed.given(turn.tx, address_id):
        if given == code:
            fits = not word or set(word.split()) <= _words_for(turn, label)
            return Meant(data, label, code, bool(word), until <= turn.now) if fits else None
    return None


def _words_for(turn: Turn, label: str) -> set[str]:
    """The words of a label and of the lexicon's other ways to say it, folded."""
    entry = next((entry for entry in turn.at.texts.words.values() if entry.show == label), None)
    phrases = (label, *entry.accept) if entry is not None else (label,)
    return {word for phrase in phrases for word in fold(phrase).split()}


def by_label(turn: Turn, address_id: int, typed_text: str) -> str | None:
    """The data of the newest button with a valid code whose label was typed."""
    found = typed.given(turn.tx, address_id)
    return next((data for _, data, label, until in found if until > turn.now and matches(typed_text, (label,))), None)

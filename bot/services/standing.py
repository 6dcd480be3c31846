"""Standing buttons: choices outside any dialog («Đã đọc», a reviewer's decision), each handled in a turn of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain.messages import Button
from bot.domain.prompts import Option, Text
from bot.services.turn import Turn


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answers outside a dialog. With `flow` that flow is started at once with `args`."""

    texts: tuple[Text, ...] = ()
    buttons: tuple[Button, ...] = ()
    flow: str = ""
    args: Mapping[str, object] = field(default_factory=dict)


StandingService = Callable[[Turn, str, str], Reply]
"""`(turn, id, choice)`: checks the right to act, acts, and answers; forged ids get a sentence."""


def standing_button(turn: Turn, kind: str, id: object, option: Option) -> Button:
    """A button that carries `kind:id:choice` (at most 64 bytes)."""
    return Button(turn.at.texts.spoken(option).label, f"{kind}:{id}:{option.id}")

"""What people can reach from anywhere: the flows, the menu, the commands, the standing buttons."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.dialog.dialog import Flow
from bot.domain.messages import Attachment, Button
from bot.domain.prompts import Option
from bot.inbound.phrases import Phrases
from bot.services.standing import Reply, StandingService
from bot.services.turn import Turn


@dataclass(frozen=True, slots=True)
class Registry:
    """What the composition root plugs in. `menu` and `role_menu` are flow names in their order.

    `acknowledge_last` answers «đã nhận»; None when there is nothing to acknowledge. `claim_code` uses a one-time code
    that was typed; None when the text is not like one. `leads_in` is whether a text names what a stranger may come in
    by: a unit, a card. `offered` is what to make of a text or file that means nothing else.
    """

    flows: Mapping[str, Flow]
    menu: Sequence[str]
    role_menu: Sequence[str]
    standing: Mapping[str, StandingService]
    acknowledge_last: Callable[[Turn], Reply | None]
    claim_code: Callable[[Turn, str], Reply | None]
    leads_in: Callable[[Turn, str], bool]
    offered: Callable[[Turn, str, Attachment | None], Reply | None]


class Signposts:
    """Where words, numbers, commands and the menu's buttons lead."""

    def __init__(self, registry: Registry, phrases: Phrases) -> None:
        self.registry = registry
        self.phrases = phrases
        self._commands = {name: flow for flow in registry.flows.values() for name in flow.commands}
        self._startable = frozenset(name for name, flow in registry.flows.items() if _needs_nothing(flow.function))
        self._menus: dict[tuple[bool, int], tuple[Button, ...]] = {}

    def menu_buttons(self, turn: Turn, has_role: bool) -> tuple[Button, ...]:
        """The main menu, numbered; the same for everybody with the same kind of role."""
        key = (has_role, id(turn.at.texts))
        if key not in self._menus:
            spoken = [turn.at.texts.spoken(Option(self.registry.flows[n].word)).label for n in self.menu(has_role)]
            self._menus[key] = tuple(
                Button(f"{number}. {label}", f"m:{name}")
                for number, (name, label) in enumerate(zip(self.menu(has_role), spoken, strict=True), 1)
            )
        return self._menus[key]

    def menu(self, has_role: bool) -> list[str]:
        """The flows of the main menu in order."""
        return [*self.registry.menu, *(self.registry.role_menu if has_role else ())]

    def is_startable(self, name: str) -> bool:
        """Whether a button or word may start this flow: it exists and needs nothing to begin with."""
        return name in self._startable

    def command(self, name: str) -> Flow | None:
        """The flow of a slash command."""
        return self._commands.get(name)


@cache
def _needs_nothing(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return all(parameter.default is not parameter.empty for parameter in parameters)

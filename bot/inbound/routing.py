"""Routing: what a message means, given who wrote it and what they were asked (DESIGN, "Routing").

Everything here runs inside one turn's transaction, on the database's thread.
"""

from typing import Final

from bot.dialog.answers import Answer
from bot.domain.messages import Inbound, InboundKind
from bot.domain.prompts import text
from bot.inbound.inside import Inside
from bot.inbound.message import START, Message
from bot.inbound.outside import Outside
from bot.inbound.phrases import Phrases
from bot.inbound.registry import Registry, Signposts
from bot.services import posting
from bot.services.turn import Turn
from bot.storage import dialogs, installation, members, outbox
from bot.storage.dialogs import StoredDialog
from bot.storage.members import Arrival

STALE_TAP_MS: Final = 10_000


class Router:
    """Handles one inbound message in one turn."""

    def __init__(self, registry: Registry, phrases: Phrases) -> None:
        self._signposts = Signposts(registry, phrases)

    def handle(self, turn: Turn, arrival: Arrival, inbound: Inbound) -> None:
        """Do what the message asks and enqueue the answer."""
        _Routed(Message(self._signposts, turn, arrival, inbound)).handle()

    def ask_again(self, turn: Turn, arrival: Arrival, stored: StoredDialog, texts: list[str]) -> None:
        """After a fault of ours: `texts`, then the pending question as it was asked before, without replaying it."""
        prompt = outbox.body(turn.tx, stored.prompt_id) if stored.prompt_id is not None else None
        if prompt is None:
            posting.reply(turn, arrival.address, texts)
            return
        buttons = [button for row in prompt.buttons for button in row]
        id = posting.reply(turn, arrival.address, [*texts, prompt.html], buttons, media=prompt.media)
        if id is not None:
            dialogs.set_prompt(turn.tx, stored.id, id)


class _Routed:
    """One message, led to the dialog that waits, to what it starts, or to the button it presses."""

    def __init__(self, message: Message) -> None:
        self._msg = message
        self._turn = message.turn
        self._address = message.address
        self._talk = message.talk
        self._outside = Outside(message, self._press)
        self._inside = Inside(message, self._outside, self._press)

    def handle(self) -> None:
        kind = self._msg.inbound.kind
        if kind is InboundKind.GROUP:
            self._greet_group()
        elif kind is InboundKind.BLOCKED:
            outbox.unreachable(self._turn.tx, self._address.id, self._turn.now)
        elif kind is InboundKind.BUTTON:
            self._press(self._msg.inbound.data)
        elif kind is not InboundKind.UNBLOCKED:
            stored = self._msg.arrival.dialog
            if stored is not None:
                self._inside.handle(stored)
            else:
                self._outside.handle()

    def _greet_group(self) -> None:
        tx, chat = self._turn.tx, self._turn.at.digest("group", self._address.external_id).hex()
        if installation.setting(tx, f"group:{chat}") is None:
            installation.set_setting(tx, f"group:{chat}", "greeted")
            link = self._turn.at.links.get(self._address.account_id, "")
            self._talk.say(text("routing.group", link=link))
        members.forget_address(tx, self._address.id, self._turn.now)

    def _press(self, data: str) -> None:
        """What a button with this data does, tapped or typed."""
        kind, _, rest = data.partition(":")
        if kind == "d":
            self._press_question(rest)
        elif kind == "m" and (rest == "menu" or self._msg.signposts.is_startable(rest)):
            self._choose_from_menu(rest)
        elif kind in self._msg.registry.standing and self._turn.member is not None:
            id, _, choice = rest.partition(":")
            self._talk.answer(self._msg.registry.standing[kind](self._turn, id, choice))
        else:
            self._stale()

    def _press_question(self, rest: str) -> None:
        tapped, _, option = rest.rpartition(":")
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if stored is not None and tapped == f"{stored.id}:{stored.seq}":
            members.remember_tap(self._turn.tx, self._address.id, tapped, self._turn.now)
            standing = self._talk.standing(stored)
            if standing is not None:
                self._inside.give(stored, standing, Answer(InboundKind.TEXT, "", self._turn.today, option))
        elif tapped == self._msg.arrival.tapped and self._turn.now - self._msg.arrival.tapped_at < STALE_TAP_MS:
            return  # the same tap again
        else:
            self._stale()

    def _stale(self) -> None:
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if stored is not None:
            self._talk.repeat(stored, text("errors.old_button"))
        elif self._turn.member is None:
            self._talk.start(START, {"payload": ""})
        else:
            self._talk.say_with_menu(text("errors.old_button_menu"))

    def _choose_from_menu(self, name: str) -> None:
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if self._turn.member is None:
            if stored is not None:
                self._talk.repeat(stored)
            else:
                self._talk.start(START, {"payload": ""})
        elif name == "menu":
            self._talk.put_aside(stored)
            self._outside.show_menu()
        else:
            self._talk.put_aside(stored)
            self._talk.start(name, {})

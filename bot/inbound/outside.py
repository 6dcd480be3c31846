"""What a message means while no dialog waits."""

from collections.abc import Callable
from typing import Final

from bot.dialog.dialog import Flow
from bot.domain.messages import InboundKind
from bot.domain.prompts import text
from bot.inbound.message import START, Message
from bot.inbound.phrases import GREETING, PUSHED, RECEIVED, SLASH, THANKS, Command, Global, Meaning, slash_command
from bot.services import typed
from bot.storage import dialogs, outbox
from bot.vietnamese import choice_number, matches, quote
from bot.vietnamese.phrases import without_particle

FREE_FILES: Final = frozenset({InboundKind.PHOTO, InboundKind.VOICE, InboundKind.VIDEO, InboundKind.DOCUMENT})


class Outside:
    """A message when nothing is being asked. `press` does what a standing button does, from its data."""

    def __init__(self, message: Message, press: Callable[[str], None]) -> None:
        self._msg = message
        self._press = press

    def handle(self) -> None:
        """Start what the message names, or answer it with the menu."""
        kind = self._msg.inbound.kind
        command = slash_command(self._msg.text) if kind is InboundKind.TEXT else None
        if self._msg.turn.member is None and kind is InboundKind.TEXT and self._claims():
            return
        if self._msg.turn.member is None and kind is InboundKind.UNSUPPORTED:
            self._msg.talk.say(text("errors.unsupported"))
        elif self._msg.turn.member is None:
            known_start = command is not None and self._msg.signposts.command(command.name) is not None
            payload = command.rest if command is not None and known_start else self._msg.text
            self._msg.talk.start(START, {"payload": payload})
        elif kind is InboundKind.TEXT and self._msg.text:
            self._text(command)
        elif kind is InboundKind.STICKER:
            self._msg.talk.say_with_menu(text("common.greeting_reply"))
        elif kind is InboundKind.EDIT:
            self._msg.talk.say_with_menu(text("routing.edited_menu"))
        elif kind in FREE_FILES and self._offers():
            return
        elif kind is InboundKind.VOICE:
            self._msg.talk.say_with_menu(text("routing.voice_menu"))
        elif kind is InboundKind.LOCATION:
            self._msg.talk.say_with_menu(text("routing.location_menu"))
        elif kind in FREE_FILES:
            self._msg.talk.say_with_menu(text("routing.file_menu"))
        else:
            self._msg.talk.say_with_menu(text("errors.unsupported"))

    def _text(self, command: Command | None) -> None:
        if command is not None:
            flow = self._msg.signposts.command(command.name)
            if flow is not None:
                self._msg.talk.start(flow.name, {flow.takes: command.rest} if flow.takes else {})
                return
        meaning = SLASH.get(command.name) if command else self._msg.meaning()
        if meaning is Global.RESUME:
            self.resume()
        elif meaning is Global.HELP:
            self._msg.talk.say_with_menu(text("routing.help"))
        elif isinstance(meaning, Global):
            self.show_menu()
        elif isinstance(meaning, Flow):
            self._msg.talk.start(meaning.name, {})
        elif command is None and (begun := self._msg.begins()) is not None:
            self._msg.talk.start(begun[0].name, begun[1])
        elif not self._pressed_by_code():
            names = self._msg.signposts.menu(self._msg.has_role)
            number = choice_number(self._msg.text, len(names))
            if number is not None:
                self._msg.talk.start(names[number - 1], {})
            else:
                self._small_talk(meaning)

    def _claims(self) -> bool:
        """Somebody not known yet typed a code that a member reads on another phone."""
        claimed = self._msg.registry.claim_code(self._msg.turn, self._msg.text)
        if claimed is not None:
            self._msg.talk.answer(claimed)
        return claimed is not None

    def _small_talk(self, meaning: Meaning | None) -> None:
        acknowledged = self._msg.registry.acknowledge_last(self._msg.turn) if meaning == RECEIVED else None
        if acknowledged is not None:
            self._msg.talk.answer(acknowledged)
        elif meaning in (RECEIVED, THANKS):
            self._msg.talk.say_with_menu(text("common.thanks_reply"))
        elif meaning == GREETING:
            self._msg.talk.say_with_menu(text("common.greeting_reply"))
        elif (claimed := self._msg.registry.claim_code(self._msg.turn, self._msg.text)) is not None:
            self._msg.talk.answer(claimed)
        elif (meaning != PUSHED or not self._pressed_by_name()) and not self._offers():
            self._msg.talk.say_with_menu(text("errors.not_understood", quoted=quote(self._msg.text)))

    def _offers(self) -> bool:
        """A file or a long text of an officer may be meant for their members."""
        inbound = self._msg.inbound
        offered = None
        if self._msg.has_role:
            offered = self._msg.registry.offered(self._msg.turn, self._msg.text, inbound.attachment)
        if offered is not None:
            self._msg.talk.answer(offered)
        return offered is not None

    def _pressed_by_name(self) -> bool:
        """The label of a button under the last message nobody had asked for, typed, is as good as a tap."""
        typed_text = without_particle(self._msg.text)
        if self._msg.shows_buttons:
            last = outbox.last_push(self._msg.turn.tx, self._msg.address.id)
            buttons = [button for row in last.buttons for button in row] if last is not None else []
            data = next((button.data for button in buttons if matches(typed_text, (button.label,))), None)
        else:
            data = typed.by_label(self._msg.turn, self._msg.address.id, typed_text)
        if data is not None:
            self._press(data)
        return data is not None

    def _pressed_by_code(self) -> bool:
        """A two-digit code, on a channel without buttons."""
        if self._msg.shows_buttons:
            return False
        meant = typed.meant(self._msg.turn, self._msg.address.id, self._msg.text)
        if meant is not None and meant.over:
            self._msg.talk.say_with_menu(text("common.typed_over", code=meant.code, label=meant.label))
        elif meant is not None:
            self._press(meant.data)
        return meant is not None

    def resume(self) -> None:
        """Take up what was left unfinished last."""
        stored = dialogs.parked(self._msg.turn.tx, self._msg.address.id)
        if stored is None:
            self._msg.talk.say_with_menu(text("routing.nothing_parked"))
            return
        dialogs.set_state(self._msg.turn.tx, stored.id, "waiting", self._msg.turn.now)
        self._msg.talk.recap(stored)

    def show_menu(self, *, parked: bool = False) -> None:
        """The main menu; `parked` says that something unfinished is kept."""
        self._msg.talk.say_with_menu(text("routing.menu_parked" if parked else "routing.menu"))

"""Routing: what a message means, given who wrote it and what they were asked (DESIGN, "Routing").

Everything here runs inside one turn's transaction, on the database's thread.
"""

from dataclasses import replace
from typing import Final

from bot.dialog import engine
from bot.dialog.answers import Answer, pick
from bot.dialog.dialog import Ask, Flow
from bot.dialog.engine import Played, Result
from bot.domain.messages import Inbound, InboundKind
from bot.domain.prompts import Text, text
from bot.domain.time import DAY
from bot.inbound.conversing import Conversation
from bot.inbound.phrases import (
    GREETING,
    PUSHED,
    RECEIVED,
    SLASH,
    THANKS,
    Command,
    Global,
    Meaning,
    Phrases,
    slash_command,
)
from bot.inbound.registry import Registry, Signposts
from bot.inbound.speaking import labels
from bot.services import posting
from bot.services.turn import Turn
from bot.storage import dialogs, installation, members, outbox
from bot.storage.dialogs import StoredDialog
from bot.storage.members import Arrival
from bot.vietnamese import choice_number, has_accents, matches, normalise, quote
from bot.vietnamese.phrases import without_particle

STALE_TAP_MS: Final = 10_000
SILENCE_MS: Final = DAY
START: Final = "start"
FREE_FILES: Final = frozenset({InboundKind.PHOTO, InboundKind.VOICE, InboundKind.VIDEO, InboundKind.DOCUMENT})


class Router:
    """Handles one inbound message in one turn."""

    def __init__(self, registry: Registry, phrases: Phrases) -> None:
        self._signposts = Signposts(registry, phrases)

    def handle(self, turn: Turn, arrival: Arrival, inbound: Inbound) -> None:
        """Do what the message asks and enqueue the answer."""
        _Routed(self._signposts, turn, arrival, inbound).handle()

    def ask_again(self, turn: Turn, arrival: Arrival, stored: StoredDialog, texts: list[str]) -> None:
        """After a fault of ours: `texts`, then the pending question as it was asked before, without replaying it."""
        prompt = outbox.body(turn.tx, stored.prompt_id) if stored.prompt_id is not None else None
        if prompt is None:
            posting.reply(turn, arrival.address, texts)
            return
        buttons = [button for row in prompt.buttons for button in row]
        id = posting.reply(turn, arrival.address, [*texts, prompt.html], buttons)
        if id is not None:
            dialogs.set_prompt(turn.tx, stored.id, id)


class _Routed:
    """One message on its way."""

    def __init__(self, signposts: Signposts, turn: Turn, arrival: Arrival, inbound: Inbound) -> None:
        self._signposts = signposts
        self._registry = signposts.registry
        self._phrases = signposts.phrases
        self._turn = turn
        self._arrival = arrival
        self._address = arrival.address
        self._inbound = inbound
        self._text = normalise(inbound.text)
        named_admin = (arrival.address.account_id, arrival.address.external_id) in turn.at.admins
        self._has_role = arrival.has_role or named_admin
        self._talk = Conversation(
            signposts.registry.flows,
            turn,
            arrival.address,
            self._has_role,
            lambda: signposts.menu_buttons(turn, self._has_role),
        )

    def handle(self) -> None:
        kind = self._inbound.kind
        if kind is InboundKind.GROUP:
            self._greet_group()
        elif kind is InboundKind.BLOCKED:
            outbox.unreachable(self._turn.tx, self._address.id, self._turn.now)
        elif kind is InboundKind.BUTTON:
            self._press()
        elif kind is not InboundKind.UNBLOCKED:
            stored = dialogs.waiting(self._turn.tx, self._address.id)
            if stored is not None:
                self._in_dialog(stored)
            else:
                self._outside()

    # -- groups

    def _greet_group(self) -> None:
        tx, chat = self._turn.tx, self._turn.at.digest("group", self._address.external_id).hex()
        if installation.setting(tx, f"group:{chat}") is None:
            installation.set_setting(tx, f"group:{chat}", "greeted")
            link = self._turn.at.links.get(self._address.account_id, "")
            self._talk.say(text("routing.group", link=link))
        members.forget_address(tx, self._address.id, self._turn.now)

    # -- buttons

    def _press(self) -> None:
        kind, _, rest = self._inbound.data.partition(":")
        if kind == "d":
            self._press_question(rest)
        elif kind == "m" and (rest == "menu" or self._signposts.is_startable(rest)):
            self._choose_from_menu(rest)
        elif kind in self._registry.standing and self._turn.member is not None:
            id, _, choice = rest.partition(":")
            self._talk.answer(self._registry.standing[kind](self._turn, id, choice))
        else:
            self._stale()

    def _press_question(self, rest: str) -> None:
        tapped, _, option = rest.rpartition(":")
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if stored is not None and tapped == f"{stored.id}:{stored.seq}":
            members.remember_tap(self._turn.tx, self._address.id, tapped, self._turn.now)
            standing = self._talk.standing(stored)
            if standing is not None:
                self._give(stored, standing, Answer(InboundKind.TEXT, "", self._turn.today, option))
        elif tapped == self._arrival.tapped and self._turn.now - self._arrival.tapped_at < STALE_TAP_MS:
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
            self._show_menu()
        else:
            self._talk.put_aside(stored)
            self._talk.start(name, {})

    # -- inside a dialog

    def _in_dialog(self, stored: StoredDialog) -> None:
        command = slash_command(self._text) if self._inbound.kind is InboundKind.TEXT else None
        if command is not None and self._obey(stored, command):
            return
        standing = self._talk.standing(stored)
        if standing is None:
            return
        ask = standing.asking
        free = ask is not None and ask.parse is not None and InboundKind.TEXT in ask.accepts
        word = self._phrases.strict_global(self._text) if free or self._is_silent(stored) else None
        if word is not None and self._inbound.kind is InboundKind.TEXT:
            self._obey_global(stored, word)
            return
        if self._is_silent(stored) and self._after_silence(stored, free):
            return
        if self._inbound.kind is InboundKind.EDIT:
            self._talk.repeat(stored, text("routing.edited"))
            return
        if self._inbound.kind is InboundKind.TEXT and not self._text:
            self._talk.repeat(stored, text("errors.other_kind_here"))
            return
        given = Answer(self._inbound.kind, self._text, self._turn.today, attachment=self._inbound.attachment)
        if free and (meant := self._unaccented_global(ask, given)):
            self._talk.repeat(stored, text("routing.ask_back", word=meant))
            return
        self._give(stored, standing, given)

    def _unaccented_global(self, ask: Ask | None, given: Answer) -> str:
        """The global word meant by several words without accents («quay lai»); one word alone may be a name."""
        meaning = self._meaning() if given.kind is InboundKind.TEXT and " " in self._text else None
        if ask is None or not isinstance(meaning, Global) or has_accents(self._text):
            return ""
        spoken = [(option.id, self._talk.host.spoken(option)) for option in ask.options]
        return self._turn.at.texts.words[meaning.value].show if pick(given, spoken, free=True) is None else ""

    def _is_silent(self, stored: StoredDialog) -> bool:
        return self._turn.now - stored.updated_at >= SILENCE_MS

    def _after_silence(self, stored: StoredDialog, free: bool) -> bool:
        """Whoever writes a day later may mean something else: a recap first. A list may still be chosen from."""
        if self._registry.flows[stored.flow].resumable:
            dialogs.touch(self._turn.tx, stored.id, self._turn.now)
            self._talk.recap(stored)
            return True
        if free:
            self._talk.drop(stored)
            self._outside()
        return free

    def _give(self, stored: StoredDialog, standing: Played, given: Answer) -> None:
        flow = self._registry.flows[stored.flow]
        played = engine.answer(flow, standing, given, self._talk.host)
        ask = played.asking
        if played.result is Result.UNCLEAR:
            self._unclear(stored, played)
        elif played.result is Result.INVALID and ask is not None and played.because is not None:
            self._talk.repeat(stored, played.because)
        elif played.result is Result.WHICH and ask is not None:
            self._talk.repeat(stored, text("common.which", names=labels(self._turn, ask, played.which)))
        else:
            self._talk.conclude(stored, played)

    def _unclear(self, stored: StoredDialog, played: Played) -> None:
        """An answer that is no option: maybe a global word or another flow; else it is quoted with the question."""
        ask = played.asking
        free = ask is not None and ask.parse is not None and InboundKind.TEXT in ask.accepts
        if self._inbound.kind is InboundKind.BUTTON:
            self._talk.repeat(stored, text("errors.old_button"))
            return
        if self._inbound.kind is InboundKind.TEXT and not free:
            meaning = self._meaning()
            if isinstance(meaning, Global):
                self._obey_global(stored, meaning)
                return
            if isinstance(meaning, Flow) and self._turn.member is not None:
                self._talk.put_aside(stored)
                self._talk.start(meaning.name, {})
                return
        if not self._registry.flows[stored.flow].resumable:
            dialogs.end(self._turn.tx, stored.id)
            self._outside()
        else:
            self._talk.repeat(stored, self._why_not())

    def _why_not(self) -> Text:
        kind = self._inbound.kind
        if kind is InboundKind.VOICE:
            return text("errors.voice_here")
        if kind is InboundKind.STICKER:
            return text("common.greeting_short")
        if kind is InboundKind.TEXT and self._text:
            meaning = self._meaning()
            if meaning in (GREETING, THANKS):
                return text(f"common.{meaning}_short")
            return text("errors.not_an_answer", quoted=quote(self._text))
        return text("errors.other_kind_here")

    def _obey(self, stored: StoredDialog, command: Command) -> bool:
        """A slash command inside a dialog; False when it is none of ours."""
        if command.name in SLASH:
            self._obey_global(stored, SLASH[command.name])
            return True
        flow = self._signposts.command(command.name)
        if flow is None:
            return False
        if self._turn.member is None and flow.name != START:
            self._talk.repeat(stored)
        else:
            self._talk.put_aside(stored)
            self._talk.start(flow.name, {"payload": command.rest} if flow.name == START else {})
        return True

    def _obey_global(self, stored: StoredDialog, word: Global) -> None:
        flow = self._registry.flows[stored.flow]
        if word is Global.BACK:
            standing = self._talk.standing(stored)
            if standing is None:
                return
            played = engine.back(flow, standing, self._talk.host)
            if played.result is Result.BARRIER:
                self._talk.repeat(stored, text("routing.barrier"))
            elif played.result is Result.FIRST:
                self._talk.repeat(stored, text("routing.first_question"))
            else:
                self._talk.conclude(stored, played)
        elif word is Global.HELP:
            self._talk.repeat(stored, text("routing.help_in_dialog"))
        elif word is Global.RESUME and flow.resumable:
            self._talk.recap(stored)
        elif word is Global.RESUME:
            self._talk.drop(stored)
            self._resume()
        elif self._turn.member is None:
            if word is Global.CANCEL:
                self._talk.drop(stored)
                members.forget_address(self._turn.tx, self._address.id, self._turn.now)
                self._talk.say(text("welcome.declined"))
            else:
                self._talk.repeat(stored)
        elif word is Global.CANCEL:
            self._talk.drop(stored)
            self._talk.say_with_menu(text("routing.cancelled"))
        else:
            self._talk.put_aside(stored)
            self._show_menu(parked=flow.resumable)

    # -- outside a dialog

    def _outside(self) -> None:
        kind = self._inbound.kind
        command = slash_command(self._text) if kind is InboundKind.TEXT else None
        if self._turn.member is None:
            known_start = command is not None and self._signposts.command(command.name) is not None
            payload = command.rest if command is not None and known_start else self._text
            self._talk.start(START, {"payload": payload})
        elif kind is InboundKind.TEXT and self._text:
            self._outside_text(command)
        elif kind is InboundKind.STICKER:
            self._talk.say_with_menu(text("common.greeting_reply"))
        elif kind is InboundKind.EDIT:
            self._talk.say_with_menu(text("routing.edited_menu"))
        elif kind is InboundKind.VOICE:
            self._talk.say_with_menu(text("routing.voice_menu"))
        elif kind is InboundKind.LOCATION:
            self._talk.say_with_menu(text("routing.location_menu"))
        elif kind in FREE_FILES:
            self._talk.say_with_menu(text("routing.file_menu"))
        else:
            self._talk.say_with_menu(text("errors.unsupported"))

    def _outside_text(self, command: Command | None) -> None:
        if command is not None:
            flow = self._signposts.command(command.name)
            if flow is not None:
                self._talk.start(flow.name, {"payload": command.rest} if flow.name == START else {})
                return
        meaning = SLASH.get(command.name) if command else self._meaning()
        if meaning is Global.RESUME:
            self._resume()
        elif meaning is Global.HELP:
            self._talk.say_with_menu(text("routing.help"))
        elif isinstance(meaning, Global):
            self._show_menu()
        elif isinstance(meaning, Flow):
            self._talk.start(meaning.name, {})
        else:
            names = self._signposts.menu(self._has_role)
            number = choice_number(self._text, len(names))
            if number is not None:
                self._talk.start(names[number - 1], {})
            else:
                self._small_talk(meaning)

    def _small_talk(self, meaning: Meaning | None) -> None:
        acknowledged = self._registry.acknowledge_last(self._turn) if meaning == RECEIVED else None
        if acknowledged is not None:
            self._talk.answer(acknowledged)
        elif meaning in (RECEIVED, THANKS):
            self._talk.say_with_menu(text("common.thanks_reply"))
        elif meaning == GREETING:
            self._talk.say_with_menu(text("common.greeting_reply"))
        elif (claimed := self._registry.claim_code(self._turn, self._text)) is not None:
            self._talk.answer(claimed)
        elif meaning != PUSHED or not self._pressed_by_name():
            self._talk.say_with_menu(text("errors.not_understood", quoted=quote(self._text)))

    def _pressed_by_name(self) -> bool:
        """The label of a button under the last message nobody had asked for, typed, is as good as a tap."""
        last = outbox.last_push(self._turn.tx, self._address.id)
        buttons = [button for row in last.buttons for button in row] if last is not None else []
        typed = without_particle(self._text)
        meant = next((button for button in buttons if matches(typed, (button.label,))), None)
        if meant is not None:
            self._inbound = replace(self._inbound, kind=InboundKind.BUTTON, data=meant.data)
            self._press()
        return meant is not None

    def _meaning(self) -> Meaning | None:
        """What the whole message means; a flow for holders of a role means nothing to others."""
        meaning = self._phrases.meaning(self._text)
        if isinstance(meaning, Flow) and meaning.open_to == "role" and not self._has_role:
            return None
        return meaning

    def _resume(self) -> None:
        stored = dialogs.parked(self._turn.tx, self._address.id)
        if stored is None:
            self._talk.say_with_menu(text("routing.nothing_parked"))
            return
        dialogs.set_state(self._turn.tx, stored.id, "waiting", self._turn.now)
        self._talk.recap(stored)

    def _show_menu(self, *, parked: bool = False) -> None:
        self._talk.say_with_menu(text("routing.menu_parked" if parked else "routing.menu"))

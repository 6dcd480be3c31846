"""Routing: what a message means, given who wrote it and what they were asked (DESIGN, "Routing").

Everything here runs inside one turn's transaction, on the database's thread.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.dialog import engine
from bot.dialog.answers import Answer
from bot.dialog.dialog import Flow
from bot.dialog.engine import Played, Result
from bot.dialog.journal import Journal
from bot.domain.messages import Button, Inbound, InboundKind
from bot.domain.prompts import Option, Text, text
from bot.domain.time import DAY
from bot.inbound.phrases import SLASH, Command, Global, Phrases, slash_command
from bot.inbound.speaking import TurnHost, first_line, labels, question_buttons, spoken_texts
from bot.services import posting
from bot.services.standing import Reply, StandingService
from bot.services.turn import Turn
from bot.storage import dialogs, installation, members, outbox
from bot.storage.dialogs import StoredDialog
from bot.storage.members import Arrival
from bot.vietnamese import choice_number, matches, normalise, quote

STALE_TAP_MS: Final = 10_000
SILENCE_MS: Final = DAY
START: Final = "start"
FREE_FILES: Final = frozenset({InboundKind.PHOTO, InboundKind.VOICE, InboundKind.VIDEO, InboundKind.DOCUMENT})


@dataclass(frozen=True, slots=True)
class Registry:
    """What the composition root plugs in. `menu` and `role_menu` are flow names in their order.

    `acknowledge_last` answers «đã nhận»; None when there is nothing to acknowledge. `home` is the menu's own texts.
    """

    flows: Mapping[str, Flow]
    menu: Sequence[str]
    role_menu: Sequence[str]
    standing: Mapping[str, StandingService]
    acknowledge_last: Callable[[Turn], Reply | None]


class Router:
    """Handles one inbound message in one turn."""

    def __init__(self, registry: Registry, phrases: Phrases) -> None:
        self._registry = registry
        self._phrases = phrases
        self._commands = {name: flow for flow in registry.flows.values() for name in flow.commands}
        self._menus: dict[tuple[bool, int], tuple[Button, ...]] = {}

    def handle(self, turn: Turn, arrival: Arrival, inbound: Inbound) -> None:
        """Do what the message asks and enqueue the answer."""
        _Routed(self, turn, arrival, inbound).handle()

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

    def menu_buttons(self, turn: Turn, has_role: bool) -> tuple[Button, ...]:
        """The main menu, numbered; the same for everybody with the same kind of role."""
        key = (has_role, id(turn.at.texts))
        if key not in self._menus:
            spoken = [turn.at.texts.spoken(Option(self._registry.flows[n].word)).label for n in self.menu(has_role)]
            self._menus[key] = tuple(
                Button(f"{number}. {label}", f"m:{name}")
                for number, (name, label) in enumerate(zip(self.menu(has_role), spoken, strict=True), 1)
            )
        return self._menus[key]

    def menu(self, has_role: bool) -> list[str]:
        """The flows of the main menu in order."""
        return [*self._registry.menu, *(self._registry.role_menu if has_role else ())]

    @property
    def registry(self) -> Registry:
        """What was plugged in."""
        return self._registry

    @property
    def phrases(self) -> Phrases:
        """The words that mean something everywhere."""
        return self._phrases

    def command(self, name: str) -> Flow | None:
        """The flow of a slash command."""
        return self._commands.get(name)


class _Routed:
    """One message on its way."""

    def __init__(self, router: Router, turn: Turn, arrival: Arrival, inbound: Inbound) -> None:
        self._router = router
        self._registry = router.registry
        self._phrases = router.phrases
        self._turn = turn
        self._arrival = arrival
        self._address = arrival.address
        self._inbound = inbound
        self._text = normalise(inbound.text)
        self._host = TurnHost(turn)

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
            self._say(text("routing.group", link=link))
        members.forget_address(tx, self._address.id, self._turn.now)

    # -- buttons

    def _press(self) -> None:
        kind, _, rest = self._inbound.data.partition(":")
        if kind == "d":
            self._press_question(rest)
        elif kind == "m" and (rest == "menu" or rest in self._registry.flows):
            self._choose_from_menu(rest)
        elif kind in self._registry.standing and self._turn.member is not None:
            id, _, choice = rest.partition(":")
            self._answer(self._registry.standing[kind](self._turn, id, choice))
        else:
            self._stale()

    def _press_question(self, rest: str) -> None:
        tapped, _, option = rest.rpartition(":")
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if stored is not None and tapped == f"{stored.id}:{stored.seq}":
            members.remember_tap(self._turn.tx, self._address.id, tapped, self._turn.now)
            self._give(stored, self._standing(stored), Answer(InboundKind.TEXT, "", self._turn.today, option))
        elif tapped == self._arrival.tapped and self._turn.now - self._arrival.tapped_at < STALE_TAP_MS:
            return  # the same tap again
        else:
            self._stale()

    def _stale(self) -> None:
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if stored is not None:
            self._repeat(stored, text("errors.old_button"))
        elif self._turn.member is None:
            self._start(START, {"payload": ""})
        else:
            self._say(text("errors.old_button_menu"), buttons=self._menu_buttons())

    def _choose_from_menu(self, name: str) -> None:
        stored = dialogs.waiting(self._turn.tx, self._address.id)
        if self._turn.member is None:
            if stored is not None:
                self._repeat(stored)
            else:
                self._start(START, {"payload": ""})
        elif name == "menu":
            self._put_aside(stored)
            self._show_menu()
        else:
            self._put_aside(stored)
            self._start(name, {})

    # -- inside a dialog

    def _in_dialog(self, stored: StoredDialog) -> None:
        flow = self._registry.flows[stored.flow]
        silent = self._turn.now - stored.updated_at >= SILENCE_MS
        if silent and not flow.resumable:
            dialogs.end(self._turn.tx, stored.id)
            self._outside()
            return
        command = slash_command(self._text) if self._inbound.kind is InboundKind.TEXT else None
        if command is not None and self._obey(stored, command):
            return
        standing = self._standing(stored)
        ask = standing.asking
        if ask is None:
            self._conclude(stored, standing)
            return
        if silent:
            dialogs.touch(self._turn.tx, stored.id, self._turn.now)
            self._recap(stored, standing)
            return
        if self._inbound.kind is InboundKind.EDIT:
            self._repeat(stored, text("routing.edited"))
            return
        free = ask.parse is not None and InboundKind.TEXT in ask.accepts
        if free:
            word = self._phrases.global_word(self._text, strict=True)
            if word is not None:
                self._obey_global(stored, word)
                return
        given = Answer(self._inbound.kind, self._text, self._turn.today, attachment=self._inbound.attachment)
        self._give(stored, standing, given)

    def _give(self, stored: StoredDialog, standing: Played, given: Answer) -> None:
        flow = self._registry.flows[stored.flow]
        played = engine.answer(flow, standing, stored.asked, given, self._host)
        ask = played.asking
        if played.result is Result.UNCLEAR:
            self._unclear(stored, played)
        elif played.result is Result.INVALID and ask is not None and played.because is not None:
            self._repeat(stored, played.because)
        elif played.result is Result.WHICH and ask is not None:
            self._repeat(stored, text("common.which", names=labels(self._turn, ask, played.which)))
        else:
            self._conclude(stored, played)

    def _unclear(self, stored: StoredDialog, played: Played) -> None:
        """An answer that is no option: maybe a global word or another flow; else it is quoted back with the question."""
        ask = played.asking
        free = ask is not None and ask.parse is not None and InboundKind.TEXT in ask.accepts
        if self._inbound.kind is InboundKind.TEXT and not free:
            word = self._phrases.global_word(self._text, strict=False)
            if word is not None:
                self._obey_global(stored, word)
                return
            flow = self._flow_named(self._text)
            if flow is not None and self._turn.member is not None:
                self._put_aside(stored)
                self._start(flow.name, {})
                return
        if not self._registry.flows[stored.flow].resumable:
            dialogs.end(self._turn.tx, stored.id)
            self._outside()
        else:
            self._repeat(stored, self._why_not())

    def _why_not(self) -> Text:
        kind = self._inbound.kind
        if kind is InboundKind.VOICE:
            return text("errors.voice_here")
        if kind is InboundKind.TEXT and self._text:
            social = self._phrases.social(self._text)
            if social is not None:
                return text(f"common.{social}_short")
            return text("errors.not_an_answer", quoted=quote(self._text))
        return text("errors.other_kind_here")

    def _obey(self, stored: StoredDialog, command: Command) -> bool:
        """A slash command inside a dialog; False when it is none of ours."""
        if command.name in SLASH:
            self._obey_global(stored, SLASH[command.name])
            return True
        flow = self._router.command(command.name)
        if flow is None:
            return False
        if self._turn.member is None and flow.name != START:
            self._repeat(stored)
        else:
            self._put_aside(stored)
            self._start(flow.name, {"payload": command.rest} if flow.name == START else {})
        return True

    def _obey_global(self, stored: StoredDialog, word: Global) -> None:
        flow = self._registry.flows[stored.flow]
        if word is Global.BACK:
            played = engine.back(flow, self._standing(stored), self._host)
            if played.result is Result.BARRIER:
                self._repeat(stored, text("routing.barrier"))
            elif played.result is Result.FIRST:
                self._repeat(stored, text("routing.first_question"))
            else:
                self._conclude(stored, played)
        elif word is Global.HELP:
            self._repeat(stored, text("routing.help_in_dialog"))
        elif word is Global.RESUME:
            self._recap(stored, self._standing(stored))
        elif self._turn.member is None:
            if word is Global.CANCEL:
                self._drop(stored)
                members.forget_address(self._turn.tx, self._address.id, self._turn.now)
                self._say(text("welcome.declined"))
            else:
                self._repeat(stored)
        elif word is Global.CANCEL:
            self._drop(stored)
            self._say(text("routing.cancelled"), buttons=self._menu_buttons())
        else:
            self._put_aside(stored)
            self._show_menu(parked=flow.resumable)

    # -- outside a dialog

    def _outside(self) -> None:
        kind = self._inbound.kind
        command = slash_command(self._text) if kind is InboundKind.TEXT else None
        if self._turn.member is None:
            known_start = command is not None and self._router.command(command.name) is not None
            payload = command.rest if command is not None and known_start else self._text
            self._start(START, {"payload": payload})
        elif kind is InboundKind.TEXT and self._text:
            self._outside_text(command)
        elif kind is InboundKind.STICKER:
            self._say(text("common.greeting_reply"), buttons=self._menu_buttons())
        elif kind is InboundKind.EDIT:
            self._say(text("routing.edited_menu"), buttons=self._menu_buttons())
        elif kind is InboundKind.VOICE:
            self._say(text("routing.voice_menu"), buttons=self._menu_buttons())
        elif kind is InboundKind.LOCATION:
            self._say(text("routing.location_menu"), buttons=self._menu_buttons())
        elif kind in FREE_FILES:
            self._say(text("routing.file_menu"), buttons=self._menu_buttons())
        else:
            self._say(text("errors.unsupported"), buttons=self._menu_buttons())

    def _outside_text(self, command: Command | None) -> None:
        if command is not None:
            flow = self._router.command(command.name)
            if flow is not None:
                self._start(flow.name, {"payload": command.rest} if flow.name == START else {})
                return
        word = SLASH.get(command.name) if command else self._phrases.global_word(self._text, strict=False)
        if word is Global.RESUME:
            self._resume()
            return
        if word is Global.HELP:
            self._say(text("routing.help"), buttons=self._menu_buttons())
            return
        if word is not None:
            self._show_menu()
            return
        names = self._router.menu(self._arrival.has_role)
        flow = self._flow_named(self._text)
        if flow is None and (number := choice_number(self._text, len(names))) is not None:
            flow = self._registry.flows[names[number - 1]]
        if flow is not None:
            self._start(flow.name, {})
            return
        self._small_talk()

    def _small_talk(self) -> None:
        if self._phrases.received(self._text):
            acknowledged = self._registry.acknowledge_last(self._turn)
            if acknowledged is not None:
                self._answer(acknowledged)
                return
            self._say(text("common.thanks_reply"), buttons=self._menu_buttons())
            return
        social = self._phrases.social(self._text)
        if social is not None:
            self._say(text(f"common.{social}_reply"), buttons=self._menu_buttons())
        else:
            self._say(text("errors.not_understood", quoted=quote(self._text)), buttons=self._menu_buttons())

    def _flow_named(self, typed: str) -> Flow | None:
        """The flow whose label or accepted words the whole message is."""
        for flow in self._registry.flows.values():
            if flow.word and (flow.open_to != "role" or self._arrival.has_role):
                word = self._turn.at.texts.words[flow.word]
                if matches(typed, (word.show, *word.accept)):
                    return flow
        return None

    def _resume(self) -> None:
        stored = dialogs.parked(self._turn.tx, self._address.id)
        if stored is None:
            self._say(text("routing.nothing_parked"), buttons=self._menu_buttons())
            return
        dialogs.set_state(self._turn.tx, stored.id, "waiting", self._turn.now)
        standing = self._standing(stored)
        if standing.asking is None:
            self._conclude(stored, standing)
        else:
            self._recap(stored, standing)

    # -- flows

    def _start(self, name: str, args: dict[str, Any]) -> None:
        flow = self._registry.flows[name]
        if flow.open_to == "role" and not self._arrival.has_role:
            self._say(text("errors.no_right"), buttons=self._menu_buttons())
            return
        played = engine.begin(flow, args, self._host)
        if played.asking is None:
            self._finish(played, [])
            return
        id = dialogs.start(
            self._turn.tx, self._address.id, name, played.journal.dump(), played.asking.key, self._turn.now
        )
        self._emit(id, 0, played, spoken_texts(self._turn, played))

    def _standing(self, stored: StoredDialog) -> Played:
        return engine.current(self._registry.flows[stored.flow], Journal.load(stored.journal), self._host)

    def _conclude(self, stored: StoredDialog, played: Played) -> None:
        """Save the turn's journal and say what it says; the answered prompt loses its buttons."""
        self._refresh()
        if played.asking is None:
            dialogs.end(self._turn.tx, stored.id)
            self._finish(played, [])
        else:
            dialogs.save(
                self._turn.tx, stored.id, stored.seq, played.journal.dump(), played.asking.key, self._turn.now
            )
            self._emit(stored.id, stored.seq + 1, played, spoken_texts(self._turn, played))
        if stored.prompt_id is not None:
            posting.drop_keyboard(self._turn, self._address, stored.prompt_id)

    def _finish(self, played: Played, texts: list[str]) -> None:
        self._refresh()
        texts = texts + [self._turn.render(say) for say in played.says]
        if played.go is not None:
            self._follow(played.go.flow, played.go.args, texts)
        elif texts:
            known = self._turn.member is not None
            posting.reply(self._turn, self._address, texts, self._home_button() if known else ())

    def _follow(self, name: str, args: dict[str, Any], texts: list[str]) -> None:
        """A flow that goes on into another: what both say is one message."""
        self._refresh()
        played = engine.begin(self._registry.flows[name], args, self._host)
        if played.asking is None:
            self._finish(played, texts)
            return
        id = dialogs.start(
            self._turn.tx, self._address.id, name, played.journal.dump(), played.asking.key, self._turn.now
        )
        self._emit(id, 0, played, texts + spoken_texts(self._turn, played))

    def _refresh(self) -> None:
        """A flow may have made, changed or erased the member: what follows speaks to them as they are now."""
        row = self._turn.tx.one("SELECT member_id FROM address WHERE id = ?", (self._address.id,))
        member_id = row[0] if row else None
        self._turn.member = members.by_id(self._turn.tx, member_id) if member_id is not None else None

    def _emit(self, id: int, seq: int, played: Played, texts: list[str]) -> None:
        ask = played.asking
        assert ask is not None
        buttons = question_buttons(self._turn, ask, id, seq)
        key = f"{id}:{ask.replace_key}" if ask.replace_key else None
        prompt_id = posting.reply(self._turn, self._address, texts, buttons, replace_key=key)
        if prompt_id is not None:
            dialogs.set_prompt(self._turn.tx, id, prompt_id)

    def _repeat(self, stored: StoredDialog, first: Text | None = None) -> None:
        """Ask the pending question again, after a sentence."""
        standing = self._standing(stored)
        if standing.asking is None:
            self._conclude(stored, standing)
            return
        texts = [self._turn.render(first)] if first is not None else []
        self._emit(stored.id, stored.seq, standing, texts + spoken_texts(self._turn, standing))
        if stored.prompt_id is not None:
            posting.drop_keyboard(self._turn, self._address, stored.prompt_id)

    def _recap(self, stored: StoredDialog, standing: Played) -> None:
        """Two lines on what was left unfinished, then the question."""
        assert standing.asking is not None
        flow = self._registry.flows[stored.flow]
        label = self._turn.at.texts.spoken(Option(flow.word)).label if flow.word else ""
        recap = text("common.recap", what=label, question=first_line(self._turn, standing.asking.prompt))
        self._emit(stored.id, stored.seq, standing, [self._turn.render(recap), *spoken_texts(self._turn, standing)])

    def _put_aside(self, stored: StoredDialog | None) -> None:
        if stored is None:
            return
        if self._registry.flows[stored.flow].resumable and self._turn.member is not None:
            dialogs.set_state(self._turn.tx, stored.id, "parked", self._turn.now)
        else:
            dialogs.end(self._turn.tx, stored.id)
        if stored.prompt_id is not None:
            posting.drop_keyboard(self._turn, self._address, stored.prompt_id)

    def _drop(self, stored: StoredDialog) -> None:
        dialogs.end(self._turn.tx, stored.id)
        if stored.prompt_id is not None:
            posting.drop_keyboard(self._turn, self._address, stored.prompt_id)

    # -- saying

    def _show_menu(self, *, parked: bool = False) -> None:
        self._say(text("routing.menu_parked" if parked else "routing.menu"), buttons=self._menu_buttons())

    def _menu_buttons(self) -> tuple[Button, ...]:
        return self._router.menu_buttons(self._turn, self._arrival.has_role)

    def _home_button(self) -> tuple[Button, ...]:
        return (Button(self._turn.at.texts.spoken(Option("menu")).label, "m:menu"),)

    def _answer(self, reply: Reply) -> None:
        texts = [self._turn.render(t) for t in reply.texts]
        if reply.flow:
            self._put_aside(dialogs.waiting(self._turn.tx, self._address.id))
            self._follow(reply.flow, dict(reply.args), texts)
        else:
            posting.reply(self._turn, self._address, texts, reply.buttons)

    def _say(self, *texts: Text, buttons: Sequence[Button] = ()) -> None:
        posting.reply(self._turn, self._address, [self._turn.render(t) for t in texts], buttons)

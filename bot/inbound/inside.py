"""What a message means while a dialog waits for an answer."""

from collections.abc import Callable
from typing import Final

from bot.dialog import engine
from bot.dialog.answers import Answer, Invalid, Marks, pick, pick_several
from bot.dialog.dialog import Ask, Flow
from bot.dialog.engine import Played, Result
from bot.domain.messages import InboundKind
from bot.domain.prompts import Text, text
from bot.domain.time import DAY
from bot.inbound.message import START, Message
from bot.inbound.outside import Outside
from bot.inbound.phrases import GREETING, SLASH, THANKS, Command, Global, slash_command
from bot.inbound.speaking import labels
from bot.services import typed
from bot.storage import dialogs, members, outbox
from bot.storage.dialogs import StoredDialog
from bot.vietnamese import choice_number, has_accents, quote

SILENCE_MS: Final = DAY
HIGHEST_NUMBER: Final = 99


class Inside:
    """A message to a waiting dialog. `press` does what a standing button does, from its data."""

    def __init__(self, message: Message, outside: Outside, press: Callable[[str], None]) -> None:
        self._msg = message
        self._outside = outside
        self._press = press

    def handle(self, stored: StoredDialog) -> None:
        """Answer, obey, recap or ask again."""
        command = slash_command(self._msg.text) if self._msg.inbound.kind is InboundKind.TEXT else None
        if command is not None and self._obey(stored, command):
            return
        if self._presses_by_code(stored):
            return
        standing = self._msg.talk.standing(stored)
        if standing is None:
            return
        ask = standing.asking
        free = ask is not None and ask.parse is not None and InboundKind.TEXT in ask.accepts
        given = Answer(
            self._msg.inbound.kind, self._msg.text, self._msg.turn.today, attachment=self._msg.inbound.attachment
        )
        word = self._msg.signposts.phrases.strict_global(self._msg.text) if free or self._is_silent(stored) else None
        if word is not None and given.kind is InboundKind.TEXT and not (free and ask and self._picks(ask, given)):
            self._obey_global(stored, word)
            return
        if self._is_silent(stored) and self._after_silence(stored, free):
            return
        if self._msg.inbound.kind is InboundKind.EDIT:
            self._msg.talk.repeat(stored, text("routing.edited"))
            return
        if self._msg.inbound.kind is InboundKind.TEXT and not self._msg.text:
            self._msg.talk.repeat(stored, text("errors.other_kind_here"))
            return
        if free and ask is not None and self._means_global(stored, ask, given):
            return
        self.give(stored, standing, given)

    def _presses_by_code(self, stored: StoredDialog) -> bool:
        """A code with its word («27 đọc») is meant for what stands outside the dialog; the dialog goes on waiting."""
        if self._msg.shows_buttons or self._msg.inbound.kind is not InboundKind.TEXT:
            return False
        meant = typed.meant(self._msg.turn, self._msg.address.id, self._msg.text)
        if meant is None or not meant.worded or self._chooses_several(stored):
            return False
        if meant.over:
            self._msg.talk.repeat(stored, text("common.typed_over", code=meant.code, label=meant.label))
        else:
            self._press(meant.data)
        return True

    def _chooses_several(self, stored: StoredDialog) -> bool:
        """«13 xong» at a question with several right options is its answer: numbers belong to the newest question."""
        standing = self._msg.talk.standing(stored)
        ask = standing.asking if standing is not None else None
        if standing is None or ask is None or not ask.done:
            return False
        options = [(option.id, self._msg.talk.host.spoken(option)) for option in ask.options]
        given = Answer(InboundKind.TEXT, self._msg.text, self._msg.turn.today)
        return isinstance(pick_several(given, options, ask.lettered, ask.done, standing.journal.marks), Marks)

    def _knows_otherwise(self, stored: StoredDialog) -> bool:
        """A code from another phone is understood at any choice; before registration so is a unit's code or name."""
        turn, typed_text = self._msg.turn, self._msg.text
        if self._msg.inbound.kind is not InboundKind.TEXT:
            return False
        claimed = self._msg.registry.claim_code(turn, typed_text)
        if claimed is not None and not claimed.flow:
            self._msg.talk.repeat(stored, *claimed.texts)
        elif claimed is not None:
            self._msg.talk.answer(claimed)
        elif turn.member is None and stored.flow == START and self._msg.registry.leads_in(turn, typed_text):
            self._msg.talk.drop(stored)
            self._msg.talk.start(START, {"payload": typed_text})
        else:
            return False
        return True

    def _points_beside(self, stored: StoredDialog) -> bool:
        """A bare code inside a dialog is asked back about: alone it belongs to the dialog."""
        if self._msg.shows_buttons or self._msg.inbound.kind is not InboundKind.TEXT:
            return False
        meant = typed.meant(self._msg.turn, self._msg.address.id, self._msg.text)
        if meant is not None:
            self._msg.talk.repeat(stored, text("common.typed_beside", code=meant.code, label=meant.label))
        return meant is not None

    def _picks(self, ask: Ask, given: Answer) -> bool:
        """Whether an answer is one of a question's options: «bỏ» beside *Bỏ qua* cancels nothing."""
        options = [(option.id, self._msg.talk.host.spoken(option)) for option in ask.options]
        return pick(given, options, free=True) is not None

    def _means_global(self, stored: StoredDialog, ask: Ask, given: Answer) -> bool:
        """A global word without accents, where text is free: obeyed if it cannot be the answer, else asked back.

        One word alone may be a name («Huy»). Who types several once more means them, for want of accents too.
        """
        word = self._msg.meaning() if given.kind is InboundKind.TEXT else None
        if not isinstance(word, Global) or has_accents(self._msg.text) or self._picks(ask, given):
            return False
        turn = self._msg.turn
        question = text("routing.ask_back", word=turn.at.texts.words[word.value].show)
        shown = outbox.body(turn.tx, stored.prompt_id) if stored.prompt_id is not None else None
        again = shown is not None and shown.html.startswith(turn.render(question))
        if again or (ask.parse is not None and isinstance(ask.parse(given), Invalid)):
            self._obey_global(stored, word)
        elif " " in self._msg.text:
            self._msg.talk.repeat(stored, question)
        else:
            return False
        return True

    def _is_silent(self, stored: StoredDialog) -> bool:
        return self._msg.turn.now - stored.updated_at >= SILENCE_MS

    def _after_silence(self, stored: StoredDialog, free: bool) -> bool:
        """Whoever writes a day later may mean something else: a recap first. A list may still be chosen from."""
        if self._msg.registry.flows[stored.flow].resumable:
            dialogs.touch(self._msg.turn.tx, stored.id, self._msg.turn.now)
            self._msg.talk.recap(stored)
            return True
        if free:
            self._msg.talk.drop(stored)
            self._outside.handle()
        return free

    def give(self, stored: StoredDialog, standing: Played, given: Answer) -> None:
        """Answer the pending question and say what follows."""
        flow = self._msg.registry.flows[stored.flow]
        played = engine.answer(flow, standing, given, self._msg.talk.host)
        ask = played.asking
        if played.result is Result.UNCLEAR:
            self._unclear(stored, played)
        elif played.result is Result.INVALID and ask is not None and played.because is not None:
            self._msg.talk.repeat(stored, played.because)
        elif played.result is Result.MARKED:
            self._msg.talk.mark(stored, played, tapped=bool(given.option))
        elif played.result is Result.WHICH and ask is not None:
            self._msg.talk.repeat(stored, text("common.which", names=labels(self._msg.turn, ask, played.which)))
        else:
            self._msg.talk.conclude(stored, played)

    def _unclear(self, stored: StoredDialog, played: Played) -> None:
        """An answer that is no option: maybe a global word or another flow; else it is quoted with the question."""
        ask = played.asking
        free = ask is not None and ask.parse is not None and InboundKind.TEXT in ask.accepts
        if self._msg.inbound.kind is InboundKind.BUTTON:
            self._msg.talk.repeat(stored, text("errors.old_button"))
            return
        if self._msg.inbound.kind is InboundKind.TEXT and not free:
            meaning = self._msg.meaning()
            if isinstance(meaning, Global):
                self._obey_global(stored, meaning)
                return
            named = (meaning, {}) if isinstance(meaning, Flow) else self._msg.begins()
            if named is not None and self._msg.turn.member is not None:
                self._msg.talk.put_aside(stored)
                self._msg.talk.start(named[0].name, named[1])
                return
        if self._knows_otherwise(stored) or self._points_beside(stored):
            return
        number = choice_number(self._msg.text, HIGHEST_NUMBER)  # the newest question's: never the menu's above it
        if number is not None or self._msg.registry.flows[stored.flow].resumable:
            how = ask.how if ask is not None and self._msg.inbound.kind is InboundKind.TEXT else None
            self._msg.talk.repeat(stored, how or self._why_not())
        else:
            dialogs.end(self._msg.turn.tx, stored.id)
            self._outside.handle()

    def _why_not(self) -> Text:
        kind = self._msg.inbound.kind
        if kind is InboundKind.UNSUPPORTED:
            return text("errors.unsupported")
        if kind is InboundKind.VOICE:
            return text("errors.voice_here")
        if kind is InboundKind.STICKER:
            return text("common.greeting_short")
        if kind is InboundKind.TEXT and self._msg.text:
            meaning = self._msg.meaning()
            if meaning in (GREETING, THANKS):
                return text(f"common.{meaning}_short")
            return text("errors.not_an_answer", quoted=quote(self._msg.text))
        return text("errors.other_kind_here")

    def _obey(self, stored: StoredDialog, command: Command) -> bool:
        """A slash command inside a dialog; False when it is none of ours."""
        if command.name in SLASH:
            self._obey_global(stored, SLASH[command.name])
            return True
        flow = self._msg.signposts.command(command.name)
        if flow is None:
            return False
        if self._msg.turn.member is None and flow.name != START:
            self._msg.talk.repeat(stored)
        else:
            self._msg.talk.put_aside(stored)
            self._msg.talk.start(flow.name, {flow.takes: command.rest} if flow.takes else {})
        return True

    def _obey_global(self, stored: StoredDialog, word: Global) -> None:
        flow = self._msg.registry.flows[stored.flow]
        if word is Global.BACK:
            standing = self._msg.talk.standing(stored)
            if standing is None:
                return
            played = engine.back(flow, standing, self._msg.talk.host)
            if played.result is Result.BARRIER:
                self._msg.talk.repeat(stored, text("routing.barrier"))
            elif played.result is Result.FIRST:
                self._msg.talk.repeat(stored, text("routing.first_question"))
            else:
                self._msg.talk.conclude(stored, played)
        elif word is Global.HELP:
            self._msg.talk.repeat(stored, text("routing.help_in_dialog"))
        elif word is Global.RESUME and flow.resumable:
            self._msg.talk.recap(stored)
        elif word is Global.RESUME:
            self._msg.talk.drop(stored)
            self._outside.resume()
        elif self._msg.turn.member is None:
            if word is Global.CANCEL:
                self._msg.talk.drop(stored)
                members.forget_address(self._msg.turn.tx, self._msg.address.id, self._msg.turn.now)
                self._msg.talk.say(text("welcome.declined"))
            else:
                self._msg.talk.repeat(stored)
        elif word is Global.CANCEL:
            self._msg.talk.drop(stored)
            self._msg.talk.say_with_menu(text("routing.cancelled"))
        else:
            self._msg.talk.put_aside(stored)
            self._outside.show_menu(parked=flow.resumable)

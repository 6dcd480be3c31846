"""A dialog's turn made into journal rows and messages: start, save, go on, ask again, put aside."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.dialog import engine
from bot.dialog.dialog import Flow
from bot.dialog.engine import Played, Result
from bot.dialog.journal import Journal
from bot.domain.messages import Button
from bot.domain.people import Address
from bot.domain.prompts import Option, Text, text
from bot.inbound.speaking import TurnHost, first_line, marked_line, question_buttons, spoken_texts
from bot.services import card_image, posting
from bot.services.posting import Illustration
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import dialogs, members
from bot.storage.dialogs import StoredDialog


class Conversation:
    """The dialogs of one address in one turn, and whatever is said to it."""

    def __init__(
        self,
        flows: Mapping[str, Flow],
        turn: Turn,
        address: Address,
        has_role: bool,
        menu: Callable[[], Sequence[Button]],
    ) -> None:
        self.turn = turn
        self.address = address
        self.host = TurnHost(turn)
        self._flows = flows
        self._has_role = has_role
        self._menu = menu

    def start(self, name: str, args: dict[str, Any]) -> None:
        """Start a flow; one for holders of a role answers others politely."""
        flow = self._flows[name]
        if flow.open_to == "role" and not self._has_role:
            self.say(text("errors.no_right"), buttons=self._menu())
            return
        self._begin(name, args, [])

    def standing(self, stored: StoredDialog) -> Played | None:
        """Where a stored dialog stands; None when a new version of its flow ran on, which is then saved and said."""
        self.host.keeps_to(stored.pack)
        played = engine.current(self._flows[stored.flow], Journal.load(stored.journal), stored.asked, self.host)
        if played.result is not Result.CHANGED:
            return played
        self.conclude(stored, played)
        return None

    def conclude(self, stored: StoredDialog, played: Played) -> None:
        """Save the turn's journal and say what it says; the answered prompt loses its buttons."""
        self._refresh()
        if played.asking is None:
            dialogs.end(self.turn.tx, stored.id)
            self._finish(played, [])
        else:
            dialogs.save(self.turn.tx, stored.id, stored.seq, played.journal.dump(), played.asking.key, self.turn.now)
            self._emit(stored.id, stored.seq + 1, played, spoken_texts(self.turn, played))
        if stored.prompt_id is not None:
            posting.drop_keyboard(self.turn, self.address, stored.prompt_id)

    def _finish(self, played: Played, texts: list[str], beside: Illustration | None = None) -> None:
        self._refresh()
        texts = texts + [self.turn.render(say) for say in played.says]
        beside = card_image.of_said(self.turn, played.says) or beside
        if played.go is not None:
            self._follow(played.go.flow, played.go.args, texts, beside)
        elif texts:
            buttons = self.home_button() if self.turn.member is not None else ()
            posting.reply(self.turn, self.address, texts, buttons, illustration=beside)

    def _follow(self, name: str, args: dict[str, Any], texts: list[str], beside: Illustration | None = None) -> None:
        """A flow that goes on into another: what both say is one message, with the last picture of either."""
        self._refresh()
        self._begin(name, args, texts, beside)

    def _begin(self, name: str, args: dict[str, Any], texts: list[str], beside: Illustration | None = None) -> None:
        """A new conversation, on the content in use; `texts` are said first."""
        self.host.keeps_to("")
        played = engine.begin(self._flows[name], args, self.host)
        if played.asking is None:
            self._finish(played, texts, beside)
            return
        turn, journal, asked = self.turn, played.journal.dump(), played.asking.key
        id = dialogs.start(turn.tx, self.address.id, name, journal, asked, turn.now, turn.at.pack.revision)
        self._emit(id, 0, played, texts + spoken_texts(turn, played), beside)

    def _refresh(self) -> None:
        """A flow may have made, changed or erased the member: what follows speaks to them as they are now."""
        self.turn.member = members.at_address(self.turn.tx, self.address.id)

    def _emit(self, id: int, seq: int, played: Played, texts: list[str], beside: Illustration | None = None) -> None:
        ask = played.asking
        assert ask is not None
        buttons = question_buttons(self.turn, ask, id, seq, played.journal.marks)
        key = f"{id}:{ask.replace_key}" if ask.replace_key else None
        beside = card_image.of_said(self.turn, played.says) or beside
        prompt_id = posting.reply(self.turn, self.address, texts, buttons, replace_key=key, illustration=beside)
        if prompt_id is not None:
            dialogs.set_prompt(self.turn.tx, id, prompt_id)

    def mark(self, stored: StoredDialog, played: Played, *, tapped: bool) -> None:
        """Save what is chosen of several options: a tap shows on the buttons, a typed choice is answered."""
        dialogs.mark(self.turn.tx, stored.id, stored.seq, played.journal.dump(), self.turn.now)
        if tapped and stored.prompt_id is not None and posting.can_edit(self.turn, self.address):
            assert played.asking is not None
            buttons = question_buttons(self.turn, played.asking, stored.id, stored.seq, played.journal.marks)
            posting.put_keyboard(self.turn, self.address, stored.prompt_id, buttons)
            return
        self._emit(stored.id, stored.seq, played, [self.turn.render(marked_line(self.turn, played))])
        if stored.prompt_id is not None:
            posting.drop_keyboard(self.turn, self.address, stored.prompt_id)

    def repeat(self, stored: StoredDialog, *first: Text) -> None:
        """Ask the pending question again, after what is said first."""
        if self._rests(stored):
            return
        standing = self.standing(stored)
        if standing is None:
            return
        texts = [self.turn.render(say) for say in first]
        self._emit(stored.id, stored.seq, standing, texts + spoken_texts(self.turn, standing))
        if stored.prompt_id is not None:
            posting.drop_keyboard(self.turn, self.address, stored.prompt_id)

    def recap(self, stored: StoredDialog) -> None:
        """Two lines on what was left unfinished, then the question."""
        if self._rests(stored):
            return
        standing = self.standing(stored)
        if standing is None or standing.asking is None:
            return
        flow = self._flows[stored.flow]
        label = self.turn.at.texts.spoken(Option(flow.word)).label if flow.word else ""
        recap = text("common.recap", what=label, question=first_line(self.turn, standing.asking.prompt))
        self._emit(stored.id, stored.seq, standing, [self.turn.render(recap), *spoken_texts(self.turn, standing)])

    def _rests(self, stored: StoredDialog) -> bool:
        """Park what is not asked at present, and say so; whether it was."""
        rests = self._flows[stored.flow].rests
        instead = rests(self.turn) if rests is not None else None
        if instead is None:
            return False
        self.put_aside(stored)
        self.say_with_menu(instead)
        return True

    def put_aside(self, stored: StoredDialog | None) -> None:
        """The person turned to something else: park what may be resumed, end the rest."""
        if stored is None:
            return
        if self._flows[stored.flow].resumable and self.turn.member is not None:
            dialogs.set_state(self.turn.tx, stored.id, "parked", self.turn.now)
        else:
            dialogs.end(self.turn.tx, stored.id)
        if stored.prompt_id is not None:
            posting.drop_keyboard(self.turn, self.address, stored.prompt_id)

    def drop(self, stored: StoredDialog) -> None:
        """End a dialog."""
        dialogs.end(self.turn.tx, stored.id)
        if stored.prompt_id is not None:
            posting.drop_keyboard(self.turn, self.address, stored.prompt_id)

    def say(self, *texts: Text, buttons: Sequence[Button] = ()) -> None:
        """Answer outside a dialog."""
        posting.reply(self.turn, self.address, [self.turn.render(t) for t in texts], buttons)

    def say_with_menu(self, *texts: Text) -> None:
        """Answer with the main menu."""
        self.say(*texts, buttons=self._menu())

    def home_button(self) -> tuple[Button, ...]:
        """The one button that leads to the menu."""
        return (Button(self.turn.at.texts.spoken(Option("menu")).label, "m:menu"),)

    def answer(self, reply: Reply) -> None:
        """Say what a service answered, and start the flow it names."""
        texts = [self.turn.render(t) for t in reply.texts]
        if reply.flow:
            self.put_aside(dialogs.waiting(self.turn.tx, self.address.id))
            self._follow(reply.flow, dict(reply.args), texts)
        else:
            posting.reply(self.turn, self.address, texts, reply.buttons or self.home_button())

"""A channel at the network's edge that enforces what platforms enforce and records what it was given."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.channels.contract import (
    Delivery,
    Intake,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
)
from bot.channels.render import plain, visible_length
from bot.channels.telegram import TelegramChannel
from bot.channels.webchat import WebChat
from bot.channels.zalo_bot.quirks import Quirks
from bot.domain.messages import Button, Inbound, InboundKind

ALLOWED = {"b", "i", "u", "s", "a", "code", "blockquote"}
CAPABILITIES = {
    "telegram": TelegramChannel.capabilities,
    "webchat": WebChat.capabilities,
    "zalo_bot": replace(Quirks().capabilities, quota=None),
}
KINDS = {
    "telegram": frozenset(InboundKind),
    "webchat": frozenset({*(InboundKind(kind) for kind in ("text", "button", "photo", "voice", "document"))}),
    "zalo_bot": frozenset(InboundKind(kind) for kind in ("text", "photo", "voice", "sticker", "unsupported", "group")),
}
"""What each channel can bring in."""
TYPED = "typed:"
_CHOICE = re.compile(r"(?P<number>\d+)\. .+|Gõ “(?P<word>.+)”|Gõ (?P<code>\d\d): (?P<label>.+)")
_LETTER = re.compile(r"([A-H])\. .+")


class NotOnThisChannel(Exception):
    """The script does something this channel has not; `feature` is its row in docs/channels.md."""

    def __init__(self, channel: str, feature: str) -> None:
        super().__init__(f"{feature} on {channel}")
        self.channel = channel
        self.feature = feature


@dataclass
class Shown:
    """A message as it stands on someone's phone."""

    row: int
    text: str
    html: str
    buttons: list[Button] = field(default_factory=list)
    media: list[tuple[str, str]] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return [b.label for b in self.buttons]


def written_choices(message: str) -> tuple[str, list[Button]]:
    """A text without the choices written below it, and these as buttons; their data is what to type, after TYPED."""
    above = message.split("\n")
    buttons: list[Button] = []
    while above and (found := _CHOICE.fullmatch(above[-1])):
        if found["number"]:
            buttons.append(Button(above[-1], TYPED + found["number"]))
        elif found["word"]:
            buttons.append(Button(found["word"], TYPED + found["word"]))
        else:
            buttons.append(Button(found["label"], f"{TYPED}{found['code']} {found['label']}"))
        above.pop()
    body = "\n".join(above).rstrip()
    while above and not above[-1].strip():
        above.pop()
    while above and (letter := _LETTER.fullmatch(above[-1])):
        buttons.append(Button(letter[1], TYPED + letter[1]))
        above.pop()
    return body, buttons[::-1]


class FakeChannel:
    """A channel like the one it is named after. `phones` is what each chat shows; `pressed` what was acknowledged."""

    def __init__(self, name: str = "telegram", account: str = "1000") -> None:
        self.name = name
        self.account = account
        self.capabilities = CAPABILITIES[name]
        self.link = "https://example.test/bot"
        self.phones: dict[str, list[Shown]] = {}
        self.transcript: list[tuple[str, int, str]] = []
        self.pressed: list[str] = []
        self.files: dict[str, bytes] = {}
        self.up = True
        self.outcome_for: Callable[[Delivery], Outcome | None] = lambda delivery: None

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def receive(self, intake: Intake) -> None:
        pass

    async def acknowledge(self, inbound: Inbound) -> None:
        self.pressed.append(inbound.press_ref)

    async def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        pass

    async def answers(self) -> bool:
        return self.up

    async def deliver(self, delivery: Delivery) -> Outcome:
        chosen = self.outcome_for(delivery)
        if chosen is not None:
            return chosen
        phone = self.phones.setdefault(delivery.chat, [])
        if delivery.operation is Operation.SEND:
            self._check(delivery)
            buttons = [b for row in delivery.outbound.buttons for b in row]
            media = [(m.kind, m.ref or m.path) for m in delivery.media]
            body = plain(delivery.outbound.html)
            if not self.capabilities.buttons:
                assert not buttons, "buttons on a channel that has none"
                body, buttons = written_choices(body)
            alts = [file.alt for file in delivery.outbound.media]
            shown = Shown(delivery.row, body, delivery.outbound.html, buttons, media, alts)
            phone.append(shown)
            self.transcript.append((delivery.chat, delivery.row, delivery.outbound.html))
            return Outcome(OutcomeKind.SENT, external_id=str(delivery.row))
        if delivery.operation is Operation.DELETE and self.capabilities.delete_hours == 0:
            return Outcome(OutcomeKind.REJECTED, detail="nothing sent can be taken back")
        assert self.capabilities.edits, "an edit on a channel that has none"
        found = [next((s for s in phone if str(s.row) == id), None) for id in delivery.target.split(",")]
        targets = [shown for shown in found if shown is not None]
        if not targets:
            return Outcome(OutcomeKind.NO_OP, detail="message to edit not found")
        if delivery.operation is Operation.EDIT_KEYBOARD:
            targets[-1].buttons[:] = [b for row in delivery.outbound.buttons for b in row]
        elif delivery.operation is Operation.EDIT:
            self._check(delivery)
            last = (delivery.outbound, *delivery.outbound.then)[-1]
            if self.name == "telegram" and bool(last.media) != bool(targets[-1].media):
                return Outcome(OutcomeKind.REJECTED, detail="Bad Request: there is no text in the message to edit")
            targets[-1].html, targets[-1].text = last.html, plain(last.html)
        else:
            for shown in targets:
                phone.remove(shown)
        return Outcome(OutcomeKind.SENT, external_id=delivery.target)

    async def fetch(self, ref: str, limit: int) -> bytes | Refusal:
        found = self.files.get(ref)
        if found is None:
            return Refusal.GONE
        return Refusal.TOO_BIG if len(found) > limit else found

    def _check_files(self, delivery: Delivery, length: int) -> None:
        """Texts, captions and albums are within what the channel says it can do."""
        files, can = delivery.outbound.media, self.capabilities
        shown = [can.files[file.kind] for file in files if file.kind in can.files]
        assert length <= min(shown, default=can.max_text), "too long"
        assert len(shown) in (0, len(files)), "files that are shown beside others that are links"
        assert len(shown) <= can.album, "too many files"
        assert not (len(shown) > 1 and delivery.outbound.buttons), "an album with buttons"

    def _check(self, delivery: Delivery) -> None:
        markup = delivery.outbound.html
        assert markup.strip() or delivery.media, "an empty message"
        self._check_files(delivery, visible_length(markup))
        names = re.findall(r"</?([a-z0-9]+)", markup)
        assert set(names) <= ALLOWED, f"tags {set(names) - ALLOWED}"
        for name in set(names):
            assert len(re.findall(rf"<{name}[ >]", markup)) == markup.count(f"</{name}>"), f"unbalanced {name}"
        assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#\d+;)", markup), "a bare ampersand"
        assert "{{" not in plain(markup).replace("{{7*7}}", ""), "a template showed through"
        for row in delivery.outbound.buttons:
            assert 1 <= len(row) <= 8
            for button in row:
                assert 1 <= len(button.data.encode()) <= 64, button.data
                assert button.label.strip()

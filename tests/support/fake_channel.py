"""A channel at the network's edge that enforces what platforms enforce and records what it was given."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.channels.contract import (
    Capabilities,
    Delivery,
    Intake,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
)
from bot.channels.render import plain, visible_length
from bot.domain.messages import Button, Inbound

ALLOWED = {"b", "i", "u", "s", "a", "code", "blockquote"}


@dataclass
class Shown:
    """A message as it stands on someone's phone."""

    row: int
    text: str
    html: str
    buttons: list[Button] = field(default_factory=list)
    media: list[tuple[str, str]] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return [b.label for b in self.buttons]


class FakeChannel:
    """Telegram-like: buttons, edits, 4,096 characters. `phones` is what each chat shows; `pressed` what was acknowledged."""

    def __init__(self, name: str = "telegram", account: str = "1000") -> None:
        self.name = name
        self.account = account
        self.capabilities = Capabilities(max_text=4096, buttons=True, edits=True)
        self.link = "https://example.test/bot"
        self.phones: dict[str, list[Shown]] = {}
        self.transcript: list[tuple[str, int, str]] = []
        self.pressed: list[str] = []
        self.files: dict[str, bytes] = {}
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

    async def deliver(self, delivery: Delivery) -> Outcome:
        chosen = self.outcome_for(delivery)
        if chosen is not None:
            return chosen
        phone = self.phones.setdefault(delivery.chat, [])
        if delivery.operation is Operation.SEND:
            self._check(delivery)
            buttons = [b for row in delivery.outbound.buttons for b in row]
            media = [(m.kind, m.ref or m.path) for m in delivery.media]
            shown = Shown(delivery.row, plain(delivery.outbound.html), delivery.outbound.html, buttons, media)
            phone.append(shown)
            self.transcript.append((delivery.chat, delivery.row, delivery.outbound.html))
            return Outcome(OutcomeKind.SENT, external_id=str(delivery.row))
        target = next((s for s in phone if str(s.row) == delivery.target), None)
        if target is None:
            return Outcome(OutcomeKind.NO_OP, detail="message to edit not found")
        if delivery.operation is Operation.EDIT_KEYBOARD:
            target.buttons.clear()
        elif delivery.operation is Operation.EDIT:
            self._check(delivery)
            target.html, target.text = delivery.outbound.html, plain(delivery.outbound.html)
        else:
            phone.remove(target)
        return Outcome(OutcomeKind.SENT, external_id=delivery.target)

    async def fetch(self, ref: str, limit: int) -> bytes | Refusal:
        found = self.files.get(ref)
        if found is None:
            return Refusal.GONE
        return Refusal.TOO_BIG if len(found) > limit else found

    def _check(self, delivery: Delivery) -> None:
        markup = delivery.outbound.html
        assert markup.strip() or delivery.media, "an empty message"
        assert visible_length(markup) <= self.capabilities.max_text, "too long"
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

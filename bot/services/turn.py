"""What a service is given: the open transaction, the moment, who acts, and the installation around them."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.channels.contract import Capabilities
from bot.domain.people import Address, Member
from bot.domain.prompts import Text
from bot.domain.time import civil_date
from bot.storage.database import Transaction
from content.federation import Federation
from content.models import Pack
from content.shelf import Shelf
from content.texts import Texts, Voice


@dataclass(slots=True)
class Installation:
    """What is the same for every turn. Another `pack` makes another installation, so that no turn sees two of them.

    `capabilities` and `links` are by account id; a link is the address a member opens to start ("" when there is none).
    `data_dir` is where files live; `rates` are pushes a second by account id, 0 for no limit. `public_url` is the root
    of our own pages, "" when they cannot be reached from outside. `shelf` has the packs of before.
    """

    federation: Federation
    texts: Texts
    pack: Pack
    zone: ZoneInfo
    secret: bytes = field(repr=False)
    capabilities: dict[int, Capabilities]
    links: dict[int, str]
    data_dir: Path
    rates: dict[int, float]
    admins: frozenset[tuple[int, str]] = frozenset()
    public_url: str = ""
    shelf: Shelf = field(default_factory=lambda: Shelf(Path()))

    def pack_of(self, revision: str) -> Pack:
        """The pack of a revision that something began with; the one in use when that is gone, or for "".

        Raises NotRead.
        """
        if revision in ("", self.pack.revision):
            return self.pack
        return self.shelf.get(revision) or self.pack

    def digest(self, purpose: str, value: str) -> bytes:
        """A keyed hash of `value`, for what must be recognised and not kept."""
        return hashlib.blake2b(f"{purpose}\0{value}".encode(), digest_size=16, key=self.secret).digest()

    def random(self, *parts: object) -> random.Random:
        """A generator seeded by the installation's secret and `parts`: the same turn draws the same."""
        seed = "\0".join(str(part) for part in parts)
        return random.Random(self.digest("random", seed))  # noqa: S311 - draws, not secrets


@dataclass(slots=True)
class Turn:
    """One use of the services in one transaction. `address` and `member` are who wrote, when somebody did.

    `cause` identifies what caused it (the inbox row, the due instant) and seeds its draws.
    """

    tx: Transaction
    at: Installation
    now: int
    cause: str
    address: Address | None = None
    member: Member | None = None
    key: str = ""

    @property
    def today(self) -> date:
        """The civil date of the moment."""
        return civil_date(self.now, self.at.zone)

    @property
    def me(self) -> Member:
        """The member who acts. Raises AssertionError when a flow that needs one was opened to a stranger."""
        assert self.member is not None, "no member in this turn"
        return self.member

    @property
    def voice(self) -> Voice:
        """How the person who acts is spoken to."""
        return voice_of(self.member)

    def random(self) -> random.Random:
        """A generator for this turn and this journal key."""
        return self.at.random(self.cause, self.key)

    def render(self, text: Text) -> str:
        """A text as the acting person reads it."""
        return self.at.texts.render(text, self.voice)


def voice_of(member: Member | None) -> Voice:
    """How a member is spoken to."""
    return Voice(member.form, member.name) if member is not None else Voice()

"""The preview at work: pack and texts read again when a file changes, specimens made on a throw-away database."""

import asyncio
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
import yaml

from bot.app import federation_variables
from bot.channels.contract import Capabilities
from bot.channels.render import visible_length
from bot.domain.messages import OutboundMedia
from bot.domain.people import Address
from bot.domain.time import Clock
from bot.services import posting
from bot.services.posting import Illustration
from bot.services.turn import Installation, Turn
from bot.specimens import KINDS, Said, Specimen, specimens
from bot.storage import installation as installation_rows
from bot.storage import members
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from bot.web.bubbles import bubble, zalo_bubble
from bot.web.counters import Counters
from bot.web.preview import EVERY, Bubble, Fault, Shown, State, preview
from bot.web.serving import Serving, serve
from bot.web.site import Running
from content.checks import check_templates
from content.checks.finding import Finding
from content.federation import Federation
from content.files import read_pack_files
from content.loader import BrokenPack, judged, load_or_last_good
from content.models import Pack
from content.texts import DIRECTORY, Texts, UnknownText, read_again

HOST: Final = "127.0.0.1"
CHAT: Final = "preview"
UNREADABLE: Final = (yaml.YAMLError, UnknownText, ValueError, OSError)
"""What `Texts` raises for words that cannot be read."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Studio:
    """What a preview is made from; `channels` are the capabilities by the channel's word, `styles` Zalo's.

    `texts` is the folder of templates and words, `public_url` where channels fetch pictures ("": they cannot).
    """

    pack_dir: Path
    data_dir: Path
    federation: Federation
    zone: ZoneInfo
    clock: Clock
    channels: Mapping[str, Capabilities]
    styles: bool
    public_url: str = ""
    texts: Path = DIRECTORY


class Preview:
    """`await Preview.open(studio, listening)`, at the end `close`; `url` is where."""

    def __init__(self, studio: Studio, directory: Path, db: Database, at: Installation, pages_at: Installation) -> None:
        self._studio = studio
        self._directory = directory
        self._db = db
        self._at = at
        self._has_pack = False
        self._addresses: dict[str, Address] = {}
        self._state = State("", "", False, (), ())
        self._made: dict[str, list[Shown]] = {}
        self._reading = asyncio.Lock()
        self._serving: Serving | None = None
        self.running: Final = Running(db, studio.clock, lambda: pages_at, dict, Counters())
        self.channels: Final[Sequence[str]] = tuple(studio.channels)
        self.kinds: Final[Sequence[str]] = KINDS

    @staticmethod
    async def open(studio: Studio, listening: socket.socket) -> "Preview":
        """Serve the preview."""
        directory = Path(tempfile.mkdtemp(prefix="preview-"))
        db = await Database.open(directory / "preview.db")
        await migrate(db, studio.clock.now())
        texts = Texts(federation_variables(studio.federation))
        secret = await db.write(installation_rows.secret)
        nothing = Pack.model_construct(year=0, title="", themes=(), cards=(), questions=(), milestones=())
        at = Installation(
            studio.federation, texts, nothing, studio.zone, secret, {}, {}, directory, {}, public_url=studio.public_url
        )
        made = Preview(studio, directory, db, at, replace(at))
        await db.write(made._arrive)
        port = listening.getsockname()[1]
        hosts = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
        made._serving = await serve(preview(made.running, made, hosts), listening, lambda: None)
        return made

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._serving is not None
        return self._serving.url

    async def close(self) -> None:
        """Stop serving; nothing is left."""
        assert self._serving is not None
        await self._serving.stop()
        await self._db.close()
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    def _arrive(self, tx: Transaction) -> None:
        """Somebody who looks on, at an address of every channel."""
        for name, capabilities in self._studio.channels.items():
            account = installation_rows.account_id(tx, name, CHAT)
            self._at.capabilities[account] = capabilities
            self._addresses[name] = members.arrive(tx, account, CHAT, self._studio.clock.now()).address

    def token(self) -> str:
        """A hash of when every file was written."""
        hashed = hashlib.sha256()
        for root in (self._studio.pack_dir, self._studio.texts):
            for folder, _, names in os.walk(root):
                for name in sorted(names):
                    path = Path(folder) / name
                    try:
                        stat = path.stat()
                    except OSError:  # an editor just moved it
                        continue
                    hashed.update(f"{path}\0{stat.st_mtime_ns}\0{stat.st_size}\0".encode())
        return hashed.hexdigest()[:16]

    async def state(self) -> State:
        """The files as they are now; read again when one has changed."""
        async with self._reading:
            token = self.token()
            if token != self._state.token:
                self._state = await asyncio.to_thread(self._read, token)
                self._made = {}
            return self._state

    def image(self, card_id: str) -> bytes | None:
        """A card's picture."""
        return self._at.pack.images.get(card_id) if self._has_pack else None

    async def shown(self, kind: str, theme: str) -> list[Shown]:
        """The specimens of a kind and of a theme."""
        if not self._has_pack:
            return []
        wanted = KINDS if kind == EVERY else (kind,)
        async with self._reading:
            for each in wanted:
                if each not in self._made:
                    self._made[each] = await self._db.write(lambda tx, each=each: self._make(tx, each), bulk=True)  # type: ignore[misc]
            return [one for each in wanted for one in self._made[each] if theme in ("", one.theme)]

    def _read(self, token: str) -> State:
        faults = self._read_texts()
        pack, findings = judged(read_pack_files(self._studio.pack_dir))
        stale = pack is None
        if pack is None and not self._has_pack:
            pack = self._last_good()
        if pack is not None:
            self._at = replace(self._at, pack=pack)
            self._has_pack = True
        revision = self._at.pack.revision if self._has_pack else ""
        themes = tuple((theme.id, theme.title) for theme in self._at.pack.themes)
        return State(token, revision, stale, (*faults, *map(self._fault, findings)), themes)

    def _last_good(self) -> Pack | None:
        try:
            return load_or_last_good(self._studio.pack_dir, self._studio.data_dir).pack
        except (BrokenPack, OSError):
            return None

    def _read_texts(self) -> list[Fault]:
        """Take up the texts as they are, unless one of them cannot be read."""
        findings = check_templates(self._studio.texts)
        if findings:
            return list(map(self._fault, findings))
        read_again()
        try:
            texts = Texts(federation_variables(self._studio.federation), self._studio.texts)
            self._at = replace(self._at, texts=texts)
        except UNREADABLE as error:
            return [Fault("words*.yaml", 1, True, " ".join(str(error).split()), "")]
        return []

    def _fault(self, found: Finding) -> Fault:
        roots = (self._studio.pack_dir, self._studio.texts)
        file = next((found.file.relative_to(root) for root in roots if found.file.is_relative_to(root)), found.file)
        return Fault(file.as_posix(), found.line, found.severity == "error", found.message_vi, found.remedy)

    def _make(self, tx: Transaction, kind: str) -> list[Shown]:
        turn = Turn(tx, self._at, self._studio.clock.now(), CHAT)
        return [self._on_screens(turn, specimen) for specimen in specimens(turn, kind)]

    def _on_screens(self, turn: Turn, specimen: Specimen) -> Shown:
        screens = {name: self._screen(turn, name, specimen.said) for name in self.channels}
        return Shown(specimen.kind, specimen.theme, specimen.title, specimen.file, specimen.written, screens)

    def _screen(self, turn: Turn, channel: str, said: Sequence[Said]) -> tuple[Bubble, ...]:
        """The messages a channel carries."""
        address = self._addresses[channel]
        bubbles = []
        for index, each in enumerate(said):
            picture = self._illustration(each.picture)
            messages = posting.compose(
                turn, address.account_id, address.id, each.texts, each.buttons, illustration=picture
            )
            for place, message in enumerate(messages):
                html = bubble(message.html)
                if channel == "zalo_bot":
                    html = zalo_bubble(message.html, self._studio.styles)
                follows = index > 0 and place == 0
                seen = (each.picture, message.media[0].alt) if message.media else None
                bubbles.append(Bubble(html, message.buttons, visible_length(message.html), follows, seen))
        return tuple(bubbles)

    def _illustration(self, card_id: str) -> Illustration | None:
        image = self._at.pack.card_by_id[card_id].image if card_id else None
        if image is None:
            return None
        return Illustration(OutboundMedia("photo", 0, image.file, image.alt), image.licence)


async def serve_preview(studio: Studio, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until cancelled; `ready` is told the address."""
    made = await Preview.open(studio, listening)
    try:
        ready(made.url)
        await asyncio.Event().wait()
    finally:
        await made.close()

"""From a pack folder to the `Pack` in use, with the last good one kept for the day a pack is broken."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from content import approval
from content.approval import Approval
from content.changes import Change, changes
from content.files import PackFiles, read_pack_files
from content.models import (
    Card,
    Document,
    Erratum,
    Fact,
    Image,
    Language,
    Meeting,
    Milestone,
    Pack,
    Paragraph,
    Part,
    Question,
    Quotation,
    Recording,
    Source,
    Term,
    Theme,
    Variant,
    Week,
)

if TYPE_CHECKING:  # the rules are loaded where they are asked: as a rule a pack was checked before
    from content.checks import Finding

KEPT_COPIES = 3
"""Last good ones of each pack; what an open conversation began with is kept beside them."""
SHIPPED_PACK = Path(__file__).parent / "packs" / "2025"
_CHECKED = ".checked"
"""Names in a kept copy the rules that found nothing wrong with it."""
PartT = TypeVar("PartT", bound=Part)


class BrokenPack(Exception):
    """A pack with errors; `findings` holds all of them, the warnings too."""

    def __init__(self, path: Path, findings: "Iterable[Finding]") -> None:
        from content.checks import findings_report

        self.path = path
        self.findings = tuple(findings)
        super().__init__(findings_report(self.findings))


@dataclass(frozen=True, slots=True)
class Loaded:
    """`warning` is set, for people to read, when `pack` is not the one asked for: the files are broken, or what was
    approved is lost.

    `approved` is who approved `pack` and when, None while nothing ever was; `changed` is then what the files say
    otherwise, and `files` their revision. `broken` is what is wrong with the files, if anything.
    """

    pack: Pack
    warning: str | None = None
    approved: Approval | None = None
    changed: tuple[Change, ...] = ()
    files: str = ""
    broken: BrokenPack | None = None


def load_pack(path: Path) -> Pack:
    """The pack in the folder `path`. Raises BrokenPack with everything that is wrong with it."""
    return good_pack(read_pack_files(path))


def good_pack(files: PackFiles) -> Pack:
    """The pack in these files. Raises BrokenPack with everything that is wrong with it."""
    return _build(files)


def judged(files: PackFiles) -> "tuple[Pack | None, list[Finding]]":
    """The pack in these files, None for a broken one, and all that is wrong with it, warnings too."""
    from content.checks import check_files

    findings = check_files(files)
    broken = any(finding.severity == "error" for finding in findings)
    return None if broken else _build(files, checked=True), findings


def load_or_last_good(pack_dir: Path, data_dir: Path) -> Loaded:
    """The pack to be sent: what was last approved, whatever the files say; before that the pack in `pack_dir`.

    The latter is kept as last good under `data_dir`/packs; if broken, the newest last good one.
    Raises BrokenPack when there is no good copy either, OSError when the copy cannot be written.
    """
    files = read_pack_files(pack_dir)
    copies = copies_in(data_dir)
    approved = beside_approved(files, data_dir)
    if approved is not None:
        if approved.warning is None:
            _keep(files, copies, pack_dir.name)
        return approved
    loaded = _from_files(files, copies)
    lost = approval.latest(copies)
    if lost is None:
        return loaded
    from content.checks import rulebook

    sentence = rulebook()["report"]["approved_lost"].format(path=copies / lost.copy, revision=lost.revision)
    return Loaded(loaded.pack, "\n".join(filter(None, [sentence, loaded.warning])), broken=loaded.broken)


def beside_approved(files: PackFiles, data_dir: Path) -> Loaded | None:
    """What was approved last, with what these files say otherwise; None when nothing was, or it is lost."""
    copies = copies_in(data_dir)
    given = approval.latest(copies)
    pack = approved_pack(data_dir, given) if given is not None else None
    if pack is None or files.revision == pack.revision:
        return Loaded(pack, approved=given, files=files.revision) if pack is not None else None
    try:
        now = _build(files, checked=_was_checked(files, copies / f"{files.root.name}-{files.revision}"))
    except BrokenPack as broken:
        return Loaded(pack, str(broken), given, files=files.revision, broken=broken)
    return Loaded(pack, None, given, changes(pack, now), files.revision)


def approved_pack(data_dir: Path, given: Approval) -> Pack | None:
    """What was approved, letter for letter; None when its copy is not what it was.

    It is not checked again: a rule that was added since must not replace what a leader signed by what none has seen.
    """
    return _from_copy(copies_in(data_dir) / given.copy, given.revision)


def keep(files: PackFiles, data_dir: Path) -> Path:
    """Keep a copy of these files, found good, under `data_dir`/packs; returns where. Raises OSError."""
    return _keep(files, copies_in(data_dir), files.root.name)


def _from_files(files: PackFiles, copies: Path) -> Loaded:
    """The pack of the files, else the newest last good one."""
    pack_dir = files.root
    try:
        pack = _build(files, checked=_was_checked(files, copies / f"{pack_dir.name}-{files.revision}"))
    except BrokenPack as broken:
        for copy in _newest_first(copies, pack_dir.name):
            try:
                pack = load_pack(copy)
            except BrokenPack:
                continue  # Good once, refused by rules added since: try the one before.
            from content.checks import rulebook

            sentence = rulebook()["report"]["last_good"].format(path=pack_dir, revision=pack.revision)
            return Loaded(pack, f"{sentence}\n{broken}", broken=broken)
        raise
    _keep(files, copies, pack_dir.name)
    return Loaded(pack)


def copies_in(data_dir: Path) -> Path:
    """Where good packs are kept, each in a folder of its name and revision."""
    return data_dir / "packs"


def load_copy(copies: Path, revision: str) -> Pack | None:
    """The kept copy of a revision, found good when it was kept; None when it is gone or was spoilt."""
    return next((_from_copy(copy, revision) for copy in copies.glob(f"*-{revision}")), None)


def _from_copy(copy: Path, revision: str) -> Pack | None:
    files = read_pack_files(copy)
    try:
        return _build(files, checked=True) if files.revision == revision else None
    except (ValueError, LookupError):  # of an older version's shape, or spoilt
        return None


def prune_copies(copies: Path, needed: Collection[str]) -> None:
    """Delete the copies beyond the last good ones of each pack that are not `needed` and were never approved."""
    kept = [copy for copy in copies.glob("*-*") if not copy.name.startswith(".")]
    for name in {copy.name.rpartition("-")[0] for copy in kept}:
        unapproved = [copy for copy in _newest_first(copies, name) if not approval.is_approved(copy)]
        for old in unapproved[KEPT_COPIES:]:
            if old.name.rpartition("-")[2] not in needed:
                shutil.rmtree(old)


def _build(files: PackFiles, *, checked: bool = False) -> Pack:
    if not checked:
        from content.checks import check_files

        findings = check_files(files)
        if any(finding.severity == "error" for finding in findings):
            raise BrokenPack(files.root, findings)
    [about] = files.of_kind("pack")
    themes = {theme.id: theme for theme in sorted(_parts(files, "theme", Theme), key=lambda theme: theme.order)}
    cards = sorted(_parts(files, "card", Card), key=lambda card: (themes[card.theme].order, card.order))
    pack = Pack(
        **about.values,
        revision=files.revision,
        themes=tuple(themes.values()),
        cards=tuple(cards),
        questions=_parts(files, "question", Question),
        milestones=_parts(files, "milestone", Milestone),
        facts=_parts(files, "fact", Fact),
        documents=_parts(files, "document", Document),
        quotations=_parts(files, "quotation", Quotation),
        paragraphs=_parts(files, "paragraph", Paragraph),
        sources=_parts(files, "source", Source),
        glossary=_parts(files, "term", Term),
        weeks=tuple(sorted(_parts(files, "week", Week), key=lambda week: week.week)),
        meetings=tuple(sorted(_parts(files, "meeting", Meeting), key=lambda meeting: meeting.month)),
        errata=_parts(files, "erratum", Erratum),
        languages=_parts(files, "language", Language),
        variants=_parts(files, "variant", Variant),
        recordings=_parts(files, "recording", Recording),
        images={card.id: files.contents[_image(card, card.image)] for card in cards if card.image is not None},
    )
    _ = pack.index  # made here, not in the turn of whoever searches first
    return pack


def _image(card: Card, image: Image) -> Path:
    return Path("themes", card.theme, "images", image.file)


def _parts(files: PackFiles, kind: str, model: type[PartT]) -> tuple[PartT, ...]:
    return tuple(model.model_validate(entry.values) for entry in files.of_kind(kind))


def _was_checked(files: PackFiles, copy: Path) -> bool:
    """Whether these very files were found good by these very rules: asking takes longer than reading them."""
    try:
        return not files.faults and (copy / _CHECKED).read_text("utf-8") == _rules()
    except OSError:
        return False


@cache
def _rules() -> str:
    """A hash of everything that decides whether a pack is good."""
    here = Path(__file__).parent
    sources = [*here.glob("*.py"), *here.glob("models/*.py"), *here.glob("checks/*.*"), here / "texts" / "__init__.py"]
    hashed = hashlib.sha256()
    for source in sorted(sources):
        hashed.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return hashed.hexdigest()


def _newest_first(copies: Path, name: str) -> list[Path]:
    found = [copy for copy in copies.glob(f"{name}-*") if copy.name.rpartition("-")[0] == name]
    return sorted(found, key=lambda copy: copy.stat().st_mtime_ns, reverse=True)


def _keep(files: PackFiles, copies: Path, name: str) -> Path:
    copy = copies / f"{name}-{files.revision}"
    if not copy.is_dir():
        # Written aside and renamed, so that a crash never leaves half a pack under a good name.
        unfinished = copies / f".{copy.name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        for path, raw in files.contents.items():
            (unfinished / path).parent.mkdir(parents=True, exist_ok=True)
            (unfinished / path).write_bytes(raw)
        unfinished.rename(copy)
    (copy / _CHECKED).write_text(_rules(), "utf-8")
    os.utime(copy)
    return copy

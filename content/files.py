"""Reads the folder of a pack: YAML and Markdown with front matter, each value with the line it stands on.

- pack.yaml, and the lists of `LISTS`
- themes/<theme>/theme.yaml
- themes/<theme>/cards/<card>.md: front matter between two `---` lines, then the body
- themes/<theme>/questions/<any>.yaml: a list of questions, each naming its card
- themes/<theme>/images/<picture>.png or .jpg
- variants/<language>/<kind>-<id>.md: a text in another language; recordings.yaml and the recordings it names

Names that begin with a dot are passed over; folders are not followed through links, nor files out of the folder.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from content.models import OPTION_LETTERS, PLAN_SOURCE, RECORDING_BYTES, revision_over
from content.yaml_lines import Position, parse

LISTS = {
    "sources.yaml": "source",
    "facts.yaml": "fact",
    "documents.yaml": "document",
    "quotations.yaml": "quotation",
    "milestones.yaml": "milestone",
    "glossary.yaml": "term",
    "plan.yaml": "paragraph",
    "weeks.yaml": "week",
    "meetings.yaml": "meeting",
    "errata.yaml": "erratum",
    "languages.yaml": "language",
}
"""The files of a pack that hold a list each, and the kind of thing in it."""
MAY_LACK = ("languages.yaml",)
"""Those a pack does without when it has nothing to say there."""
CITABLE = ("fact", "document", "quotation", "milestone", "paragraph")
"""Kinds whose ids cards and questions cite; unique over all of them."""

_IMAGES = {".png", ".jpg"}
_TEXTS = {".yaml", ".md"}
_VARIANTS = "variants"
_REST = 8
"""Characters of a revision that stand for what is not in the file itself."""
_IMAGE_READ = 1_000_000
"""Bytes: a picture far too large for a pack is not read at all."""
_SOUND_READ = 2 * RECORDING_BYTES
_TEXT_READ = 500_000
"""Bytes, some hundred times a long list: the rules would look at a far longer one for minutes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What kept a file, or a part of it, from being read."""

    file: Path
    line: int
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the pack as written: `lines` gives the line of each value by its place inside `values`."""

    kind: str
    file: Path
    values: dict[str, Any]
    lines: dict[Position, int]

    def line(self, *position: str | int) -> int:
        """The line of the value at `position`, or of the nearest thing around it."""
        while position and position not in self.lines:
            position = position[:-1]
        return self.lines.get(position, 1)


@dataclass(slots=True)
class PackFiles:
    """All entries of a pack folder in file order, what could not be read, and the hash of the files.

    `contents` are the bytes that were read, by path below `root`, so that a copy is of exactly this reading;
    `image_sizes` and `sound_sizes` (whatever lies with variants and is no text) are bytes.
    """

    root: Path
    contents: dict[Path, bytes] = field(default_factory=dict)
    image_sizes: dict[Path, int] = field(default_factory=dict)
    sound_sizes: dict[Path, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    revision: str = ""

    def of_kind(self, kind: str) -> list[Entry]:
        """The entries of one kind, in the order read."""
        return [entry for entry in self.entries if entry.kind == kind]


def read_pack_files(root: Path) -> PackFiles:
    """Reads what is there. Missing and unreadable files become faults; raises nothing for bad content."""
    files = PackFiles(root)
    hashed = hashlib.sha256()
    texts: dict[Path, str] = {}
    for path in sorted(_listing(files)):
        raw = _bytes(files, path)
        if raw is None:
            continue
        files.contents[path.relative_to(root)] = raw
        hashed.update(path.relative_to(root).as_posix().encode() + b"\0" + raw + b"\0")
        if path.suffix not in _TEXTS:
            continue
        try:
            texts[path] = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            files.faults.append(Fault(path, line, "unreadable", "UTF-8"))
    files.revision = hashed.hexdigest()[:12]
    for name in ("pack.yaml", *LISTS):
        if name not in MAY_LACK and not (root / name).is_file():
            files.faults.append(Fault(root / name, 1, "missing-file", name))
    for path, text in texts.items():
        _read_file(files, path, text)
    _complete_revisions(files)
    return files


def _listing(files: PackFiles) -> Iterator[Path]:
    """The files of a pack; a folder that is a link may lead back into the pack, and is a fault."""
    for folder, below, names in os.walk(files.root):
        at = Path(folder)
        for name in sorted(below):
            if (at / name).is_symlink():
                files.faults.append(Fault(at / name, 1, "linked-folder", name))
        for name in sorted(each for each in (*below, *names) if not _is_sayable(each)):
            files.faults.append(Fault(at, 1, "stray-file", os.fsencode(name).decode(errors="replace")))
        below[:] = [name for name in below if not name.startswith(".") and _is_sayable(name)]
        read = [at / name for name in names if not name.startswith(".") and _is_sayable(name)]
        yield from (path for path in read if _is_read(path, files.root))


def _is_sayable(name: str) -> bool:
    """Whether a file's name is text: in another encoding it could be neither printed nor hashed."""
    return name.isprintable()


def _is_read(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    in_images = len(parts) == 4 and path.parent.name == "images"
    return (
        path.suffix in _TEXTS or (path.suffix in _IMAGES and in_images) or (len(parts) == 3 and parts[0] == _VARIANTS)
    )


def _bytes(files: PackFiles, path: Path) -> bytes | None:
    try:
        found = path.stat()
        # A pipe would be waited for without end; a link may lead to what is nobody's to read, and would be copied.
        if not stat.S_ISREG(found.st_mode) or not Path(os.path.realpath(path)).is_relative_to(files.root.resolve()):
            files.faults.append(Fault(path, 1, "no-file-of-the-pack", path.name))
            return None
        if path.suffix not in _TEXTS:
            is_image = path.parent.name == "images"
            sizes, most = (files.image_sizes, _IMAGE_READ) if is_image else (files.sound_sizes, _SOUND_READ)
            sizes[path] = found.st_size
            if found.st_size > most:
                return None
        elif found.st_size > _TEXT_READ:
            files.faults.append(Fault(path, 1, "huge-text", path.name))
            return None
        return path.read_bytes()
    except OSError as error:
        files.faults.append(Fault(path, 1, "unreadable", error.strerror or type(error).__name__))
        return None


def _read_file(files: PackFiles, path: Path, text: str) -> None:
    match path.relative_to(files.root).parts:
        case ("pack.yaml",):
            _read_one(files, "pack", path, text)
        case (name,) if name in LISTS:
            _read_list(files, LISTS[name], path, text)
        case ("themes", _, "theme.yaml"):
            _read_one(files, "theme", path, text)
        case ("themes", theme, "cards", name) if name.endswith(".md"):
            revision = hashlib.sha256(text.encode()).hexdigest()[:12]
            computed = {"theme": theme, "revision": revision, "text_revision": revision}
            _read_markdown(files, "card", path, text, computed)
        case ("variants", language, "recordings.yaml"):
            _read_recordings(files, language, path, text)
        case ("variants", language, name) if name.endswith(".md"):
            _read_markdown(files, "variant", path, text, {"language": language, "of": path.stem})
        case ("themes", _, "questions", name) if name.endswith(".yaml"):
            _read_list(files, "question", path, text)
        case _:
            files.faults.append(Fault(path, 1, "stray-file", path.name))


def _read_one(files: PackFiles, kind: str, path: Path, text: str, first_line: int = 1) -> Entry | None:
    values, lines = _parse(files, path, text, first_line)
    if values is None:
        return None
    if not isinstance(values, dict):
        files.faults.append(Fault(path, first_line, "wrong-shape", kind))
        return None
    entry = Entry(kind, path, values, lines)
    files.entries.append(entry)
    return entry


def _read_list(files: PackFiles, kind: str, path: Path, text: str) -> None:
    items, lines = _parse(files, path, text, 1)
    if items is None:
        return
    if not isinstance(items, list):
        files.faults.append(Fault(path, 1, "wrong-shape", kind))
        return
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            files.faults.append(Fault(path, lines[(number,)], "wrong-shape", kind))
            continue
        own_lines = {place[1:]: line for place, line in lines.items() if place[:1] == (number,)}
        entry = Entry(kind, path, item, own_lines)
        if kind == "question":
            _number_the_letters(files, entry)
        files.entries.append(entry)


def _number_the_letters(files: PackFiles, question: Entry) -> None:
    """Writers name the correct options by their letters, one or a list; everything else counts from 0."""
    written = question.values.get("correct")
    letters = written if isinstance(written, list) else [written]
    places = [place for letter in letters for place, known in enumerate(OPTION_LETTERS) if letter == known]
    if places and len(places) == len(letters):
        question.values["correct"] = places
        return
    files.faults.append(Fault(question.file, question.line("correct"), "correct-letter", str(written)))
    question.values["correct"] = [0]


def _read_recordings(files: PackFiles, language: str, path: Path, text: str) -> None:
    """A list whose entries get what their folder and the bytes of their files say."""
    before = len(files.entries)
    _read_list(files, "recording", path, text)
    for entry in files.entries[before:]:
        sound = Path(_VARIANTS, language, str(entry.values.get("file")))
        digest = hashlib.sha256(files.contents.get(sound, b"")).hexdigest()
        _compute(files, entry, {"language": language, "path": str(files.root / sound), "digest": digest})


def _compute(files: PackFiles, entry: Entry, computed: dict[str, str]) -> None:
    for key in sorted(computed.keys() & entry.values.keys()):
        files.faults.append(Fault(entry.file, entry.line(key), "computed-key", key))
    entry.values.update(computed)


def _read_markdown(files: PackFiles, kind: str, path: Path, text: str, computed: dict[str, str]) -> None:
    parts = text.split("---\n", 2)
    if len(parts) < 3 or parts[0]:
        files.faults.append(Fault(path, 1, "front-matter", path.name))
        return
    entry = _read_one(files, kind, path, parts[1], first_line=2)
    if entry is None:
        return
    _compute(files, entry, computed | {"body": parts[2].strip()})
    before_body = len(parts[2]) - len(parts[2].lstrip())
    entry.lines[("body",)] = 3 + parts[1].count("\n") + parts[2][:before_body].count("\n")


def _complete_revisions(files: PackFiles) -> None:
    """A card's revision is of all that is read on it: its file, and what other files add to it.

    It is `<of the file>-<of the rest>`, that of its text `<of the file>`, or `<of the file>-<of the quotation>`.
    """
    citable = {str(entry.values.get("id")): entry for kind in CITABLE for entry in files.of_kind(kind)}
    titles = {str(source.values.get("id")): str(source.values.get("title")) for source in files.of_kind("source")}
    for card in files.of_kind("card"):
        file, quotation = card.values["revision"], card.values.get("quotation")
        cited = card.values.get("facts")
        ids = [*(cited if isinstance(cited, list) else []), *([] if quotation is None else [quotation])]
        named = [_first_source(citable[str(id)]) for id in ids if str(id) in citable]
        sources = [titles.get(id, "") for id in dict.fromkeys(named)]
        image = card.values.get("image")
        picture = Path(
            "themes", card.values["theme"], "images", str(image.get("file") if isinstance(image, dict) else "")
        )
        drawn = files.contents.get(picture, b"")
        quoted = _quoted(citable.get(str(quotation)))
        rest = [*quoted, *sources, hashlib.sha256(drawn).hexdigest()]
        card.values["revision"] = f"{file}-{revision_over(rest)[:_REST]}"
        if quoted:
            card.values["text_revision"] = f"{file}-{revision_over(quoted)[:_REST]}"


def _first_source(cited: Entry) -> str:
    sources = [PLAN_SOURCE] if cited.kind == "paragraph" else cited.values.get("sources")
    return str(sources[0]) if isinstance(sources, list) and sources else ""


def _quoted(quotation: Entry | None) -> list[str]:
    return [] if quotation is None else [str(quotation.values.get(key)) for key in ("text", "work", "date")]


def _parse(files: PackFiles, path: Path, text: str, first_line: int) -> tuple[Any, dict[Position, int]]:
    parsed = parse(text)
    for problem in parsed.problems:
        detail = path.name if problem.rule == "yaml-alias" else problem.detail
        files.faults.append(Fault(path, problem.line + first_line, problem.rule, detail))
    return parsed.value, {place: line + first_line for place, line in parsed.lines.items()}

"""Whether what is there in other languages says of what, whose voice it is, and is a recording that can be played."""

from collections.abc import Iterator
from typing import Final

from content.checks.finding import Finding
from content.checks.reading import Reading, at, at_file, id_of
from content.files import Entry
from content.models import AUDIO, RECORDING_BYTES, revision_over

_SOUNDS: Final = (b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
"""How the two kinds of recordings begin."""


def check(reading: Reading) -> Iterator[Finding]:
    """Unknown languages and targets, texts that changed since, recordings without a file and files without an entry."""
    languages = {id_of(language) for language in reading.of_kind("language")}
    revisions = _revisions(reading)
    found: set[tuple[str, str, str]] = set()
    for entry in reading.of_kind("variant", "recording"):
        language, of = str(entry.values["language"]), str(entry.values.get("of"))
        name, written = (entry.kind, language, of), str(entry.values.get("revision", ""))
        if language not in languages:
            yield at("unknown-language", entry, "language", language=language)
        if of not in revisions and "of" in entry.values:
            yield at("unknown-variant-of", entry, "of", of=of)
        elif name in found:
            yield at("repeated-variant", entry, "of", of=of)
        elif of in revisions and written != revisions[of]:
            yield at("variant-of-another-text", entry, "revision", of=of, found=written, current=revisions[of])
        found.add(name)
    yield from _sounds(reading)


def _revisions(reading: Reading) -> dict[str, str]:
    """What there can be variants of, with its revision, as `Pack.revision_of` has it."""
    cards = {id: str(card.values.get("text_revision")) for id, card in reading.cards.items()}
    found = {f"card-{id}": revision for id, revision in cards.items()}
    for id, question in reading.by_id("question").items():
        options = question.values.get("options")
        texts = [question.values.get("text"), *(options if isinstance(options, list) else [])]
        found[f"question-{id}"] = revision_over([str(text) for text in texts])
    for week in reading.of_kind("week"):
        named = week.values.get("cards")
        parts = [cards.get(str(id), "") for id in (named if isinstance(named, list) else [])]
        found[f"script-{week.values.get('week')}"] = revision_over(parts)
    return found


def _sounds(reading: Reading) -> Iterator[Finding]:
    sizes, named = reading.files.sound_sizes, set()
    for entry in reading.of_kind("recording"):
        name = str(entry.values.get("file"))
        path = entry.file.parent / name
        named.add(path)
        if path not in sizes and "file" in entry.values:
            yield at("missing-recording", entry, "file", name=name)
        elif path in sizes:
            yield from _sound(reading, entry, name)
    for path in sizes:
        if path not in named:
            yield at_file("unnamed-recording", path, name=path.name)


def _sound(reading: Reading, entry: Entry, name: str) -> Iterator[Finding]:
    path = entry.file.parent / name
    size = reading.files.sound_sizes[path]
    raw = reading.files.contents.get(path.relative_to(reading.files.root), b"")
    if size > RECORDING_BYTES:
        yield at("huge-recording", entry, "file", name=name, found=f"{size / 1_000_000:.1f} MB".replace(".", ","))
    elif path.suffix not in AUDIO or not raw.startswith(_SOUNDS):
        yield at("recording-type", entry, "file", name=name)

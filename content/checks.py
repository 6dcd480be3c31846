"""The linter of a content pack: every rule a reviewer should not have to remember.

What a rule says, how grave it is and, for rules on wording, what it looks for stand in `check_messages.yaml`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from content.files import Entry, PackFiles, read_pack_files
from content.models import (
    PLAN_SOURCE,
    Card,
    Document,
    Erratum,
    Fact,
    Meeting,
    Milestone,
    PackHeader,
    Paragraph,
    Part,
    Question,
    Quotation,
    Source,
    Term,
    Theme,
    Week,
)

CARD_WORDS = (40, 90)
CARD_LENGTH = 1_500
LENGTHS = {
    "text": ("long-question", 300),
    "options": ("long-option", 100),
    "explanation": ("long-explanation", 200),
}

MODELS: dict[str, type[Part]] = {
    "pack": PackHeader,
    "theme": Theme,
    "card": Card,
    "question": Question,
    "milestone": Milestone,
    "document": Document,
    "quotation": Quotation,
    "source": Source,
    "fact": Fact,
    "paragraph": Paragraph,
    "term": Term,
    "week": Week,
    "meeting": Meeting,
    "erratum": Erratum,
}
CITABLE = ("fact", "document", "quotation", "milestone", "paragraph")
"""Kinds whose ids cards and questions cite; unique over all of them."""
# Values that are names for machines, not text for people.
NOT_PROSE = {
    "id",
    "url",
    "theme",
    "card",
    "cards",
    "story",
    "quotation",
    "sources",
    "facts",
    "plan",
    "revision",
    "kind",
    "wrong",
}
# Words of others, which keep their spelling and may quote what they like.
OTHERS_WORDS = {("source", "title"), ("quotation", "text"), ("paragraph", "text"), ("paragraph", "heading")}
IN_QUOTES = re.compile("“([^”]*)”")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a pack and what to do about it."""

    file: Path
    line: int
    rule: str
    severity: Literal["error", "warning"]
    message_vi: str
    message_en: str
    remedy: str


@lru_cache(maxsize=1)
def rulebook() -> dict[str, Any]:
    """The rules and the words of the report, as written in `check_messages.yaml`."""
    text = Path(__file__).with_name("check_messages.yaml").read_text(encoding="utf-8")
    book: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return book


def check_pack(path: Path) -> list[Finding]:
    """Everything wrong with the pack in the folder `path`, by file and line; empty for a good pack."""
    return check_files(read_pack_files(path))


def check_files(files: PackFiles) -> list[Finding]:
    """The same for a pack already read."""
    findings = [_finding(fault.rule, fault.file, fault.line, detail=fault.detail) for fault in files.faults]
    families = (_shape, _identities, _links, _questions, _milestones, _lengths, _wording, _quotation_marks)
    for family in families:
        findings.extend(family(files))
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.rule))


def findings_report(findings: Iterable[Finding]) -> str:
    """The findings as text for a terminal, Vietnamese with the English below, and one closing line."""
    words = rulebook()["report"]
    findings = list(findings)
    if not findings:
        return str(words["none"])
    blocks = [
        f"{words[finding.severity]} {finding.file}:{finding.line} [{finding.rule}]\n"
        f"  {finding.message_vi}\n  {finding.message_en}\n  → {finding.remedy}"
        for finding in findings
    ]
    errors = sum(finding.severity == "error" for finding in findings)
    closing = words["closing"].format(errors=errors, warnings=len(findings) - errors)
    return "\n".join([*blocks, closing])


def _finding(rule: str, file: Path, line: int, **details: object) -> Finding:
    wording = rulebook()["rules"][rule]
    return Finding(
        file=file,
        line=line,
        rule=rule,
        severity=wording["severity"],
        message_vi=wording["vi"].format(**details),
        message_en=wording["en"].format(**details),
        remedy=wording["remedy"].format(**details),
    )


def _at(rule: str, entry: Entry, *position: str | int, **details: object) -> Finding:
    return _finding(rule, entry.file, entry.line(*position), **details)


def _strings(entry: Entry) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of an entry, also those inside lists and mappings, with their places."""

    def walk(place: tuple[str | int, ...], value: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from walk((*place, key), item)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from walk((*place, number), item)

    return walk((), entry.values)


def _prose(entry: Entry) -> Iterator[tuple[tuple[str | int, ...], str]]:
    return ((place, text) for place, text in _strings(entry) if place[0] not in NOT_PROSE)


def _listed(entry: Entry, key: str) -> list[Any]:
    value = entry.values.get(key)
    return value if isinstance(value, list) else []


def _shape(files: PackFiles) -> Iterator[Finding]:
    for entry in files.entries:
        try:
            MODELS[entry.kind].model_validate(entry.values)
        except ValidationError as error:
            for problem in error.errors():
                place = problem["loc"]
                rule = {"extra_forbidden": "unknown-key", "missing": "missing-key"}.get(problem["type"], "wrong-value")
                key = ".".join(map(str, place)) or entry.kind
                yield _at(rule, entry, *place, key=key, detail=problem["msg"])


def _identities(files: PackFiles) -> Iterator[Finding]:
    first: dict[tuple[str, object], Entry] = {}
    for entry in files.entries:
        if "id" not in MODELS[entry.kind].model_fields:
            continue
        id = str(entry.values.get("id"))
        name = ("citable" if entry.kind in CITABLE else entry.kind, id)
        if name in first:
            yield _at("repeated-id", entry, "id", id=id, first=first[name].file.name)
        first.setdefault(name, entry)
        if entry.kind == "theme" and id != entry.file.parent.name:
            yield _at("theme-folder", entry, "id", id=id, folder=entry.file.parent.name)
    themes = {str(entry.values.get("id")) for entry in files.of_kind("theme")}
    for card in files.of_kind("card"):
        if card.values["theme"] not in themes:
            yield _at("card-without-theme", card, folder=card.values["theme"])


# Where an entry names others: key, and the kind it names. A fact may be anything that can be cited.
LINKS = {
    "sources": "source",
    "facts": "fact",
    "plan": "paragraph",
    "quotation": "quotation",
    "card": "card",
    "cards": "card",
    "story": "card",
}


def _links(files: PackFiles) -> Iterator[Finding]:
    known = {kind: {str(e.values.get("id")) for e in files.of_kind(kind)} for kind in MODELS}
    known["fact"] = set().union(*(known[kind] for kind in CITABLE))
    for entry in files.entries:
        for key, kind in LINKS.items():
            value = entry.values.get(key)
            places = [(key, number) for number in range(len(value))] if isinstance(value, list) else [(key,)]
            for place, id in zip(places, value if isinstance(value, list) else [value], strict=True):
                if id is not None and str(id) not in known[kind]:
                    yield _at(f"unknown-{kind}", entry, *place, id=id)
    if files.of_kind("paragraph") and PLAN_SOURCE not in known["source"]:
        yield _at("unknown-source", files.of_kind("paragraph")[0], "id", id=PLAN_SOURCE)
    taught = {str(question.values.get("card")) for question in files.of_kind("question")}
    for card in files.of_kind("card"):
        if str(card.values.get("id")) not in taught:
            yield _at("card-without-question", card, "id", id=card.values.get("id"))


def _questions(files: PackFiles) -> Iterator[Finding]:
    asked: dict[str, Entry] = {}
    for question in files.of_kind("question"):
        plain = _plain(str(question.values.get("text")))
        if plain in asked:
            yield _at("repeated-question", question, "text", id=asked[plain].values.get("id"))
        asked.setdefault(plain, question)
        options = [_plain(str(option)) for option in _listed(question, "options")]
        for number, option in enumerate(options):
            if option in options[:number]:
                yield _at("repeated-option", question, "options", number, option=option)


def _plain(text: str) -> str:
    """Letters and digits only, so that punctuation and capitals do not hide a repetition."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold()))


def _milestones(files: PackFiles) -> Iterator[Finding]:
    for milestone in files.of_kind("milestone"):
        if milestone.values.get("push") and not milestone.values.get("phrase"):
            yield _at("push-without-phrase", milestone, "push", id=milestone.values.get("id"))


def _lengths(files: PackFiles) -> Iterator[Finding]:
    for question in files.of_kind("question"):
        for place, text in _prose(question):
            rule, limit = LENGTHS.get(str(place[0]), ("", len(text)))
            if len(text) > limit:
                yield _at(rule, question, *place, length=len(text), limit=limit)
    quotations = {str(entry.values.get("id")): entry for entry in files.of_kind("quotation")}
    titles = {str(entry.values.get("id")): str(entry.values.get("title")) for entry in files.of_kind("source")}
    first_source = {
        str(entry.values.get("id")): str(next(iter(_listed(entry, "sources")), PLAN_SOURCE))
        for kind in CITABLE
        for entry in files.of_kind(kind)
    }
    for card in files.of_kind("card"):
        words = len(str(card.values["body"]).split())
        if not CARD_WORDS[0] <= words <= CARD_WORDS[1]:
            yield _at("card-words", card, "body", words=words, least=CARD_WORDS[0], most=CARD_WORDS[1])
        parts = [text for place, text in _prose(card) if place[0] in {"title", "body", "do_this"}]
        if quotation := quotations.get(str(card.values.get("quotation"))):
            parts += [text for _, text in _prose(quotation)]
        cited = dict.fromkeys(first_source.get(str(id), "") for id in _listed(card, "facts"))
        parts += [titles.get(source, "") for source in cited]
        length = len("\n".join(parts))
        if length > CARD_LENGTH:
            yield _at("long-card", card, "body", length=length, limit=CARD_LENGTH)


def _wording(files: PackFiles) -> Iterator[Finding]:
    patterns = [
        (rule, re.compile(wording["pattern"], re.IGNORECASE), wording.get("spares_others_words", False))
        for rule, wording in rulebook()["rules"].items()
        if "pattern" in wording
    ]
    for entry in files.entries:
        for place, text in _prose(entry):
            line = entry.line(*place)
            if not unicodedata.is_normalized("NFC", text):
                yield _finding("not-nfc", entry.file, line, found=text[:40])
            others_words = (entry.kind, place[0]) in OTHERS_WORDS
            for rule, pattern, spares_others_words in patterns:
                found = pattern.search(unicodedata.normalize("NFC", text))
                if found and not (others_words and spares_others_words):
                    offset = text[: found.start()].count("\n") if place == ("body",) else 0
                    yield _finding(rule, entry.file, line + offset, found=_around(text, found))


def _around(text: str, found: re.Match[str]) -> str:
    return " ".join(text[max(0, found.start() - 15) : found.end() + 15].split())


def _quotation_marks(files: PackFiles) -> Iterator[Finding]:
    quoted = [
        _one_line(str(entry.values.get(key)))
        for kind, key in (("quotation", "text"), ("fact", "statement"), ("paragraph", "text"))
        for entry in files.of_kind(kind)
    ]
    names = [
        _one_line(text)
        for entry in files.entries
        for place, text in _prose(entry)
        if (entry.kind, place[0]) in {("quotation", "work"), ("pack", "title")}
        or (entry.kind in {"document", "source"} and place[0] == "title")
    ]
    for entry in files.entries:
        count = 1 if entry.values.get("quotation") else 0
        for place, text in _prose(entry):
            for span in map(_one_line, IN_QUOTES.findall(text)):
                if any(span in quotation for quotation in quoted):
                    count += place == ("body",)
                elif not any(span in name for name in names):
                    yield _at("quotation-not-verbatim", entry, *place, found=span[:60])
        if entry.kind == "card" and count > 1:
            yield _at("two-quotations", entry, "body", count=count)


def _one_line(text: str) -> str:
    return " ".join(text.split())

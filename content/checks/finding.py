"""What a check says: a fault of a pack, where it stands, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a pack and what to do about it, in both languages."""

    file: Path
    line: int
    rule: str
    severity: Literal["error", "warning"]
    message_vi: str
    message_en: str
    remedy: str
    remedy_en: str


@lru_cache(maxsize=1)
def rulebook() -> dict[str, Any]:
    """The rules and the words of the report, as written in `check_messages.yaml`."""
    text = Path(__file__).with_name("check_messages.yaml").read_text(encoding="utf-8")
    book: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return book


def finding(rule: str, file: Path, line: int, **details: object) -> Finding:
    """A finding of `rule`, whose sentences are filled with `details`."""
    wording = rulebook()["rules"][rule]
    return Finding(
        file=file,
        line=line,
        rule=rule,
        severity=wording["severity"],
        message_vi=wording["vi"].format(**details),
        message_en=wording["en"].format(**details),
        remedy=wording["remedy"].format(**details),
        remedy_en=wording["remedy_en"].format(**details),
    )


def findings_report(findings: Iterable[Finding]) -> str:
    """The findings as text for a terminal, Vietnamese with the English below, and one closing line."""
    words = rulebook()["report"]
    findings = list(findings)
    if not findings:
        return str(words["none"])
    blocks = [
        f"{words[found.severity]} {found.file}:{found.line} [{found.rule}]\n"
        f"  {found.message_vi}\n  → {found.remedy}\n  {found.message_en}\n  → {found.remedy_en}"
        for found in findings
    ]
    errors = sum(found.severity == "error" for found in findings)
    closing = words["closing"].format(errors=errors, warnings=len(findings) - errors)
    return "\n".join([*blocks, closing])

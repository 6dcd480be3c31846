"""The linter of a content pack: every rule a reviewer should not have to remember, a module a family.

What a rule says, how grave it is and, for rules on wording, what it looks for stand in `check_messages.yaml`.
"""

from pathlib import Path

from content.checks import (
    distractors,
    grounds,
    hidden,
    images,
    lengths,
    links,
    questions,
    shape,
    unfilled,
    variants,
    wording,
)
from content.checks.finding import Finding, finding, findings_report, rulebook
from content.checks.reading import Reading
from content.checks.templates import check_templates
from content.files import PackFiles, read_pack_files

__all__ = ["Finding", "check_files", "check_pack", "check_templates", "findings_report", "rulebook"]

_FAMILIES = (
    shape.check,
    links.check,
    questions.check,
    distractors.check,
    grounds.check,
    lengths.check,
    wording.check,
    hidden.check,
    images.check,
    variants.check,
    unfilled.check,
)


def check_pack(path: Path) -> list[Finding]:
    """Everything wrong with the pack in the folder `path`, by file and line; empty for a good pack."""
    return check_files(read_pack_files(path))


def check_files(files: PackFiles) -> list[Finding]:
    """The same for a pack already read."""
    findings = [finding(fault.rule, fault.file, fault.line, detail=fault.detail) for fault in files.faults]
    reading = Reading(files)
    for family in _FAMILIES:
        findings.extend(family(reading))
    return sorted(findings, key=lambda found: (found.file, found.line, found.rule))

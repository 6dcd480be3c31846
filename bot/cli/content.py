"""`check-content`: lint a pack, print what it covers of the plan or its revisions; `new-pack`: the next year's."""

import sys
from pathlib import Path

from bot.cli.ground import read_settings
from bot.cli.words import FAILED, give_up, tell
from content.checks import check_pack, check_templates, findings_report
from content.coverage import coverage_page
from content.files import read_pack_files
from content.loader import BrokenPack, load_pack
from content.skeleton import write_skeleton


def check(path: Path | None, *, coverage: bool = False) -> None:
    """Print every finding, or the coverage map of a pack without errors; an error ends the process with status 1."""
    pack = _folder(path)
    findings = [*check_pack(pack), *check_templates()]
    failed = any(finding.severity == "error" for finding in findings)
    if coverage and not failed:
        sys.stdout.write(coverage_page(load_pack(pack)))
        return
    print(findings_report(findings))  # noqa: T201
    if failed:
        raise SystemExit(FAILED)


def revisions(path: Path | None) -> None:
    """Print the cards of a pack, good or not, each with its revision, for an erratum to name."""
    for card in read_pack_files(_folder(path)).of_kind("card"):
        tell("check_content.revision", card=card.values.get("id"), revision=card.values["revision"])


def _folder(path: Path | None) -> Path:
    pack = path or read_settings().content_pack
    if not pack.is_dir():
        give_up("check_content.missing", path=pack)
    return pack


def new_pack(year: int, source: str) -> None:
    """Write the skeleton of the pack of `year` beside the pack `source` (a folder, or a year beside the one in use)."""
    old = Path(source)
    if not old.is_dir():
        old = read_settings().content_pack.parent / source
    if not old.is_dir():
        give_up("check_content.missing", path=old)
    target = old.resolve().parent / str(year)
    if target.exists():
        give_up("new_pack.exists", path=target)
    try:
        write_skeleton(old, target, year)
    except BrokenPack:
        give_up("new_pack.broken", path=old)
    except OSError as error:
        give_up("new_pack.unwritable", path=target, detail=error.strerror)
    tell("new_pack.done", path=target)
    print(findings_report(check_pack(target)))  # noqa: T201

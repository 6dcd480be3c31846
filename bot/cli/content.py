"""`check-content [PATH]`: lint a content pack."""

from pathlib import Path

from bot.cli.ground import read_settings
from bot.cli.words import FAILED, give_up
from content.checks import check_pack, findings_report


def check(path: Path | None) -> None:
    """Print every finding; ends the process with status 1 when there is an error among them."""
    pack = path or read_settings().content_pack
    if not pack.is_dir():
        give_up("check_content.missing", path=pack)
    findings = check_pack(pack)
    print(findings_report(findings))  # noqa: T201
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(FAILED)

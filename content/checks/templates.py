"""Whether the texts a pack is shown in can be read: a broken template would only be seen when somebody asks for it."""

from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

from content.checks.finding import Finding, finding
from content.texts import DIRECTORY


def check_templates(directory: Path = DIRECTORY) -> list[Finding]:
    """Every template of the folder that has an error, with its line."""
    findings = []
    environment = Environment(autoescape=True)
    for path in sorted(directory.glob("*.j2")):
        try:
            environment.parse(path.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            findings.append(finding("template-error", path, error.lineno, detail=error.message))
    return findings

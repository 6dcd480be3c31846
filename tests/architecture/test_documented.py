"""Settings, commands and files that people are told of are those there are."""

import re

import pytest
import yaml

from bot.cli.app import app
from bot.settings import Settings
from content.texts import DIRECTORY
from tests.architecture.modules import ROOT, modules

FIELDS = {name.upper() for name in Settings.model_fields}
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
COMMANDS = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_example_has_every_setting_once_and_no_other() -> None:
    assigned = re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert sorted(assigned) == sorted(FIELDS)


def test_the_example_gives_the_defaults() -> None:
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        value = given[name.upper()]
        assert value == "" or value == str(field.default), name


def test_the_readme_explains_every_setting_and_no_other() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert sorted(explained) == sorted(FIELDS)


def test_the_readme_names_every_command() -> None:
    assert [command for command in sorted(COMMANDS) if f"`{command}" not in README] == []


def test_every_wrong_setting_has_its_remedy() -> None:
    words = yaml.safe_load((DIRECTORY / "cli.yaml").read_text("utf-8"))["settings"]
    assert set(words["general"]) - {"other"} <= FIELDS
    source = (ROOT / "bot" / "settings.py").read_text("utf-8")
    raised = set(re.findall(r'raise ValueError\("(\w+)"\)', source))
    assert raised == set(words["reasons"])


def test_every_sentence_of_the_command_line_is_used() -> None:
    words = yaml.safe_load((DIRECTORY / "cli.yaml").read_text("utf-8"))
    code = "\n".join((ROOT / path).read_text("utf-8") for path in modules() if path.startswith("bot/cli/"))
    for area in ("start", "demo", "migrate", "units", "check_content", "seed", "broadcast", "help"):
        for name in words[area]:
            if isinstance(words[area][name], str):
                assert re.search(rf'"(?:{area}\.)?{name}"', code), f"{area}.{name}"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: object) -> None:
    from pathlib import Path

    assert isinstance(page, Path)
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert (page.parent / target).exists(), f"{page.name}: {target}"
    for path in re.findall(r"`((?:bot|content|handlers|scheduler|tests|docs|scripts)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    pinned = re.findall(r"^([\w.\[\]-]+)==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    assert pinned
    assert len(pinned) == len(re.findall(r"^[\w.\[\]-]+[=<>~@ ]", text, re.MULTILINE))

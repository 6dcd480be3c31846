"""Who may import whom (pyproject.toml, `tool.importlinter`), and what is used in one place only."""

import ast
import os
from functools import cache

import pytest
from importlinter.cli import lint_imports

from tests.architecture.modules import ROOT, modules, uses

ONE_PLACE = {
    "os.environ": {"bot/settings.py"},
    "os.getenv": {"bot/settings.py"},
    "datetime.datetime.now": set(),
    "datetime.datetime.utcnow": set(),
    "datetime.datetime.today": set(),
    "datetime.date.today": set(),
    "time.time": {"scheduler/clock.py"},
    "time.time_ns": {"scheduler/clock.py"},
    "time.localtime": set(),
}


def test_layers_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=os.fspath(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


@cache
def used() -> dict[str, set[str]]:
    """The dotted names that each module uses."""
    return {path: {name for name, _ in uses(tree)} for path, tree in modules().items()}


@pytest.mark.parametrize("name", ONE_PLACE)
def test_the_environment_and_the_clock_are_read_in_one_place(name: str) -> None:
    found = {path for path, names in used().items() if name in names}
    assert found <= ONE_PLACE[name]


def test_the_rule_above_would_notice() -> None:
    assert any(used == "time.time_ns" for used, _ in uses(modules()["scheduler/clock.py"]))


def test_sql_stays_in_storage() -> None:
    words = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ")
    found = {
        path: text
        for path in modules()
        if not path.startswith("bot/storage/")
        for line in (ROOT / path).read_text("utf-8").splitlines()
        if (text := line.strip().lstrip("f")).startswith(tuple(f'"{word}' for word in words))
    }
    assert not found


def test_no_module_is_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "managers", "manager", "misc", "common"}
    assert not [path for path in modules() if vague & set(path.removesuffix(".py").split("/"))]


def test_files_and_functions_stay_small() -> None:
    long_files = [path for path in modules() if len((ROOT / path).read_text("utf-8").splitlines()) > 400]
    long_functions = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (node.end_lineno or 0) - node.lineno + 1 > 50
    ]
    assert (long_files, long_functions) == ([], [])

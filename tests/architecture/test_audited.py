"""Every act of a role's holder leaves a row in the audit log: what their conversations change reaches `record_audit`."""

import ast
import functools
from collections.abc import Iterator

import pytest

import handlers
from bot.services.standing_services import STANDING
from tests.architecture.modules import dotted, modules

RECORD = "bot.storage.installation.record_audit"
CHANGES_NOTHING = {
    "bot.services.group_text.give": "sends them a text and a picture",
    "bot.services.list_files.receive": "has a file of theirs fetched",
    "bot.services.posters.send": "sends them a poster",
    "bot.services.recordings.show": "sends them a recording to decide about",
    "bot.services.reviews.show": "sends them a nomination to decide about",
    "bot.services.sheets.give_meeting": "sends them a sheet",
    "bot.services.sheets.give_script": "sends them a script",
    "bot.services.unit_ending.choose": "a member's own wish",
    "bot.services.unit_upload.begin": "has a file of theirs fetched and checked",
    "bot.services.waiting.stop_waiting": "a newcomer's own wish",
    "bot.services.waiting.wait": "a newcomer's own wish",
    "handlers.roles.send": "sends them a list as a file",
}
"""What is committed although nothing anybody else sees is changed by it, and what it does."""


def path_of(module: str) -> str:
    """Where a module's file is; "" for one that is not ours."""
    name = module.replace(".", "/")
    return next((path for path in (f"{name}.py", f"{name}/__init__.py") if path in modules()), "")


@functools.cache
def imported(path: str) -> dict[str, str]:
    """Every name a module imports, with the whole of what it stands for."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def whole(path: str, name: str) -> str:
    """A dotted name of a module as `module.function`, one of its own included."""
    first, _, rest = name.partition(".")
    if first in imported(path):
        return ".".join(filter(None, (imported(path)[first], rest)))
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return f"{module}.{name}"


@functools.cache
def calls(function: str) -> frozenset[str]:
    """What a function calls or hands on, by the whole names; nothing for one that is not ours."""
    module, _, name = function.rpartition(".")
    path = path_of(module)
    if not path:
        return frozenset()
    found = [node for node in modules()[path].body if isinstance(node, ast.FunctionDef) and node.name == name]
    names = {dotted(node) for one in found for node in ast.walk(one) if isinstance(node, (ast.Name, ast.Attribute))}
    return frozenset(whole(path, name) for name in names if name)


def is_recorded(function: str) -> bool:
    """Whether the audit log is reached from a function."""
    seen, ahead = {function}, [function]
    while ahead:
        for name in calls(ahead.pop()) - seen:
            if name == RECORD:
                return True
            seen.add(name)
            if name.startswith("bot.services."):
                ahead.append(name)
    return False


def committed() -> Iterator[tuple[str, str]]:
    """What conversations for holders of roles commit, with where."""
    tops = {flow.function.__module__ for flow in handlers.FLOWS.values() if flow.open_to == "role"}
    packages = {top.rpartition(".")[0] + "." for top in tops if top.count(".") > 1}
    for path, tree in modules("handlers").items():
        module = path.removesuffix(".py").replace("/", ".")
        if module not in tops and not module.startswith(tuple(packages) or ("?",)):
            continue
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and dotted(call.func) == "dialog.commit":
                yield whole(path, dotted(call.args[1])), f"{path}:{call.lineno}"


COMMITTED = sorted({function for function, _ in committed()})


def test_commits_are_found() -> None:
    """In packages too, and what is reached over other services."""
    assert {"bot.services.controls.pause", "bot.services.stopping.settle_held"} <= set(COMMITTED)
    assert not is_recorded("bot.services.results.counted")


BUTTONS = {kind: f"{service.__module__}.{service.__qualname__}" for kind, service in STANDING.items()}
NO_ACT = {"ack", "drf", "lis", "rev", "sav", "shr", "trm", "uend", "ufile", "una", "voi", "why"}
"""Buttons by which nobody acts for a unit: a member's own, or one that opens a conversation, looked at above."""


@pytest.mark.parametrize("kind", sorted(set(BUTTONS) - NO_ACT))
def test_what_a_button_does_is_recorded(kind: str) -> None:
    assert is_recorded(BUTTONS[kind]), "record it (installation.record_audit), or name it above"


@pytest.mark.parametrize("function", [name for name in COMMITTED if name not in CHANGES_NOTHING])
def test_an_act_is_recorded(function: str) -> None:
    assert is_recorded(function), "record it (installation.record_audit), or say above why it changes nothing"


def test_exceptions_are_there() -> None:
    assert set(CHANGES_NOTHING) <= set(COMMITTED)
    assert not [name for name in CHANGES_NOTHING if is_recorded(name)]
    assert not [kind for kind in NO_ACT if is_recorded(BUTTONS[kind])]

"""Conversations replay: whatever is not `dialog.*` would give another answer the second time."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.modules import dotted, modules

FORBIDDEN_MODULES = {
    "asyncio", "io", "json", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3",
    "structlog", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
FORBIDDEN_CALLS = {"open", "input", "print", "exec", "eval", "__import__", "globals", "setattr", "id", "hash"}
STATEMENTS = (
    ast.Try,
    ast.TryStar,
    ast.With,
    ast.AsyncWith,
    ast.AsyncFor,
    ast.Global,
    ast.Nonlocal,
    ast.Yield,
    ast.YieldFrom,
)


def breaches(tree: ast.Module) -> Iterator[str]:
    """Everything in a module of conversations that a replay could not repeat."""
    for node in ast.walk(tree):
        where = f"line {getattr(node, 'lineno', '?')}"
        if isinstance(node, ast.Await) and not _asks_the_dialog(node):
            yield f"{where}: awaits something other than dialog.*"
        elif isinstance(node, STATEMENTS):
            yield f"{where}: {type(node).__name__}"
        elif isinstance(node, ast.Import):
            yield from (f"{where}: imports {a.name}" for a in node.names if _top(a.name) in FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom) and _top(node.module or "") in FORBIDDEN_MODULES:
            yield f"{where}: imports {node.module}"
        elif isinstance(node, (ast.For, ast.comprehension)) and _is_a_set(node.iter):
            yield f"{where}: goes through a set, whose order changes"
        elif isinstance(node, ast.Call) and dotted(node.func) in FORBIDDEN_CALLS:
            yield f"{where}: calls {dotted(node.func)}"


def _asks_the_dialog(node: ast.Await) -> bool:
    call = node.value
    if not isinstance(call, ast.Call):
        return False
    if isinstance(call.func, ast.Attribute):
        return isinstance(call.func.value, ast.Name) and call.func.value.id == "dialog"
    # A part of the conversation in a function of its own: it gets the dialog and is under the same rules.
    return isinstance(call.func, ast.Name) and any(isinstance(a, ast.Name) and a.id == "dialog" for a in call.args)


def _is_a_set(node: ast.expr) -> bool:
    return isinstance(node, (ast.Set, ast.SetComp)) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    )


def _top(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("path", list(modules("handlers")))
def test_a_conversation_can_be_replayed(path: str) -> None:
    assert list(breaches(modules("handlers")[path])) == []


@pytest.mark.parametrize(
    "code",
    [
        "async def f(dialog):\n    await other.thing()",
        "async def f(dialog):\n    await asyncio_sleep(1)",
        "async def f(dialog):\n    try:\n        await dialog.say(1)\n    finally:\n        pass",
        "async def f(dialog):\n    with x:\n        pass",
        "import random",
        "import uuid",
        "async def f(dialog):\n    open('x')",
        "for x in {1, 2}:\n    pass",
        "y = [x for x in set(z)]",
        "def f():\n    global x",
    ],
)
def test_the_rules_notice(code: str) -> None:
    assert list(breaches(ast.parse(code)))


def test_every_key_of_a_conversation_is_its_own() -> None:
    """Literal keys of one flow function are unique, except in branches of which only one is taken."""
    for path, tree in modules("handlers").items():
        for function in (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)):
            straight = [key for statement in function.body for call in _unbranched(statement) if (key := _key(call))]
            twice = {key for key in straight if straight.count(key) > 1}
            assert not twice, f"{path} {function.name}: {twice}"


def _key(node: ast.AST) -> tuple[str, str] | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return None
    kinds = {"ask": "ask", "choose": "ask", "load": "load", "commit": "commit"}
    kind, key = kinds.get(node.func.attr), node.args[0]
    if kind is None or not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return None
    return kind, key.value


def _unbranched(statement: ast.stmt) -> Iterator[ast.AST]:
    if not isinstance(statement, (ast.If, ast.While, ast.For, ast.Match)):
        yield from ast.walk(statement)
